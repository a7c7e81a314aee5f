// What a commit takes of the messages that wait: shares for senders, and nobody waits for ever.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bytesOf, takeBatch } from "../../../services/chat/append-batch.ts";
import type { NewMessage } from "../../../services/chat/chat-message-store.ts";
import { range } from "./fixture.ts";

const messageOf = (id: string, bytes: number): { readonly message: NewMessage } => ({
	message: {
		...{ id, conversationId: "c", senderId: id.replace(/\d+$/, ""), senderName: "s", clientMsgId: id, replyToId: "" },
		...{ contentHash: "", content: new Uint8Array(bytes), sentAtMs: 0, peerId: undefined },
	},
});

/** The ids of each batch, until nothing waits. */
function batchesOf(waiting: { readonly message: NewMessage }[], limits: { maxBatch?: number; maxBatchBytes?: number }) {
	const batches: string[][] = [];
	while (waiting.length > 0) {
		const bytes = waiting.reduce((sum, { message }) => sum + bytesOf(message), 0);
		const batch = takeBatch(waiting, bytes, { maxBatch: 100, maxBatchBytes: 65_536, ...limits });
		batches.push(batch.map(({ message }) => message.id));
	}
	return batches;
}

describe("a batch that cannot take all", () => {
	test("has shares for senders: a line does not wait behind the long messages of others", () => {
		const waiting = [
			...["a1", "a2", "a3"].map((id) => messageOf(id, 25_000)),
			...["b1", "b2", "b3"].map((id) => messageOf(id, 24_000)),
			...["c1", "c2"].map((id) => messageOf(id, 10)),
		];
		assert.deepEqual(batchesOf(waiting, {}), [
			["a1", "b1", "c1", "c2"],
			["a2", "b2"],
			["a3", "b3"],
		]);
	});

	test("takes the message that has waited longest, however much its sender has waiting", () => {
		const many = range(1, 3).map((n) => messageOf(`many${n}`, 10));
		const others = ["d", "e", "f"].map((sender) => messageOf(`${sender}1`, 10));
		assert.deepEqual(batchesOf([...many, ...others], { maxBatch: 2 }), [
			["many1", "d1"],
			["many2", "e1"],
			["many3", "f1"],
		]);
	});

	test("takes at least one message, whatever its size", () => {
		assert.deepEqual(batchesOf([messageOf("a1", 200_000), messageOf("a2", 10)], {}), [["a1"], ["a2"]]);
	});
});
