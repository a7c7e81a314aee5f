// Numbers that are derived from a seed and an index alone, so that every input of a run can be made again by itself.

export class Random {
	private state: number;

	constructor(seed: number, index: number) {
		this.state = (Math.imul(seed | 0, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b)) | 0;
		// Neighbouring indexes begin alike otherwise.
		for (let i = 0; i < 4; i++) this.uint32();
	}

	/** Mulberry32: one word of state is enough for inputs that nobody has to guess. */
	uint32(): number {
		this.state = (this.state + 0x6d2b_79f5) | 0;
		let word = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
		return (word ^ (word >>> 14)) >>> 0;
	}

	/** 0 up to, and without, `end`. */
	below(end: number): number {
		return this.uint32() % end;
	}

	/** True once in so many times. */
	oneIn(times: number): boolean {
		return this.uint32() % times === 0;
	}

	/** True with this probability. */
	chance(share: number): boolean {
		return this.uint32() < share * 0x1_0000_0000;
	}

	pick<Value>(values: readonly Value[]): Value {
		return values[this.below(values.length)] as Value;
	}
}
