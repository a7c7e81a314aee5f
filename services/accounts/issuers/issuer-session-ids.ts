// The names under which sessions of issuers' tokens are kept and revoked. They are digests: what an issuer calls a session or a token is
// its own affair, of any length, and shown to nobody.
import { identityKey, issuerIdentityKey } from "../identity-store.ts";
import type { IssuerToken } from "./issuer-claims.ts";

/** Of the ids of these sessions; no other kind has ids that begin so. */
const PREFIX = "iss_";
/** Before the revocation that a session was opened after; not in base64url. */
const INCARNATION = ".";

/** The names of one token. */
export interface IssuerTokenNames {
	/** The session that it opens or continues. */
	readonly session: string;
	/** The subject: the key of its identity. */
	readonly subject: string;
	/** The token itself, by its id; undefined when it has none. */
	readonly token: string | undefined;
}

/** Whether a session was opened by a token of an issuer. */
export function isIssuerSession(sessionId: string): boolean {
	return sessionId.startsWith(PREFIX);
}

export function namesOf(claims: IssuerToken, token: string): IssuerTokenNames {
	const { iss, subject, sessionId, tokenId } = claims;
	const named = tokenId === undefined ? undefined : tokenName(iss, tokenId);
	const own = sessionId === undefined ? (named ?? PREFIX + identityKey("token", token)) : sessionName(iss, sessionId);
	return { session: own, subject: issuerIdentityKey(iss, subject), token: named };
}

/** @param sid - the issuer's own id of the session. */
export function sessionName(iss: string, sid: string): string {
	return PREFIX + identityKey("sid", iss, sid);
}

/** @param jti - the id of the token. */
export function tokenName(iss: string, jti: string): string {
	return PREFIX + identityKey("jti", iss, jti);
}

/**
 * The id of a session that is opened after a revocation of the same name: another one than before, since the end of that one is still
 * being announced.
 *
 * @param voidUntilMs - of the revocation; 0: there was none.
 */
export function sessionIdOf(name: string, voidUntilMs: number): string {
	return voidUntilMs === 0 ? name : `${name}${INCARNATION}${voidUntilMs.toString(36)}`;
}

/** The name under which a session is revoked. */
export function nameOfSession(sessionId: string): string {
	return sessionId.split(INCARNATION, 1)[0] as string;
}
