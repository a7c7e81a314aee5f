// Sessions that tokens of issuers open. They are sessions like those of a login, listed, counted and ended by the same calls; but a token
// that is still good could open its session again, for which reason revocations are asked about with each.
import type { Clock } from "../../../common/clock.ts";
import type { Identity } from "../../../common/identity.ts";
import type { Logger } from "../../../common/logger.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import type { CredentialKind, Presenter } from "../credentials.ts";
import type { IdentityStore } from "../identity-store.ts";
import type { Permissions } from "../permissions.ts";
import type { SessionRecord, SessionStore } from "../session-store.ts";
import type { ResumedSession, Sessions } from "../sessions.ts";
import type { TokenRevocations } from "../token-revocations.ts";
import type { UserRecord, UserStore } from "../user-store.ts";
import type { IssuerToken } from "./issuer-claims.ts";
import { type IssuerTokenNames, isIssuerSession, nameOfSession, namesOf, sessionIdOf } from "./issuer-session-ids.ts";
import type { IssuerUsers } from "./issuer-users.ts";
import type { TokenIssuer } from "./token-issuer.ts";

export interface IssuerSessionsServices {
	readonly issuers: readonly TokenIssuer[];
	readonly sessions: Sessions;
	readonly store: SessionStore;
	readonly revocations: TokenRevocations;
	readonly identities: IdentityStore;
	readonly users: UserStore;
	readonly issuerUsers: IssuerUsers;
	readonly permissions: Permissions;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** A token whose signature and claims are good, and which is not revoked. */
export interface PresentedToken {
	readonly claims: IssuerToken;
	readonly names: IssuerTokenNames;
	/** Tokens of the same session that were issued until then are void; 0: none are. */
	readonly voidUntilMs: number;
}

export class IssuerSessions implements CredentialKind {
	readonly name = "issuer";
	private readonly services: IssuerSessionsServices;
	private readonly byIss: ReadonlyMap<string, TokenIssuer>;

	constructor(services: IssuerSessionsServices) {
		this.services = services;
		this.byIss = new Map(services.issuers.map((issuer) => [issuer.options.issuer, issuer]));
	}

	accepts(token: string): boolean {
		return this.issuerOf(token) !== undefined;
	}

	owns(sessionId: string): boolean {
		return isIssuerSession(sessionId);
	}

	async touch(sessionIds: readonly string[]): Promise<readonly string[]> {
		return (await this.services.sessions.touch(sessionIds)).ended;
	}

	/** The issuer of a name in the configuration, or of an `iss`. @throws GatewayError VALIDATION_FAILED when there is none. */
	issuerNamed(name: string): TokenIssuer {
		const found = this.byIss.get(name) ?? this.services.issuers.find(({ options }) => options.name === name);
		if (found === undefined) throw fieldError("issuer", "is none of the configuration");
		return found;
	}

