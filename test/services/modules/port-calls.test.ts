// Calls over a message port: values, errors and functions in both directions, and what happens when the other side is full or gone.
import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, describe, it } from "node:test";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../../protocol/error.ts";
import { ModuleError } from "../../../services/modules/module-problem.ts";
import { PortCalls, remoteTarget } from "../../../services/modules/threads/port-calls.ts";

type Remote = Record<string, (...args: unknown[]) => Promise<unknown>>;

describe("calls over a port", () => {
	const ports: MessagePort[] = [];
	afterEach(() => {
		for (const port of ports.splice(0)) port.close();
	});

	const lost: Error[] = [];
	const onLost = (error: Error) => lost.push(error);

	function pair(target: object, maxPending = 10, isUntrusted = true) {
		const { port1, port2 } = new MessageChannel();
		ports.push(port1, port2);
		const onFull = () => unavailable("room", 5);
		new PortCalls(port2, { target, maxPending, onFull, onLost, isUntrusted });
		const calls = new PortCalls(port1, { target: {}, maxPending, onFull, onLost });
		return { calls, remote: remoteTarget<Remote>(calls) };
	}

	it("reaches functions at any depth by their names, with values of every kind that can be cloned", async () => {
		const { remote } = pair({
			add: (one: number, two: number) => one + two,
			kv: { get: async (key: string) => new Map([[key, 1n]]) },
		});
		assert.equal(await remote["add"]?.(1, 2), 3);
		const { kv } = remote as unknown as { kv: Remote };
		assert.deepEqual(await kv["get"]?.("a"), new Map([["a", 1n]]));
	});

	it("gives functions by reference: among the arguments, and as the result", async () => {
		const answers: unknown[] = [];
		let isSubscribed = true;
		const { remote } = pair({
			subscribe: async (channel: string, onEvent: (event: object) => Promise<unknown>) => {
				answers.push(await onEvent({ channel }));
				return () => {
					isSubscribed = false;
				};
			},
		});
		const end = (await remote["subscribe"]?.(
			"games",
			({ channel }: { channel: string }) => `got ${channel}`,
		)) as () => Promise<void>;
		assert.deepEqual(answers, ["got games"]);
		await end();
		assert.equal(isSubscribed, false);
	});

	it("keeps the code, the violations and the cause of an error, and the place of a problem", async () => {
		const { remote } = pair({
			field: () => Promise.reject(fieldError("name", "is too long")),
			inner: () => {
				throw new GatewayError(ErrorCode.INTERNAL, "internal error", { cause: new TypeError("the reason") });
			},
			problem: () => {
				throw new ModuleError({ module: "shop", message: "no", file: "shop.ts", line: 3 });
			},
			text: () => {
				throw "a text" as unknown as Error;
			},
		});
		await assert.rejects(remote["field"]?.() as Promise<unknown>, ({ code, violations }: GatewayError) => {
			return code === ErrorCode.VALIDATION_FAILED && violations[0]?.field === "name";
		});
		await assert.rejects(remote["inner"]?.() as Promise<unknown>, ({ cause }: Error) => {
			const { name, message, stack } = cause as Error;
			return name === "TypeError" && message === "the reason" && /port-calls\.test/.test(stack ?? "");
		});
		await assert.rejects(remote["problem"]?.() as Promise<unknown>, ({ problem }: ModuleError) => problem.line === 3);
		await assert.rejects(remote["text"]?.() as Promise<unknown>, { message: "a text" });
	});

	it("reaches nothing of Object.prototype, and no function that is not there", async () => {
		const { remote, calls } = pair({ kv: {} });
		for (const path of [
			"constructor",
			"kv.constructor",
			"kv.__proto__.valueOf",
			"toString",
			"kv",
			"kv.get",
			"none",
			"",
		]) {
			await assert.rejects(calls.call(path), /no function that another thread may call/, path);
		}
		assert.equal(await (remote as unknown as Promise<unknown>), remote, "and is no promise itself");
	});

	it("refuses what cannot be cloned, what is too much, and what comes when the other side is gone", async () => {
		const { calls, remote } = pair({ wait: () => new Promise(() => {}), give: () => ({ run: () => {} }) }, 2);
		await assert.rejects(remote["give"]?.() as Promise<unknown>, /could not be cloned/);
		await assert.rejects(calls.call("wait", { run: () => {} }), /could not be cloned/);
		assert.equal(calls.inFlight, 0);
		const waiting = [calls.call("wait"), calls.call("wait")];
		await assert.rejects(calls.call("wait"), { code: ErrorCode.UNAVAILABLE, retryAfterMs: 5 });
		calls.fail(unavailable("the other side", 1));
		for (const one of [...waiting, calls.call("wait")]) await assert.rejects(one, { code: ErrorCode.UNAVAILABLE });
	});

	it("refuses what the other thread might not be able to read, and is notified where one could not", async () => {
		const nested = (depth: number) => Array.from({ length: depth }).reduce<object>((inner) => ({ inner }), {});
		const node: { self?: object } = {};
		node.self = node;
		const give = (depth: number) => (depth === 0 ? node : { value: new Map([["key", new Set([nested(depth)])]]) });
		const { remote } = pair({ give });
		assert.ok(await remote["give"]?.(400));
		const cycle = (await remote["give"]?.(0)) as typeof node;
		assert.equal(cycle.self, cycle);
		await assert.rejects(remote["give"]?.(600) as Promise<unknown>, /nested more than 500 deep/);
		assert.deepEqual(lost, []);
		// Written with the stack of a thread, which is longer than that of this one.
		const worker = new Worker(
			`const { parentPort } = require("node:worker_threads");
			let value = {}; for (let depth = 0; depth < 8000; depth++) value = { value };
			parentPort.postMessage(value);`,
			{ eval: true },
		);
		new PortCalls(worker, { target: {}, maxPending: 1, onFull: () => new Error("full"), onLost });
		await once(worker, "exit");
		assert.equal(lost.length, 1);
	});
});
