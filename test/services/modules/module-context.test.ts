// What a module gets of the gateway: settings, values, metrics, fetch, and the end of all of it with the generation.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Distribution, Sample } from "../../../common/metrics.ts";
import { defaultsOf } from "../../../common/options.ts";
import { modulesSection } from "../../../services/modules/options.ts";
import { until } from "../../support/until.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

describe("context of a module", () => {
	let fixture: ModuleFixture;
	beforeEach(() => {
		const { store } = defaultsOf(modulesSection);
		fixture = new ModuleFixture({
			retireTimeoutMs: 20,
			store: { ...store, maxValueBytes: 1024, maxBytes: 64 * 1024 },
			fetch: { timeoutMs: 500, maxBytes: 1024 },
		});
	});
	afterEach(() => fixture.close());

	/** A module `shop` whose function `get` returns `{ text }`, the JSON of what `run` returns. */
	const load = async (run: string, parts: { top?: string; more?: string } = {}) => {
		fixture.write(
			"shop.ts",
			moduleSource({
				...parts,
				output: "text: z.string()",
				input: 'a: z.string().default("")',
				run: `const { context } = call; const value = await (async () => { ${run} })(); return { text: JSON.stringify(value ?? null) };`,
				top: `import { defineConfig, defineCounter, defineGauge, defineHistogram, sql } from "framegate/module";\n${parts.top ?? ""}`,
			}),
		);
		return await fixture.reload();
	};
	const answer = async (a = "") =>
		JSON.parse(((await fixture.call("shop.get", { a })) as { text: string }).text) as unknown;

	it("gives settings as the schema of the module makes them, and loads again when they change", async () => {
		fixture.settings = { shop: { url: "http://a.example" } };
		const top = "const settings = defineConfig(z.object({ url: z.url(), limit: z.int().default(5) }));";
		const { problems } = await load("return context.config(settings);", { top, more: "config: settings," });
		assert.deepEqual(problems, []);
		assert.deepEqual(await answer(), { url: "http://a.example", limit: 5 });
		assert.deepEqual((await fixture.reload()).unchanged, ["shop"]);
		fixture.settings = { shop: { url: "http://b.example", limit: 6 } };
		assert.equal((await fixture.reload()).loaded[0]?.generation, 2);
		assert.deepEqual(await answer(), { url: "http://b.example", limit: 6 });
	});

	it("keeps a generation with wrong settings from serving, and names the key without its value", async () => {
		const top = "const settings = defineConfig(z.object({ key: z.string().min(20) }));";
		for (const [given, message] of [
			[{ key: "hunter2" }, /^modules\.config\.shop\.key: (?!.*hunter2)/],
			[{ key: "x".repeat(20), kee: 1 }, /^modules\.config\.shop\.kee: unknown key$/],
			[undefined, /^modules\.config\.shop\.key: /],
		] as const) {
			fixture.settings = given === undefined ? {} : { shop: given };
			const { problems } = await load("return context.config(settings);", { top, more: "config: settings," });
			assert.match(problems[0]?.message ?? "", message);
		}
	});

	it("keeps values, with conditions, and bounds keys, values and their sum", async () => {
		await load(`
			const { store } = context;
			if (input.a === "large") return store.set("k", "x".repeat(2000)).catch(({ code, message }) => [code, message]);
			if (input.a === "fill") {
				for (let n = 0; n < 100; n++) {
					try { await store.set("f" + n, "x".repeat(1000)); } catch ({ code, message }) { return [n > 30, code, message]; }
				}
			}
			if (input.a.startsWith("key")) return store.get("k".repeat(Number(input.a.slice(3)))).then(() => "taken", ({ message }) => message);
			if (input.a === "undefined") return store.set("k", undefined).catch(({ message }) => message);
			const first = await store.set("cart:ann", { items: [1] }, { ifVersion: "", ttlMs: 1000 });
			const lost = await store.set("cart:ann", {}, { ifVersion: "" });
			await store.set("cart:bob", null);
			return [(await store.get("cart:ann")).value, lost === undefined, first === (await store.get("cart:ann")).version,
				await store.keys({ prefix: "cart:" }), await store.delete("cart:bob"), (await store.get("none")) === undefined];`);
		assert.deepEqual(await answer(), [{ items: [1] }, true, true, ["cart:ann", "cart:bob"], true, true]);
		assert.deepEqual(await answer("large"), ["PAYLOAD_TOO_LARGE", "a stored value may have 1024 bytes as JSON"]);
		assert.deepEqual(await answer("fill"), [true, "PAYLOAD_TOO_LARGE", "the store of module shop is full"]);
		assert.equal(await answer("key256"), "taken");
		assert.match(String(await answer("key257")), /a key is a text of 1 to 256 bytes/);
		assert.match(String(await answer("key0")), /a key is a text/);
		assert.match(String(await answer("undefined")), /none that JSON has/);
	});

	it("has values outlive a generation, and tables that its steps make", async () => {
		const more = `migrations: { "001": (db) => db.schema.createTable("log").addColumn("text", "varchar(20)").execute() },
			load: async (context) => { await context.database().insertInto("log").values({ text: "load " + context.generation }).execute(); },`;
		const run = `const rows = await context.database().selectFrom("log").select("text").execute();
			const held = (await context.store.get("n"))?.value ?? 0;
			await context.store.set("n", held + 1);
			return [held, rows.map(({ text }) => text)];`;
		assert.deepEqual((await load(run, { more })).problems, []);
		assert.deepEqual(await answer(), [0, ["load 1"]]);
		assert.deepEqual((await load(`globalThis.unused = 1; ${run}`, { more })).problems, []);
		assert.deepEqual(await answer(), [1, ["load 1", "load 2"]]);
	});

	it("says where a step of a migration fails, and does not serve the module", async () => {
		const more = 'migrations: { "001": () => { throw new Error("no such type"); } },';
		const { problems } = await load("return 1;", { more });
		assert.match(problems[0]?.message ?? "", /no such type/);
		assert.equal(problems[0]?.file, "shop.ts");
	});

	const METRICS = `const orders = defineCounter({ labels: { outcome: ["paid", "failed"] } });
		const waiting = defineGauge();
		const took = defineHistogram({ bounds: [1, 10] });`;
	const series = async (name: string) => {
		const found = fixture.host.metrics.definitions().find((one) => one.name === name);
		return [...((await found?.read()) ?? [])] as unknown;
	};

	it("counts in series that are declared, and goes on with the next generation", async () => {
		const run = `context.metrics.add(orders, 2, { outcome: "paid" });
			context.metrics.set(waiting, 7); context.metrics.observe(took, 5); context.metrics.observe(took, 50);
			return [() => context.metrics.add(orders, 1, { outcome: input.a }), () => context.metrics.add(orders, -1, { outcome: "paid" }),
				() => context.metrics.add(waiting, 1), () => context.metrics.set(waiting, NaN)]
				.map((attempt) => { try { attempt(); return ""; } catch ({ message }) { return message; } });`;
		const more = "metrics: { orders, waiting, took },";
		assert.deepEqual((await load(run, { top: METRICS, more })).problems, []);
		assert.deepEqual(await answer("stolen"), [
			"metrics: orders: stolen is none of the values of label outcome",
			"metrics: orders: -1 is no number that a counter takes",
			"metrics: not a counter of the module's metrics",
			"metrics: waiting: NaN is no number that a gauge takes",
		]);
		await load(`globalThis.unused = 1; ${run}`, { top: METRICS, more });
		await answer("failed");
		const sample = (outcome: string, value: number): Sample => [{ module: "shop", metric: "orders", outcome }, value];
		assert.deepEqual(await series("framegate_module_counter_total"), [sample("paid", 4), sample("failed", 1)]);
		assert.deepEqual(await series("framegate_module_gauge"), [[{ module: "shop", metric: "waiting" }, 7]]);
		const [took] = (await series("framegate_module_histogram")) as Distribution[];
		assert.deepEqual([[...(took?.buckets ?? [])], took?.sum, took?.count], [[0, 2, 2], 110, 4]);
		fixture.remove("shop.ts");
		await fixture.reload();
		assert.deepEqual(await series("framegate_module_counter_total"), []);
	});

	it("refuses metrics without bounds", async () => {
		for (const [declared, message] of [
			["{ Bad: defineCounter() }", /metric Bad: a name/],
			['{ n: defineCounter({ labels: { module: ["a"] } }) }', /module cannot be a label/],
			["{ n: defineCounter({ labels: { a: [] } }) }", /label a must have its values/],
			[
				"{ n: defineCounter({ labels: { a: Array.from({ length: 1001 }, (_, i) => String(i)) } }) }",
				/more than 1000 combinations/,
			],
			["{ n: defineHistogram({ bounds: [2, 1] }) }", /ascending/],
		] as const) {
			const { problems } = await load("return 1;", { more: `metrics: ${declared},` });
			assert.match(problems[0]?.message ?? "", message);
		}
	});

	it("publishes and notifies", async () => {
		await load(`await context.publish("scores:all", { text: "hi" });
			await context.notify(["u1"], { type: "system", variables: { text: "hi" } });`);
		await answer();
		assert.deepEqual(fixture.published, [["scores:all", '{"text":"hi"}']]);
		assert.deepEqual(fixture.notices, [{ userIds: ["u1"], type: "system", variables: { text: "hi" }, data: {} }]);
	});

	describe("fetch", () => {
		let server: Server;
		let url: string;
		let closed = 0;
		before(async () => {
			server = createServer((request, response) => {
				request.socket.once("close", () => closed++);
				if (request.url === "/hang") return;
				if (request.url === "/moved")
					return void response.writeHead(302, { location: "http://169.254.169.254/" }).end();
				if (request.url === "/long") return void response.end("x".repeat(2000));
				if (request.url === "/stream") {
					response.write("x".repeat(1000));
					setImmediate(() => response.end("x".repeat(1000)));
					return;
				}
				response.writeHead(201, { "content-type": "application/json" }).end('{"ok":true}');
			});
			await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
			url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		});
		after(() => {
			server.closeAllConnections();
			server.close();
		});
		const fetched =
			'try { const answer = await context.fetch(input.a, input.a.endsWith("/hang") ? { timeoutMs: 30 } : {}); return [answer.status, await answer.text()]; } catch (error) { return [error.name, error.message]; }';

		it("answers within its time and its length, and goes no other way", async () => {
			await load(fetched);
			assert.deepEqual(await answer(`${url}/`), [201, '{"ok":true}']);
			assert.deepEqual(((await answer(`${url}/hang`)) as string[])[0], "TimeoutError");
			assert.deepEqual(((await answer(`${url}/moved`)) as string[])[0], "TypeError");
			for (const path of ["/long", "/stream"]) {
				assert.match(((await answer(url + path)) as string[])[1] ?? "", /longer than modules.fetch.maxBytes \(1024\)/);
			}
			assert.match(((await answer("file:///etc/passwd")) as string[])[1] ?? "", /only http and https/);
		});

		it("is aborted when the generation has to end", async () => {
			await load("return context.fetch(input.a, { timeoutMs: 60000 });");
			const before = closed;
			const call = fixture.call("shop.get", { a: `${url}/hang` }) as Promise<object>;
			call.catch(() => {});
			await load("return 2;");
			await assert.rejects(call);
			await until(() => closed > before);
		});
	});

	it("does nothing for a generation that has ended, but for its dispose", async () => {
		const more = `load: (context) => { globalThis.kept = context; },
			dispose: async () => { await globalThis.kept.store.set("last", "disposed"); },`;
		await load("return 1;", { more });
		const { kept } = globalThis as unknown as {
			kept: {
				store: { get(key: string): Promise<unknown> };
				database(): { selectFrom(t: string): { selectAll(): { execute(): Promise<unknown> } } };
			};
		};
		await load("return context.store.get('last');");
		await until(async () => (await answer()) !== null);
		assert.equal(((await answer()) as { value: string }).value, "disposed");
		await assert.rejects(kept.store.get("last"), {
			code: "UNAVAILABLE",
			message: "this generation of module shop has ended",
		});
		await assert.rejects(kept.database().selectFrom("log").selectAll().execute(), { code: "UNAVAILABLE" });
		delete (globalThis as { kept?: unknown }).kept;
	});
});
