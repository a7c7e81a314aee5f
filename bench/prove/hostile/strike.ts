// The interface of a strike: a fault of a Redis for as long as an attack lasts.
import type { Redis } from "ioredis";

/** The Redis that is struck, as its administrator sees it. */
export interface Struck {
	readonly admin: Redis;
	/** Takes rights from the gateway's user, or gives them back. */
	allow(...rules: string[]): Promise<void>;
	/** Ends the connections of the gateway's user. */
	cutOff(): Promise<void>;
}

export interface Strike {
	readonly name: string;
	readonly title: string;
	/** Begins or repeats the fault: it is called every half second. @returns how much was done. */
	strike(struck: Struck, turn: number): Promise<number>;
	/** All is as before. */
	relent?(struck: Struck): Promise<void>;
}
