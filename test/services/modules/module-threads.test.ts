// Modules in threads of their own: everything that a module does works there, and what goes wrong costs that thread alone.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { GatewayError } from "../../../protocol/error.ts";
import type { IsolatedModule, ModulesOptions } from "../../../services/modules/options.ts";
import { until } from "../../support/until.ts";
import { ModuleFixture, moduleSource, type SourceParts } from "./module-fixture.ts";

/** On a busy machine a thread may come to nothing for a while: only where a stall is meant, it is noticed soon. */
const ISOLATED: IsolatedModule = { threads: 1, maxHeapMb: 64, stallMs: 30_000, maxCalls: 1000, access: [] };
const STALL_MS = 1000;
const LOOP = 'if (input.how === "loop") for (;;);';

describe("modules in threads", { timeout: 300_000 }, () => {
	let fixture: ModuleFixture;
	afterEach(() => fixture.close());

	function open(isolated: Partial<IsolatedModule> = {}, options: Partial<ModulesOptions> = {}): ModuleFixture {
		fixture = new ModuleFixture({ isolated: { "*": { ...ISOLATED, ...isolated } }, ...options });
		return fixture;
	}

	/** A module whose function is called with `how` to do it. */
	const source = (run: string, parts: SourceParts = {}) =>
		moduleSource({ input: "how: z.string().optional()", run: `${run} return { version: 1 };`, ...parts });
	const call = (how?: string, name = "shop.get") =>
		fixture.call(name, how === undefined ? {} : { how }) as Promise<{ version: number }>;
	const refused = (how: string) => assert.rejects(call(how), { code: ErrorCode.UNAVAILABLE });
	const lines = (message: RegExp) => fixture.lines.filter((line) => message.test(line.message));

	async function load(file: string, text: string): Promise<void> {
		fixture.write(file, text);
		const { problems } = await fixture.reload();
		assert.deepEqual(problems, []);
	}

	it("answers, refuses inputs by field, and gives errors as a module in the gateway's thread does", async () => {
		open();
		const run = `if (input.how === "call") throw new CallError("NOT_FOUND", "no such item", { field: "how", retryAfterMs: 7 });
			if (input.how === "throw") throw new TypeError("the reason");
			if (input.how === "lie") return { version: "text" as never };
			if (input.how === "hang") return new Promise(() => {});`;
		await load("shop.ts", source(run, { options: "timeoutMs: 500," }));
		assert.deepEqual(await call(), { version: 1 });
		await assert.rejects(fixture.call("shop.get", { how: 5, colour: 1 }) as Promise<object>, (error: GatewayError) => {
			assert.equal(error.code, ErrorCode.VALIDATION_FAILED);
			assert.deepEqual(error.violations.map(({ field }) => field).sort(), ["colour", "how"]);
			return true;
		});
		await assert.rejects(call("call"), { code: ErrorCode.NOT_FOUND, message: "no such item", retryAfterMs: 7 });
		for (const how of ["throw", "lie"]) {
			await assert.rejects(call(how), ({ code, cause }: GatewayError) => {
				assert.equal(code, ErrorCode.INTERNAL);
				assert.match(
					(cause as Error).stack ?? "",
					how === "throw" ? /TypeError: the reason[\s\S]*shop\.ts:\d+/ : /shop\.get returned/,
				);
				return true;
			});
		}
		await assert.rejects(call("hang"), { code: ErrorCode.TIMEOUT });
		assert.deepEqual([fixture.route("shop.get")[0].faults, fixture.route("shop.get")[0].inFlight], [2, 0]);
	});

	it("an endless loop costs that thread: its calls are UNAVAILABLE, other modules answer meanwhile, and it is started again", async () => {
		open({}, { isolated: { "*": ISOLATED, shop: { ...ISOLATED, stallMs: STALL_MS } } });
		fixture.write("cart.ts", source("", { number: 7002 }));
		await load("shop.ts", source(`${LOOP} if (input.how === "wait") await new Promise(() => {});`));
		const waiting = refused("wait");
		const looping = refused("loop");
		assert.deepEqual(await call(undefined, "cart.get"), { version: 1 });
		await Promise.all([waiting, looping]);
		await until(async () => (await call()).version === 1);
		assert.deepEqual(fixture.host.loader.threadEnds, { crashed: 0, memory: 0, stalled: 1, exited: 0 });
		const [line] = lines(/^a thread of a module ended, its calls are UNAVAILABLE/);
		assert.deepEqual([line?.["module"], line?.["generation"], line?.["reason"]], ["shop", 1, "stalled"]);
	});

	it("a loop in a timer, when nobody calls, is ended as well", async () => {
		open({ stallMs: STALL_MS });
		await load("shop.ts", source('if (input.how === "arm") setTimeout(() => { for (;;); }, 0);'));
		assert.deepEqual(await call("arm"), { version: 1 });
		await until(() => fixture.host.loader.threadEnds.stalled === 1);
	});

	it("a crash, the end of the process and running out of memory end the thread alone", async () => {
		open();
		const run = `if (input.how === "throw") { queueMicrotask(() => { throw new Error("outside of any call"); }); await new Promise(() => {}); }
			if (input.how === "exit") { process.exit(7); }
			if (input.how === "memory") { const all: object[] = []; for (;;) all.push(new Array(10_000).fill({})); }
			if (input.how === "reject") { void Promise.reject(new Error("nobody waits")); }`;
		await load("shop.ts", source(run));
		for (const how of ["throw", "exit", "memory"]) {
			await refused(how);
			await until(async () => (await call()).version === 1);
		}
		assert.deepEqual(fixture.host.loader.threadEnds, { crashed: 1, memory: 1, stalled: 0, exited: 1 });
		const [crash] = lines(/^a thread of a module ended/);
		assert.match((crash?.["err"] as Error | undefined)?.stack ?? "", /outside of any call[\s\S]*shop\.ts:\d+/);
		assert.deepEqual(await call("reject"), { version: 1 });
		await until(() => lines(/a promise of a module was rejected/).length === 1);
	});

	it("is given up after ends in a row, until it is loaded again", async () => {
		open({}, { maxRestarts: 1 });
		await load("shop.ts", source("process.exit(0);"));
		await refused("first");
		await until(async () => {
			await assert.rejects(call(), { code: ErrorCode.UNAVAILABLE });
			return lines(/not started again until the module is reloaded/).length === 1;
		});
		await assert.rejects(call(), { code: ErrorCode.UNAVAILABLE, retryAfterMs: 10_000 });
		await load("shop.ts", source(""));
		assert.deepEqual(await call(), { version: 1 });
	});

	it("what keeps a thread from loading leaves the generation before: a throw, a loop, memory, its end", async () => {
		open({ maxHeapMb: 32 });
		await load("shop.ts", source(""));
		const cases: readonly (readonly [top: string, more: string, message: RegExp])[] = [
			['throw new Error("not today");', "", /not today/],
			["for (;;);", "", /loading took longer than 300 ms/],
			["", "async load() { await null; for (;;); },", /loading took longer than 300 ms/],
			["", "async load() { await new Promise(() => {}); },", /load took longer than 300 ms/],
			[
				"",
				"async load() { await null; const all: object[] = []; for (;;) all.push(new Array(10_000).fill({})); },",
				/more than 32 MB/,
			],
			["process.exit(0);", "", /its thread ended while it was loaded: exited/],
		];
		const { loadTimeoutMs } = fixture.options;
		for (const [top, more, message] of cases) {
			// Short where that is what ends it: a busy machine may take long to start a thread.
			fixture.options.loadTimeoutMs = message.source.includes("300 ms") ? 300 : loadTimeoutMs;
			fixture.write("shop.ts", source("return { version: 2 };", { top, more }));
			const { loaded, problems } = await fixture.reload();
			assert.deepEqual(loaded, [], top || more);
			assert.match(problems[0]?.message ?? "", message, top || more);
			assert.deepEqual(await call(), { version: 1 });
		}
		fixture.options.loadTimeoutMs = loadTimeoutMs;
		fixture.write("shop.ts", source("", { top: 'const a = 1;\nthrow new Error("here");' }));
		const [problem] = (await fixture.reload()).problems;
		assert.deepEqual([problem?.file, problem?.line], ["shop.ts", 3]);
	});

	it("calls are answered by the generation on which they began, and the old thread ends with the last of them", async () => {
		open({}, { retireTimeoutMs: 1500 });
		const version = (number: number) =>
			moduleSource({
				top: `let release: () => void = () => {};`,
				input: "how: z.string().optional()",
				run: `if (input.how === "wait") await new Promise<void>((done) => { release = done; call.context.unicast("u", begun, {}).catch(() => {}); });
					if (input.how === "release") release();
					return { version: ${number} };`,
				more: "pushes: { begun },",
			}).replace("export default", "const begun = definePush({ number: 7501, body: z.object({}) });\nexport default");
		await load("shop.ts", version(1));
		const old = fixture.route("shop.get")[0];
		const began = refused("wait");
		await until(() => fixture.sent.length === 1);
		assert.deepEqual(fixture.sent, [["u", 7501, {}]], "pushes go through the gateway");
		await load("shop.ts", version(2));
		assert.deepEqual(await call(), { version: 2 });
		assert.equal(old.inFlight, 1);
		const late = fixture.host.run(old, { name: "get" }, {}, { identity: undefined, ip: "", traceId: "" });
		assert.deepEqual(await late, { version: 2 }, "a call on an old route that has not begun begins on the new one");
		await began;
		await old.abandon();
	});

	it("state moves on, and calls that come meanwhile wait for it", async () => {
		open();
		const counter = (step: number) =>
			moduleSource({
				top: "let sold = 0;",
				run: `sold += ${step}; return { version: sold };`,
				more: "exportState: () => ({ sold }), importState: (before) => { sold = (before as { sold: number }).sold; },",
			});
		await load("shop.ts", counter(1));
		assert.deepEqual([await call(), await call()], [{ version: 1 }, { version: 2 }]);
		fixture.write("shop.ts", counter(100));
		const reloading = fixture.reload();
		let calls = 0;
		let isOver = false;
		void reloading.then(() => {
			isOver = true;
		});
		let last = 2;
		while (!isOver) {
			const { version } = await call();
			assert.ok(version - last === 1 || version - last === 100, `${last} → ${version}`);
			last = version;
			calls++;
		}
		assert.ok(calls > 0);
		assert.deepEqual(await call(), { version: last + 100 });
		fixture.write("shop.ts", counter(5).replace("sold = (before", 'throw new Error("not this"); sold = (before'));
		const [problem] = (await fixture.reload()).problems;
		assert.match(problem?.message ?? "", /could not be taken over: not this/);
		assert.deepEqual(await call(), { version: last + 200 });
	});

	it("spreads calls over its threads, and goes on with those that are left", async () => {
		open({ threads: 2, stallMs: STALL_MS });
		const run = `${LOOP} await new Promise((done) => setTimeout(done, 20)); return { version: own };`;
		await load("shop.ts", source(run, { top: "const own = Math.random();" }));
		const answers = await Promise.all(Array.from({ length: 8 }, () => call()));
		const counts = new Map<number, number>();
		for (const { version } of answers) counts.set(version, (counts.get(version) ?? 0) + 1);
		assert.deepEqual([...counts.values()], [4, 4]);
		const looping = refused("loop");
		const during = await Promise.all(Array.from({ length: 4 }, () => call().catch(() => undefined)));
		assert.ok(during.some((answer) => answer !== undefined));
		await looping;
		assert.deepEqual(fixture.host.loader.threadEnds.stalled, 1);
	});

	it("refuses calls early when too many wait", async () => {
		open({ maxCalls: 2 });
		await load("shop.ts", source('if (input.how === "wait") await new Promise((done) => setTimeout(done, 100));'));
		const waiting = [call("wait"), call("wait")];
		await assert.rejects(call(), { code: ErrorCode.UNAVAILABLE, message: "room in module shop is unavailable" });
		await Promise.all(waiting);
		assert.deepEqual(await call(), { version: 1 });
	});

	it("reaches what it is given access to, and nothing else", async () => {
		open({ access: ["env:API_KEY"] });
		const env =
			'const keys = Object.keys(process.env).join(); if (keys !== "API_KEY") throw new Error("reads " + keys);';
		await load("shop.ts", source(env, { top: 'import { createHash } from "node:crypto"; createHash("sha256");' }));
		assert.deepEqual(await call(), { version: 1 });
		for (const [code, message] of [
			[
				'import { readFileSync } from "node:fs"; Object.assign(globalThis, { used: readFileSync });',
				/require\("node:fs"\) needs the access "files"/,
			],
			['import { connect } from "net"; Object.assign(globalThis, { used: connect });', /needs the access "network"/],
			[
				'import { spawn } from "child_process"; Object.assign(globalThis, { used: spawn });',
				/needs the access "processes"/,
			],
			[
				'import { Session } from "node:inspector"; Object.assign(globalThis, { used: Session });',
				/needs the access "runtime"/,
			],
			['void fetch("http://localhost");', /fetch needs the access "network"/],
			["process.kill(process.pid);", /process\.kill needs the access "processes"/],
			['process.getBuiltinModule("fs");', /needs the access "runtime"/],
			['process.binding("fs");', /needs the access "runtime"/],
		] as const) {
			fixture.write("shop.ts", source("", { top: code }));
			assert.match((await fixture.reload()).problems[0]?.message ?? "", message, code);
		}
		await fixture.close();
		open({ access: ["files", "network"] });
		const used =
			'import { existsSync } from "node:fs"; if (!existsSync("/") || typeof fetch !== "function") throw new Error("no");';
		await load("shop.ts", source("", { top: used }));
		assert.deepEqual(await call(), { version: 1 });
	});

	it("fetches from the hosts that are declared, however their addresses are written, and from nowhere else", async () => {
		const server = createServer((request, response) => {
			if (request.url === "/moved") response.writeHead(302, { location: "http://localhost/" });
			response.end();
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		try {
			const { port } = server.address() as AddressInfo;
			open({ access: [`network:127.0.0.1:${port}`, "network:partner.example"] });
			const run = `const [url = "", redirect] = (input.how ?? "").split(" ");
				try { return { version: (await call.context.fetch(url, redirect ? { redirect: redirect as never } : {})).status }; }
				catch (error) { return { version: /needs the access "network/.test(String(error)) ? 0 : -1 }; }`;
			await load("shop.ts", source("", { run }));
			const status = async (how: string) => (await call(how)).version;
			for (const host of ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1"]) {
				assert.equal(await status(`http://${host}:${port}/`), 200, host);
			}
			const others = [
				`localhost:${port}`,
				`[::ffff:127.0.0.1]:${port}`,
				`[::1]:${port}`,
				`127.0.0.1:${port + 1}`,
				`127.0.0.2:${port}`,
				"127.0.0.1",
				`partner.example@127.0.0.2:${port}`,
				"partner.example.evil.example",
			];
			for (const host of others) assert.equal(await status(`http://${host}/`), 0, host);
			assert.equal(await status("http://partner.example/"), -1, "it may, and there is no such host");
			const moved = `http://127.0.0.1:${port}/moved`;
			assert.deepEqual(
				[await status(moved), await status(`${moved} manual`), await status(`${moved} any`)],
				[-1, 302, 0],
			);
			fixture.write("shop.ts", source("", { top: "void fetch('http://127.0.0.1');" }));
			assert.match((await fixture.reload()).problems[0]?.message ?? "", /fetch needs the access "network"/);
		} finally {
			server.close();
			server.closeAllConnections();
		}
	});

	it("logs through the gateway, with module and generation, and not without end", async () => {
		open();
		const run = 'for (let n = 0; n < 5000; n++) call.log.info("line", { n, run: () => {} });';
		await load(
			"shop.ts",
			source(run, {
				top: `let deep = {}; for (let depth = 0; depth < 4000; depth++) deep = { value: deep };
					const cycle: { self?: object } = {}; cycle.self = cycle;
					const fields = { item: { id: 1, tags: ["a"] }, deep, cycle, long: "x".repeat(100_000) };`,
				more: `load: (context) => {
					context.log.warn("loaded", { err: new Error("shown") });
					context.log.warn("shown", fields);
				},`,
			}),
		);
		const [loaded] = lines(/^loaded$/);
		assert.deepEqual(
			[loaded?.["module"], loaded?.["generation"], (loaded?.["err"] as Error | undefined)?.message],
			["shop", 1, "shown"],
		);
		const shown = lines(/^shown$/)[0] as unknown as Record<string, unknown>;
		assert.deepEqual(shown["item"], { id: 1, tags: ["a"] });
		assert.match(String(shown["deep"]), /^\{ value: \{ value/);
		assert.match(String(shown["cycle"]), /Circular/);
		assert.equal(String(shown["long"]).length, 16_384);
		assert.equal(fixture.host.loader.threadEnds.crashed, 0);
		await call();
		await until(() => lines(/lines of a module were dropped/).length === 1);
		assert.ok(lines(/^line$/).length <= 1000);
		assert.equal(lines(/^line$/).length + Number(lines(/dropped/)[0]?.["dropped"]), 5000);
	});

	it("periodic work runs while the generation serves, and no timer outlives it", async () => {
		open();
		const ticking = (number: number) =>
			source("", {
				top: `const tick = definePush({ number: 7501, body: z.object({ of: z.int() }) });`,
				more: `pushes: { tick }, load: (context) => { context.every(10, () => context.unicast("u", tick, { of: ${number} })); },`,
			});
		await load("shop.ts", ticking(1));
		const of = (number: number) => fixture.sent.filter(([, , body]) => (body as { of: number }).of === number).length;
		await until(() => of(1) > 1);
		const old = fixture.route("shop.get")[0];
		await load("shop.ts", ticking(2));
		await old.retire({ timeoutMs: 0, graceMs: 0 });
		const stopped = of(1);
		const ticked = of(2);
		await until(() => of(2) > ticked + 3);
		assert.equal(of(1), stopped);
	});
});
