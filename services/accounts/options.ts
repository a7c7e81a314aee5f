// Options of accounts: the sections `auth` and `notifier` of the configuration.
import * as z from "zod";
import { field, flag, integer, milliseconds, optionalText, section, text } from "../../common/option-fields.ts";
import { urlWith } from "../../common/option-urls.ts";
import type { OptionsOf } from "../../common/options.ts";
import { ISSUERS_DESCRIPTION, issuerSchema } from "./issuers/options.ts";

const name = z
	.string()
	.regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 letters, digits, dots, dashes or underscores");
const permission = z.string().regex(/^(\*|[A-Za-z0-9._-]{1,64})$/, "expected a permission name or *");
const path = z.string().min(1).max(4096);

const keySchema = z.strictObject({
	id: name,
	secret: z.string().min(1).max(8192).optional(),
	secretFile: path.optional(),
	privateKeyFile: path.optional(),
	publicKeyFile: path.optional(),
});

/** Points within a window: the shape that limits of attempts have. */
function attempts(what: string, points: number, windowMs: number) {
	return section({
		points: integer({ description: `${what}: how many in a window.`, min: 1, max: 1_000_000, default: points }),
		windowMs: milliseconds({ description: `${what}: the window.`, min: 1000, default: windowMs }),
	});
}

const passwordHashSection = section({
	memoryKiB: integer({
		description: "argon2id memory per hash. The default is what OWASP recommends at least.",
		unit: "KiB",
		min: 8,
		max: 4_194_304,
		default: 19_456,
	}),
	iterations: integer({ description: "argon2id passes.", min: 1, max: 100, default: 2 }),
	parallelism: integer({ description: "argon2id lanes.", min: 1, max: 64, default: 1 }),
	maxConcurrent: integer({ description: "Hashes computed at once.", min: 1, max: 64, default: 2 }),
	maxQueued: integer({
		description:
			"Hashes waiting, of addresses in turn; beyond it those of the address with most waiting are refused with UNAVAILABLE.",
		min: 0,
		max: 100_000,
		default: 100,
	}),
	maxQueuedPerAddress: integer({
		description: "Hashes waiting for one address (IPv6: /64); beyond it they are refused with UNAVAILABLE.",
		min: 1,
		max: 100_000,
		default: 100,
	}),
	maxQueuedPerAccount: integer({
		description: "Hashes waiting for one account, from all addresses; beyond it they are refused with UNAVAILABLE.",
		min: 1,
		max: 100_000,
		default: 10,
	}),
});

