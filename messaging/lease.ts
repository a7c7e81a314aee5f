// The right of one to be the only one, for a while, across nodes. Implementations: stores/memory, stores/redis; one
// contract suite.

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface LeaseStore {
	/**
	 * Takes or renews a lease.
	 *
	 * @param holder - who; the same holder may take it again, which sets its end anew.
	 * @returns the holder that has it now: `holder`, or whoever has it already.
	 */
	take(name: string, holder: string, ttlMs: number): Promise<string>;
	/** @returns the holder, undefined when it is free. */
	holder(name: string): Promise<string | undefined>;
	/** Gives it back. @returns false when the holder had it no longer. */
	release(name: string, holder: string): Promise<boolean>;
}
