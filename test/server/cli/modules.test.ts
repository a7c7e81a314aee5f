// `framegate module`: from an empty folder to a function that is called, changed and rolled back.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { codeBlocks, page } from "../../docs/markdown.ts";
import { moduleSource } from "../../services/modules/module-fixture.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { accessTokenOf, post } from "../../support/http-client.ts";

const MAIN = fileURLToPath(new URL("../../../server/main.ts", import.meta.url));

describe("framegate module", { timeout: 120_000 }, () => {
	const dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
	const env = { FRAMEGATE_PROFILE: "test", FRAMEGATE_MODULES_DIR: dir, ADMIN_TOKENS: "an-admin-token-of-a-test" };
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway({ env });
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	function run(...args: string[]) {
		const own = { ...env, PATH: process.env["PATH"] ?? "", PORT: String(gateway.port) };
		const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "module", ...args], {
			env: own,
			cwd: dir,
			encoding: "utf8",
		});
		return { status, stdout, stderr };
	}

	it("new writes a module that works, with a number of its own, and never over another one", async () => {
		const made = run("new", "shop");
		assert.deepEqual([made.status, made.stdout], [0, `${join(dir, "shop.ts")}\n`], made.stderr);
		const [shown = ""] = codeBlocks(page("docs/modules.md"), "ts");
		assert.equal(readFileSync(join(dir, "shop.ts"), "utf8").trim(), shown.trim(), "as the page shows it");
		assert.equal(run("new", "cart").status, 0);
		assert.match(readFileSync(join(dir, "cart.ts"), "utf8"), /number: 7002/);
		assert.match(run("new", "shop").stderr, /exists already/);
		assert.match(run("new", "My-Shop").stderr, /lower-case letter/);
		assert.match(run("reload").stdout, /^cart: generation 1, [0-9a-f]{16}\nshop: generation 1, /);
		const token = await accessTokenOf(gateway.httpUrl, "ann");
		assert.deepEqual((await post(`${gateway.httpUrl}/shop/hello`, {}, token)).body.data, { message: "Hello, World!" });
	});

	it("check says what is wrong, and where, without a gateway", () => {
		assert.deepEqual([run("check").status, run("check", "--config", "none").status], [0, 2]);
		writeFileSync(join(dir, "broken.ts"), "export default 1;\nconst = 2;\n");
		const { status, stderr } = run("check");
		assert.equal(status, 1);
		assert.match(stderr, /broken\.ts:2:7: /);
		rmSync(join(dir, "broken.ts"));
	});

	it("reload, list and rollback act on the gateway of this machine", () => {
		writeFileSync(join(dir, "cart.ts"), moduleSource({ number: 7002 }));
		const refused = run("reload");
		assert.equal(refused.status, 1);
		assert.match(
			refused.stderr,
			/cart\.ts:\d+:\d+: clients in the field could not call it as before: hello \(7002\) is gone/,
		);
		assert.match(run("reload", "--accept-contract-changes").stdout, /cart: generation 3/);
		const [cart] = JSON.parse(run("list", "--json").stdout);
		assert.deepEqual([cart.name, cart.functions, cart.kept.length], ["cart", ["cart.get (7002)"], 1]);
		assert.match(run("rollback", "cart").stdout, /cart: generation 4/);
		assert.match(run("list").stdout, /cart +4 +[0-9a-f]+ +\S+ +rollback +gateway +cart\.hello \(7002\)/);
	});
});
