// How large what the gateway sends may be. Both numbers hold for both encodings; the protocol page and SessionInfo state
// the first.

/** Longest message that the gateway sends, in bytes of the frame, whatever its encoding. */
export const MAX_SENT_BYTES = 524_288;

/**
 * Longest reply as plain JSON over HTTP, in characters. Pages are filled by what proto3 JSON takes, and plain JSON writes zeros as well:
 * at most 16 times as much, for items with one field that is none.
 */
export const MAX_PLAIN_CHARACTERS = 8 * MAX_SENT_BYTES;

/**
 * Bytes at which the page of a list ends. The next item is on the next page; one that is larger than a page goes alone, and is
 * below `MAX_SENT_BYTES` by the bounds of its own fields.
 */
export const PAGE_BYTES = 262_144;

/** Of a page: for the envelope, the cursor and the single fields of a reply. */
export const PAGE_RESERVE_BYTES = 4096;

/** Most that a UTF-16 unit takes in UTF-8. */
const UNIT_BYTES = 3;

/** Whether a frame is within `MAX_SENT_BYTES`. */
export function isSendable(frame: Uint8Array | string): boolean {
	if (typeof frame !== "string") return frame.length <= MAX_SENT_BYTES;
	return frame.length * UNIT_BYTES <= MAX_SENT_BYTES || Buffer.byteLength(frame) <= MAX_SENT_BYTES;
}
