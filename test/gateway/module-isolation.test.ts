// What a module does to a gateway that goes wrong: in a thread of its own nothing, in the gateway's thread a report.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";

const loop = (how: string) => `if (input.how === "${how}") for (;;);`;
const source = (number: number, run: string) =>
	moduleSource({ number, input: "how: z.string().optional()", options: 'permission: "public",', run });

describe("modules that hold a thread", { timeout: 120_000 }, () => {
	async function open(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
		const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
		const gateway = await startGateway({ env: { FRAMEGATE_MODULES_DIR: dir, FRAMEGATE_LOG_LEVEL: "info", ...env } });
		const call = (path: string, body: object = {}) => post(`${gateway.httpUrl}${path}`, body);
		const close = async () => {
			await gateway.kill9();
			rmSync(dir, { recursive: true });
		};
		return { gateway, call, close };
	}

	it("in a thread: the call is UNAVAILABLE, and the gateway answers all others meanwhile", async () => {
		const isolated = JSON.stringify({
			shop: { stallMs: 1500, access: ["env:SHOP_KEY"] },
			album: { stallMs: 60_000, maxHeapMb: 48 },
		});
		const full =
			'if (input.how === "memory") { const all: object[] = []; for (;;) all.push(new Array(10_000).fill({})); }';
		const run = `${loop("loop")}
			return { version: process.env.SHOP_KEY === "of the shop" && process.env.PATH === undefined ? 1 : 0 };`;
		const { gateway, call, close } = await open(
			{ FRAMEGATE_MODULES_ISOLATED: isolated, SHOP_KEY: "of the shop" },
			{
				"shop.ts": source(7001, run),
				"album.ts": source(7003, `${full} return { version: 1 };`),
				"cart.ts": source(7002, "return { version: 2 };"),
			},
		);
		try {
			assert.deepEqual((await call("/shop/get")).body.data, { version: 1 });
			for (const [path, how] of [
				["/shop/get", "loop"],
				["/album/get", "memory"],
			] as const) {
				const failing = call(path, { how });
				assert.deepEqual((await call("/cart/get")).body.data, { version: 2 });
				const { status, body, headers } = await failing;
				assert.deepEqual([status, body.code, headers.get("retry-after")], [503, "UNAVAILABLE", "1"]);
				await until(async () => (await call(path)).status === 200);
			}
			const metrics = (await get(`${gateway.httpUrl}/metrics`)).body as string;
			assert.match(metrics, /framegate_module_thread_ends_total\{reason="stalled"\} 1/);
			assert.match(metrics, /framegate_module_thread_ends_total\{reason="memory"\} 1/);
			assert.match(metrics, /framegate_module_threads\{module="shop"\} 1/);
			assert.match(metrics, /framegate_module_threads\{module="cart"\} 0/);
			assert.equal((await gateway.stop()).code, 0);
		} finally {
			await close();
		}
	});

	it("in the gateway's thread: a watchdog names the function, while it lasts and when it is over", async () => {
		const run = `if (input.how === "while") { const until = Date.now() + 1500; while (Date.now() < until); }
			${loop("loop")} return { version: 1 };`;
		const { gateway, call, close } = await open(
			{ FRAMEGATE_MODULES_HOLD_REPORT_MS: "200" },
			{ "shop.ts": source(7001, run) },
		);
		try {
			const report = () => gateway.log().split('"msg":"a module holds the event loop: no client is served"').length - 1;
			assert.equal((await call("/shop/get", { how: "while" })).status, 200);
			await until(() => report() > 0 && /a module held the event loop/.test(gateway.log()));
			await until(() => /"function":"shop\.get","heldMs":\d+/.test(gateway.log()));
			const before = report();
			void call("/shop/get", { how: "loop" }).catch(() => {});
			await until(() => report() > before);
		} finally {
			await close();
		}
	});
});
