// JSON from outside, bounded before it is parsed. A parser makes an object of every three bytes of `{},{},…`, some twenty times
// the size of the text, and follows brackets as deep as they go; this looks at the brackets and commas alone, once.

/** What a text may hold. */
export interface JsonBounds {
	/** Objects and lists within each other. */
	readonly maxDepth: number;
	/** Members, elements, objects and lists, all together. */
	readonly maxValues: number;
}

/** Of text frames. The largest sound request has 10,000 numbers and is three deep. */
export const FRAME_JSON_BOUNDS: JsonBounds = { maxDepth: 32, maxValues: 16_384 };

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const SHORT_STRING = 16;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Says in what a text goes beyond its bounds. Whether it is JSON at all is the parser's business, which stops at the first
 * character that is not: up to there the counts are right.
 *
 * @returns undefined when it is within them.
 */
export function jsonExcess(text: string, { maxDepth, maxValues }: JsonBounds): string | undefined {
	const { length } = text;
	let depth = 0;
	let values = 0;
	for (let at = 0; at < length; at++) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) {
			at = endOfString(text, at + 1);
		} else if (code === COMMA) {
			if (++values > maxValues) break;
		} else if (code === OPEN_LIST || code === OPEN_OBJECT) {
			if (++values > maxValues) break;
			if (++depth > maxDepth) return `nested more than ${maxDepth} deep`;
		} else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
			depth--;
		}
	}
	return values > maxValues ? `more than ${maxValues} values` : undefined;
}

/** @returns the place of the closing quote, or the end. */
function endOfString(text: string, start: number): number {
	const { length } = text;
	// Most strings are short, and a search costs as much as a dozen characters.
	const nearEnd = Math.min(start + SHORT_STRING, length);
	let at = start;
	while (at < nearEnd) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) return at;
		at += code === BACKSLASH ? 2 : 1;
	}
	for (let from = at; ; ) {
		const quote = text.indexOf('"', from);
		if (quote === -1) return length;
		let slashes = quote;
		while (slashes > from && text.charCodeAt(slashes - 1) === BACKSLASH) slashes--;
		if ((quote - slashes) % 2 === 0) return quote;
		from = quote + 1;
	}
}
