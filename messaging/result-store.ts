// Results of calls that must not be repeated, by the key that their caller gave them: while one runs, and for a day after it. Shared
// by all processes, so that a repeat finds the result wherever it arrives.

/** Results of one caller; further keys are refused until the oldest are forgotten. */
export const MAX_RESULTS_PER_OWNER = 1000;
/** A larger result is not kept, only that there was one: the results of one caller have at most 4 MB. */
export const MAX_RESULT_BYTES = 4096;
/** How long a result is kept. */
export const RESULT_KEPT_MS = 86_400_000;

/** What there is under a key. */
export type ResultClaim =
	/** Nothing was: the call may run, and has to be completed or abandoned. */
	| { readonly state: "claimed" }
	| { readonly state: "running"; readonly fingerprint: string }
	/** @param result - undefined: it was too large to be kept. */
	| { readonly state: "done"; readonly fingerprint: string; readonly result: Uint8Array | undefined }
	/** The owner, or all together, have too many. */
	| { readonly state: "full" };

/** One call. */
export interface ResultKey {
	/** Whose key it is: a user. */
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
	 */
	claim(call: ResultKey, runningMs: number): Promise<ResultClaim>;
	/** Keeps the result of a call. @param result - undefined when it is too large. */
	complete(call: ResultKey, result: Uint8Array | undefined): Promise<void>;
	/** The call had no effect: the key is free again. */
	abandon(call: ResultKey): Promise<void>;
}
