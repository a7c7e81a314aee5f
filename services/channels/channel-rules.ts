// Who may use a channel, as far as the rules of its namespace decide that. Pure: what is known of a user comes in.
import { type Identity, TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import type { ChannelGrant } from "../../messaging/publisher.ts";
import type { ChannelStanding } from "./grant-store.ts";

const PERMISSION = "permission:";

/**
 * Whether a user may by who the user is.
 *
 * @param rest - of the channel's name.
 * @param guestRole - the role of users without an account.
 */
export function permitsUser(rules: readonly string[], identity: Identity, rest: string, guestRole: string): boolean {
	// What it may is in the key.
	if (identity.key !== undefined) return false;
	return rules.some((rule) => {
		switch (rule) {
			case "everyone":
				return true;
			case "session":
				return !identity.roles.includes(guestRole);
			case "own":
				return rest === identity.userId || rest.startsWith(`${identity.userId}:`);
			default:
				return rule.startsWith(PERMISSION) && hasPermission(identity, rule.slice(PERMISSION.length));
		}
	});
}

/** Whether something else than who the user is may permit it: then the user's standing in the channel has to be known. */
export function needsStanding(rules: readonly string[]): boolean {
	return rules.includes("token") || rules.includes("granted");
}

/**
 * Whether a user may by a token or by what a backend granted.
 *
 * @param standing - what a backend said last of this user in this channel.
 * @param nowMs - Unix milliseconds.
 */
export function permitsByGrant(
	rules: readonly string[],
	grant: ChannelGrant | undefined,
	standing: ChannelStanding | undefined,
	nowMs: number,
): boolean {
	if (rules.includes("granted") && standing?.isGranted === true) return true;
	if (grant === undefined || !rules.includes("token") || grant.expiresAtMs + TOKEN_LEEWAY_MS <= nowMs) return false;
	// A token says in whole seconds when it was issued: one of the second of the removal is of before it.
	return standing === undefined || standing.isGranted || grant.issuedAtMs > standing.sinceMs;
}

function hasPermission({ permissions }: Identity, permission: string): boolean {
	return permissions.has(permission) || permissions.has("*");
}
