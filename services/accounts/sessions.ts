// Sessions: opened by a login, continued by refresh tokens, resumed on a new connection by an access token, and ended by
// logout, replacement, misuse or an administrator. The process that ends a session publishes an event to all processes,
// which then close its connections.
import { v7 as uuidv7 } from "uuid";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import { type Identity, TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { NodeBus, RevocationReason } from "../../messaging/node-bus.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { isIssuerSession, nameOfSession } from "./issuers/issuer-session-ids.ts";
import { loginEventOf, type NamedUser } from "./login-event.ts";
import type { AuthOptions } from "./options.ts";
import type { Permissions } from "./permissions.ts";
import {
	byAge,
	type SessionProfile,
	type SessionRecord,
	type SessionStore,
	type TouchedSessions,
} from "./session-store.ts";
import type { TokenRevocations } from "./token-revocations.ts";
import type { AccessClaims, Tokens } from "./tokens.ts";
import type { UserRecord, UserStore } from "./user-store.ts";

/** Revocation does not wait for the end of an access token: a process that missed the event gets it by `touch`. */
export type SessionsOptions = Pick<
	AuthOptions,
	"accessTokenTtlMs" | "refreshTokenTtlMs" | "maxSessionMs" | "maxSessionsPerUser" | "refreshReuseLeewayMs"
>;

export interface SessionsServices {
	readonly store: SessionStore;
	readonly users: UserStore;
	readonly tokens: Tokens;
	readonly permissions: Permissions;
	readonly bus: NodeBus;
	/** Of tokens that could open an ended session again; only with issuers. */
	readonly revocations?: TokenRevocations;
	readonly hooks?: Pick<Hooks, "login">;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Device {
	/** Stable per installation; "" when unknown, which no other login replaces. */
	readonly deviceId: string;
	readonly deviceName: string;
	readonly ip: string;
}

export interface IssuedTokens {
	readonly accessToken: string;
	readonly accessExpiresAtMs: number;
	readonly refreshToken: string;
	readonly refreshExpiresAtMs: number;
}

/** A session taken up by an access token. */
export interface ResumedSession {
	readonly identity: Identity;
	readonly profile: SessionProfile;
}

/** What a user may do, as of a version of the account. */
export interface UserRoles {
	readonly userId: string;
	readonly version: number;
	readonly roles: readonly string[];
}

export interface GrantedSession {
	readonly identity: Identity;
	readonly tokens: IssuedTokens;
}

export class Sessions {
	private readonly services: SessionsServices;
	private readonly options: SessionsOptions;

	constructor(services: SessionsServices, options: SessionsOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Opens a session for a user whose password has just been checked. It replaces the user's older session on the same
	 * device, and the oldest ones beyond the limit.
	 *
	 * @param maxSessions - of this user, if fewer than others may have.
	 * @throws GatewayError UNAVAILABLE when the session store does not answer.
	 */
	async open(user: UserRecord, device: Device, maxSessions?: number): Promise<GrantedSession> {
		const nowMs = this.services.clock.now();
		const session: SessionRecord = {
			id: uuidv7(),
			userId: user.id,
			...device,
			createdAtMs: nowMs,
			lastSeenAtMs: nowMs,
			expiresAtMs: this.expiry(nowMs, nowMs),
			generation: 0,
			rotatedAtMs: nowMs,
			profile: profileOf(user),
		};
		await this.admit(session, user, maxSessions);
		return await this.grant(user, session);
	}

	/**
	 * Stores a session that somebody has proved to be entitled to; it replaces others as one of a login does.
	 *
	 * @throws GatewayError of the hook `login`, UNAVAILABLE when the session store does not answer.
	 */
	async admit(session: SessionRecord, user: NamedUser, maxSessions = this.options.maxSessionsPerUser): Promise<void> {
		await this.services.hooks?.login?.(loginEventOf(session, user));
		await this.services.store.create(session);
		await this.replaceOlder(session, Math.min(maxSessions, this.options.maxSessionsPerUser));
	}

	/**
	 * Issues new tokens for a session whose user has just changed, so that it has the user's roles at once. Refresh tokens from before
	 * end the session, as any that was used.
	 *
	 * @throws GatewayError UNAUTHENTICATED when the session has ended, UNAVAILABLE.
	 */
	async renew(user: UserRecord, sessionId: string): Promise<GrantedSession> {
		const { store, clock } = this.services;
		const session = await store.get(sessionId);
		if (session?.userId !== user.id) throw ended();
		const { generation } = session;
		const expiresAtMs = this.expiry(session.createdAtMs, clock.now());
		const rotation = { id: session.id, userId: user.id, expectedGeneration: generation, expiresAtMs, leewayMs: 0 };
		if ((await store.rotate({ ...rotation, profile: profileOf(user) })) !== "rotated") throw ended();
		return await this.grant(user, { ...session, generation: generation + 1, expiresAtMs });
	}

	/**
	 * Takes up the session of an access token. Costs one signature check and one read of the session store, no SQL: a
	 * disabled user is kept out by having no sessions.
	 *
	 * @throws GatewayError TOKEN_EXPIRED, UNAUTHENTICATED (forged, or the session has ended), UNAVAILABLE.
	 */
	async resume(accessToken: string): Promise<ResumedSession> {
		const claims = await this.services.tokens.verifyAccess(accessToken);
		const session = await this.services.store.get(claims.sessionId);
		if (session?.userId !== claims.userId) throw ended();
		// Roles may have changed since the token was issued.
		return { identity: this.identityOf(claims, session.profile), profile: session.profile };
	}

	/**
	 * Exchanges a refresh token for the next pair. A token that was used before means that two parties hold it, so the
	 * session ends for both.
	 *
	 * @throws GatewayError UNAUTHENTICATED, UNAVAILABLE; in the latter case the token is still good.
	 */
	async refresh(refreshToken: string): Promise<GrantedSession> {
		const { store, users, clock, logger } = this.services;
		const claims = await this.services.tokens.verifyRefresh(refreshToken);
		const session = await store.get(claims.sessionId);
		if (session?.userId !== claims.userId) throw ended();
		// Read before the token is used up, so that an outage of SQL does not cost the session; and read at all, so that
		// new roles and names reach the tokens.
		const user = await users.byId(claims.userId);
		if (user?.status !== "active") {
			await this.end(claims.userId, [session.id], "administrative");
			throw ended();
		}
		const expiresAtMs = this.expiry(session.createdAtMs, clock.now());
		const rotation = { id: session.id, userId: user.id, expectedGeneration: claims.generation, expiresAtMs };
		const leewayMs = this.options.refreshReuseLeewayMs;
		const result = await store.rotate({ ...rotation, leewayMs, profile: profileOf(user) });
		switch (result) {
			case "rotated":
				return await this.grant(await this.latest(user, session.id), {
					...session,
					generation: claims.generation + 1,
					expiresAtMs,
				});
			case "missing":
				throw ended();
			case "repeated": {
				const current = await store.get(session.id);
				if (current === undefined) throw ended();
				return await this.grant(await this.latest(user, session.id), current);
			}
			case "reused":
				logger.warn({ userId: user.id, sessionId: session.id }, "refresh token used twice; session ended");
				await this.end(user.id, [session.id], "token-reused");
				throw ended();
			default:
				return result satisfies never;
		}
	}

	/**
	 * Ends the session of an identity, or all of its user's.
	 *
	 * @param onEnded - called when the sessions are deleted and before the event is published, so that the caller's own
	 *   connection can release the session and is not closed along with the others.
	 * @returns how many sessions ended.
	 */
	async logout(identity: Identity, all: boolean, onEnded: () => void): Promise<number> {
		const { userId, sessionId } = identity;
		const ids = all ? [...new Set([...(await this.idsOf(userId)), sessionId])] : [sessionId];
		await this.revokeTokens(ids, 0);
		const deleted = await this.services.store.delete(userId, ids);
		onEnded();
		await this.announce(ids, "logged-out");
		return deleted.length;
	}

	/** The sessions of a user, oldest first. */
	async list(userId: string): Promise<readonly SessionRecord[]> {
		return await this.services.store.listByUser(userId);
	}

	/**
	 * An account was changed: its sessions have the new roles and profile from now on, and so have their connections.
	 *
	 * @throws GatewayError UNAVAILABLE: repeat it, as connections may have the old roles.
	 */
	async updateUser(user: UserRecord): Promise<void> {
		const { store, bus, logger } = this.services;
		await store.setProfile(await this.idsOf(user.id), profileOf(user));
		try {
			const { id: userId, version, roles } = user;
			await bus.publish({ type: "user-changed", userId, version, roles });
		} catch (error) {
			// Processes find out by `touch`.
			logger.warn({ err: error, userId: user.id }, "publishing a changed user to other processes failed");
		}
	}

	/**
	 * A session that was opened while its account was being changed.
	 *
	 * @param user - as it is now.
	 */
	async amend(user: UserRecord, granted: GrantedSession): Promise<GrantedSession> {
		const profile = profileOf(user);
		await this.services.store.setProfile([granted.identity.sessionId], profile);
		return { ...granted, identity: this.withProfile(granted.identity, profile) };
	}

	/** The present roles of some sessions, in no particular order; those that are gone are left out. */
	async rolesOf(sessionIds: readonly string[]): Promise<readonly UserRoles[]> {
		const found = await Promise.all(sessionIds.map((id) => this.services.store.get(id)));
		return found.flatMap((session) => {
			if (session?.profile.roles === undefined) return [];
			const { version, roles } = session.profile;
			return [{ userId: session.userId, version, roles }];
		});
	}

	/**
	 * Ends every session of a user; returns how many.
	 *
	 * @param onEnded - as in `logout`.
	 */
	async revokeAll(userId: string, reason: RevocationReason, onEnded?: () => void): Promise<number> {
		return await this.end(userId, await this.idsOf(userId), reason, onEnded);
	}

	/** Ends every session of a user but one; returns how many. */
	async revokeOthers(userId: string, keptSessionId: string, reason: RevocationReason): Promise<number> {
		const others = (await this.idsOf(userId)).filter((id) => id !== keptSessionId);
		return await this.end(userId, others, reason);
	}

	/** Ends one session of a user; returns how many that were: 0 when it was gone before. */
	async revoke(userId: string, sessionId: string, reason: RevocationReason): Promise<number> {
		return await this.end(userId, [sessionId], reason);
	}

	/**
	 * Records that sessions are in use, now. Meant to be called with many ids and seldom, not per message.
	 *
	 * @returns those that have been ended, and the versions of the others' accounts: the caller may have missed an event, or it
	 *   crossed with their resumption.
	 */
	async touch(sessionIds: readonly string[]): Promise<TouchedSessions> {
		if (sessionIds.length === 0) return { ended: [], versions: new Map() };
		return await this.services.store.touch(sessionIds, this.services.clock.now());
	}

	private async idsOf(userId: string): Promise<string[]> {
		return (await this.services.store.listByUser(userId)).map((session) => session.id);
	}

	/** The account as it is now, where the session has a later version of it than the caller. */
	private async latest(user: UserRecord, sessionId: string): Promise<UserRecord> {
		const { store, users } = this.services;
		const session = await store.get(sessionId);
		if (session === undefined || session.profile.version <= user.version) return user;
		const current = await users.byId(user.id);
		if (current === undefined) throw ended();
		return current;
	}

	/** Only sessions older than the new one go, so that of several logins at once exactly the newest stays. */
	private async replaceOlder(session: SessionRecord, maxSessions: number): Promise<void> {
		const sessions = await this.services.store.listByUser(session.userId);
		const older = sessions.filter((other) => byAge(other, session) < 0 && other.id !== session.id);
		const sameDevice = older.filter((other) => session.deviceId !== "" && other.deviceId === session.deviceId);
		const others = older.filter((other) => !sameDevice.includes(other));
		const surplus = others.slice(0, Math.max(0, others.length + 1 - maxSessions));
		const replaced = [...sameDevice, ...surplus].map((other) => other.id);
		if (replaced.length > 0) await this.end(session.userId, replaced, "replaced");
	}

	private async end(
		userId: string,
		ids: readonly string[],
		reason: RevocationReason,
		onEnded?: () => void,
	): Promise<number> {
		if (ids.length === 0) return 0;
		await this.revokeTokens(ids, TOKEN_LEEWAY_MS);
		const deleted = await this.services.store.delete(userId, ids);
		onEnded?.();
		await this.announce(ids, reason);
		return deleted.length;
	}

	/**
	 * Makes the tokens void that issuers have issued for sessions that are about to end.
	 *
	 * @param leewayMs - how far the clock of an issuer may be ahead. None for a user's own wish: the next login may come at once.
	 */
	private async revokeTokens(ids: readonly string[], leewayMs: number): Promise<void> {
		const { revocations, clock } = this.services;
		const issued = ids.filter(isIssuerSession);
		if (issued.length > 0) await revocations?.revoke(issued.map(nameOfSession), clock.now() + leewayMs);
	}

	/** The sessions are deleted already, so a failed publication must not make the call fail. */
	private async announce(sessionIds: readonly string[], reason: RevocationReason): Promise<void> {
		try {
			await this.services.bus.publish({ type: "sessions-revoked", sessionIds, reason });
		} catch (error) {
			this.services.logger.warn(
				{ err: error, sessionIds, reason },
				"publishing ended sessions to other processes failed",
			);
		}
	}

	/** Tokens carry whole seconds. */
	private expiry(createdAtMs: number, nowMs: number): number {
		const { refreshTokenTtlMs, maxSessionMs } = this.options;
		const latestMs = maxSessionMs === 0 ? Number.POSITIVE_INFINITY : createdAtMs + maxSessionMs;
		return wholeSecond(Math.min(nowMs + refreshTokenTtlMs, latestMs));
	}

	private async grant(user: UserRecord, session: SessionRecord): Promise<GrantedSession> {
		const { clock, tokens } = this.services;
		const refreshExpiresAtMs = session.expiresAtMs;
		const accessExpiresAtMs = Math.min(wholeSecond(clock.now() + this.options.accessTokenTtlMs), refreshExpiresAtMs);
		const claims: AccessClaims = {
			userId: user.id,
			sessionId: session.id,
			username: user.username,
			deviceId: session.deviceId,
			roles: user.roles,
			expiresAtMs: accessExpiresAtMs,
		};
		const { generation } = session;
		const [accessToken, refreshToken] = await Promise.all([
			tokens.issueAccess(claims),
			tokens.issueRefresh({ userId: user.id, sessionId: session.id, generation, expiresAtMs: refreshExpiresAtMs }),
		]);
		const issued = { accessToken, accessExpiresAtMs, refreshToken, refreshExpiresAtMs };
		return { identity: this.identityOf(claims, profileOf(user)), tokens: issued };
	}

	private identityOf(claims: AccessClaims, profile: SessionProfile): Identity {
		const { sessionId, userId, username, deviceId, roles, expiresAtMs } = claims;
		const permissions = this.services.permissions.of(roles);
		return this.withProfile({ sessionId, userId, username, deviceId, roles, permissions, expiresAtMs }, profile);
	}

	private withProfile(identity: Identity, { roles = identity.roles, version }: SessionProfile): Identity {
		return { ...identity, roles, permissions: this.services.permissions.of(roles), userVersion: version };
	}
}

function wholeSecond(ms: number): number {
	return Math.floor(ms / 1000) * 1000;
}

function profileOf({ nickname, email, avatarUrl, roles, version, createdAtMs }: UserRecord): SessionProfile {
	return { nickname, email, avatarUrl, roles, version, registeredAtMs: createdAtMs };
}

function ended(): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "the session has ended; log in again");
}
