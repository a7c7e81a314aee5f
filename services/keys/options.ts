// Options of API keys: the section `keys` of the configuration.
import * as z from "zod";
import { field, integer, MAX_RATE, milliseconds, section } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";

const DAY_MS = 86_400_000;

/** As in key.proto. */
export const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;
export const CHANNEL_SCOPE = /^(\*|[A-Za-z0-9!#$%&()+,\-./:;<=>?@[\]^_|~]{1,200})$/;
export const PERMISSION = /^(\*|[A-Za-z0-9._-]{1,64})$/;

const fixedKey = z.strictObject({
	name: z.string().regex(KEY_NAME, "expected 1 to 64 letters, digits, spaces, dots, dashes or underscores"),
	secret: z.string().min(1).max(8192).optional(),
	secretFile: z.string().min(1).max(4096).optional(),
	permissions: z.array(z.string().regex(PERMISSION, "expected a permission name or *")).min(1).max(100),
	channels: z.array(z.string().regex(CHANNEL_SCOPE, "expected a prefix of channel names or *")).min(1).max(100),
	perSecond: z.number().min(1).max(MAX_RATE).optional(),
	burst: z.int().min(1).max(MAX_RATE).optional(),
});

export const keysSection = section({
	fixed: field(z.array(fixedKey).max(100).default([]), {
		description:
			"API keys from the configuration: `{name, secret | secretFile, permissions, channels, perSecond, burst}`. The secret is the " +
			"whole bearer token, 24 bytes or more and in production no well-known one. `channels` holds prefixes, or `*`.",
		secret: true,
	}),
	maxKeys: integer({
		description: "API keys in the database, revoked and expired ones left out; beyond it none can be made.",
		min: 1,
		max: 10_000,
		default: 1000,
	}),
	perSecond: integer({
		description: "Request cost a second of a key that has no rate of its own, per process.",
		unit: "1/s",
		min: 1,
		max: MAX_RATE,
		default: 2000,
	}),
	burst: integer({ description: "The same: how many at once.", min: 1, max: MAX_RATE, default: 4000 }),
	keptMs: milliseconds({
		description: "How long a key that was revoked or has expired stays in the list.",
		min: 0,
		default: 90 * DAY_MS,
	}),
});

export type KeysOptions = OptionsOf<typeof keysSection>;

export const keysDefaults: KeysOptions = defaultsOf(keysSection);
