// Options of application channels: the section `applicationChannels` of the configuration.
import * as z from "zod";
import { field, integer, MAX_RATE, milliseconds, optionalText, section, text } from "../../common/option-fields.ts";
import { defaultsOf, type OptionsOf } from "../../common/options.ts";
import { JOINS_PREFIX } from "./names.ts";

/** What the gateway's own channels begin with: no namespace can be called so. */
const RESERVED: ReadonlySet<string> = new Set([
	"room",
	"user",
	"events",
	"chat",
	"presence",
	"alarms",
	"rules",
	"other",
	JOINS_PREFIX.slice(0, -1),
]);

const namespaceName = z
	.string()
	.regex(/^[a-z][a-z0-9-]{0,31}$/, "expected 1 to 32 lower-case letters, digits and dashes")
	.refine((name) => !RESERVED.has(name), "is a name of the gateway's own channels");

const accessRule = z
	.string()
	.regex(
		/^(everyone|session|own|token|granted|permission:[A-Za-z0-9._-]{1,64})$/,
		"expected everyone, session, own, token, granted or permission:NAME",
	);

const rateSchema = (perSecond: number, burst: number) =>
	z
		.strictObject({
			perSecond: z.number().min(0).max(MAX_RATE).default(perSecond),
			burst: z.int().min(1).max(MAX_RATE).default(burst),
		})
		.prefault({});

const MAX_NAMESPACES = 64;
const KIB = 1024;
const DAY_MS = 86_400_000;

const namespaceSchema = z.strictObject({
	/** Who may subscribe, and read history and presence: any of the rules suffices; nobody when there is none. */
	subscribe: z.array(accessRule).max(16).default([]),
	/** Who may publish. A backend may in any case. */
	publish: z.array(accessRule).max(16).default([]),
	/** Publications kept of each channel, for recovery and ChannelHistory; 0: none. */
	historySize: z.int().min(0).max(100_000).default(100),
	historyTtlMs: z.int().min(1000).max(DAY_MS).default(600_000),
	historyBytes: z
		.int()
		.min(1024)
		.max(16 * KIB * KIB)
		.default(KIB * KIB),
	/** Clients that present a position are sent what they missed. */
	recovery: z.boolean().default(true),
	/** ChannelPresence answers. */
	presence: z.boolean().default(false),
	/** PresenceEvent is published to those who ask for it; needs `presence`. */
	presenceEvents: z.boolean().default(false),
	/** Clients that ask for it are sent differences between publications. */
	delta: z.boolean().default(false),
	/** Longest data of a publication. */
	maxDataBytes: z
		.int()
		.min(1)
		.max(64 * KIB)
		.default(16 * KIB),
	/** Publications of one user in all channels of the namespace, per process. */
	userRate: rateSchema(10, 50),
	/** Publications of all users in one channel, per process. */
	channelRate: rateSchema(100, 500),
});

const publicKeySchema = z.strictObject({
	id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
	algorithm: z.enum(["EdDSA", "ES256", "RS256"]),
	/** SPKI, PEM. */
	publicKey: z.string().min(1).max(8192),
});

export const applicationChannelsSection = section({
	namespaces: field(
		z
			.record(namespaceName, namespaceSchema)
			.refine((namespaces) => Object.keys(namespaces).length <= MAX_NAMESPACES, `at most ${MAX_NAMESPACES} namespaces`)
			.default({}),
		{
			description:
				"Kinds of channel by the word before the colon of their names: who may subscribe and publish, what is kept, how much may be " +
				"sent. The keys of a namespace are in docs/channels.md.",
		},
	),
	tokens: section({
		secret: optionalText({
			description: "Key of subscription tokens signed with HS256, at least 32 bytes; not the one that signs sessions.",
			secret: true,
		}),
		publicKeys: field(z.array(publicKeySchema).max(32).default([]), {
			description:
				"Keys of subscription tokens signed otherwise, by the `kid` of their header: `{id, algorithm, publicKey}` with EdDSA, ES256 or " +
				"RS256 and the public key as PEM.",
		}),
		audience: text({ description: "`aud` of subscription tokens.", default: "framegate-channels" }),
		maxAgeMs: milliseconds({
			description: "Longest life of a subscription token, from `iat` to `exp`; one of a longer life is refused.",
			min: 1000,
			max: 30 * DAY_MS,
			default: DAY_MS,
		}),
	}),
	subscribeRate: section({
		perSecond: field(z.number().min(0).max(MAX_RATE).default(20), {
			description: "SubscribeChannel requests of one user: sustained rate, per process. 0 switches this limit off.",
			unit: "1/s",
		}),
		burst: integer({
			description: "SubscribeChannel requests of one user: how many at once.",
			min: 1,
			max: MAX_RATE,
			default: 1000,
		}),
	}),
	presence: section({
		leaseMs: milliseconds({
			description: "How long the users of a process count as present in their channels after the process died.",
			min: 300,
			max: 600_000,
			default: 30_000,
		}),
		graceMs: milliseconds({
			description:
				"How long a user without a connection still counts as present in a channel, so that a reconnect publishes no event.",
			min: 0,
			max: 600_000,
			default: 3000,
		}),
		maxUsers: integer({
			description: "Users of one channel that are recorded as present; further ones are not, and cause no events.",
			min: 1,
			max: 100_000,
			default: 10_000,
		}),
		concurrency: integer({
			description: "Presence changes that are recorded concurrently; further ones wait, one per user and channel.",
			min: 1,
			max: 10_000,
			default: 64,
		}),
	}),
});

export type ApplicationChannelsOptions = OptionsOf<typeof applicationChannelsSection>;
export type NamespaceOptions = OptionsOf<typeof namespaceSchema>;
export type ChannelPresenceOptions = ApplicationChannelsOptions["presence"];
export type SubscriptionTokenOptions = ApplicationChannelsOptions["tokens"];

export const applicationChannelsDefaults: ApplicationChannelsOptions = defaultsOf(applicationChannelsSection);

/** A namespace with the defaults for what is not given. @throws ZodError when an option makes no sense. */
export function namespaceOptions(given: z.input<typeof namespaceSchema>): NamespaceOptions {
	return namespaceSchema.parse(given);
}
