// Differences between two byte strings in the delta format of Fossil: numbers in base 64 of its own alphabet, `N@P,` copies N
// bytes from position P of the source, `N:` has N bytes behind it, and the last number before `;` is a checksum of the target.
// https://fossil-scm.org/home/doc/trunk/www/delta_format.wiki
//
// The encoder runs once per publication in a process that serves many clients, on data that clients choose: its work and its
// memory have bounds. A target for which they do not suffice is sent whole.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
const DIGIT_CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
/** Values of digits by their code; -1 for what is none. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)));

const NEWLINE = 0x0a;
const COPY = 0x40;
const COMMA = 0x2c;
const INSERT = 0x3a;
const END = 0x3b;

/** Bytes of the source that have one place in the table, and the shortest match that is looked for. */
const WINDOW = 16;
/** Places of the source that are compared for one position of the target. */
const MAX_CANDIDATES = 8;
/** Bytes that are compared in vain for each byte of source and target together, before the encoder gives up. */
const MAX_WASTE = 4;
const MULTIPLIER = 0x01000193;
/** What the byte that leaves the window was multiplied by. */
const LEAVING = Array.from({ length: WINDOW - 1 }).reduce<number>((power) => Math.imul(power, MULTIPLIER), 1);
/** Digits of the longest number, of 32 bits. */
const MAX_DIGITS = 6;
/** Beside what is inserted: a copy and the head of an insertion. */
const MAX_COMMAND_BYTES = 3 * MAX_DIGITS + 3;

/** Why a delta cannot be applied. */
export class DeltaError extends Error {
	override readonly name = "DeltaError";
}

export class DeltaEncoder {
	/** By hash of a window: the last block of the source with it, plus one; 0: none. */
	private heads = new Int32Array(0);
	/** By block: the block before with the same hash, plus one. */
	private chain = new Int32Array(0);
	private out = new Uint8Array(0);
	private size = 0;

	/**
	 * @returns the delta that makes `target` of `source`, valid until the next call; undefined when it would be no smaller than the
	 *   target, or would take too long to find.
	 */
	encode(source: Uint8Array, target: Uint8Array): Uint8Array | undefined {
		const limit = target.length;
		if (limit < WINDOW) return undefined;
		if (this.out.length < limit + MAX_COMMAND_BYTES) this.out = new Uint8Array(limit + 2 * MAX_COMMAND_BYTES);
		this.size = 0;
		this.number(limit);
		this.out[this.size++] = NEWLINE;
		if (!this.commands(source, target, limit)) return undefined;
		if (this.size + MAX_DIGITS + 1 >= limit) return undefined;
		this.number(checksum(target));
		this.out[this.size++] = END;
		return this.out.subarray(0, this.size);
	}

	/** What is equal at the beginning and at the end needs no search. @returns false: give up. */
	private commands(source: Uint8Array, target: Uint8Array, limit: number): boolean {
		const shorter = Math.min(source.length, target.length);
		const before = equalFrom(source, 0, target, 0, shorter);
		const after =
			before === target.length ? 0 : equalBefore(source, source.length, target, target.length, shorter - before);
		if (before > 0) this.copy(before, 0);
		const end = target.length - after;
		if (before < end && !this.search(source, target, before, end, limit)) return false;
		if (after > 0) {
			if (this.size + MAX_COMMAND_BYTES > limit) return false;
			this.copy(after, source.length - after);
		}
		return true;
	}

	/** Finds parts of `target` between two positions anywhere in the source. @returns false: give up. */
	private search(source: Uint8Array, target: Uint8Array, from: number, end: number, limit: number): boolean {
		const mask = this.index(source) - 1;
		let waste = MAX_WASTE * (source.length + target.length);
		let base = from;
		let at = from;
		let hash = at + WINDOW <= end ? hashOf(target, at) : 0;
		while (at + WINDOW <= end) {
			let best = 0;
			let bestFrom = 0;
			let bestAt = 0;
			let block = this.heads[slotOf(hash, mask)] as number;
			for (let tried = 0; block > 0 && tried < MAX_CANDIDATES; tried++) {
				const start = (block - 1) * WINDOW;
				const forward = equalFrom(source, start, target, at, Math.min(source.length - start, end - at));
				if (forward >= WINDOW) {
					const backward = equalBefore(source, start, target, at, Math.min(start, at - base));
					if (forward + backward > best) {
						best = forward + backward;
						bestFrom = start - backward;
						bestAt = at - backward;
					}
				}
				waste -= forward + 1;
				block = this.chain[block - 1] as number;
			}
			waste += best;
			if (waste < 0) return false;
			if (best === 0) {
				if (at + WINDOW < end) hash = roll(hash, target[at] as number, target[at + WINDOW] as number);
				at++;
				continue;
			}
			if (!this.insert(target, base, bestAt, limit)) return false;
			this.copy(best, bestFrom);
			base = bestAt + best;
			at = base;
			if (at + WINDOW <= end) hash = hashOf(target, at);
		}
		return this.insert(target, base, end, limit);
	}

