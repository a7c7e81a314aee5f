// Random numbers of a game: its seed alone determines them, so that a game can be continued elsewhere and replayed. They are blocks of
// SHA-256 over the seed and a counter: players who see some of them learn nothing of the others, which is what a shuffle needs.
import { createHash, randomBytes } from "node:crypto";
import type { CodeRandom } from "../../common/game-code.ts";

/** Where a sequence of random numbers stands. */
export interface RandomState {
	/** Hexadecimal. */
	readonly seed: string;
	/** Numbers of 32 bits that were drawn. */
	readonly drawn: number;
}

const SEED_BYTES = 16;
const WORDS = 8;
const TWO_32 = 2 ** 32;

export function newSeed(): RandomState {
	return { seed: randomBytes(SEED_BYTES).toString("hex"), drawn: 0 };
}

/** Its methods need no `this`, so that code may take them out: `({ players, shuffle }) => …`. */
export class GameRandom implements CodeRandom {
	readonly random = (): number => {
		// 53 bits.
		return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
	};

	readonly integer = (count: number): number => {
		if (!Number.isInteger(count) || count < 1 || count > TWO_32) {
			throw new RangeError(`integer: count must be from 1 to 2^32, not ${count}`);
		}
		// Words above the last multiple would make small numbers likelier.
		const limit = TWO_32 - (TWO_32 % count);
		for (;;) {
			const word = this.word();
			if (word < limit) return word % count;
		}
	};

	readonly pick = <Item>(items: readonly Item[]): Item => items[this.integer(items.length)] as Item;

	readonly shuffle = <Item>(items: Item[]): Item[] => {
		for (let index = items.length - 1; index > 0; index--) {
			const other = this.integer(index + 1);
			[items[index], items[other]] = [items[other] as Item, items[index] as Item];
		}
		return items;
	};

	private readonly seed: string;
	private drawn: number;
	private block: Buffer | undefined;

	constructor({ seed, drawn }: RandomState) {
		this.seed = seed;
		this.drawn = drawn;
	}

	get state(): RandomState {
		return { seed: this.seed, drawn: this.drawn };
	}

	private word(): number {
		const place = this.drawn % WORDS;
		if (this.block === undefined || place === 0) {
			const counter = Math.floor(this.drawn / WORDS);
			this.block = createHash("sha256").update(`${this.seed}:${counter}`).digest();
		}
		this.drawn++;
		return this.block.readUInt32LE(place * 4);
	}
}
