// Reads what is kept of a channel: forward from a position, or the part before an offset.
import type { Broker, ChannelPosition, Publication as KeptFrame } from "../../messaging/broker.ts";
import { Envelope, Publication, pushes } from "../../protocol/gen/schema.ts";

export interface ChannelHistoryQuery {
	/** Publications at most. */
	readonly limit: number;
	/** Those after it, oldest first. */
	readonly after?: ChannelPosition | undefined;
	/** The last of those before it; of all, when neither is given. */
	readonly before?: ChannelPosition | undefined;
}

export interface KeptPublication {
	readonly offset: number;
	readonly publication: Publication;
}

export interface ChannelHistoryPage {
	/** Oldest first, offsets without a gap. */
	readonly publications: readonly KeptPublication[];
	readonly top: ChannelPosition;
	/** false: something that was asked for is not kept any more, or the epoch is another one. */
	readonly isComplete: boolean;
}

const EMPTY = new Uint8Array(0);

export async function readHistory(
	broker: Pick<Broker, "history">,
	channel: string,
	{ limit, after, before }: ChannelHistoryQuery,
): Promise<ChannelHistoryPage> {
	if (after !== undefined) return await readFrom(broker, channel, after, limit);
	const { top } = await broker.history(channel, undefined, 0);
	if (before !== undefined && before.epoch !== top.epoch) return { publications: [], top, isComplete: false };
	const last = Math.min(top.offset, (before?.offset ?? top.offset + 1) - 1);
	const first = Math.max(1, last - limit + 1);
	if (last < first) return { publications: [], top, isComplete: true };
	return await readFrom(broker, channel, { epoch: top.epoch, offset: first - 1 }, last - first + 1);
}

async function readFrom(
	broker: Pick<Broker, "history">,
	channel: string,
	since: ChannelPosition,
	limit: number,
): Promise<ChannelHistoryPage> {
	const { publications: frames, top } = await broker.history(channel, since, limit);
	const publications = frames.flatMap(keptPublication);
	const isAtTop = since.epoch === top.epoch && since.offset >= top.offset;
	const isComplete = isAtTop || frames[0]?.offset === since.offset + 1;
	return { publications, top, isComplete };
}

/** Nothing for another push: what the operator's own code publishes may be anything. */
function keptPublication({ offset, frame }: KeptFrame): KeptPublication[] {
	const { protocol, body } = Envelope.decode(frame);
	if (protocol !== pushes.publication.number) return [];
	return [{ offset, publication: Publication.decode(body ?? EMPTY) }];
}
