// What is out of the ordinary about modules: files as other systems write them, settings of code that is gone back to, and what is thrown
// that is no error.
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

describe("modules at the edges", () => {
	let fixture: ModuleFixture;
	beforeEach(() => {
		fixture = new ModuleFixture();
	});
	afterEach(() => fixture.close());

	it("files with a byte order mark and CRLF are loaded, with the right places of errors", async () => {
		const text = moduleSource().replaceAll("\n", "\r\n");
		fixture.write("shop.ts", `\uFEFF${text}`);
		assert.deepEqual((await fixture.reload()).problems, []);
		assert.deepEqual(await fixture.call("shop.get"), { version: 1 });
		fixture.write("shop.ts", `\uFEFFconst a = 1;\r\nconst b = ;\r\n`);
		const [problem] = (await fixture.reload()).problems;
		assert.deepEqual([problem?.file, problem?.line, problem?.column], ["shop.ts", 2, 11]);
	});

	it("a folder and a file behind symbolic links are modules; a link that leads nowhere is named", async () => {
		mkdirSync(join(fixture.dir, "_real"));
		writeFileSync(join(fixture.dir, "_real/index.ts"), moduleSource());
		writeFileSync(join(fixture.dir, "_real/cart.ts"), moduleSource({ number: 7002 }));
		symlinkSync(join(fixture.dir, "_real"), join(fixture.dir, "shop"));
		symlinkSync(join(fixture.dir, "_real/cart.ts"), join(fixture.dir, "cart.ts"));
		symlinkSync(join(fixture.dir, "nowhere.ts"), join(fixture.dir, "lost.ts"));
		const { loaded, problems } = await fixture.reload();
		assert.deepEqual(loaded.map(({ module }) => module).sort(), ["cart", "shop"]);
		assert.deepEqual(
			problems.map(({ module }) => module),
			["lost"],
		);
		fixture.remove("shop");
		symlinkSync(join(fixture.dir, "_real"), join(fixture.dir, "store"));
		const renamed = await fixture.reload();
		assert.deepEqual([renamed.removed, renamed.loaded.map(({ module }) => module)], [["shop"], ["store"]]);
	});

	it("code that is gone back to gets the settings that it knows, and goes back although later code needs more", async () => {
		const source = (version: number, keys: string) =>
			moduleSource({
				top: `import { defineConfig } from "framegate/module"; const settings = defineConfig(z.object({ ${keys} }));`,
				output: "version: z.number(), settings: z.string()",
				run: `return { version: ${version}, settings: JSON.stringify(call.context.config(settings)) };`,
				more: "config: settings,",
			});
		fixture.settings = { shop: { bank: "b" } };
		fixture.write("shop.ts", source(1, "bank: z.string()"));
		await fixture.reload();
		fixture.settings = { shop: { bank: "b", limit: 5 } };
		fixture.write("shop.ts", source(2, "bank: z.string(), limit: z.number()"));
		assert.deepEqual((await fixture.reload()).problems, []);
		assert.deepEqual((await fixture.rollback("shop")).problems, []);
		assert.deepEqual(await fixture.call("shop.get"), { version: 1, settings: '{"bank":"b"}' });
		fixture.write("shop.ts", source(3, "bank: z.string()"));
		assert.match((await fixture.reload()).problems[0]?.message ?? "", /modules\.config\.shop\.limit: unknown key/);
	});

	it("what is thrown that is no error is INTERNAL, at once and later, and costs nothing else", async () => {
		const values = [
			'"text"',
			"undefined",
			"null",
			"5",
			"{ a: 1 }",
			"Object.create(null)",
			"new Proxy({}, { get() { throw 1; } })",
		];
		for (const value of values) {
			for (const run of [`throw ${value};`, `await null; throw ${value};`]) {
				fixture.write("shop.ts", moduleSource({ run: run }));
				assert.deepEqual((await fixture.reload()).problems, [], run);
				await assert.rejects(async () => await fixture.call("shop.get"), { code: ErrorCode.INTERNAL }, run);
			}
			fixture.write("shop.ts", moduleSource({ top: `if (true) throw ${value};` }));
			assert.equal((await fixture.reload()).problems.length, 1, value);
		}
	});
});
