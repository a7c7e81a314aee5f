// Times inside messages: a sender writes when a message was meant to go out, and a receiver in any process computes how
// long it took.

/** What a stamp begins with; nothing else in the messages of the bench does. */
const MARK = "@@";
const DIGITS = 16;
/** A stamp without a time, to be put into a message's template. */
export const BLANK_STAMP = MARK + "0".repeat(DIGITS);

const ZERO = 0x30;
const markBytes = Buffer.from(MARK);
/** `performance.now` counts from the start of the process; the monotonic clock of the machine does not. */
const originUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

/** Microseconds on the machine's monotonic clock, comparable between processes. */
export function clockUs(): number {
	return originUs + performance.now() * 1000;
}

/** Where the digits of all stamps in a message begin. */
export function stampPlaces(message: Buffer): number[] {
	const places: number[] = [];
	for (let at = message.indexOf(markBytes); at >= 0; at = message.indexOf(markBytes, at + MARK.length)) {
		if (at + BLANK_STAMP.length <= message.length) places.push(at + MARK.length);
	}
	return places;
}

/** Sets the stamp at a place. `mask` is applied to each byte as RFC 6455 has it, `maskAt` being the message's start. */
export function setStamp(frame: Buffer, place: number, timeUs: number, mask: readonly number[], maskAt: number): void {
	let rest = Math.round(timeUs);
	for (let at = place + DIGITS - 1; at >= place; at--) {
		const digit = rest % 10;
		rest = (rest - digit) / 10;
		frame[at] = (ZERO + digit) ^ (mask[(at - maskAt) & 3] as number);
	}
}

/** The time of the first stamp in `[start, end)`; -1 when there is none. */
export function stampIn(bytes: Buffer, start: number, end: number): number {
	const at = bytes.indexOf(markBytes, start);
	if (at < 0 || at + BLANK_STAMP.length > end) return -1;
	let timeUs = 0;
	for (let i = at + MARK.length; i < at + BLANK_STAMP.length; i++) timeUs = timeUs * 10 + (bytes[i] as number) - ZERO;
	return timeUs;
}
