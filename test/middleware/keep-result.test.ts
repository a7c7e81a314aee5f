// Results of calls with a key of the caller's.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineCall } from "../../core/pipeline.ts";
import { KeyBudget } from "../../messaging/key-budget.ts";
import { KeyedCalls } from "../../messaging/keyed-calls.ts";
import type { ResultStore } from "../../messaging/result-store.ts";
import { MemoryResultStore } from "../../messaging/result-store-memory.ts";
import { keepResult } from "../../middleware/keep-result.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { unavailable } from "../../protocol/error.ts";
import { chatRoutes } from "../../protocol/gen/schema.ts";

test("a call that was carried out is answered, also where its result cannot be kept", async () => {
	const results: ResultStore = {
		claim: async () => ({ state: "claimed", sinceMs: 1 }),
		find: async () => undefined,
		complete: async () => {
			throw unavailable("the store of results", 1000);
		},
		abandon: async () => assert.fail("its effect stays"),
	};
	const contract = chatRoutes.sendMessage;
	const reply = { message: { messageId: "m1" } };
	const bounds = { windowMs: 1000, backendBytes: 10_000, userBytes: 10_000, totalBytes: 20_000 };
	const budget = new KeyBudget(bounds, () => 0);
	const step = keepResult(new KeyedCalls({ results, budget, runningMs: 1000 }))(contract, () => reply);
	const request = contract.request.decode(new Uint8Array());
	const call = { idempotencyKey: "k", request, identity: () => ({ userId: "u" }) } as unknown as PipelineCall;
	assert.equal(await step(call), reply);
});

test("without room for a further key, what is known is answered, and what is not is refused", async () => {
	const results = new MemoryResultStore(() => 0, Date.now);
	const bounds = { windowMs: 80_000, backendBytes: 600, userBytes: 600, totalBytes: 2000 };
	const calls = new KeyedCalls({ results, budget: new KeyBudget(bounds, () => 0), runningMs: 1000 });
	let ran = 0;
	const codec = { encode: (reply: Uint8Array) => reply, decode: (bytes: Uint8Array) => bytes };
	const call = (key: string, content: string) => {
		const named = { owner: "key:a", isUser: false, key, field: "idempotency_key", content: [content] };
		return calls.once(named, codec, async () => Uint8Array.of(++ran));
	};
	const { RATE_LIMITED, VALIDATION_FAILED } = ErrorCode;
	assert.deepEqual([...(await call("one", "x"))], [1]);
	await assert.rejects(call("two", "x"), { code: RATE_LIMITED });
	assert.deepEqual([...(await call("one", "x"))], [1]);
	await assert.rejects(call("one", "y"), { code: VALIDATION_FAILED });
	assert.equal(ran, 1);
});
