// What a module starts and does not wait for: rejected with whatever, it is logged, and the gateway goes on.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { canBeOfModule } from "../../services/modules/source-positions.ts";
import { moduleSource } from "../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { until } from "../support/until.ts";

/** Each is forgotten by the function. Errors that Node makes have no frame of the module in their stack. */
const FORGOTTEN: Readonly<Record<string, string>> = {
	"an error of the module": 'Promise.reject(new Error("mine"))',
	"an error that Node makes": 'import("node:fs/promises").then(({ readFile }) => readFile("/nothing/there"))',
	"a failed fetch": 'fetch("http://127.0.0.1:1/")',
	"the reason of a signal": "new Promise((_, reject) => reject(AbortSignal.abort().reason))",
	"a text": 'Promise.reject("text")',
	nothing: "Promise.reject()",
	"an error that cannot be read":
		"Promise.reject(new Proxy(new Error(), { get() { throw new Error(); }, getPrototypeOf() { throw new Error(); } }))",
};

describe("promises that a module forgets", { timeout: 120_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	let gateway: GatewayProcess;
	const logged = () => gateway.log().split("a promise of a module was rejected, and nothing waited for it").length - 1;

	before(async () => {
		const cases = Object.entries(FORGOTTEN).map(
			([what, made]) => `if (input.how === ${JSON.stringify(what)}) void ${made};`,
		);
		writeFileSync(
			join(dir, "shop.ts"),
			moduleSource({
				number: 7001,
				input: "how: z.string()",
				options: 'permission: "public",',
				run: `${cases.join("\n")}\nreturn { version: 1 };`,
			}),
		);
		gateway = await startGateway({ env: { FRAMEGATE_MODULES_DIR: dir, LOG_LEVEL: "info" } });
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	for (const what of Object.keys(FORGOTTEN)) {
		it(`are logged, and end nothing: ${what}`, async () => {
			const before = logged();
			assert.equal((await post(`${gateway.httpUrl}/shop/get`, { how: what })).status, 200);
			await until(() => logged() === before + 1);
			assert.equal((await post(`${gateway.httpUrl}/shop/get`, { how: "" })).status, 200);
		});
	}

	it("are not those of the gateway, which have a frame in one of its files", () => {
		assert.equal(canBeOfModule(new Error("of this file")), false);
		const bundled = Object.assign(new Error(), { stack: "Error\n    at file:///srv/dist/chunks/a.js:1:2" });
		const required = Object.assign(new Error(), {
			stack: "Error\n    at async Socket.end (/srv/node_modules/a/b.cjs:1:2)",
		});
		const ofNode = Object.assign(new Error(), { stack: "Error\n    at async open (node:internal/fs/promises:1:2)" });
		const mixed = Object.assign(new Error(), {
			stack: "Error\n    at file:///srv/a.js:1:2\n    at run (framegate-module:shop@1:1:2)",
		});
		assert.deepEqual([bundled, required, ofNode, mixed].map(canBeOfModule), [false, false, true, true]);
	});
});
