// Results of calls that must not be repeated, by the key that their caller gave them: while one runs, and for a window after it began.
// Shared by all processes, so that a repeat finds the result wherever it arrives. How many there may be is for a `KeyBudget` to say.

/** A larger result is not kept, only that there was one. */
export const MAX_RESULT_BYTES = 4096;
/** What a key takes beside its result: the digests of key and content, and what a store needs for an entry. */
export const RESULT_ENTRY_BYTES = 512;
/** Allocators round up, by a quarter at most: what a result takes of a store for each of its bytes. */
const STORED_SHARE = 1.25;

/** What a result takes of a store, beside its key. */
export function storedBytes({ length }: Uint8Array): number {
	return Math.ceil(length * STORED_SHARE);
}

/** What is kept under a key. */
export type KnownCall =
	| { readonly state: "running"; readonly fingerprint: string }
	/** @param result - undefined: it was too large to be kept. */
	| { readonly state: "done"; readonly fingerprint: string; readonly result: Uint8Array | undefined };

/** What there is for a call that wants to run. */
export type ResultClaim =
	/**
	 * Nothing was, or what was is gone with its process: the call may run, and has to be completed or abandoned.
	 *
	 * @param sinceMs - when the first call with this key began, in Unix milliseconds: it is the same for one that takes over.
	 */
	{ readonly state: "claimed"; readonly sinceMs: number } | KnownCall;

/** One call. */
export interface ResultKey {
	/** Whose key it is: a user, or an API key. */
	readonly owner: string;
	/** The key's digest. */
	readonly key: string;
	/** Digest of what was asked for. */
	readonly fingerprint: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ResultStore {
	/**
	 * Takes a key for a call, atomically, unless it is taken.
	 *
	 * @param runningMs - after this time a call that was neither completed nor abandoned counts as gone.
	 * @param keptMs - after this time the key is forgotten, result and all.
	 */
	claim(call: ResultKey, runningMs: number, keptMs: number): Promise<ResultClaim>;
	/** What is kept under a key; undefined when it is not known. */
	find(call: Pick<ResultKey, "owner" | "key">): Promise<KnownCall | undefined>;
	/** Keeps the result of a call. @param result - undefined when it is too large. */
	complete(call: ResultKey, result: Uint8Array | undefined, keptMs: number): Promise<void>;
	/** The call had no effect: the key is free again. */
	abandon(call: ResultKey): Promise<void>;
}