	/**
	 * Verifies a token.
	 *
	 * @throws GatewayError TOKEN_EXPIRED, UNAUTHENTICATED (forged, for somebody else, or revoked), UNAVAILABLE.
	 */
	async verify(token: string): Promise<PresentedToken> {
		const issuer = this.issuerOf(token);
		if (issuer === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the token is not valid");
		const claims = await issuer.verify(token);
		const names = namesOf(claims, token);
		return { claims, names, voidUntilMs: await this.voidUntil(claims, names, names.session) };
	}

	/**
	 * Takes up the session of a token, or opens it.
	 *
	 * @throws GatewayError as `verify`; PERMISSION_DENIED when nobody is created for its subject.
	 */
	async resume(token: string, presenter?: Presenter): Promise<ResumedSession> {
		const presented = await this.verify(token);
		const continued = await this.continued(presented, presenter?.identity);
		const session = continued ?? (await this.open(presented, presenter?.ip ?? ""));
		return { identity: this.identityOf(session, presented.claims), profile: session.profile };
	}

	/** The session that is there already: of the same name, or of the connection on which a token without `sid` follows another. */
	private async continued(
		presented: PresentedToken,
		identity: Identity | undefined,
	): Promise<SessionRecord | undefined> {
		const { claims, names, voidUntilMs } = presented;
		const { store, logger } = this.services;
		const current = identity !== undefined && isIssuerSession(identity.sessionId) ? identity.sessionId : undefined;
		if (claims.sessionId === undefined && current !== undefined) {
			const session = await store.get(current);
			if (session?.profile.issued?.identityKey === names.subject) {
				// Asked about by its own name, which is not the token's.
				await this.voidUntil(claims, names, nameOfSession(current));
				return await this.extend(session, presented);
			}
		}
		const session = await store.get(sessionIdOf(names.session, voidUntilMs));
		if (session === undefined) return undefined;
		if (session.profile.issued?.identityKey !== names.subject) {
			logger.warn(
				{ issuer: claims.issuer },
				"an issuer has used one session id for two subjects; its token was refused",
			);
			throw ended();
		}
		return await this.extend(session, presented);
	}

	/** A session lasts as long as the last token that was presented for it. */
	private async extend(session: SessionRecord, { claims, names }: PresentedToken): Promise<SessionRecord> {
		const { id, userId, generation, profile } = session;
		const expiresAtMs = Math.max(session.expiresAtMs, sessionEnd(claims));
		const tokenName = names.token ?? "";
		if (expiresAtMs === session.expiresAtMs && profile.issued?.tokenName === tokenName) return session;
		const next = { ...profile, ...(profile.issued && { issued: { ...profile.issued, tokenName } }) };
		const rotation = { id, userId, expectedGeneration: generation, expiresAtMs, profile: next, leewayMs: 0 };
		// "reused": another connection extends it in this moment, as far or nearly so.
		if ((await this.services.store.rotate(rotation)) === "missing") throw ended();
		return { ...session, expiresAtMs, profile: next };
	}

	private async open(presented: PresentedToken, ip: string): Promise<SessionRecord> {
		const { sessions, users, issuerUsers } = this.services;
		const { claims, names, voidUntilMs } = presented;
		const user = await issuerUsers.userOf(this.issuerNamed(claims.iss).options, claims, names.subject);
		if (user.status !== "active") throw ended();
		const session = this.recordOf(user, presented, ip);
		await sessions.admit(session, user);
		// A revocation or the disabling of the user that came meanwhile did not find this session.
		const [revoked, current] = await Promise.all([
			this.services.revocations.voidUntil(revocableNames(names, names.session)),
			users.byId(user.id),
		]);
		const isGood = revoked[0] === voidUntilMs && claims.issuedAtMs > Math.max(...revoked);
		if (isGood && current?.status === "active") return session;
		await sessions.revoke(user.id, session.id, "administrative");
		throw ended();
	}

	private recordOf(user: UserRecord, { claims, names, voidUntilMs }: PresentedToken, ip: string): SessionRecord {
		const nowMs = this.services.clock.now();
		const { id: userId, username, nickname, email, avatarUrl, createdAtMs: registeredAtMs } = user;
		const issued = {
			issuer: claims.issuer,
			username,
			identityKey: names.subject,
			tokenName: names.token ?? "",
		};
		return {
			id: sessionIdOf(names.session, voidUntilMs),
			userId,
			deviceId: "",
			deviceName: "",
			ip,
			createdAtMs: nowMs,
			lastSeenAtMs: nowMs,
			expiresAtMs: sessionEnd(claims),
			generation: 0,
			rotatedAtMs: nowMs,
			profile: { nickname, email, avatarUrl, roles: undefined, version: 0, registeredAtMs, issued },
		};
	}

	/** @returns up to when tokens of the session are void. @throws GatewayError UNAUTHENTICATED when this one is, for whatever reason. */
	private async voidUntil(claims: IssuerToken, names: IssuerTokenNames, session: string): Promise<number> {
		const [ofSession = 0, ...others] = await this.services.revocations.voidUntil(revocableNames(names, session));
		if (claims.issuedAtMs <= Math.max(ofSession, ...others)) throw ended();
		return ofSession;
	}

	private identityOf({ id, userId, profile }: SessionRecord, { roles, expiresAtMs }: IssuerToken): Identity {
		const permissions = this.services.permissions.of(roles);
		const username = profile.issued?.username ?? "";
		return { sessionId: id, userId, username, deviceId: "", roles, permissions, expiresAtMs };
	}

	private issuerOf(token: string): TokenIssuer | undefined {
		const iss = issOf(token);
		return iss === undefined ? undefined : this.byIss.get(iss);
	}
}

/** Everything under which a token may have been revoked, the session first. */
function revocableNames({ subject, token }: IssuerTokenNames, session: string): readonly string[] {
	return token === undefined || token === session ? [session, subject] : [session, subject, token];
}

/** Stores count in whole milliseconds; a request that comes with the last of the leeway still finds its session. */
function sessionEnd({ expiresAtMs }: IssuerToken): number {
	return expiresAtMs + SESSION_LEEWAY_MS;
}

/** At least TOKEN_LEEWAY_MS: a token that is still taken must find its session. */
const SESSION_LEEWAY_MS = 60_000;

/** Who a token says has issued it, before that is known to be true: which keys to try. */
function issOf(token: string): string | undefined {
	const begin = token.indexOf(".");
	const end = token.indexOf(".", begin + 1);
	if (begin <= 0 || end < 0) return undefined;
	try {
		const payload: unknown = JSON.parse(Buffer.from(token.slice(begin + 1, end), "base64url").toString());
		const { iss } = payload as { readonly iss?: unknown };
		return typeof iss === "string" ? iss : undefined;
	} catch {
		return undefined;
	}
}

function ended(): GatewayError {
	return new GatewayError(ErrorCode.UNAUTHENTICATED, "the session of this token has ended; get a new token");
}
