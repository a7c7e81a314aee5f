// Alarms of a box, as its field services keep them.
import type { AlarmLevel, AlarmStatus } from "../../../protocol/gen/schema.ts";

/** Times in Unix milliseconds, 0 when the box does not give them; texts "" when the box does not give them. */
export interface BoxAlarm {
	readonly id: string;
	readonly title: string;
	readonly description: string;
	readonly level: AlarmLevel;
	readonly status: AlarmStatus;
	readonly source: string;
	readonly raisedAtMs: number;
	readonly updatedAtMs: number;
	readonly acknowledgedBy: string;
	readonly acknowledgedAtMs: number;
	readonly resolvedBy: string;
	readonly resolvedAtMs: number;
	readonly comment: string;
}

export interface AlarmMark {
	readonly by: string;
	readonly comment: string;
	/** Unix milliseconds. */
	readonly atMs: number;
}

/** Every method throws GatewayError UNAVAILABLE when the box does not answer in time. */
export interface BoxAlarms {
	/** All ids of the index, at most `limit`. Newest first if the index knows an order. */
	ids(limit: number): Promise<readonly string[]>;
	/** In the order asked; undefined for what is not there (any more). One that cannot be read is left out likewise. */
	get(ids: readonly string[]): Promise<readonly (BoxAlarm | undefined)[]>;
	/**
	 * Writes record and indexes in one atomic step, in the format that the record is in, and announces it as the field services do.
	 *
	 * @throws GatewayError NOT_FOUND; PRECONDITION_FAILED when it is resolved. One that is acknowledged already is left as
	 *   it is.
	 */
	acknowledge(id: string, mark: AlarmMark): Promise<BoxAlarm>;
	/** The same for resolving. @throws GatewayError NOT_FOUND. One that is resolved already is left as it is. */
	resolve(id: string, mark: AlarmMark): Promise<BoxAlarm>;
	/** Set once: an alarm changed; the id is given if the box announces it. A hint: may be late, repeated or lost. */
	onChange(listener: (alarmId: string | undefined) => void): void;
}
