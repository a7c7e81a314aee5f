// What backends publish under keys when there is no room for a further key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBroker } from "../../../messaging/broker-memory.ts";
import { KeyBudget } from "../../../messaging/key-budget.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { BackendPublisher, type BackendPublisherParts } from "../../../services/server/backend-publisher.ts";
import { identityOf } from "../../core/gateway-fixture.ts";

const kept = { historySize: 10, historyBytes: 1000, historyTtlMs: 60_000 };

test("a repeat is answered also when keys have taken all that there is, and a further key is refused", async () => {
	const broker = new MemoryBroker(() => 0);
	const bounds = { windowMs: 80_000, backendBytes: 400, userBytes: 400, totalBytes: 2000 };
	const publishing = new BackendPublisher({
		broker,
		budget: new KeyBudget(bounds, () => 0),
		channels: {
			publish: (channel: string, data: Uint8Array, once?: { key: string; print: string }) =>
				broker.publish(channel, data, { ...kept, ...(once && { once: { ...once, keptMs: 80_000 } }) }),
		},
	} as unknown as BackendPublisherParts);
	const rate = { perSecond: 1, burst: 1 };
	const caller = identityOf("backend", { key: { id: "k", channels: ["*"], rate } });
	const publish = (key: string, text: string) =>
		publishing.publish(caller, "orders:1", { data: Buffer.from(text), key });
	const first = await publish("one", "x");
	assert.deepEqual(await publish("one", "x"), { ...first, isRepeat: true });
	await assert.rejects(publish("two", "x"), { code: ErrorCode.RATE_LIMITED });
	await assert.rejects(publish("one", "y"), { code: ErrorCode.VALIDATION_FAILED });
	await assert.rejects(publishing.publish(caller, "orders:2", { data: Buffer.from("x"), key: "one" }), {
		code: ErrorCode.RATE_LIMITED,
	});
	assert.equal((await publish("", "x")).offset, 2);
});
