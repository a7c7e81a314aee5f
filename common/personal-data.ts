// What a domain stores of a user: how it is erased when the account is deleted, and how it is exported. Each domain implements
// this for its own stores; the accounts go over all of them.

/** A user whose account is gone. */
export interface ErasedUser {
	readonly userId: string;
	/** What the account was found by: keys of its user name and its email address. */
	readonly accountKeys: readonly string[];
}

/** One thing that is stored of a user. */
export interface ExportedRecord {
	/** `chat.message` */
	readonly kind: string;
	/** Becomes a JSON object. */
	readonly data: Readonly<Record<string, unknown>>;
	/** Where the export goes on behind it: visible ASCII, at most 100 characters. */
	readonly place: string;
}

export interface ExportedPart {
	readonly records: readonly ExportedRecord[];
	/** Where to go on; undefined when nothing is left. Also a part without records may have more behind it. */
	readonly next: string | undefined;
}

/** Every method does a bounded part of its work, and throws GatewayError UNAVAILABLE when a store does not answer in time. */
export interface PersonalData {
	/** Names the domain, in the progress of deletions and in cursors: letters. */
	readonly name: string;
	/**
	 * Erases some of what is stored. Repeating any part changes nothing more.
	 *
	 * @param place - "" at first.
	 * @returns where to go on; undefined when nothing is left.
	 */
	erase(user: ErasedUser, place: string): Promise<string | undefined>;
	/** @param place - "" at first. */
	export(userId: string, place: string): Promise<ExportedPart>;
}

/** Of a domain that has nothing to export. */
export const NOTHING_EXPORTED: ExportedPart = Object.freeze({ records: [], next: undefined });
