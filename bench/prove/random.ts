// Reproducible random numbers: a second run with the same seed draws the same numbers.

export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** In [0, 1). Mulberry32, which is good for 2^32 draws. */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let mixed = this.state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** 0 … `count` - 1. */
	below(count: number): number {
		return Math.floor(this.next() * count);
	}

	/** Exponentially distributed waits with the given mean, never longer than `max`. */
	exponential(mean: number, max: number): number {
		return Math.min(max, -mean * Math.log(1 - this.next()));
	}

	/** A source of its own for something that draws in its own time. */
	fork(): Random {
		return new Random(this.next() * 2 ** 32);
	}
}
