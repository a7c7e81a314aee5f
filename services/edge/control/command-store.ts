// Commands to field devices as they are stored. The store decides which ids were used, which stage a command has
// reached, and which process may change it. Implementation: stores/sql.
import type { Age } from "../../../common/age.ts";
import type { CommandStage, DataType } from "../../../protocol/gen/schema.ts";
import type { AuditEntry } from "./audit-trail.ts";

export interface CommandRecord {
	/** Unique for ever, whether a client or the gateway chose it. */
	readonly id: string;
	readonly userId: string;
	readonly username: string;
	/** As clients name it: `comsrv`. */
	readonly source: string;
	readonly channel: number;
	readonly type: DataType;
	readonly pointId: number;
	readonly value: number;
	/** Of the select that it operates; "" for a direct write. */
	readonly selectId: string;
	readonly reason: string;
	/** UNSPECIFIED: written down, and not known to be handed over. Stages from EXECUTED on are final. */
	readonly stage: CommandStage;
	readonly actualValue: number | undefined;
	readonly error: string;
	/** Unix milliseconds, as those below. */
	readonly requestedAtMs: number;
	/** By when feedback is awaited. */
	readonly deadlineMs: number;
	/** When it came to its stage. */
	readonly updatedAtMs: number;
}

export interface CommandChange {
	readonly stage: CommandStage;
	readonly actualValue: number | undefined;
	readonly error: string;
	readonly atMs: number;
	readonly deadlineMs: number;
	/** In how long another process has to close the command, should its owner be gone; by the clock of the store. */
	readonly dueInMs: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time; it may have been done then. */
export interface CommandStore {
	/**
	 * Writes down a command together with its audit entry.
	 *
	 * @returns false when the id is taken; then nothing was written.
	 */
	begin(record: CommandRecord, dueInMs: number, entry: AuditEntry): Promise<boolean>;
	get(id: string): Promise<CommandRecord | undefined>;
	/**
	 * Brings a command to a later stage, together with the audit entry.
	 *
	 * @returns false when it is there already, or further, or at an end; then nothing was written.
	 */
	advance(id: string, change: CommandChange, entry: AuditEntry): Promise<boolean>;
	/** Its end has been published: no process needs to close it any more. */
	settle(id: string): Promise<void>;
	/**
	 * Commands that are due and have to be closed, each given to one caller only for `ttlMs`, by the clock of the store.
	 *
	 * @returns at most `limit`.
	 */
	claimDue(ttlMs: number, limit: number): Promise<readonly CommandRecord[]>;
	/** Removes commands that are over. @returns how many, at most `limit`. */
	deleteOld(age: Age, limit: number): Promise<number>;
}
