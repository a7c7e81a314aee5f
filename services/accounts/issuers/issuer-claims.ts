// What the claims of a token from elsewhere mean here.
import type { JWTPayload } from "jose";
import { problemOfLine, problemOfName } from "../../../common/text.ts";
import type { IssuerOptions } from "./options.ts";

/** A token of an issuer that was verified. */
export interface IssuerToken {
	/** Name of the issuer in the configuration, and its `iss`. */
	readonly issuer: string;
	readonly iss: string;
	readonly subject: string;
	/** The issuer's session, if it says so. */
	readonly sessionId: string | undefined;
	readonly tokenId: string | undefined;
	/** Unix milliseconds. */
	readonly issuedAtMs: number;
	/** With the tolerance for clocks that are apart. */
	readonly expiresAtMs: number;
	readonly roles: readonly string[];
	readonly profile: IssuerProfile;
}

/** What a user is created with; "" for what the token does not say, or says in a way that we cannot show. */
export interface IssuerProfile {
	readonly username: string;
	readonly nickname: string;
	readonly email: string;
}

/** OpenID Connect Core, section 2: `sub` has at most 255 characters. */
const MAX_ID_LENGTH = 255;
/** Values of the roles claim that are looked at. */
const MAX_ROLES = 1000;

/** A claim by its name, or by a path with dots, as in `realm_access.roles`: names may hold dots themselves, and come first. */
export function claimOf(payload: JWTPayload, path: string): unknown {
	if (Object.hasOwn(payload, path)) return payload[path];
	let value: unknown = payload;
	for (const part of path.split(".")) {
		if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
		value = (value as Readonly<Record<string, unknown>>)[part];
	}
	return value;
}

/** An identifier of the issuer, which is compared and never shown; undefined when it is none. */
export function idClaim(value: unknown): string | undefined {
	// Some providers number their users.
	const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
	if (typeof text !== "string" || text === "" || text.length > MAX_ID_LENGTH) return undefined;
	return isStorable(text) ? text : undefined;
}

/** The roles that a token gives: what its issuer may give, and what everybody of it gets. */
export function rolesOf(
	payload: JWTPayload,
	{ claim, map, allowed, default: always }: IssuerOptions["roles"],
): readonly string[] {
	const claimed = claimOf(payload, claim);
	// A text with spaces, as `scope` is one, or a list.
	const values = typeof claimed === "string" ? claimed.split(" ") : Array.isArray(claimed) ? claimed : [];
	const given = values
		.slice(0, MAX_ROLES)
		.filter((value) => typeof value === "string")
		.map((value) => (Object.hasOwn(map, value) ? (map[value] as string) : value))
		.filter((role) => allowed.includes(role));
	return [...new Set([...always, ...given])].sort();
}

export function profileOf(payload: JWTPayload, claims: IssuerOptions["claims"]): IssuerProfile {
	const username = textOf(claimOf(payload, claims.username), 64);
	const nickname = textOf(claimOf(payload, claims.nickname), 64);
	const email = textOf(claimOf(payload, claims.email), 254);
	// An address that its issuer has not checked is what somebody claims to be theirs.
	const isChecked = payload["email_verified"] === true && /^[^@\s]+@[^@\s]+$/.test(email);
	return {
		username: problemOfLine(username) === undefined ? username : "",
		nickname: nickname !== "" && problemOfName(nickname) === undefined ? nickname : "",
		email: isChecked ? email : "",
	};
}

function textOf(value: unknown, maxLength: number): string {
	if (typeof value !== "string" || !isStorable(value)) return "";
	const text = value.trim();
	return [...text].length <= maxLength ? text : "";
}

/** Whether every store can hold a text: no half characters, no U+0000. */
function isStorable(text: string): boolean {
	return !/[\p{Surrogate}\0]/u.test(text);
}