export const authSection = section({
	issuer: text({ description: "`iss` of the tokens.", default: "framegate" }),
	audience: text({ description: "`aud` of the tokens.", default: "framegate" }),
	algorithm: field(z.enum(["HS256", "EdDSA"]).default("HS256"), { description: "How new tokens are signed." }),
	secret: optionalText({
		description: "Short for one HS256 key with the id `default`. At least 32 bytes; in production, no well-known ones.",
		secret: true,
		aliases: ["JWT_SECRET", "JWT_SECRET_KEY"],
	}),
	activeKeyId: field(name.optional(), {
		description: "The key that signs; the others only verify, so that keys can be rotated.",
		defaultText: "the first key",
	}),
	keys: field(z.array(keySchema).max(32).default([]), {
		description:
			"Keys: `{id, secret | secretFile}` for HS256, `{id, privateKeyFile | publicKeyFile}` (Ed25519 PEM) for EdDSA. " +
			"Outside production, a random key is kept in dataDir when there are none.",
		secret: true,
	}),
	accessTokenTtlMs: milliseconds({ description: "Life of an access token.", min: 1000, default: 900_000 }),
	refreshTokenTtlMs: milliseconds({
		description: "Life of a refresh token, and so of an unused session.",
		min: 1000,
		default: 2_592_000_000,
	}),
	maxSessionMs: milliseconds({
		description: "Longest life of a session however much it is used; then the user logs in again. 0 is no limit.",
		min: 0,
		default: 0,
	}),
	refreshReuseLeewayMs: milliseconds({
		description:
			"A used refresh token is taken again within this time, for clients that lost the answer: 10000 suits mobile " +
			"networks, where otherwise each lost answer ends a session. 0 is strictest: any second use ends the session.",
		min: 0,
		max: 60_000,
		default: 0,
	}),
	maxSessionsPerUser: integer({
		description: "Sessions of one user; a newer one evicts the oldest.",
		min: 1,
		max: 1000,
		default: 10,
	}),
	roles: field(
		z.record(name, z.array(permission).max(1000)).default({
			guest: [],
			user: [],
			viewer: ["edge.read"],
			engineer: ["edge.read", "edge.write", "alarm.ack"],
			admin: ["*"],
		}),
		{ description: "Roles and the permissions they grant; `*` grants all. Replaces the default as a whole." },
	),
	defaultRole: field(name.default("user"), { description: "The role of users who registered themselves." }),
	registrationEnabled: flag({ description: "Whether anyone may register.", default: true }),
	issuers: field(z.array(issuerSchema).max(16).default([]), { description: ISSUERS_DESCRIPTION, secret: true }),
	guests: section({
		enabled: flag({
			description: "Whether clients may log in as guests, by a secret that their device has made.",
			default: false,
		}),
		role: field(name.default("guest"), { description: "The role of guests, until they join an account." }),
		maxSessions: integer({
			description: "Sessions of one guest; a newer one evicts the oldest.",
			min: 1,
			max: 1000,
			default: 2,
		}),
	}),
	passwordHash: passwordHashSection,
	attempts: section({
		loginPerAccount: attempts(
			"Logins to one account; an address or device that has logged in to it within 90 days has a count of its own",
			10,
			900_000,
		),
		loginPerIp: attempts("Logins from one address that failed", 100, 900_000),
		registerPerIp: attempts("Registrations from one address", 20, 3_600_000),
		guestPerIp: attempts("New guests from one address; those that are there already do not count", 60, 3_600_000),
		forgotPerAccount: attempts(
			"Reset codes for one account, with counts of their own as for loginPerAccount",
			3,
			3_600_000,
		),
		forgotPerIp: attempts("Reset codes asked from one address", 20, 3_600_000),
		resetCode: attempts(
			"Guesses of one account's reset code, with counts of their own as for loginPerAccount",
			5,
			900_000,
		),
		resetCodePerIp: attempts("Wrong guesses of reset codes from one address", 30, 900_000),
	}),
	resetCodeTtlMs: milliseconds({
		description: "Life of a password reset code.",
		min: 10_000,
		max: 86_400_000,
		default: 600_000,
	}),
});

export const usersSection = section({
	maxMetadataBytes: integer({
		description: "The metadata of one user, as JSON; what would be longer is refused with VALIDATION_FAILED.",
		unit: "bytes",
		min: 256,
		max: 8192,
		default: 4096,
	}),
});

export const notifierSection = section({
	kind: field(z.enum(["log", "smtp", "webhook"]).default("log"), {
		description: "How messages such as reset codes reach users; `log` writes them to the log, for development.",
	}),
	smtp: section({
		url: field(urlWith(["smtp://", "smtps://"]).optional(), { description: "Mail server.", url: true }),
		from: text({ description: "Sender address.", default: "framegate@localhost" }),
		requireTls: flag({
			description: "Send no mail over a connection that is not encrypted: `smtp://` has to offer STARTTLS.",
			default: false,
		}),
	}),
	webhook: section({
		url: field(urlWith(["http://", "https://"]).optional(), { description: "Gets a POST per message.", url: true }),
		secret: optionalText({ description: "Signs the POST: HMAC-SHA256.", secret: true }),
	}),
});

export type AuthOptions = OptionsOf<typeof authSection>;
export type UsersOptions = OptionsOf<typeof usersSection>;
export type NotifierOptions = OptionsOf<typeof notifierSection>;
