// Who is on the other end of a connection or an HTTP call, once authenticated: a user's session, or a backend with an API key.
import type { KeyScope } from "./key-scope.ts";

/**
 * An access token counts as good for so many milliseconds after it has expired, since the clocks of nodes may be as far apart:
 * wherever it is presented, and for the requests of a connection that it authenticated.
 */
export const TOKEN_LEEWAY_MS = 5_000;

/** An authenticated session as the per-message path sees it. Immutable; a refresh replaces the whole object. */
export interface Identity {
	readonly sessionId: string;
	readonly userId: string;
	readonly username: string;
	readonly deviceId: string;
	readonly roles: readonly string[];
	/** What the roles grant; one shared set per combination of roles. `*` grants everything. */
	readonly permissions: ReadonlySet<string>;
	/** When the access token behind this identity expires, in Unix milliseconds. */
	readonly expiresAtMs: number;
	/** Of an API key: it is no user, and has no inbox and no presence. Absent for sessions of users. */
	readonly key?: KeyScope;
	/**
	 * Which version of the account the roles are of; 0 when that is not known. Undefined when they are not those of an account: a token of
	 * an issuer and an API key bring their own.
	 */
	readonly userVersion?: number;
}

/**
 * Whether an identity may use what needs `permission`. `session` is for every user and for no API key: such routes act in the name of a
 * user. `authenticated` is for both.
 */
export function isPermitted(identity: Identity, permission: string): boolean {
	if (permission === "session") return identity.key === undefined;
	return permission === "authenticated" || identity.permissions.has(permission) || identity.permissions.has("*");
}

/**
 * Whether a permission may be one that something asks for. Within an area of those that are known, another name is a mistake; in other
 * areas it may be a module's of an operator's own.
 */
export function mayBePermission(permission: string, known: ReadonlySet<string>): boolean {
	if (permission === "*" || known.has(permission)) return true;
	return ![...known].some((one) => areaOf(one) === areaOf(permission));
}

/** The part of a permission's name before the first dot. */
function areaOf(permission: string): string {
	return permission.split(".", 1)[0] ?? "";
}
