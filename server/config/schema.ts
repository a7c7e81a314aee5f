// The configuration schema: every key there is, with its type, bounds, default and meaning.
import { isIP } from "node:net";
import * as z from "zod";
import { field, flag, integer, milliseconds, optionalText, section, text } from "../../common/option-fields.ts";
import { redisServers, urlWith } from "../../common/option-urls.ts";
import { originProblem } from "../../core/origin.ts";
import { authSection, notifierSection, usersSection } from "../../services/accounts/options.ts";
import { applicationChannelsSection } from "../../services/channels/options.ts";
import { chatSection } from "../../services/chat/options.ts";
import { edgeSection } from "../../services/edge/options.ts";
import { gamesSection } from "../../services/games/options.ts";
import { kafkaSection } from "../../services/kafka/options.ts";
import { keysSection } from "../../services/keys/options.ts";
import { modulesSection } from "../../services/modules/options.ts";
import { notificationsSection } from "../../services/notifications/options.ts";
import { outputsSection } from "../../services/outputs/options.ts";
import { presenceSection } from "../../services/presence/options.ts";
import { idempotencySection } from "../../services/server/options.ts";
import { storageSection } from "../../services/storage/options.ts";
import { discoverySection } from "../../upstreams/discovery/options.ts";
import { upstreamsSection } from "../../upstreams/options.ts";
import { logSchema } from "./schema-log.ts";
import { tracingSchema } from "./schema-tracing.ts";
import { channelsSchema, limitsSchema, ratesSchema } from "./schema-traffic.ts";

export const profiles = ["development", "production", "test"] as const;
/**
 * Variables that say whether a machine is for development, tests or production. They belong to no single program: the first that is
 * set stands in for the profile where neither FRAMEGATE_PROFILE nor the file names one.
 */
export const profileVariables = ["NODE_ENV", "GATEWAY_MODE", "APP_ENV", "FLASK_ENV"] as const;

