// Events that are still to be delivered to outputs, in the order in which they came, and those that could not be. Implementation: SQL.
import type { Age } from "../../common/age.ts";

export interface NewOutputEvent {
	/** Name of the output. */
	readonly output: string;
	/** Events of one key are delivered one after the other. */
	readonly key: string;
	/** Of the event: while it is kept, another one of the same output with this id is not taken. */
	readonly id: string;
	readonly kind: string;
	/** As it is sent. */
	readonly body: Uint8Array;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export interface OutputEvent extends NewOutputEvent {
	/** Grows in the order of the events of a key. */
	readonly number: number;
	/** Deliveries that were tried and failed. */
	readonly attempts: number;
}

/** An event that is not tried any more. */
export interface DeadLetter extends OutputEvent {
	/** Unix milliseconds. */
	readonly diedAtMs: number;
	/** What came of the last attempt, for people. */
	readonly error: string;
}

export interface OutputUsage {
	readonly pending: number;
	readonly pendingBytes: number;
	/** Unix milliseconds; 0 when nothing is pending. */
	readonly oldestAtMs: number;
	readonly deadLetters: number;
}

/** Which dead letters are meant. */
export interface DeadLetterQuery {
	readonly output: string;
	/** Undefined: all of the output. */
	readonly ids?: readonly string[] | undefined;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface OutputStore {
	/** Adds events at the end, all or none; those that are there already are passed over. */
	append(events: readonly NewOutputEvent[]): Promise<void>;
	/** Pending events of an output behind a number, in order. */
	pending(output: string, after: number, limit: number): Promise<readonly OutputEvent[]>;
	/** The first pending events of a key, in order. */
	pendingOfKey(output: string, key: string, limit: number): Promise<readonly OutputEvent[]>;
	/** They were delivered. */
	remove(output: string, numbers: readonly number[]): Promise<void>;
	/** An attempt failed. */
	recordFailure(output: string, number: number, attempts: number, error: string): Promise<void>;
	/** It is not tried any more. */
	bury(output: string, number: number, attempts: number, error: string, atMs: number): Promise<void>;
	usage(output: string): Promise<OutputUsage>;
	/** Removes the oldest pending events of a kind. @returns how many there were. */
	dropOldest(output: string, kind: string, limit: number): Promise<number>;
	/** The latest first. @param before - number of the one before which to go on; 0 begins. */
	deadLetters(output: string, before: number, limit: number): Promise<readonly DeadLetter[]>;
	/** Makes dead letters pending again, as if never tried. @returns how many. */
	replay(query: DeadLetterQuery, limit: number): Promise<number>;
	/** Removes dead letters. @returns how many. */
	discard(query: DeadLetterQuery, limit: number): Promise<number>;
	/** Removes dead letters that are older than an age, and of the others the oldest beyond a number. @returns how many, at most `limit`. */
	deleteDead(output: string, age: Age, keep: number, limit: number): Promise<number>;
}
