// Files of a page, served from memory: validators, codings, caching, and what is not there.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { HttpReply } from "../../../core/transport.ts";
import { httpRouter } from "../../../server/http/http-router.ts";
import { staticFiles } from "../../../server/http/static-files.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

const SCRIPT = "console.log(1);".repeat(50);
const folder = mkdtempSync(join(tmpdir(), "framegate-static-"));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "<!doctype html>");
writeFileSync(join(folder, "assets/main-1a2b.js"), SCRIPT);
writeFileSync(join(folder, "assets/main-1a2b.js.br"), brotliCompressSync(SCRIPT));
writeFileSync(join(folder, "assets/main-1a2b.js.gz"), gzipSync(SCRIPT));
after(() => rmSync(folder, { recursive: true }));

const routes = staticFiles({
	folder,
	path: "/page",
	summary: "A page",
	headers: { "content-security-policy": "default-src 'none'" },
});
const router = httpRouter({ routes, isOriginAllowed: () => true, logger: quietLogger() });

async function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<HttpReply> {
	const request = {
		method,
		path,
		query: "",
		headers: new Map(Object.entries(headers)),
		ip: "127.0.0.1",
		body: new Uint8Array(),
	};
	return await router.handle(request);
}

const SCRIPT_PATH = "/page/assets/main-1a2b.js";

describe("static files", () => {
	it("serves index.html at the path with and without a slash, to be asked for again each time", async () => {
		for (const path of ["/page", "/page/"]) {
			const { status, headers, body } = await ask(path);
			assert.equal(status, 200);
			assert.equal(Buffer.from(body ?? "").toString(), "<!doctype html>");
			assert.equal(headers?.["content-type"], "text/html; charset=utf-8");
			assert.equal(headers?.["cache-control"], "no-cache");
			assert.equal(headers?.["content-security-policy"], "default-src 'none'");
			assert.equal(headers?.["x-content-type-options"], "nosniff");
		}
	});

	it("lets files with a hash in their name be kept for ever", async () => {
		const { headers } = await ask(SCRIPT_PATH);
		assert.equal(headers?.["cache-control"], "public, max-age=31536000, immutable");
	});

	it("serves the best coding that the client takes, each with a validator of its own", async () => {
		const etags = new Set<string | undefined>();
		for (const [accepted, coding] of [
			["gzip, br", "br"],
			["gzip, br;q=0", "gzip"],
			["identity", undefined],
			[undefined, undefined],
		] as const) {
			const { headers } = await ask(SCRIPT_PATH, accepted === undefined ? {} : { "accept-encoding": accepted });
			assert.equal(headers?.["content-encoding"], coding);
			assert.equal(headers?.["vary"], "accept-encoding");
			etags.add(headers?.["etag"]);
		}
		assert.equal(etags.size, 3);
	});

	it("answers 304 to a client that has the file, whatever a cache made of its validator", async () => {
		const { headers } = await ask(SCRIPT_PATH, { "accept-encoding": "br" });
		const etag = headers?.["etag"] ?? "";
		for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
			const reply = await ask(SCRIPT_PATH, { "accept-encoding": "br", "if-none-match": value });
			assert.equal(reply.status, 304, value);
			assert.equal(reply.body, undefined);
			assert.equal(reply.headers?.["etag"], etag);
		}
		const other = await ask(SCRIPT_PATH, { "accept-encoding": "gzip", "if-none-match": etag });
		assert.equal(other.status, 200, "the validator of another coding");
	});

	it("has nothing beside its files, and takes GET, HEAD and OPTIONS only", async () => {
		for (const path of ["/page/assets/", "/page/assets/main-1a2b.js.br", "/page/../package.json", "/page/%2e%2e/x"]) {
			assert.equal((await ask(path)).status, 404, path);
		}
		assert.equal((await ask("/page", {}, "HEAD")).status, 200);
		const { status, headers } = await ask("/page", {}, "POST");
		assert.deepEqual([status, headers?.["allow"]], [405, "GET, HEAD, OPTIONS"]);
	});

	it("is not there where nothing was built", () => {
		assert.deepEqual(staticFiles({ folder: join(folder, "assets"), path: "/x", summary: "", headers: {} }), []);
	});
});
