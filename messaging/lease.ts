// Leases: exclusive rights of one holder, for a limited time, across nodes. Implementations: memory and Redis; one contract suite.

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface LeaseStore {
	/**
	 * Takes or renews a lease.
	 *
	 * @param holder - who takes it; the same holder may take it again, which extends it.
	 * @returns the present holder: `holder`, or another one that has the lease already.
	 */
	take(name: string, holder: string, ttlMs: number): Promise<string>;
	/** Gives it back. @returns false when the holder had it no longer. */
	release(name: string, holder: string): Promise<boolean>;
}