	/** Puts each block of the source into the table. @returns the size of the table, a power of two. */
	private index(source: Uint8Array): number {
		const blocks = Math.floor(source.length / WINDOW);
		const slots = 2 ** Math.max(4, Math.ceil(Math.log2(blocks + 1)) + 1);
		if (this.heads.length < slots) this.heads = new Int32Array(slots);
		else this.heads.fill(0, 0, slots);
		if (this.chain.length < blocks) this.chain = new Int32Array(blocks);
		for (let block = 0; block < blocks; block++) {
			const slot = slotOf(hashOf(source, block * WINDOW), slots - 1);
			this.chain[block] = this.heads[slot] as number;
			this.heads[slot] = block + 1;
		}
		return slots;
	}

	/** @returns false when there is no room for it, and for the command after it. */
	private insert(target: Uint8Array, from: number, to: number, limit: number): boolean {
		if (this.size + (to - from) + MAX_COMMAND_BYTES > limit) return false;
		if (to === from) return true;
		this.number(to - from);
		this.out[this.size++] = INSERT;
		this.out.set(target.subarray(from, to), this.size);
		this.size += to - from;
		return true;
	}

	private copy(count: number, from: number): void {
		this.number(count);
		this.out[this.size++] = COPY;
		this.number(from);
		this.out[this.size++] = COMMA;
	}

	private number(value: number): void {
		let digits = 1;
		for (let rest = Math.floor(value / 64); rest > 0; rest = Math.floor(rest / 64)) digits++;
		let rest = value;
		for (let at = this.size + digits - 1; at >= this.size; at--) {
			this.out[at] = DIGIT_CODES[rest % 64] as number;
			rest = Math.floor(rest / 64);
		}
		this.size += digits;
	}
}

/**
 * Makes the target of a source and a delta.
 *
 * @param maxBytes - the longest target that is accepted.
 * @throws DeltaError when the delta is not one for this source, or its target is longer.
 */
export function applyDelta(source: Uint8Array, delta: Uint8Array, maxBytes: number): Uint8Array {
	const reader = new DeltaReader(delta);
	const length = reader.number();
	reader.expect(NEWLINE);
	if (length > maxBytes) throw new DeltaError(`the target is longer than ${maxBytes} bytes`);
	const target = new Uint8Array(length);
	for (let size = 0; ; ) {
		const count = reader.number();
		const command = reader.byte();
		if (command === END) {
			if (size !== length || checksum(target) !== count) throw new DeltaError("the delta is for another source");
			return target;
		}
		if (size + count > length) throw new DeltaError("the delta makes more than it says");
		if (command === COPY) {
			const from = reader.number();
			reader.expect(COMMA);
			if (from + count > source.length) throw new DeltaError("the delta copies from beyond the source");
			target.set(source.subarray(from, from + count), size);
		} else if (command === INSERT) target.set(reader.bytes(count), size);
		else throw new DeltaError("unknown command in a delta");
		size += count;
	}
}

class DeltaReader {
	private readonly delta: Uint8Array;
	private at = 0;

	constructor(delta: Uint8Array) {
		this.delta = delta;
	}

	number(): number {
		let value = 0;
		const from = this.at;
		for (; this.at < this.delta.length; this.at++) {
			const digit = DIGIT_VALUES[this.delta[this.at] as number] ?? -1;
			if (digit < 0) break;
			if (this.at - from >= MAX_DIGITS) throw new DeltaError("a number in the delta is too long");
			value = value * 64 + digit;
		}
		if (this.at === from) throw new DeltaError("a number is missing in the delta");
		return value;
	}

	byte(): number {
		if (this.at >= this.delta.length) throw new DeltaError("the delta is cut off");
		return this.delta[this.at++] as number;
	}

	expect(byte: number): void {
		if (this.byte() !== byte) throw new DeltaError("the delta is not in Fossil's format");
	}

	bytes(count: number): Uint8Array {
		if (this.at + count > this.delta.length) throw new DeltaError("the delta is cut off");
		this.at += count;
		return this.delta.subarray(this.at - count, this.at);
	}
}

/** The sum of the bytes as big-endian words of 32 bits, the last one filled with zeros. */
function checksum(bytes: Uint8Array): number {
	let sum = 0;
	let at = 0;
	for (const whole = bytes.length & ~3; at < whole; at += 4) {
		const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
		sum = (sum + (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))) | 0;
	}
	for (let shift = 24; at < bytes.length; at++, shift -= 8) sum = (sum + ((bytes[at] as number) << shift)) | 0;
	return sum >>> 0;
}

function hashOf(bytes: Uint8Array, from: number): number {
	let hash = 0;
	for (let at = from; at < from + WINDOW; at++) hash = (Math.imul(hash, MULTIPLIER) + (bytes[at] as number)) | 0;
	return hash;
}

/** The hash of the window that begins one byte later. */
function roll(hash: number, leaving: number, entering: number): number {
	return (Math.imul(hash - Math.imul(leaving, LEAVING), MULTIPLIER) + entering) | 0;
}

/** The lowest bits alone are those of the last bytes. */
function slotOf(hash: number, mask: number): number {
	return (hash ^ (hash >>> 15)) & mask;
}

/** How many bytes are equal from two positions on, at most `max`. */
function equalFrom(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, max: number): number {
	let count = 0;
	while (count < max && a[aFrom + count] === b[bFrom + count]) count++;
	return count;
}

/** How many bytes are equal before two positions, at most `max`. */
function equalBefore(a: Uint8Array, aEnd: number, b: Uint8Array, bEnd: number, max: number): number {
	let count = 0;
	while (count < max && a[aEnd - 1 - count] === b[bEnd - 1 - count]) count++;
	return count;
}