function isAddressRange(value: string): boolean {
	const [address = "", bits, ...rest] = value.split("/");
	const version = isIP(address);
	if (version === 0 || rest.length > 0) return false;
	return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const originEntry = z.string().superRefine((entry, context) => {
	const message = originProblem(entry);
	if (message !== undefined) context.addIssue({ code: "custom", message });
});

const serverSchema = section({
	host: text({ description: "Address to listen on.", default: "0.0.0.0", aliases: ["HOST"] }),
	port: integer({
		description: "Port for WebSocket and HTTP. 0 takes a free one.",
		min: 0,
		max: 65_535,
		default: 8080,
		aliases: ["PORT"],
	}),
	workers: integer({
		description: "Processes that share the port. More than one needs Redis.",
		min: 1,
		max: 256,
		default: 1,
		aliases: ["WORKERS"],
	}),
	tls: section({
		certFile: optionalText({
			description:
				"Certificate chain, PEM. With keyFile, the port serves TLS. Read again on SIGHUP, as the key is: new connections get it.",
			reloadable: true,
		}),
		keyFile: optionalText({ description: "Private key of the certificate, PEM.", reloadable: true }),
		passphrase: optionalText({ description: "Passphrase of the private key.", secret: true, reloadable: true }),
	}),
	allowedOrigins: field(z.array(originEntry).max(1000).default(["*"]), {
		description:
			"Origins that browsers may connect from; `*` is any, `https://*.example.com` any sub-domain. Apps in a web view send " +
			"schemes of their own, such as `capacitor://localhost`, and pages in files `null` or `file://`. " +
			"Clients that send no Origin are not browsers and always pass.",
		aliases: ["CORS_ORIGINS"],
	}),
	trustedProxies: field(
		z.array(z.string().refine(isAddressRange, "expected an IP address or CIDR range")).max(1000).default([]),
		{ description: "Addresses and CIDR ranges whose X-Forwarded-For is trusted." },
	),
	proxyProtocol: flag({
		description:
			"Take the client's address from the PROXY protocol v2, in headers of at most 52 bytes, sent by a load balancer in front.",
		default: false,
	}),
	httpKeepAlive: flag({
		description:
			"Keep an HTTP connection for a next request, for at least 8 s. Switch it off behind a load balancer that keeps its own " +
			"end for longer and does not try again by itself.",
		default: true,
	}),
	playground: flag({
		description:
			"Serve the playground at /playground: a page that talks to this gateway as any client, for development and training. " +
			"In production off by default.",
		default: true,
	}),
	metricsPort: integer({
		description:
			"Own port for /metrics; worker n takes metricsPort + n - 1. 0 serves it on the main port. In production 9464 by default.",
		min: 0,
		max: 65_535,
		default: 0,
	}),
});

const redisUrl = redisServers.optional();

const redisSchema = section({
	url: field(redisUrl, {
		description:
			"Redis shared by all nodes. Without it, one process keeps sessions in its memory. Sentinels take sentinelUsername, " +
			"sentinelPassword and sentinelTls as parameters.",
		url: true,
		aliases: ["REDIS_URL"],
	}),
	channelsUrl: field(redisUrl, {
		description:
			"Another Redis for channels: their publications and history, which grow with what users send. Then they take no " +
			"memory from sessions, rooms and leases. Without it they are in redis.url.",
		url: true,
	}),
	keyPrefix: field(z.string().max(128).default("framegate:"), {
		description: "Put before every key and pub/sub name. In another database than 0, dbN: follows in pub/sub names.",
	}),
	commandTimeoutMs: milliseconds({ description: "Longest wait for a command.", min: 10, max: 60_000, default: 2000 }),
	connectTimeoutMs: milliseconds({
		description: "Longest wait for a connection.",
		min: 10,
		max: 60_000,
		default: 2000,
	}),
});

/** Characters: what is shorter can be guessed. */
const MIN_ADMIN_TOKEN = 16;

export const configSchema = section({
	profile: field(z.enum(profiles).default("development"), {
		description: "Chooses defaults; production also refuses weak secrets. `testing` means test.",
		defaultText: `${profileVariables.join(", ")}, else development`,
		synonyms: { testing: "test" },
	}),
	dataDir: text({ description: "Directory of what the gateway keeps: SQLite file, development key.", default: "data" }),
	node: section({
		id: field(
			z
				.string()
				.regex(/^[A-Za-z0-9._:-]{1,128}$/, "expected 1 to 128 letters, digits or ._:-")
				.optional(),
			{
				description: "Name of this node, unique among those that share a Redis.",
				defaultText: "host name and a random part",
				aliases: ["GATEWAY_ID"],
			},
		),
	}),
	server: serverSchema,
	limits: limitsSchema,
	rates: ratesSchema,
	channels: channelsSchema,
	chat: chatSection,
	games: gamesSection,
	presence: presenceSection,
	notifications: notificationsSection,
	keys: keysSection,
	idempotency: idempotencySection,
	auth: authSection,
	users: usersSection,
	edge: edgeSection,
	modules: modulesSection,
	discovery: discoverySection,
	outputs: outputsSection,
	upstreams: upstreamsSection,
	kafka: kafkaSection,
	admin: section({
		tokens: field(z.array(z.string().min(MIN_ADMIN_TOKEN).max(1024)).max(100).default([]), {
			description:
				"Tokens of administrators, of at least 16 characters each: /api/reload and /api/reload-config require one. With an " +
				"empty list, no token is accepted.",
			secret: true,
			reloadable: true,
			aliases: ["ADMIN_TOKENS"],
		}),
	}),
	applicationChannels: applicationChannelsSection,
	database: section({
		url: field(urlWith(["sqlite:", "postgres://", "postgresql://", "mysql://", "mariadb://"]).optional(), {
			description: "SQL database of accounts, chat, notifications and the records of games.",
			url: true,
			defaultText: "sqlite:<dataDir>/framegate.db",
			aliases: ["DATABASE_URL"],
		}),
		poolSize: integer({
			description:
				"Connections to the database; unless it is 1, one of them, or two of 5 or more, commit the batches of chat messages.",
			min: 1,
			max: 1000,
			default: 10,
		}),
		timeoutMs: milliseconds({ description: "Longest wait for a query.", min: 10, max: 600_000, default: 5000 }),
	}),
	storage: storageSection,
	redis: redisSchema,
	notifier: notifierSection,
	log: logSchema,
	tracing: tracingSchema,
});

/** The default of a key, by profile. */
export const profileDefaults: Record<(typeof profiles)[number], Readonly<Record<string, unknown>>> = {
	// A drain would delay the exit for one developer's client, and a person who types requests is slower than a program.
	development: {
		"limits.drainWindowMs": 0,
		"limits.authTimeoutMs": 300_000,
		"modules.contractChanges": "report",
		"modules.trial.calls": 0,
	},
	// A plant must not be operated by simulated values.
	// Metrics need no login, and a scrape costs a millisecond: not for every client that reaches the main port.
	production: {
		"log.format": "json",
		"notifier.smtp.requireTls": true,
		"edge.simulator.enabled": false,
		"server.metricsPort": 9464,
		"server.playground": false,
		"modules.watch": false,
	},
	test: {
		"server.host": "127.0.0.1",
		"server.port": 0,
		"database.url": "sqlite::memory:",
		"log.level": "warn",
		"limits.drainWindowMs": 0,
		"modules.watch": false,
		"modules.trial.calls": 0,
	},
};
