// Reads what is kept of a channel: forward from a position, or the part before an offset.
import type { Broker, ChannelPosition, Publication as KeptFrame } from "../../messaging/broker.ts";
import { Envelope, Publication, pushes } from "../../protocol/gen/schema.ts";
import { PAGE_BYTES } from "../../protocol/message-bounds.ts";

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

/** Bytes of frames that are read at once: what a page has room for. One publication is read whatever its size. */
const MAX_READ_BYTES = PAGE_BYTES;
/** Publications that are read first, backward; then more at once. */
const FIRST_STEP = 64;

export async function readHistory(
	broker: Pick<Broker, "history">,
	channel: string,
	{ limit, after, before }: ChannelHistoryQuery,
): Promise<ChannelHistoryPage> {
	if (after !== undefined) return await readForward(broker, channel, after, limit);
	const { top } = await broker.history(channel, undefined, 0);
	if (before !== undefined && before.epoch !== top.epoch) return { publications: [], top, isComplete: false };
	const last = Math.min(top.offset, (before?.offset ?? top.offset + 1) - 1);
	return await readBackward(broker, channel, { epoch: top.epoch, offset: last }, limit);
}

async function readForward(
	broker: Pick<Broker, "history">,
	channel: string,
	since: ChannelPosition,
	limit: number,
): Promise<ChannelHistoryPage> {
	const { publications: frames, top } = await broker.history(channel, since, limit, MAX_READ_BYTES);
	const isAtTop = since.epoch === top.epoch && since.offset === top.offset;
	const isComplete = isAtTop || frames[0]?.offset === since.offset + 1;
	return { publications: frames.flatMap(keptPublication), top, isComplete };
}

/** Reads up to `end` in steps, the last ones first, as a broker reads forward only, until there are enough publications or bytes. */
async function readBackward(
	broker: Pick<Broker, "history">,
	channel: string,
	end: ChannelPosition,
	limit: number,
): Promise<ChannelHistoryPage> {
	const { epoch } = end;
	const first = Math.max(1, end.offset - limit + 1);
	const publications: KeptPublication[] = [];
	let top = end;
	let [last, step, bytes] = [end.offset, FIRST_STEP, 0];
	while (last >= first && bytes < MAX_READ_BYTES) {
		const from = Math.max(first, last - step + 1);
		const read = await broker.history(channel, { epoch, offset: from - 1 }, last - from + 1, MAX_READ_BYTES);
		top = read.top;
		if (top.epoch !== epoch) return { publications: [], top, isComplete: false };
		// Where the first of them are not kept any more, what is read goes beyond `last`.
		const frames = read.publications.filter(({ offset }) => offset <= last);
		const [oldest, newest] = [frames[0]?.offset, frames.at(-1)?.offset];
		if (oldest === undefined) return { publications, top, isComplete: false };
		if (newest !== last && step > 1) {
			// They have more bytes than are read at once, and the last ones are wanted.
			step = Math.ceil(Math.min(step, last - from + 1) / 2);
			continue;
		}
		publications.unshift(...frames.flatMap(keptPublication));
		if (oldest > from) return { publications, top, isComplete: false };
		for (const { frame } of frames) bytes += frame.length;
		last = from - 1;
		step *= 2;
	}
	return { publications, top, isComplete: true };
}

/** Nothing for another push: what the operator's own code publishes may be anything. */
function keptPublication({ offset, frame }: KeptFrame): KeptPublication[] {
	const { protocol, body } = Envelope.decode(frame);
	if (protocol !== pushes.publication.number) return [];
	return [{ offset, publication: Publication.decode(body ?? EMPTY) }];
}
