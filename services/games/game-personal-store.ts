// What records of games store of a user. Implementation: store/.
import type { ExportedRecord } from "../../common/personal-data.ts";

/** Every method does a bounded part, and throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface GamePersonalStore {
	/**
	 * Takes the user's name from records of games, and deletes the games that nobody is left of whom there is an account; then
	 * the statistics.
	 *
	 * @param place - "" at first.
	 * @returns where to go on; undefined when nothing is left.
	 */
	erase(userId: string, place: string): Promise<string | undefined>;
	/** Games that the user has played in, latest first, then statistics. */
	export(
		userId: string,
		place: string,
	): Promise<{ readonly records: readonly ExportedRecord[]; readonly next: string | undefined }>;
}
