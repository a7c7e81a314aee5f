// Who is on the other end of a connection or an HTTP call, once authenticated.

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
}

/** Whether an identity may use what needs `permission`. */
export function isPermitted(identity: Identity, permission: string): boolean {
	return permission === "session" || identity.permissions.has(permission) || identity.permissions.has("*");
}
