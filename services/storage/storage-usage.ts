// How many bytes users have had stored permanently, by day. Implementation: stores/sql.
import type { Age } from "../../common/age.ts";

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface StorageUsage {
	/**
	 * Adds bytes of users on a day, whichever process counts them.
	 *
	 * @param day - days since 1970, UTC.
	 * @returns what each of these users has had stored on that day.
	 */
	add(day: number, bytesByUser: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
	/** Of all users and days that are counted. */
	total(): Promise<number>;
	/** Counts what a user has had stored as nobody's. */
	forget(userId: string): Promise<void>;
	/** Makes one entry of the users of each day that is over, and forgets days that are older. @param age - `keptMs` 0: none is. */
	compact(age: Age): Promise<void>;
}
