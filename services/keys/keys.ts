// API keys: made, listed, revoked. A key is shown once, when it is made. The process that revokes one publishes an event to all
// processes, which close its connections; one that missed the event finds out within a minute.
import { deleteInRounds } from "../../common/bounded-deletion.ts";
import type { Clock } from "../../common/clock.ts";
import { type Identity, isPermitted, mayBePermission } from "../../common/identity.ts";
import { coversScope } from "../../common/key-scope.ts";
import type { Logger } from "../../common/logger.ts";
import type { NodeBus } from "../../messaging/node-bus.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import type { KeyRecord, KeyStore } from "./key-store.ts";
import { formatKey, hashSecret, newKeyText } from "./key-text.ts";
import { CHANNEL_SCOPE, KEY_NAME, type KeysOptions, PERMISSION } from "./options.ts";

export interface KeysServices {
	readonly store: KeyStore;
	readonly bus: NodeBus;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Every permission that some route of the gateway asks for; modules of an operator's own may ask for others. */
	readonly permissions: ReadonlySet<string>;
}

export interface NewKey {
	readonly name: string;
	readonly permissions: readonly string[];
	readonly channels: readonly string[];
	/** 0: never. */
	readonly expiresAtMs: number;
	/** 0: as configured. */
	readonly perSecond: number;
	readonly burst: number;
}

export interface CreatedKey {
	readonly key: KeyRecord;
	/** The whole key. It is kept nowhere. */
	readonly text: string;
}

/** The session id under which the connections of a key are found. */
export function keySessionId(id: string): string {
	return `key:${id}`;
}

const DELETION = { rows: 500, maxRounds: 10 } as const;

export class Keys {
	private readonly services: KeysServices;
	private readonly options: KeysOptions;

	constructor(services: KeysServices, options: KeysOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Makes a key.
	 *
	 * @param creator - it cannot grant what it does not have itself, nor for longer; undefined: an operator on the command line.
	 * @throws GatewayError VALIDATION_FAILED, PERMISSION_DENIED, PRECONDITION_FAILED when there are too many, UNAVAILABLE.
	 */
	async create(creator: Identity | undefined, given: NewKey): Promise<CreatedKey> {
		const { store, clock } = this.services;
		const nowMs = clock.now();
		this.check(given, nowMs);
		if (creator !== undefined) checkGrant(creator, given);
		const wanted = this.withRate(creator, given);
		const { id, secret } = newKeyText();
		const key: KeyRecord = {
			...wanted,
			id,
			permissions: [...new Set(wanted.permissions)],
			channels: [...new Set(wanted.channels)],
			secretHash: hashSecret(secret),
			createdBy: creator?.userId ?? "",
			createdAtMs: nowMs,
			revokedAtMs: 0,
			lastUsedAtMs: 0,
		};
		if (!(await store.create(key, this.options.maxKeys))) {
			const text = `there are ${this.options.maxKeys} API keys, which is keys.maxKeys; revoke some`;
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, text);
		}
		return { key, text: formatKey({ id, secret }) };
	}

	/** Ordered by id, behind `after`. */
	list(after: string, limit: number): Promise<readonly KeyRecord[]> {
		return this.services.store.list(after, limit);
	}

	/**
	 * Revokes a key and closes its connections on every node.
	 *
	 * @returns false when it was revoked before; its connections are closed again in any case.
	 * @throws GatewayError NOT_FOUND, UNAVAILABLE.
	 */
	async revoke(id: string): Promise<boolean> {
		const { store, bus, clock, logger } = this.services;
		const isRevoked = await store.revoke(id, clock.now());
		if (!isRevoked && (await store.byId(id)) === undefined) {
			throw new GatewayError(ErrorCode.NOT_FOUND, "there is no such API key");
		}
		const sessionIds = [keySessionId(id)];
		await bus.publish({ type: "sessions-revoked", sessionIds, reason: "administrative" }).catch((error: unknown) => {
			logger.warn({ err: error, keyId: id }, "publishing a revoked API key to other processes failed");
		});
		return isRevoked;
	}

	/** Removes keys that ended long enough ago; to be called now and then. */
	sweep(signal?: AbortSignal): Promise<number> {
		const { store, clock } = this.services;
		return deleteInRounds({ ...DELETION, signal }, (rows) => {
			return store.deleteEnded({ keptMs: this.options.keptMs, nowMs: clock.now() }, rows);
		});
	}

	/** Where it asks for none, a key that a key makes has no higher rate than its maker either. */
	private withRate(creator: Identity | undefined, wanted: NewKey): NewKey {
		const { perSecond, burst } = this.options;
		const rate = creator?.key?.rate;
		if (wanted.perSecond > 0 || rate === undefined) return wanted;
		if (rate.perSecond >= perSecond && rate.burst >= burst) return wanted;
		return { ...wanted, perSecond: Math.min(perSecond, rate.perSecond), burst: Math.min(burst, rate.burst) };
	}

	private check({ name, permissions, channels, expiresAtMs, perSecond, burst }: NewKey, nowMs: number): void {
		if (!KEY_NAME.test(name)) {
			throw fieldError("name", "must be 1 to 64 letters, digits, spaces, dots, dashes or underscores");
		}
		if (permissions.length === 0 || permissions.length > 100) throw fieldError("permissions", "must be 1 to 100");
		for (const permission of permissions) {
			if (PERMISSION.test(permission) && mayBePermission(permission, this.services.permissions)) continue;
			const known = [...this.services.permissions].sort().join(", ");
			throw fieldError("permissions", `must not hold ${JSON.stringify(permission)}; there are ${known}`);
		}
		if (channels.length === 0 || channels.length > 100) throw fieldError("channels", "must be 1 to 100");
		if (!channels.every((scope) => CHANNEL_SCOPE.test(scope))) {
			throw fieldError("channels", "must be prefixes of channel names, or *");
		}
		if (expiresAtMs !== 0 && expiresAtMs <= nowMs) throw fieldError("expires_at_ms", "must be in the future");
		if ((perSecond === 0) !== (burst === 0)) throw fieldError("burst", "belongs to per_second: give both or neither");
	}
}

/** Nobody makes a key that may more than its maker. */
function checkGrant(creator: Identity, { permissions, channels, expiresAtMs, perSecond, burst }: NewKey): void {
	const beyond = permissions.find((permission) => !isPermitted(creator, permission));
	if (beyond !== undefined) throw denied(`you do not have the permission ${beyond}, and cannot grant it`);
	const { key } = creator;
	if (key === undefined) return;
	const outside = channels.find((scope) => !coversScope(key.channels, scope));
	if (outside !== undefined) throw denied(`the channels of your API key do not include ${outside}`);
	const endsAtMs = creator.expiresAtMs;
	if (endsAtMs < Number.MAX_SAFE_INTEGER && (expiresAtMs === 0 || expiresAtMs > endsAtMs)) {
		throw denied("an API key cannot make one that outlives it");
	}
	const { rate } = key;
	if (perSecond > rate.perSecond) throw rateBeyond("per_second", rate.perSecond);
	if (burst > rate.burst) throw rateBeyond("burst", rate.burst);
}

function rateBeyond(field: "per_second" | "burst", own: number): GatewayError {
	return fieldError(field, `must be at most ${own}, as of your own API key`, { code: ErrorCode.PERMISSION_DENIED });
}

function denied(message: string): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, message);
}
