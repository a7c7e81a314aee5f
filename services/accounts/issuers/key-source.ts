// Where the public keys of an issuer come from. Implementation: HTTP.
import type { JWK } from "jose";

export interface KeySource {
	/**
	 * The keys as the issuer publishes them now (RFC 7517), not looked at yet.
	 *
	 * @throws Error with a message for the log.
	 */
	fetch(signal: AbortSignal): Promise<readonly JWK[]>;
}
