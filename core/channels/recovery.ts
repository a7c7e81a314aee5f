// Recovers one connection in a channel: finds the publications that it missed, without a gap and without a duplicate, or
// finds that they are no longer held.
import type { Broker, ChannelPosition, Publication } from "../../messaging/broker.ts";
import { type ChannelState, HistoryBatch, MAX_RECOVERED } from "./channel-state.ts";

/** The publications that a connection has to be sent next. */
export interface Missed {
	/** In order, and without a gap after the requested position. */
	readonly publications: readonly Publication[];
	/** The connection then stands where the live path stands. Otherwise there are more, which were not read yet. */
	readonly isWhole: boolean;
}

/**
 * Reads what came after a position, as much of it as is wanted. Must run between `beginRecovery` and `endRecovery`, so that
 * what goes out during the read is kept in `recent`.
 *
 * @param maxBytes - wanted at a time. What is read beyond what can be sent would have to be read again.
 * @returns a function that returns what has to be sent to a connection there, as the live path stands when it is called; it
 *   gives undefined when something is not held any more.
 */
export async function missedSince(
	broker: Broker,
	state: ChannelState,
	since: ChannelPosition,
	maxBytes: number,
): Promise<() => Missed | undefined> {
	const { position } = state;
	if (position?.epoch === since.epoch) {
		if (position.offset === since.offset) return () => missedBy(since, [], state);
		if (position.offset - since.offset > MAX_RECOVERED) return () => undefined;
	}
	const shared = await readMissed(broker, state, since, maxBytes);
	if (missedBy(since, shared, state) !== undefined || state.position?.epoch !== since.epoch) {
		return () => missedBy(since, shared, state);
	}
	// The shared read may have been cut short by a connection that missed much more.
	const { publications } = await broker.history(state.name, since, MAX_RECOVERED, maxBytes);
	return () => missedBy(since, publications, state);
}

/**
 * Reads what was published after `since`. Callers within one event-loop turn, and callers that request no older position while
 * the read is in flight, share one read.
 */
async function readMissed(
	broker: Broker,
	state: ChannelState,
	since: ChannelPosition,
	maxBytes: number,
): Promise<readonly Publication[]> {
	let { batch } = state;
	if (batch?.epoch !== since.epoch || (batch.hasBegun && batch.sinceOffset > since.offset)) {
		batch = new HistoryBatch(broker, state, since);
		state.batch = batch;
	}
	batch.sinceOffset = Math.min(batch.sinceOffset, since.offset);
	batch.maxBytes = Math.max(batch.maxBytes, maxBytes);
	return await batch.publications;
}

/**
 * What a connection at `since` has to be sent so that it stands where the live path stands, or nearer to it.
 *
 * @param read - from the broker: maybe older than the live path, which `state.recent` makes up for; maybe newer, and then
 *   its end is still to come live and must not be sent twice.
 * @returns undefined when what comes next was not read, or is not held any more.
 */
function missedBy(since: ChannelPosition, read: readonly Publication[], state: ChannelState): Missed | undefined {
	const { position } = state;
	if (position === undefined || position.epoch !== since.epoch || position.offset < since.offset) return undefined;
	const missed: Publication[] = [];
	let next = since.offset + 1;
	for (const source of [read, state.recentOverflowed ? [] : state.recent]) {
		for (const publication of source) {
			if (next > position.offset) return { publications: missed, isWhole: true };
			if (publication.epoch !== since.epoch || publication.offset !== next) continue;
			missed.push(publication);
			next++;
		}
	}
	if (next > position.offset) return { publications: missed, isWhole: true };
	return missed.length > 0 ? { publications: missed, isWhole: false } : undefined;
}
