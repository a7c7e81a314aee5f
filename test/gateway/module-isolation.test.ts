// What a module does to a gateway that goes wrong: in a thread of its own nothing, in the gateway's thread a report.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";

const loop = (how: string) => `if (input.how === "${how}") for (;;);`;
const source = (number: number, run: string) =>
	moduleSource({ number, input: "how: z.string().optional()", options: 'permission: "public",', run });

describe("modules that hold a thread", { timeout: 120_000 }, () => {
	async function open(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
		const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		for (const [name, content] of Object.entries(files)) {
			mkdirSync(dirname(join(dir, name)), { recursive: true });
			writeFileSync(join(dir, name), content);
		}
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
			const named =
				/"module":"shop","generation":1,"function":"shop\.get","at":\["\w+ \(shop\.ts:10:\d+\)"\],"heldMs":\d+/;
			await until(() => named.test(gateway.log()));
			const before = report();
			void call("/shop/get", { how: "loop" }).catch(() => {});
			await until(() => report() > before);
		} finally {
			await close();
		}
	});

	it("in the gateway's thread: so it does where a function goes on behind an await, in what it imports", async () => {
		const top = 'import { spin } from "./_lib/spin";';
		const spin = "export function spin(until: number): void {\n\twhile (Date.now() < until);\n}\n";
		const run = "await null; spin(Date.now() + 1500); return { version: 1 };";
		const { gateway, call, close } = await open(
			{ FRAMEGATE_MODULES_HOLD_REPORT_MS: "200" },
			{
				"_lib/spin.ts": spin,
				"shop.ts": moduleSource({ top, run, options: 'permission: "public",' }),
			},
		);
		try {
			assert.equal((await call("/shop/get")).status, 200);
			const at =
				/"module":"shop","generation":1,"function":"","at":\["spin \(_lib\/spin\.ts:2:\d+\)","\w+ \(shop\.ts:10:\d+\)"\]/;
			await until(() => /a module held the event loop/.test(gateway.log()));
			await until(() => at.test(gateway.log()));
			assert.equal((await call("/shop/get")).status, 200, "the gateway goes on");
		} finally {
			await close();
		}
	});

	it("in the gateway's thread: nothing is written where nothing is logged", async () => {
		const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		const program = `
			import { createGateway, defineFunction, defineModule, z } from ${JSON.stringify(import.meta.resolve("../../server/library.ts"))};
			const spin = () => { const until = Date.now() + 1000; while (Date.now() < until); };
			const run = () => { spin(); return {}; };
			const hold = defineFunction({ number: 7001, permission: "public", input: z.object({}), output: z.object({}), run });
			const gateway = await createGateway({
				config: {
					profile: "test",
					dataDir: ${JSON.stringify(dir)},
					server: { port: 0, host: "127.0.0.1" },
					modules: { holdReportMs: 100 },
				},
				modules: { shop: defineModule({ functions: { hold } }) },
			});
			const { port } = await gateway.start();
			await fetch(\`http://127.0.0.1:\${port}/shop/hold\`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
			for (;;) {
				if (/framegate_module_loop_holds_total 1/.test(await gateway.metrics())) break;
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
			await gateway.close();
			console.log("held");
		`;
		writeFileSync(join(dir, "program.mjs"), program);
		const child = spawn(...tied(process.execPath, [join(dir, "program.mjs")]));
		const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
		rmSync(dir, { recursive: true });
		assert.deepEqual([out, err], ["held\n", ""]);
	});
});
