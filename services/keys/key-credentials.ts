// API keys as bearer tokens: those in the database, by the form of the text, and those of the configuration, by their hash.

import { createHash } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Identity } from "../../common/identity.ts";
import type { KeyScope } from "../../common/key-scope.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { CredentialKind } from "../accounts/credentials.ts";
import type { ResumedSession } from "../accounts/sessions.ts";
import type { KeyStore } from "./key-store.ts";
import { hashSecret, isSameHash, KEY_PREFIX, parseKey } from "./key-text.ts";
import { keySessionId } from "./keys.ts";
import type { KeysOptions } from "./options.ts";

/** A key of the configuration, with the content of its file. */
export interface FixedKey {
	readonly name: string;
	/** The whole bearer token. */
	readonly secret: string;
	readonly permissions: readonly string[];
	readonly channels: readonly string[];
	readonly perSecond?: number | undefined;
	readonly burst?: number | undefined;
}

type DefaultRate = Pick<KeysOptions, "perSecond" | "burst">;

/** Ids in one statement. */
const TOUCH_BATCH = 500;
const SESSION_PREFIX = keySessionId("");
const FIXED_PREFIX = keySessionId("fixed:");

/** Keys in the database. */
export function databaseKeys(store: KeyStore, clock: Clock, rate: DefaultRate): CredentialKind {
	return {
		name: "key",
		accepts: (token) => token.startsWith(KEY_PREFIX) && parseKey(token) !== undefined,
		async resume(token) {
			const text = parseKey(token);
			const record = text === undefined ? undefined : await store.byId(text.id);
			if (text === undefined || record === undefined) throw invalid();
			if (!isSameHash(record.secretHash, hashSecret(text.secret))) throw invalid();
			if (record.revokedAtMs > 0) throw unauthenticated("the API key has been revoked");
			const { id, name, permissions, channels, expiresAtMs } = record;
			if (expiresAtMs > 0 && expiresAtMs <= clock.now()) throw unauthenticated("the API key has expired");
			const scope: KeyScope = {
				id,
				channels,
				rate: record.perSecond > 0 ? { perSecond: record.perSecond, burst: record.burst } : rate,
			};
			return session(keySessionId(id), name, permissions, scope, expiresAtMs || Number.MAX_SAFE_INTEGER);
		},
		owns: (sessionId) => sessionId.startsWith(SESSION_PREFIX) && !sessionId.startsWith(FIXED_PREFIX),
		async touch(sessionIds) {
			const ended: string[] = [];
			for (let at = 0; at < sessionIds.length; at += TOUCH_BATCH) {
				const ids = sessionIds.slice(at, at + TOUCH_BATCH).map((id) => id.slice(SESSION_PREFIX.length));
				ended.push(...(await store.touch(ids, clock.now())));
			}
			return ended.map(keySessionId);
		},
	};
}

/** Keys of the configuration. A key is found by its hash, so that the time of a wrong one says nothing about the right ones. */
export function fixedKeys(keys: readonly FixedKey[], rate: DefaultRate): CredentialKind {
	const sessions = new Map(
		keys.map(({ name, secret, permissions, channels, perSecond, burst }) => {
			const id = `fixed:${nameHash(name)}`;
			const own = { perSecond: perSecond ?? rate.perSecond, burst: burst ?? perSecond ?? rate.burst };
			const scope: KeyScope = { id, channels, rate: own };
			const made = session(keySessionId(id), name, permissions, scope, Number.MAX_SAFE_INTEGER);
			return [hashSecret(secret), made] as const;
		}),
	);
	return {
		name: "fixed-key",
		accepts: (token) => sessions.size > 0 && sessions.has(hashSecret(token)),
		async resume(token) {
			const found = sessions.get(hashSecret(token));
			if (found === undefined) throw invalid();
			return found;
		},
		owns: (sessionId) => sessionId.startsWith(FIXED_PREFIX),
		// They end with the configuration, which is read at the start.
		touch: async () => [],
	};
}

function session(
	sessionId: string,
	username: string,
	permissions: readonly string[],
	key: KeyScope,
	expiresAtMs: number,
): ResumedSession {
	const identity: Identity = {
		sessionId,
		// No user has such an id: users have UUIDs.
		userId: sessionId,
		username,
		deviceId: "",
		roles: [],
		permissions: new Set(permissions),
		expiresAtMs,
		key,
	};
	return { identity, profile: { nickname: "", email: "", avatarUrl: "", roles: [], version: 0, registeredAtMs: 0 } };
}

/** Names may be longer than what an audit trail keeps of a user's id. */
function nameHash(name: string): string {
	return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

function unauthenticated(message: string): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, message);
}

function invalid(): GatewayError {
	return unauthenticated("the API key is not valid");
}
