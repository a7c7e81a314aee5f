// A client's log does what the protocol prescribes, and hides nothing that the gateway should have reported.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientLog } from "../../../bench/prove/client-log.ts";
import { ChannelReset, type Envelope, MessagePosted, pushes } from "../../../protocol/gen/schema.ts";

const channel = "chat:r";

function posted(offset: number, sequence: number, epoch = "e"): Envelope {
	const content = { text: `m:${sequence} and more` };
	const body = MessagePosted.encode({ message: { sequence, content } }).finish();
	return { protocol: pushes.messagePosted.number, channel, offset, epoch, body } as Envelope;
}

function reset(offset: number, epoch: string): Envelope {
	const body = ChannelReset.encode({ channel, offset, epoch }).finish();
	return { protocol: pushes.channelReset.number, body } as Envelope;
}

/** A log that has had the first two messages. */
function begun(): ClientLog {
	const log = new ClientLog();
	log.entered(channel, { offset: 5, epoch: "e" });
	log.receive(posted(6, 1));
	log.receive(posted(7, 2));
	return log;
}

const sequences = (log: ClientLog): number[] => log.messages.map(({ sequence }) => sequence);

/** Counts that are not as of a log that had nothing but pushes in their turn. */
function counts(log: ClientLog): Record<string, number> {
	const { gaps, failedRecoveries, recoveries, duplicates, unreportedGaps, repeats, overlaps, fetched, recovered } = log;
	const all = { gaps, failedRecoveries, recoveries, duplicates, unreportedGaps, repeats, overlaps, fetched, recovered };
	return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

test("pushes in their turn are kept, with the ids that their senders gave them", () => {
	const log = begun();
	assert.deepEqual(log.messages, [
		{ id: "m:1", sequence: 1 },
		{ id: "m:2", sequence: 2 },
	]);
	assert.deepEqual(counts(log), {});
});

test("a push that overtook the reply to the join", () => {
	const log = new ClientLog();
	log.receive(posted(5, 1));
	log.receive(posted(6, 2));
	log.entered(channel, { offset: 5, epoch: "e" });
	assert.deepEqual([sequences(log), counts(log)], [[2], {}]);
});

test("the same push again is a duplicate; the same message under a new offset a repeat", () => {
	const log = begun();
	log.receive(posted(7, 2));
	log.receive(posted(8, 2));
	assert.deepEqual([sequences(log), counts(log)], [[1, 2], { duplicates: 1, repeats: 1 }]);
});

test("an offset or an epoch that jumps without a report is an unreported gap", () => {
	const log = begun();
	log.receive(posted(9, 4));
	log.receive(posted(1, 5, "f"));
	assert.deepEqual(counts(log), { unreportedGaps: 2 });
});

test("a recovery brings what was missed before the reply", () => {
	const log = begun();
	log.connecting();
	log.receive(posted(8, 3));
	log.resumed({ recovered: true, offset: 8, epoch: "e" });
	log.receive(posted(9, 4));
	assert.deepEqual([sequences(log), counts(log)], [[1, 2, 3, 4], { recoveries: 1, recovered: 1 }]);
});

test("a recovery that claims more than it brought is an unreported gap", () => {
	const log = begun();
	log.connecting();
	log.resumed({ recovered: true, offset: 8, epoch: "e" });
	assert.deepEqual(counts(log), { recoveries: 1, unreportedGaps: 1 });
});

test("a reported gap is filled from the history, and what came meanwhile comes after it", () => {
	const log = begun();
	log.connecting();
	// Live already, behind the gap.
	log.receive(posted(2, 5, "f"));
	log.resumed({ recovered: false, offset: 1, epoch: "f" });
	assert.equal(log.isBehind, true);
	log.fetch([2, 3, 4, 5, 6].map((sequence) => ({ id: `m:${sequence}`, sequence })));
	log.caughtUp();
	log.receive(posted(3, 6, "f"));
	log.receive(posted(4, 7, "f"));
	log.receive(posted(5, 7, "f"));
	assert.deepEqual(sequences(log), [1, 2, 3, 4, 5, 6, 7]);
	assert.deepEqual(counts(log), { gaps: 1, failedRecoveries: 1, fetched: 4, overlaps: 2, repeats: 1 });
});

test("a channel that the reply to Connect does not mention is a gap", () => {
	const log = begun();
	log.connecting();
	log.resumed(undefined);
	assert.deepEqual([log.isBehind, counts(log)], [true, { gaps: 1, failedRecoveries: 1 }]);
});

test("a reset is a gap, unless it names the client's own position", () => {
	const log = begun();
	log.receive(reset(7, "e"));
	assert.deepEqual([log.isBehind, counts(log)], [false, {}]);
	log.receive(reset(0, "f"));
	log.receive(posted(1, 3, "f"));
	assert.deepEqual([log.isBehind, counts(log)], [true, { gaps: 1 }]);
	assert.deepEqual(sequences(log), [1, 2]);
});

test("a reset between Connect and its reply is newer than the reply", () => {
	const log = begun();
	log.connecting();
	log.receive(reset(0, "f"));
	log.resumed({ recovered: true, offset: 7, epoch: "e" });
	log.receive(posted(1, 3, "f"));
	assert.deepEqual(counts(log), { gaps: 1, recoveries: 1 });
});
