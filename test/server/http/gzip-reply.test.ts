// Content is compressed for those who take it, and once.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { HttpReply } from "../../../core/transport.ts";
import { acceptsGzip, gzipReply } from "../../../server/http/gzip-reply.ts";

const request = (encoding?: string) => ({
	...{ method: "GET", path: "/", query: "", ip: "", body: new Uint8Array(0) },
	headers: new Map(encoding === undefined ? [] : [["accept-encoding", encoding]]),
});

describe("gzip", () => {
	it("is taken by those who name it, or anything, with a weight above 0 (RFC 9110 section 12.5.3)", () => {
		for (const header of ["gzip", "GZIP", "x-gzip", "br, gzip;q=0.1", "*", "*;q=0.5", "deflate;q=1, gzip ; q=0.001"]) {
			assert.equal(acceptsGzip(header), true, header);
		}
		for (const header of [undefined, "", "identity", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "br, *; q=0"]) {
			assert.equal(acceptsGzip(header), false, header);
		}
	});

	it("is made once of a reply, and others get it as it is", async () => {
		let reply: HttpReply = { status: 200, headers: { "content-type": "text/plain" }, body: "a page\n".repeat(100) };
		const handle = gzipReply(async () => reply);
		const plain = await handle(request());
		assert.deepEqual(plain.headers, { "content-type": "text/plain", vary: "accept-encoding" });
		assert.equal(plain.body, reply.body);
		const [one, two] = await Promise.all([handle(request("gzip")), handle(request("gzip, br"))]);
		assert.equal(one, two);
		assert.equal(one.headers?.["content-encoding"], "gzip");
		assert.equal(one.headers?.["vary"], "accept-encoding");
		assert.equal(gunzipSync(one.body as Uint8Array).toString(), reply.body);
		reply = { ...reply, body: "another" };
		assert.equal(gunzipSync((await handle(request("gzip"))).body as Uint8Array).toString(), "another");
	});
});
