// Loading, switching and ending generations of modules: what callers and operators see, also when something is wrong.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

describe("module host", () => {
	let fixture: ModuleFixture;
	beforeEach(() => {
		fixture = new ModuleFixture({ retireTimeoutMs: 50 });
	});
	afterEach(() => fixture.close());

	/** For what does not end: on a busy machine, what does may take long. */
	async function loadsWithin(loadTimeoutMs: number): Promise<void> {
		await fixture.close();
		fixture = new ModuleFixture({ loadTimeoutMs });
	}

	/** Version 1 serves, and goes on after what a test does to its files. */
	async function staysOnFirst(file: string, text: string) {
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		fixture.write(file, text);
		const report = await fixture.reload();
		assert.deepEqual([report.loaded, report.problems.length], [[], 1]);
		assert.deepEqual(await fixture.call("shop.get"), { version: 1 });
		const [problem] = report.problems;
		assert.ok(fixture.lines.some(({ level, message }) => level === "error" && message.startsWith("module not loaded")));
		return problem;
	}

	it("loads files and folders, with what they import, and leaves out what is no module", async () => {
		fixture.write("shop.ts", moduleSource());
		fixture.write(
			"cart/index.ts",
			moduleSource({
				number: 7002,
				top: 'import { price } from "../_shared/price";',
				run: "return { version: price };",
			}),
		);
		fixture.write("_shared/price.ts", "export const price: number = 42;");
		fixture.write("shop.test.ts", "throw new Error();");
		fixture.write("notes.md", "text");
		const { loaded, problems } = await fixture.reload();
		assert.deepEqual(problems, []);
		assert.deepEqual(
			loaded.map(({ module, generation }) => [module, generation]),
			[
				["cart", 1],
				["shop", 1],
			],
		);
		assert.deepEqual(await fixture.call("cart.get"), { version: 42 });
	});

	it("says which names cannot be modules", async () => {
		fixture.write("My-Shop.ts", moduleSource());
		fixture.write("auth.ts", moduleSource());
		const { problems } = await fixture.reload();
		assert.deepEqual(
			problems.map(({ message }) => message),
			[
				"My-Shop.ts: its name is not a lower-case letter and up to 47 letters, digits or _",
				"the name auth belongs to the gateway",
			],
		);
	});

	it("loads only what has changed, an import two levels deep too", async () => {
		fixture.write(
			"shop.ts",
			moduleSource({ top: 'import { version } from "./_lib/one";', run: "return { version };" }),
		);
		fixture.write("_lib/one.ts", 'export { version } from "./two";');
		fixture.write("_lib/two.ts", "export const version = 1;");
		await fixture.reload();
		assert.deepEqual((await fixture.reload()).unchanged, ["shop"]);
		fixture.write("_lib/two.ts", "export const version = 2;");
		assert.deepEqual(
			(await fixture.reload()).loaded.map(({ generation }) => generation),
			[2],
		);
		assert.deepEqual(await fixture.call("shop.get"), { version: 2 });
	});

	it("a syntax error leaves the old generation serving, and is reported with its place", async () => {
		const problem = await staysOnFirst("shop.ts", "const a = 1;\nconst b = ;\n");
		assert.deepEqual([problem?.file, problem?.line, problem?.column], ["shop.ts", 2, 11]);
	});

	it("an exception at load leaves the old generation serving, with the place in the source", async () => {
		const top = 'import { fail } from "./_lib";';
		fixture.write(
			"_lib.ts",
			'// A comment\ntype T = string;\nexport function fail(): T {\n\tthrow new Error("no database");\n}\n',
		);
		const problem = await staysOnFirst("shop.ts", moduleSource({ top: `${top} fail();` }));
		assert.deepEqual(problem, { module: "shop", message: "no database", file: "_lib.ts", line: 4, column: 8 });
	});

	it("an endless loop at load is ended", async () => {
		await loadsWithin(1000);
		const problem = await staysOnFirst("shop.ts", moduleSource({ top: "for (;;);" }));
		assert.match(problem?.message ?? "", /took longer than 1000 ms/);
	});

	it("a load hook that fails or does not end keeps a generation from serving", async () => {
		const failing = await staysOnFirst(
			"shop.ts",
			moduleSource({ more: 'load: async () => { throw new Error("not well"); },' }),
		);
		assert.equal(failing?.message, "not well");
		await loadsWithin(1000);
		const endless = await staysOnFirst("shop.ts", moduleSource({ more: "load: () => new Promise(() => {})," }));
		assert.match(endless?.message ?? "", /load took longer than 1000 ms/);
	});

	it("what is no module, or no function, is refused by name", async () => {
		const nothing = await staysOnFirst("shop.ts", "export const a = 1;");
		assert.match(nothing?.message ?? "", /default export/);
		fixture.write("shop.ts", moduleSource({ number: 6999 }));
		assert.match((await fixture.reload()).problems[0]?.message ?? "", /get: number must be from 7000 to 7499/);
		fixture.write("shop.ts", moduleSource({ output: "at: z.date()" }));
		assert.match((await fixture.reload()).problems[0]?.message ?? "", /get: output cannot be described as JSON Schema/);
		fixture.write("shop.ts", moduleSource({ options: 'rest: { method: "GET", path: "/api/v1/shop/{item}" },' }));
		assert.match((await fixture.reload()).problems[0]?.message ?? "", /the input has no field item/);
	});

	it("a number, or a path, that another module has is refused with its place; the other goes on", async () => {
		fixture.write("shop.ts", moduleSource({ options: 'rest: { method: "GET", path: "/api/v1/prices" },' }));
		await fixture.reload();
		fixture.write("cart.ts", moduleSource());
		const { problems } = await fixture.reload();
		assert.deepEqual(
			[problems[0]?.message, problems[0]?.file],
			["cart.get: number 7001 belongs to shop.get", "cart.ts"],
		);
		assert.equal(problems[0]?.line, 5);
		fixture.write(
			"cart.ts",
			moduleSource({ number: 7002, options: 'rest: { method: "GET", path: "/api/v1/prices" },' }),
		);
		assert.equal((await fixture.reload()).problems[0]?.message, "cart.get: GET /api/v1/prices belongs to shop.get");
		fixture.write(
			"cart.ts",
			moduleSource({
				number: 7002,
				input: "id: z.string()",
				options: 'rest: { method: "GET", path: "/api/v1/users/{id}" },',
			}),
		);
		assert.equal(
			(await fixture.reload()).problems[0]?.message,
			"cart.get: GET /api/v1/users/{id} belongs to the gateway",
		);
		assert.deepEqual(
			fixture.served.map(({ name }) => name),
			["shop"],
		);
	});

	it("a module that is renamed keeps its numbers, in one switch", async () => {
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		fixture.remove("shop.ts");
		fixture.write("store.ts", moduleSource());
		const { loaded, removed, problems } = await fixture.reload();
		assert.deepEqual([loaded.length, removed, problems], [1, ["shop"], []]);
		assert.deepEqual(
			fixture.served.map(({ name }) => name),
			["store"],
		);
	});

	it("a deleted file takes its routes away; calls that run end as they began", async () => {
		fixture.write(
			"shop.ts",
			moduleSource({ run: "await new Promise((done) => setTimeout(done, 20)); return { version: 1 };" }),
		);
		await fixture.reload();
		const running = fixture.call("shop.get");
		fixture.remove("shop.ts");
		assert.deepEqual((await fixture.reload()).removed, ["shop"]);
		assert.deepEqual(fixture.served, []);
		assert.deepEqual(await running, { version: 1 });
	});

	it("what clients cannot call as before is refused, unless it is accepted", async () => {
		const source = moduleSource({
			input: 'size: z.enum(["s", "l"]), note: z.string().optional()',
			output: "a: z.number(), b: z.string()",
			run: 'return { a: 1, b: "" };',
		});
		fixture.write("shop.ts", source);
		await fixture.reload();
		const changes = {
			"get: number 7001 became 7002": moduleSource({
				number: 7002,
				input: 'size: z.enum(["s", "l"]), note: z.string().optional()',
				output: "a: z.number(), b: z.string()",
			}),
			"get: input.note is gone": source.replace(", note: z.string().optional()", ""),
			"get: input.note is required now": source.replace(".optional()", ""),
			"get: input.note is of another type": source.replace("z.string().optional()", "z.number().optional()"),
			'get: input.size does not take "l" any more': source.replace('["s", "l"]', '["s"]'),
			"get: output.a is gone": source.replace("a: z.number(), b", "b"),
			"get: output.b may be left out now": source.replace("b: z.string()", "b: z.string().optional()"),
			"get (7001) is gone": source.replace("get: define", "other: define"),
		};
		for (const [text, changed] of Object.entries(changes)) {
			fixture.write("shop.ts", changed);
			const { problems, loaded } = await fixture.reload();
			assert.deepEqual(
				[problems.map(({ message }) => message), loaded],
				[[`clients in the field could not call it as before: ${text}`], []],
			);
		}
		fixture.write(
			"shop.ts",
			source
				.replace('["s", "l"]', '["s", "l", "m"]')
				.replace("b: z.string()", "b: z.string(), c: z.number().optional()"),
		);
		assert.equal((await fixture.reload()).loaded.length, 1, "more values taken and another field sent break nobody");
		fixture.write("shop.ts", changes["get: output.a is gone"]);
		assert.equal((await fixture.reload({ acceptContractChanges: true })).loaded.length, 1);
	});

	it("calls end on the generation on which they began, and the next ones run on the new one", async () => {
		const source = (version: number) =>
			moduleSource({
				top: "let release; const held = new Promise((done) => { release = done; });",
				input: "release: z.boolean().default(false)",
				run: `if (input.release) release(); else await held; return { version: ${version} };`,
			});
		fixture.write("shop.ts", source(1));
		await fixture.reload();
		const [old, called] = fixture.route("shop.get");
		const first = fixture.call("shop.get");
		fixture.write("shop.ts", source(2));
		await fixture.reload();
		assert.deepEqual(await fixture.call("shop.get", { release: true }), { version: 2 });
		assert.equal(old.isEnded, false);
		assert.deepEqual(await old.run(called, { release: true }, { identity: undefined, ip: "", traceId: "" }), {
			version: 1,
		});
		assert.deepEqual(await first, { version: 1 });
		assert.equal(old.isEnded, true);
	});

	it("a call whose route was found before the switch, and that begins after its generation has ended, runs on the new one", async () => {
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		const [old, called] = fixture.route("shop.get");
		fixture.write("shop.ts", moduleSource({ run: "return { version: 2 };" }));
		await fixture.reload();
		assert.equal(old.isEnded, true);
		const run = () => fixture.host.run(old, called, {}, { identity: undefined, ip: "", traceId: "" });
		assert.deepEqual(await run(), { version: 2 });
		fixture.remove("shop.ts");
		await fixture.reload();
		assert.throws(run, { message: "module shop is unavailable" });
	});

	it("a call that does not end is aborted, and answered by an error that clients may retry", async () => {
		const dispose = "dispose: () => { globalThis.framegateDisposed = true; },";
		fixture.write(
			"shop.ts",
			moduleSource({
				run: "call.signal.addEventListener('abort', () => { globalThis.framegateAborted = true; }); return new Promise(() => {});",
				more: dispose,
			}),
		);
		await fixture.reload();
		const running = fixture.call("shop.get") as Promise<object>;
		// Which may be before the reload is answered.
		const aborted = assert.rejects(running, { message: "module shop is unavailable", retryable: true });
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		await aborted;
		const seen = globalThis as unknown as Record<string, unknown>;
		assert.deepEqual([seen["framegateAborted"], seen["framegateDisposed"]], [true, true]);
	});

	it("a promise that never ends is timed out, and is not kept", async () => {
		const own = new ModuleFixture({}, 30);
		own.write("shop.ts", moduleSource({ run: "return new Promise(() => {});" }));
		await own.reload();
		await assert.rejects(own.call("shop.get") as Promise<object>, { code: ErrorCode.TIMEOUT });
		assert.equal(own.route("shop.get")[0].inFlight, 0);
		await own.close();
	});

	it("sends the pushes that it declares, and nothing that their bodies do not", async () => {
		const top =
			"const sold = definePush({ number: 7501, body: z.object({ item: z.string() }) }); const other = definePush({ number: 7502, body: z.object({}) });";
		const run =
			'await call.context.unicast("ann", input.other ? other : sold, { item: "apple", secret: 1 }); return { version: 1 };';
		fixture.write(
			"shop.ts",
			moduleSource({ top, run, input: "other: z.boolean().optional()", more: "pushes: { sold }," }),
		);
		await fixture.reload();
		await fixture.call("shop.get");
		assert.deepEqual(fixture.sent, [["ann", 7501, { item: "apple" }]]);
		await assert.rejects(fixture.call("shop.get", { other: true }) as Promise<object>, { code: ErrorCode.INTERNAL });
		fixture.write("cart.ts", moduleSource({ number: 7002, top, more: "pushes: { sold }," }));
		const [problem] = (await fixture.reload()).problems;
		assert.deepEqual(
			[problem?.message, problem?.file, problem?.line],
			["cart.sold: number 7501 belongs to shop.sold", "cart.ts", 2],
		);
		fixture.write(
			"cart.ts",
			moduleSource({ number: 7002, more: "pushes: { sold: definePush({ number: 7001, body: z.object({}) }) }," }),
		);
		assert.match((await fixture.reload()).problems[0]?.message ?? "", /sold: number must be from 7501 to 7999/);
	});

	it("state moves to the next generation; where it cannot, the old one goes on", async () => {
		const source = (version: number, more: string) =>
			moduleSource({
				top: "let count = 0;",
				run: `count++; return { version: ${version} * 100 + count };`,
				more: `exportState: () => ({ count }), ${more}`,
			});
		const imports = "importState: (state) => { count = state.count; },";
		fixture.write("shop.ts", source(1, imports));
		await fixture.reload();
		assert.deepEqual(await fixture.call("shop.get"), { version: 101 });
		fixture.write("shop.ts", source(2, imports));
		await fixture.reload();
		assert.deepEqual(await fixture.call("shop.get"), { version: 202 });
		fixture.write("shop.ts", source(3, 'importState: () => { throw new Error("of another kind"); },'));
		const [problem] = (await fixture.reload()).problems;
		assert.equal(problem?.message, "the state of the generation before could not be taken over: of another kind");
		assert.deepEqual(await fixture.call("shop.get"), { version: 203 });
	});

	it("timers end with their generation, those of the global functions too", async () => {
		const top = "setInterval(() => {}, 20); setTimeout(() => {}, 1e6); setImmediate(() => {});";
		fixture.write("shop.ts", moduleSource({ top, more: "load: (context) => { context.every(20, () => {}); }," }));
		await fixture.reload();
		const old = fixture.inline("shop.get");
		assert.ok(old.parts.timers.size >= 3);
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		assert.equal(old.parts.timers.size, 0);
	});

	it("rolls back to an earlier bundle, and does not load the later one again until its file changes", async () => {
		fixture.write("shop.ts", moduleSource());
		await fixture.reload();
		fixture.write("shop.ts", moduleSource({ run: "return { version: 2 };" }));
		await fixture.reload();
		assert.deepEqual(
			(await fixture.rollback("shop", "")).loaded.map(({ generation }) => generation),
			[3],
		);
		assert.deepEqual(await fixture.call("shop.get"), { version: 1 });
		assert.deepEqual((await fixture.reload()).unchanged, ["shop"]);
		fixture.write("shop.ts", moduleSource({ run: "return { version: 3 };" }));
		await fixture.reload();
		assert.deepEqual(await fixture.call("shop.get"), { version: 3 });
		assert.equal(fixture.host.bundleOf("shop", "ffff"), undefined);
		assert.deepEqual(
			fixture.host.status()[0]?.kept.map(({ origin }) => origin),
			["rollback", "request"],
		);
	});

	it("reloads that come together are carried out one after the other", async () => {
		fixture.write("shop.ts", moduleSource());
		const reports = await Promise.all([fixture.reload(), fixture.reload(), fixture.reload()]);
		assert.deepEqual(
			reports.map(({ loaded }) => loaded.length),
			[1, 0, 0],
		);
		await assert.rejects(Promise.all(Array.from({ length: 40 }, () => fixture.reload())), {
			message: "the reload of modules is unavailable",
		});
	});
});
