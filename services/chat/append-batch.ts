// Which of the messages that wait for a commit the next batch takes. When it cannot take all, senders have shares of it: in the
// order of arrival, somebody who sends one line would wait behind all the long messages that others have sent before.
import type { NewMessage } from "./chat-message-store.ts";

/** Of a row beside the content: names, ids, and what the database adds. */
const ROW_BYTES = 512;

export interface BatchLimits {
	readonly maxBatch: number;
	readonly maxBatchBytes: number;
}

/** Bytes that a message takes of a batch. */
export function bytesOf(message: NewMessage): number {
	return message.content.length + ROW_BYTES;
}

/**
 * Removes the next batch from what waits. It has the message that has waited longest, whatever its size, so that no sender waits
 * for ever; then come the messages of the senders of whom the fewest bytes wait, up to the first that has no room. The messages of
 * a sender keep their order.
 *
 * @param waiting - in the order of arrival; what is not taken stays, in that order.
 * @param waitingBytes - of all of them, as `bytesOf` counts.
 * @returns the batch, in the order of arrival.
 */
export function takeBatch<Entry extends { readonly message: NewMessage }>(
	waiting: Entry[],
	waitingBytes: number,
	{ maxBatch, maxBatchBytes }: BatchLimits,
): Entry[] {
	if (waiting.length <= maxBatch && waitingBytes <= maxBatchBytes) return waiting.splice(0);
	const taken = new Set<Entry>();
	let bytes = 0;
	for (const entry of inOrderOfShares(waiting)) {
		bytes += bytesOf(entry.message);
		if (taken.size === maxBatch || (taken.size > 0 && bytes > maxBatchBytes)) break;
		taken.add(entry);
	}
	const left = waiting.filter((entry) => !taken.has(entry));
	const batch = waiting.filter((entry) => taken.has(entry));
	waiting.splice(0, waiting.length, ...left);
	return batch;
}

function* inOrderOfShares<Entry extends { readonly message: NewMessage }>(waiting: readonly Entry[]): Generator<Entry> {
	const senders = new Map<string, { bytes: number; readonly entries: Entry[] }>();
	for (const entry of waiting) {
		const { senderId } = entry.message;
		const sender = senders.get(senderId) ?? { bytes: 0, entries: [] };
		senders.set(senderId, sender);
		sender.bytes += bytesOf(entry.message);
		sender.entries.push(entry);
	}
	const [oldest] = waiting;
	if (oldest !== undefined) yield oldest;
	for (const { entries } of [...senders.values()].sort((a, b) => a.bytes - b.bytes)) {
		for (const entry of entries) if (entry !== oldest) yield entry;
	}
}
