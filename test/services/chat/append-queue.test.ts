// Batches of the group commit: bounded in messages and bytes, and divided where the database refuses what is in them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { AppendQueue } from "../../../services/chat/append-queue.ts";
import type { AppendResult, NewMessage } from "../../../services/chat/chat-message-store.ts";
import { range } from "./fixture.ts";

const messageOf = (id: string, bytes = 1): NewMessage => ({
	...{ id, conversationId: "c", senderId: "s", senderName: "s", clientMsgId: id, replyToId: "", contentHash: "" },
	...{ content: new Uint8Array(bytes), sentAtMs: 0, peerId: undefined },
});

const appended = ({ peerId: _peer, contentHash: _hash, ...rest }: NewMessage): AppendResult => ({
	kind: "appended",
	message: { ...rest, sequence: 1, recalledAtMs: 0 },
});

/** A queue, and the ids of each batch that it commits. @param refuse - what a batch fails with. */
function recordingQueue(options: object, refuse: (ids: readonly string[]) => Error | undefined = () => undefined) {
	const batches: string[][] = [];
	const queue = new AppendQueue(async (messages) => {
		const ids = messages.map(({ id }) => id);
		batches.push(ids);
		const error = refuse(ids);
		if (error !== undefined) throw error;
		return messages.map(appended);
	}, options);
	return { queue, batches };
}

describe("a batch", () => {
	test("ends before the message with which it would have too many bytes", async () => {
		const { queue, batches } = recordingQueue({ windowMs: 1, maxBatch: 100, maxBatchBytes: 65_536 });
		const sizes = { a: 30_000, b: 30_000, c: 10, d: 10, e: 200_000, f: 10 };
		await Promise.all(Object.entries(sizes).map(([id, bytes]) => queue.append(messageOf(id, bytes))));
		assert.deepEqual(batches, [["a", "b", "c", "d"], ["e"], ["f"]]);
	});

	test("does not wait once it has enough bytes", async () => {
		const { queue, batches } = recordingQueue({ windowMs: 600_000, maxBatch: 100, maxBatchBytes: 65_536 });
		await Promise.all(["a", "b"].map((id) => queue.append(messageOf(id, 40_000))).slice(0, 1));
		assert.deepEqual(batches[0], ["a"]);
		await queue.flushed();
		assert.deepEqual(batches, [["a"], ["b"]]);
	});

	for (const [name, code] of [
		["a value that no column takes", ErrorCode.VALIDATION_FAILED],
		["more bytes than a statement may have", ErrorCode.PAYLOAD_TOO_LARGE],
	] as const) {
		test(`with ${name} fails for the messages alone that have it`, async () => {
			const bad = new Set(["m3", "m88"]);
			const refuse = (ids: readonly string[]) =>
				ids.some((id) => bad.has(id)) ? new GatewayError(code, "refused") : undefined;
			const { queue, batches } = recordingQueue({ windowMs: 1, maxBatch: 100 }, refuse);
			const ids = range(1, 100).map((n) => `m${n}`);
			const results = await Promise.allSettled(ids.map((id) => queue.append(messageOf(id))));
			const failed = ids.filter((_, index) => results[index]?.status === "rejected");
			assert.deepEqual(failed, [...bad]);
			const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
			assert.deepEqual(reasons, [code, code]);
			assert.deepEqual([queue.counters.committed, queue.counters.failed], [98, 2]);
			// Halves of halves, not one by one.
			assert.ok(batches.length < 30, String(batches.length));
		});
	}

	test("that the database may take later is not divided", async () => {
		const { queue, batches } = recordingQueue({ windowMs: 1, maxBatch: 100 }, () => unavailable("it", 1));
		const results = await Promise.allSettled(range(1, 10).map((n) => queue.append(messageOf(`m${n}`))));
		assert.ok(results.every((result) => result.status === "rejected"));
		assert.equal(batches.length, 1);
	});
});
