// Which user did what to field equipment, and the outcome. Entries are never changed; those that are old enough are
// removed. Implementation: stores/sql.
import type { Age } from "../../../common/age.ts";

export interface AuditEntry {
	/** UUID version 7, so that ids sort by age. */
	readonly id: string;
	/** Unix milliseconds. */
	readonly atMs: number;
	readonly userId: string;
	readonly username: string;
	/** "" for what the gateway or the box did by itself. */
	readonly ip: string;
	/** `control.write`, `alarm.ack`. */
	readonly operation: string;
	/** `comsrv:1001:C:5`. */
	readonly target: string;
	readonly value: number | undefined;
	/** "" for what is no command. */
	readonly commandId: string;
	/** In the words of the user. */
	readonly reason: string;
	/** What came of it, in one word: `requested`, `refused`, `executed`. */
	readonly outcome: string;
	/** More of that, for people. */
	readonly detail: string;
}

export interface AuditQuery {
	/** Unix milliseconds. */
	readonly sinceMs: number;
	/** Name of a user, undefined for all. */
	readonly username: string | undefined;
	readonly limit: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface AuditTrail {
	/** Resolves when it is kept for good. Texts that are too long are cut. */
	record(entry: AuditEntry): Promise<void>;
	/** The latest that match, oldest of them first. */
	list(query: AuditQuery): Promise<readonly AuditEntry[]>;
	/** @returns how many were removed, at most `limit`. */
	deleteOld(age: Age, limit: number): Promise<number>;
}
