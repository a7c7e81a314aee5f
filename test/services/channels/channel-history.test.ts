// What is read of a channel's history: the publications that were asked for, in bounded reads.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryBroker } from "../../../messaging/broker-memory.ts";
import { Envelope, Publication, pushes } from "../../../protocol/gen/schema.ts";
import { PAGE_BYTES } from "../../../protocol/message-bounds.ts";
import { type ChannelHistoryQuery, readHistory } from "../../../services/channels/channel-history.ts";

const CHANNEL = "docs:1";

/** A channel of which the last `kept` publications are kept. @param bytesOf - of the data of each. */
async function setUp(published: number, kept: number, bytesOf: (offset: number) => number) {
	const broker = new MemoryBroker(() => 0);
	const keep = { historySize: kept, historyBytes: 64_000_000, historyTtlMs: 60_000 };
	let epoch = "";
	for (let offset = 1; offset <= published; offset++) {
		const body = Publication.encode({ data: new Uint8Array(bytesOf(offset)) }).finish();
		const frame = Envelope.encode({ protocol: pushes.publication.number, channel: CHANNEL, body }).finish();
		({ epoch } = await broker.publish(CHANNEL, frame, keep));
	}
	const reads: number[] = [];
	const counting = {
		history: async (...query: Parameters<MemoryBroker["history"]>) => {
			const answer = await broker.history(...query);
			reads.push(answer.publications.reduce((sum, { frame }) => sum + frame.length, 0));
			return answer;
		},
	};
	const read = async (query: ChannelHistoryQuery) => {
		const { publications, isComplete } = await readHistory(counting, CHANNEL, query);
		const offsets = publications.map(({ offset }) => offset);
		for (const [index, offset] of offsets.entries()) assert.equal(offset, (offsets[0] as number) + index, "no gap");
		return [offsets[0], offsets.at(-1), isComplete];
	};
	return { read, reads, at: (offset: number) => ({ offset, epoch }) };
}

describe("the history of a channel", () => {
	it("has the latest, those after a position and those before an offset", async () => {
		const { read, at } = await setUp(500, 500, () => 10);
		assert.deepEqual(await read({ limit: 400 }), [101, 500, true]);
		assert.deepEqual(await read({ limit: 400, before: at(301) }), [1, 300, true]);
		assert.deepEqual(await read({ limit: 1, before: at(301) }), [300, 300, true]);
		assert.deepEqual(await read({ limit: 400, before: at(1) }), [undefined, undefined, true]);
		assert.deepEqual(await read({ limit: 400, after: at(300) }), [301, 500, true]);
	});

	it("has nothing from the offset on before which it was asked for, also where the beginning is not kept", async () => {
		const { read, at } = await setUp(500, 100, () => 10);
		assert.deepEqual(await read({ limit: 50, before: at(430) }), [401, 429, false]);
		assert.deepEqual(await read({ limit: 50, before: at(401) }), [undefined, undefined, false]);
		assert.deepEqual(await read({ limit: 200 }), [401, 500, false]);
	});

	it("is read no further than a page has room for, whatever was asked for", async () => {
		const sizes = { small: () => 100, large: () => 60_000, mixed: (offset: number) => (offset > 450 ? 100 : 60_000) };
		for (const [name, bytesOf] of Object.entries(sizes)) {
			const { read, reads, at } = await setUp(500, 500, bytesOf);
			const [first, last, isComplete] = await read({ limit: 500 });
			assert.deepEqual([last, isComplete], [500, true], name);
			if (name !== "small") assert.ok((first as number) > 400, name);
			const [from] = await read({ limit: 500, after: at(0) });
			assert.equal(from, 1);
			assert.ok(Math.max(...reads) <= PAGE_BYTES, `${name}: ${Math.max(...reads)} bytes at once`);
			assert.ok(reads.length < 20, `${name}: ${reads.length} reads`);
		}
	});
});
