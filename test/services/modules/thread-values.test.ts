// Values that leave the thread of a module: whatever they are, each call is answered, and the gateway gets a bounded part of them.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

describe("values from threads", { timeout: 120_000 }, () => {
	let fixture: ModuleFixture;
	afterEach(() => fixture.close());

	function open(): void {
		const isolated = { threads: 1, maxHeapMb: 256, stallMs: 60_000, maxCalls: 1000, access: [] };
		fixture = new ModuleFixture({ isolated: { "*": isolated } });
	}

	async function load(file: string, text: string): Promise<void> {
		fixture.write(file, text);
		const { problems } = await fixture.reload();
		assert.deepEqual(problems, []);
	}

	it("answers whatever a function returns, and the gateway gets no more of it than a reply may have", async () => {
		open();
		const top = `const nested = (depth: number) => { let value: object = {}; while (depth-- > 0) value = { value }; return value; };
			const shared = (times: number) => { let value: unknown[] = ["x".repeat(2000)]; while (times-- > 0) value = [value, value]; return value; };
			const cycle: { self?: object } = {}; cycle.self = cycle;`;
		const run = `switch (input.how) {
				case "bigint": return { value: 2n ** 60n };
				case "function": return { value: [() => 1, Symbol("s"), undefined] };
				case "date": return { value: new Date(0) };
				case "cycle": return { value: cycle };
				case "deep": return { value: nested(4000) };
				case "deepest": return { value: nested(100_000) };
				case "shared": return { value: shared(12) };
				case "long": return { value: "x".repeat(5_000_000) };
			}
			return { value: 1 };`;
		const texts = { top, run, input: "how: z.string()", output: "value: z.any()" };
		await load("shop.ts", moduleSource(texts));
		const value = async (how: string) => ((await fixture.call("shop.get", { how })) as { value: unknown }).value;
		assert.equal(await value("bigint"), "1152921504606846976");
		assert.deepEqual(await value("function"), [null, null, null]);
		assert.equal(await value("date"), "1970-01-01T00:00:00.000Z");
		assert.ok(await value("deep"));
		for (const how of ["cycle", "deepest", "shared", "long"]) {
			await assert.rejects(value(how), { code: ErrorCode.INTERNAL }, how);
		}
		assert.equal(await value("none"), 1);
		const [generation] = fixture.route("shop.get");
		assert.deepEqual([generation.inFlight, generation.faults], [0, 4]);
		assert.deepEqual(fixture.host.loader.threadEnds, { crashed: 0, memory: 0, stalled: 0, exited: 0 });
	});

	it("sends pushes whose bodies are plain values of a bounded length, and takes deep results of hooks for a failure", async () => {
		open();
		const top = `const posted = definePush({ number: 7501, body: z.object({ value: z.any() }) });
			const nested = (depth: number) => { let value: object = {}; while (depth-- > 0) value = { value }; return value; };
			const shared = (times: number) => { let value: unknown[] = ["x".repeat(2000)]; while (times-- > 0) value = [value, value]; return value; };`;
		const run =
			'await call.context.unicast("u", posted, { value: input.how === "shared" ? shared(10) : new Date(0) }); return { version: 1 };';
		const hook = "pushes: { posted }, hooks: { login: () => ({ value: nested(4000) } as never) },";
		await load("shop.ts", moduleSource({ top, run, more: hook, input: "how: z.string()" }));
		const call = (how: string) => fixture.call("shop.get", { how }) as Promise<object>;
		await call("date");
		assert.deepEqual(fixture.sent, [["u", 7501, { value: "1970-01-01T00:00:00.000Z" }]]);
		await assert.rejects(call("shared"), { code: ErrorCode.PAYLOAD_TOO_LARGE });
		const event = { userId: "u", username: "u", roles: [], sessionId: "s", deviceId: "", ip: "", method: "password" };
		await assert.rejects(fixture.hooks.login?.(event as never) as Promise<void>, { code: ErrorCode.UNAVAILABLE });
		assert.equal(fixture.host.loader.threadEnds.crashed, 0);
		assert.deepEqual(await call("date"), { version: 1 });
	});
});
