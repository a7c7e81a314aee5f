// Documents of a box: strings that may be long and many. They are read some at a time, and used one by one in turns of the event
// loop that other connections share.
import type { BoxLink } from "./box-link.ts";

/** Of documents read at once: a reply is taken in as a whole. */
const READ_BYTES = 1024 * 1024;

export interface TextBounds {
	/** A longer document is not read. */
	readonly maxBytes: number;
	/** Called with the bytes of each document that is read, whatever is in it. */
	readonly onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Calls `use` for each document in the order of the keys; not for those that are missing, no string, or too long.
 *
 * @throws GatewayError UNAVAILABLE.
 */
export async function readTexts(
	link: BoxLink,
	keys: readonly string[],
	{ maxBytes, onRead }: TextBounds,
	use: (text: string, index: number) => void,
): Promise<void> {
	if (keys.length === 0) return;
	const lengths = await link.pipeline((pipeline) => {
		for (const key of keys) pipeline.strlen(key);
	});
	for (let start = 0; start < keys.length; ) {
		let [end, bytes] = [start, 0];
		for (; end < keys.length && (end === start || bytes < READ_BYTES); end++) {
			bytes += Math.min(maxBytes, Number(lengths[end]?.[1]) || 0);
		}
		const replies = await link.pipeline((pipeline) => {
			for (const key of keys.slice(start, end)) pipeline.getrangeBuffer(key, 0, maxBytes);
		});
		for (const [offset, [error, reply]] of replies.entries()) {
			const text = error === null ? (reply as Buffer) : undefined;
			if (text === undefined || text.length === 0) continue;
			onRead?.(text.length);
			if (text.length > maxBytes) continue;
			await link.parsing.take(text.length);
			use(text.toString(), start + offset);
		}
		start = end;
	}
}
