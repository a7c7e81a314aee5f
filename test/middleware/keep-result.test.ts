// Results of calls with a key of the caller's.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineCall } from "../../core/pipeline.ts";
import { KeyBudget } from "../../messaging/key-budget.ts";
import { KeyedCalls } from "../../messaging/keyed-calls.ts";
import type { ResultStore } from "../../messaging/result-store.ts";
import { keepResult } from "../../middleware/keep-result.ts";
import { unavailable } from "../../protocol/error.ts";
import { chatRoutes } from "../../protocol/gen/schema.ts";

test("a call that was carried out is answered, also where its result cannot be kept", async () => {
	const results: ResultStore = {
		claim: async () => ({ state: "claimed", sinceMs: 1 }),
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
