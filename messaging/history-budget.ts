// How the bytes of all channels' logs are divided: which kind of channel has to give back how much when together they take
// too much, and which of its logs are shortened for it. Kinds borrow from each other while there is room.

/** Kinds of channel by the prefix of their names, and the part of the budget that is reserved for a kind. */
const kinds = [
	// Private messages and the acknowledgements of commands.
	{ prefix: "user:", share: 0.3 },
	{ prefix: "chat:", share: 0.3 },
	{ prefix: "room:", share: 0.15 },
	{ prefix: "events:", share: 0.1 },
	{ prefix: "presence:", share: 0.05 },
	{ prefix: "alarms:", share: 0.05 },
	// Everything else, what the operator's own code publishes included.
	{ prefix: "other:", share: 0.05 },
] as const;

/** Names of the kinds, by number. */
export const historyKinds: readonly string[] = kinds.map(({ prefix }) => prefix.slice(0, -1));

/** When too much is there, this part of the budget is kept, so that the next publication does not exceed it again. */
const KEPT_SHARE = 7 / 8;

/** The number of a channel's kind. */
export function historyKindOf(channel: string): number {
	const index = kinds.findIndex(({ prefix }) => channel.startsWith(prefix));
	return index < 0 ? kinds.length - 1 : index;
}

/**
 * What each kind has to give back.
 *
 * @param bytes - taken, by kind.
 * @returns bytes by kind; all 0 while they are together within the budget. A kind within its share gives nothing.
 */
export function historyExcess(bytes: readonly number[], budgetBytes: number): number[] {
	const total = bytes.reduce((sum, taken) => sum + taken, 0);
	if (total <= budgetBytes) return bytes.map(() => 0);
	const target = budgetBytes * KEPT_SHARE;
	const over = kinds.map(({ share }, kind) => Math.max(0, (bytes[kind] ?? 0) - share * target));
	const sum = over.reduce((all, part) => all + part, 0);
	return over.map((part) => Math.ceil((part / sum) * (total - target)));
}

/**
 * Shortens the longest logs to one length, which leaves shorter logs as they are.
 *
 * @param sizes - bytes of logs, the longest first.
 * @param excessBytes - to be given back; if these logs do not have that much, they give what they have.
 * @param minBytes - a log that would be shorter is dropped whole, and no more of them than necessary.
 * @returns for the first of the sizes, what each is to be shortened to; 0: dropped.
 */
export function shortenedSizes(sizes: readonly number[], excessBytes: number, minBytes: number): number[] {
	let sum = 0;
	let level = 0;
	let count = 0;
	while (count < sizes.length) {
		sum += sizes[count++] as number;
		level = (sum - excessBytes) / count;
		if (level >= (sizes[count] ?? 0)) break;
	}
	if (level >= minBytes) return new Array<number>(count).fill(Math.floor(level));
	const targets: number[] = [];
	let given = 0;
	for (const size of sizes) {
		if (given >= excessBytes) break;
		targets.push(0);
		given += size;
	}
	return targets;
}
