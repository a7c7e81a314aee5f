// Which tokens of issuers are void although they are good by themselves: those of a session, of a subject or with an id that were issued
// up to a point in time. A token of our own is void when its session is gone; a token of an issuer would open its session again.
// Implementations: memory and Redis.

/**
 * Every method throws GatewayError UNAVAILABLE when the store does not answer in time. What was revoked is kept for as long as a token
 * may live, so that whatever it was about has expired by then.
 */
export interface TokenRevocations {
	/**
	 * @returns for each key up to when its tokens are void, by the time they were issued at, Unix milliseconds; 0: none are.
	 */
	voidUntil(keys: readonly string[]): Promise<readonly number[]>;
	/** Makes tokens with these keys void that were issued up to a time, Unix milliseconds; the latest time holds. */
	revoke(keys: readonly string[], issuedUntilMs: number): Promise<void>;
}
