// Where API keys are kept. Implementation: store/key-store-sql.ts.
import type { Age } from "../../common/age.ts";

export interface KeyRecord {
	/** 16 hexadecimal digits. */
	readonly id: string;
	/** For people. */
	readonly name: string;
	/** Of the secret, which is kept nowhere. */
	readonly secretHash: string;
	readonly permissions: readonly string[];
	/** Prefixes of the channels that it may use; `*` is every channel. */
	readonly channels: readonly string[];
	/** Tokens a second, and how many at once; 0: what the configuration says. */
	readonly perSecond: number;
	readonly burst: number;
	/** The user or key that made it; "" for the command line. */
	readonly createdBy: string;
	readonly createdAtMs: number;
	/** 0: never. */
	readonly expiresAtMs: number;
	/** 0: it is not revoked. */
	readonly revokedAtMs: number;
	/** To about a minute; 0: never. */
	readonly lastUsedAtMs: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface KeyStore {
	/** @returns false when there are `maxKeys` already, revoked and expired ones left out. */
	create(key: KeyRecord, maxKeys: number): Promise<boolean>;
	byId(id: string): Promise<KeyRecord | undefined>;
	/** Ordered by id, behind `after`; "" to begin. */
	list(after: string, limit: number): Promise<readonly KeyRecord[]>;
	/** @returns false when there is no such key, or it was revoked before. */
	revoke(id: string, atMs: number): Promise<boolean>;
	/**
	 * Records that keys are in use; a few hundred at most.
	 *
	 * @returns those that are revoked or gone.
	 */
	touch(ids: readonly string[], atMs: number): Promise<readonly string[]>;
	/** Removes keys that were revoked or expired long enough ago. @returns how many, at most `limit`. */
	deleteEnded(age: Age, limit: number): Promise<number>;
}
