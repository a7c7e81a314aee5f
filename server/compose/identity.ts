// Identity from elsewhere, and guests: the issuers of the configuration with their keys, their sessions, and what ends them.
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { CredentialKind } from "../../services/accounts/credentials.ts";
import { Guests } from "../../services/accounts/guests.ts";
import { IssuerRevocation } from "../../services/accounts/issuers/issuer-revocation.ts";
import { IssuerSessions } from "../../services/accounts/issuers/issuer-sessions.ts";
import { IssuerUsers } from "../../services/accounts/issuers/issuer-users.ts";
import { HttpKeySource } from "../../services/accounts/issuers/key-source-http.ts";
import { TokenIssuer } from "../../services/accounts/issuers/token-issuer.ts";
import type { Passwords } from "../../services/accounts/passwords.ts";
import type { Permissions } from "../../services/accounts/permissions.ts";
import type { Sessions } from "../../services/accounts/sessions.ts";
import type { TokenRevocations } from "../../services/accounts/token-revocations.ts";
import type { Config } from "../config/config.ts";
import type { Stores } from "./stores.ts";

export interface IdentityServices {
	readonly issuers: readonly TokenIssuer[];
	readonly issuerUsers: IssuerUsers;
	readonly revocation: IssuerRevocation;
	readonly guests: Guests;
	/** Kinds of bearer tokens: none without issuers, so that tokens of our own cost what they did. */
	readonly credentials: readonly CredentialKind[];
	/** Begins to fetch the keys of issuers, and waits for none. */
	start(): void;
	close(): Promise<void>;
}

export interface IdentityParts {
	readonly config: Config;
	readonly stores: Stores;
	readonly sessions: Sessions;
	readonly passwords: Passwords;
	readonly permissions: Permissions;
	readonly revocations: TokenRevocations;
	readonly hooks: Hooks;
	readonly clock: Clock;
	readonly logger: Logger;
}

const HOUR_MS = 3_600_000;

/** Kept until every token that may be meant has expired, by whichever clock. */
export function openRevocations({ auth }: Config, { revocations }: Stores): TokenRevocations {
	const lifetimes = auth.issuers.map(({ maxTokenLifetimeMs, clockSkewMs }) => maxTokenLifetimeMs + 3 * clockSkewMs);
	return revocations(Math.max(HOUR_MS, ...lifetimes) + HOUR_MS);
}

export function openIdentity(parts: IdentityParts): IdentityServices {
	const { config, stores, sessions, passwords, revocations, permissions, clock, logger } = parts;
	const { auth } = config;
	const { users, identities, quota } = stores;
	const issuers = auth.issuers.map((options) => {
		return new TokenIssuer({ source: new HttpKeySource(options), clock, logger }, options);
	});
	const issuerUsers = new IssuerUsers({ identities, users, quota, clock });
	const shared = {
		hooks: parts.hooks,
		sessions,
		store: stores.sessions,
		revocations,
		identities,
		users,
		clock,
		logger,
	};
	const issuerSessions = new IssuerSessions({ ...shared, issuers, issuerUsers, permissions });
	const limiter = stores.limiter("guest-ip", auth.attempts.guestPerIp);
	const guests = new Guests(
		{ ...shared, issuerSessions, passwords, limiter, quota },
		{ ...auth.guests, defaultRole: auth.defaultRole, registrationEnabled: auth.registrationEnabled },
	);
	return {
		issuers,
		issuerUsers,
		revocation: new IssuerRevocation({ ...shared, issuerSessions }),
		guests,
		credentials: issuers.length === 0 ? [] : [issuerSessions],
		start: () => {
			for (const { keys } of issuers) keys?.start();
		},
		close: async () => {
			for (const { keys } of issuers) await keys?.close();
		},
	};
}
