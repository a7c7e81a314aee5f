// Where accounts have been logged in to before: addresses and devices. Wrong passwords from elsewhere do not count against
// those, so that nobody who only knows a name can lock its owner out. Implementations: memory and Redis.
import { createHash } from "node:crypto";

/** How long an origin is known after its last login, in milliseconds: 90 days. */
export const KNOWN_MS = 90 * 86_400_000;
/** Origins known of one account; the one that was used last stays longest. */
export const MAX_KNOWN = 16;

export interface KnownOrigins {
	/**
	 * Which of these origins are known for an account, in the same order; accounts that do not exist know none. Never throws:
	 * none is known while the store is unavailable.
	 */
	among(account: string, origins: readonly string[]): Promise<readonly string[]>;
	/** Records a login. Never throws: it is forgotten when the store is unavailable. */
	record(account: string, origins: readonly string[]): Promise<void>;
	/** The account was deleted. @throws GatewayError UNAVAILABLE. */
	forget(account: string): Promise<void>;
}

/**
 * The origins of a request: its address, and its device if it names one.
 *
 * @param address - as `ipKey` gives it.
 */
export function originsOf(address: string, deviceId: string): readonly string[] {
	return deviceId === "" ? [`address ${address}`] : [`address ${address}`, `device ${deviceId}`];
}

/** Names, addresses and devices of people are of any length, and are not stored as they are: 27 characters, 162 bits of SHA-256. */
export function digest(text: string): string {
	return createHash("sha256").update(text).digest("base64url").slice(0, 27);
}
