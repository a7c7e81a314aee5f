// Issuers, guests and sessions as the gateway composes them, on memory stores and SQLite, with issuers whose keys the test holds.
import { Credentials, sessionTokens } from "../../../../services/accounts/credentials.ts";
import { Guests, type GuestsOptions } from "../../../../services/accounts/guests.ts";
import { IssuerRevocation } from "../../../../services/accounts/issuers/issuer-revocation.ts";
import { IssuerSessions } from "../../../../services/accounts/issuers/issuer-sessions.ts";
import { IssuerUsers } from "../../../../services/accounts/issuers/issuer-users.ts";
import { TokenIssuer } from "../../../../services/accounts/issuers/token-issuer.ts";
import { Sessions } from "../../../../services/accounts/sessions.ts";
import { SqlIdentityStore } from "../../../../services/accounts/store/identity-store-sql.ts";
import { MemoryTokenRevocations } from "../../../../services/accounts/token-revocations-memory.ts";
import { type AccountServicesOptions, accountServices, unlimited } from "../../../support/account-services.ts";
import { HeldKeys, issuerOptions, signingKey, signToken } from "./issuer-fixture.ts";

const DAY_MS = 86_400_000;

export const OTHER_ISS = "https://other.example.org";

export interface IdentityServicesOptions extends AccountServicesOptions {
	/** Of the issuer `company`. */
	readonly issuer?: object;
	readonly guests?: Partial<GuestsOptions>;
}

export async function identityServices(options: IdentityServicesOptions = {}) {
	const services = await accountServices(options);
	const { clock, logger, database, users, permissions, passwords, store, bus, tokens } = services;
	const revocations = new MemoryTokenRevocations(clock.now, 2 * DAY_MS);
	const sessions = new Sessions(
		{ store, users, tokens, permissions, bus, revocations, clock, logger },
		{
			...{ accessTokenTtlMs: 900_000, refreshTokenTtlMs: 30 * DAY_MS, maxSessionMs: 0 },
			...{ maxSessionsPerUser: 3, refreshReuseLeewayMs: 0, ...options.sessions },
		},
	);
	const [key, otherKey] = await Promise.all([signingKey("k1"), signingKey("k1")]);
	const roles = { default: ["player"] };
	const company = issuerOptions({ roles, ...options.issuer });
	const other = issuerOptions({ name: "other", issuer: OTHER_ISS, roles });
	const issuers = [
		new TokenIssuer({ source: new HeldKeys(key), clock, logger }, company),
		new TokenIssuer({ source: new HeldKeys(otherKey), clock, logger }, other),
	];
	const identities = new SqlIdentityStore(database, users);
	const issuerUsers = new IssuerUsers({ identities, users, clock });
	const shared = { sessions, store, revocations, identities, users, clock, logger };
	const issuerSessions = new IssuerSessions({ ...shared, issuers, issuerUsers, permissions });
	const guests = new Guests(
		{ ...shared, issuerSessions, passwords, limiter: unlimited },
		{
			...{ enabled: true, role: "guest", maxSessions: 2, defaultRole: "player", registrationEnabled: true },
			...options.guests,
		},
	);
	return {
		...services,
		...{ sessions, revocations, identities, issuerUsers, issuerSessions, guests },
		revocation: new IssuerRevocation({ ...shared, issuerSessions }),
		credentials: new Credentials([issuerSessions, sessionTokens(sessions)]),
		/** A token of the issuer `company`. */
		token: (claims: Readonly<Record<string, unknown>> = {}) => signToken(key, clock.now(), claims),
		/** A token of the issuer `other`. */
		otherToken: (claims: Readonly<Record<string, unknown>> = {}) => {
			return signToken(otherKey, clock.now(), { iss: OTHER_ISS, ...claims });
		},
	};
}
