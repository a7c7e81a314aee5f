// /metrics asks for no login: what it costs is bounded, and in production it is not on the main port.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import type { Registry } from "prom-client";
import { loadConfig } from "../../server/config/load.ts";
import { sharedReply } from "../../server/http/shared-reply.ts";
import { metricsRoute } from "../../server/http/system-routes.ts";

const REQUEST = { method: "GET", path: "/metrics", query: "", headers: new Map(), ip: "", body: new Uint8Array(0) };

describe("the page of metrics", () => {
	it("is made once a second, however many ask", async () => {
		let nowMs = 5_000;
		let made = 0;
		const registry = { contentType: "text/plain", metrics: async () => `page ${++made}` };
		const route = metricsRoute(registry as unknown as Registry, () => nowMs);
		const read = async () => Buffer.from((await route.handle(REQUEST)).body ?? "").toString();
		assert.deepEqual(await Promise.all([read(), read(), read()]), ["page 1", "page 1", "page 1"]);
		nowMs += 999;
		assert.equal(await read(), "page 1");
		nowMs += 1;
		assert.equal(await read(), "page 2");
	});

	it("that failed is not kept", async () => {
		let fails = true;
		const metrics = async () => {
			if (fails) throw new Error("a probe");
			return "page";
		};
		const route = metricsRoute({ contentType: "text/plain", metrics } as unknown as Registry, () => 0);
		await assert.rejects(async () => route.handle(REQUEST), /a probe/);
		fails = false;
		assert.equal(Buffer.from((await route.handle(REQUEST)).body ?? "").toString(), "page");
	});

	it("and every other page that needs no login is shared: each reply is made by one request of many", async () => {
		let nowMs = 0;
		let made = 0;
		const handle = sharedReply(
			100,
			() => nowMs,
			() => ({ status: 200, body: `page ${++made}` }),
		);
		const replies = await Promise.all(Array.from({ length: 50 }, () => handle()));
		assert.equal(new Set(replies).size, 1);
		assert.equal(Buffer.from(replies[0]?.body ?? "").toString(), "page 1");
		nowMs = 100;
		assert.equal(Buffer.from((await handle()).body ?? "").toString(), "page 2");
	});

	it("has a port of its own in production, unless the configuration says otherwise", () => {
		const portOf = (env: Record<string, string>) => loadConfig({ env, cwd: tmpdir() }).server.metricsPort;
		const production = { FRAMEGATE_PROFILE: "production", JWT_SECRET: "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-" };
		assert.equal(portOf(production), 9464);
		assert.equal(portOf({ ...production, FRAMEGATE_SERVER_METRICS_PORT: "0" }), 0);
		assert.equal(portOf({}), 0);
	});
});
