// Options of upstreams: the section `upstreams` of the configuration.
import { isIP } from "node:net";
import * as z from "zod";
import { field, integer, section } from "../common/option-fields.ts";
import { deepFreeze, type OptionsOf } from "../common/options.ts";
import { MAX_SENT_BYTES } from "../protocol/message-bounds.ts";
import { isAddress } from "./endpoint-source-static.ts";
import { FIRST_ROUTE, LAST_ROUTE } from "./routes/configured-route.ts";

const MAX_SERVICES = 64;
const MAX_ROUTES = 64;
/** As many topics as there may be, beside those of chat, events and dead letters. */
const MAX_TOPIC_ROUTES = 60;
const MINUTE_MS = 60_000;
/** Of a reply: the envelope around it has room beside it. */
const MAX_REPLY_BYTES = MAX_SENT_BYTES - 4096;

const path = z.string().min(1).max(4096);
const serviceName = z
	.string()
	.regex(/^[a-z][a-z0-9-]{0,31}$/, "expected 1 to 32 lower-case letters, digits and dashes");
const address = z.string().refine(isAddress, "expected host:port, with IPv6 addresses in brackets");
const dnsName = z
	.string()
	.max(253)
	.refine(
		(text) => isAddress(text) || /^_[A-Za-z0-9._-]+$/.test(text),
		"expected host:port or the name of SRV records",
	);
const network = z.string().refine(isNetwork, "expected an IP address or CIDR range");
const milliseconds = (min: number, max: number, value: number) => z.int().min(min).max(max).default(value);
const share = (value: number) => z.number().min(0).max(1).default(value);

function isNetwork(text: string): boolean {
	const [ip = "", bits, ...rest] = text.split("/");
	const version = isIP(ip);
	if (version === 0 || rest.length > 0) return false;
	return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const serviceSchema = z
	.strictObject({
		/** Endpoints that are always the same. */
		addresses: z.array(address).min(1).max(256).optional(),
		/** `host:port`, whose addresses are the endpoints, or the name of SRV records. */
		dns: dnsName.optional(),
		dnsIntervalMs: milliseconds(100, 60 * MINUTE_MS, 5000),
		/** A registry that is configured elsewhere, and the name of the service in it. */
		discover: z.strictObject({ from: z.enum(["etcd", "nacos"]), name: z.string().min(1).max(1024) }).optional(),
		/** Where endpoints may be; an empty list: anywhere but at link-local, multicast and unspecified addresses. */
		allowedNetworks: z.array(network).max(100).default([]),
		/** TLS to the endpoints; without it, plain text. */
		tls: z
			.strictObject({
				caFile: path.optional(),
				certFile: path.optional(),
				keyFile: path.optional(),
				/** Name in their certificates, where it is not the host. */
				serverName: z.string().min(1).max(253).optional(),
			})
			.refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
				message: "certFile and keyFile belong together",
			})
			.optional(),
		/** Whether endpoints are asked if they serve (grpc.health.v1). */
		health: z.boolean().default(true),
		/** Whose health is asked; "" is the server as a whole. */
		healthService: z.string().max(256).default(""),
		/** Pings on connections with calls; 0: none. Servers end connections that ping more often than they allow, 5 min by default in Go. */
		keepAliveMs: milliseconds(0, 60 * MINUTE_MS, 5 * MINUTE_MS),
		/** Calls and streams on one endpoint at a time; further ones go elsewhere or wait. */
		maxInFlight: z.int().min(1).max(100_000).default(256),
		/** Calls that wait for an endpoint; further ones are UNAVAILABLE. */
		maxWaiting: z.int().min(0).max(100_000).default(1000),
		waitTimeoutMs: milliseconds(1, MINUTE_MS, 500),
		/** Of a call that may be repeated. */
		attemptTimeoutMs: milliseconds(10, 10 * MINUTE_MS, 1000),
		maxAttempts: z.int().min(1).max(10).default(3),
		/** Repeats by calls. */
		retryShare: share(0.2),
		/** Repeats a second that are allowed in any case. */
		retryFloor: z.number().min(0).max(1000).default(10),
		slowStartMs: milliseconds(0, 10 * MINUTE_MS, 10_000),
		ejection: z
			.strictObject({
				/** Failures in a row; 0: no ejection. */
				consecutiveFailures: z.int().min(0).max(1000).default(5),
				baseMs: milliseconds(100, 60 * MINUTE_MS, 10_000),
				maxMs: milliseconds(100, 24 * 60 * MINUTE_MS, 5 * MINUTE_MS),
				maxShare: share(0.1),
			})
			.prefault({}),
		breaker: z
			.strictObject({
				windowMs: milliseconds(100, 10 * MINUTE_MS, 10_000),
				minCalls: z.int().min(1).max(100_000).default(20),
				failureShare: z.number().min(0.01).max(1).default(0.5),
				openMs: milliseconds(100, 10 * MINUTE_MS, 1000),
				maxOpenMs: milliseconds(100, 60 * MINUTE_MS, 30_000),
			})
			.prefault({}),
		/** For how long endpoints stay that a much shorter list does not name. */
		protectMs: milliseconds(0, 60 * MINUTE_MS, MINUTE_MS),
		maxReplyBytes: z.int().min(1024).max(MAX_REPLY_BYTES).default(MAX_REPLY_BYTES),
	})
	.refine(({ addresses, dns, discover }) => [addresses, dns, discover].filter(Boolean).length === 1, {
		message: "one of addresses, dns and discover is needed",
	});

const permission = z.string().regex(/^[a-z][A-Za-z0-9._:-]{0,63}$/, "expected the name of a permission");
const sticky = z
	.string()
	.regex(
		/^(user|session|address|request\.[A-Za-z_][A-Za-z0-9_]{0,63})$/,
		"expected user, session, address or request.FIELD",
	);

const count = z.int().min(0).max(1_000_000).optional();
/** Of the fields of a request, by path. */
const rulesSchema = z
	.record(
		z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,9}$/, "expected the path of a field"),
		z.strictObject({
			/** A text, bytes, list or message that is there, a number that is not 0. */
			required: z.boolean().optional(),
			/** Characters of a text, or bytes. */
			minLen: count,
			maxLen: count,
			/** Which the whole text must match. */
			pattern: z.string().min(1).max(1000).optional(),
			min: z.number().optional(),
			max: z.number().optional(),
			/** Of a list or a map. */
			minItems: count,
			maxItems: count,
			/** The value of an enum must be a known one. */
			definedOnly: z.boolean().optional(),
		}),
	)
	.optional();

const routeFields = {
	permission: permission.optional(),
	cost: z.int().min(1).max(1000).optional(),
	timeoutMs: z
		.int()
		.min(1)
		.max(24 * 60 * MINUTE_MS)
		.optional(),
	/** Overrides the idempotency_level of the method. */
	idempotent: z.boolean().optional(),
	/** Calls on one connection run one after the other. */
	ordered: z.boolean().optional(),
	sticky: sticky.optional(),
};

const methodSchema = z.strictObject({
	number: z.int().min(FIRST_ROUTE).max(LAST_ROUTE).optional(),
	/** Second half of the route's name; the method's name by default, with a small first letter. */
	name: z
		.string()
		.regex(/^[a-z][A-Za-z0-9]{0,47}$/, "expected a lower-case letter and letters or digits")
		.optional(),
	/** What requests must hold, beside the rules of their files. */
	rules: rulesSchema,
	...routeFields,
});

const routesSchema = z.strictObject({
	/** First half of the routes' names. */
	name: z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/, "expected a lower-case letter and letters or digits"),
	/** Of upstreams.services. */
	service: serviceName,
	descriptorSet: path.optional(),
	proto: path.optional(),
	includes: z.array(path).max(100).default([]),
	/** Full name: `acme.orders.v1.OrderService`. */
	grpcService: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.]{0,255}$/, "expected package.Service"),
	/** Numbers of all methods, in the order of the file: `9000-9019`. Without it those with a number in `methods` are served. */
	numbers: z
		.string()
		.regex(/^\d{4}-\d{4}$/, "expected two numbers, as in 9000-9019")
		.optional(),
	...routeFields,
	methods: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), methodSchema).default({}),
});

const topicRouteSchema = z
	.strictObject({
		number: z.int().min(FIRST_ROUTE).max(LAST_ROUTE),
		/** `module.function`, of which the path over HTTP is made. */
		name: z
			.string()
			.regex(
				/^[a-z][A-Za-z0-9]{0,31}\.[a-z][A-Za-z0-9]{0,47}$/,
				"expected module.function, each of letters and digits",
			),
		/** Of Kafka. */
		topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, "expected 1 to 249 letters, digits or ._-"),
		/** What keeps its order: records with the same key are in one partition. */
		key: z
			.string()
			.regex(
				/^(none|user|session|address|request\.[A-Za-z_][A-Za-z0-9_]{0,63})$/,
				"expected none, user, session, address or request.FIELD",
			)
			.default("user"),
		/** Full name of the request's type, in a file below. Without it a body is any bytes, and that of a client which speaks JSON is its JSON. */
		message: z
			.string()
			.regex(/^[A-Za-z_][A-Za-z0-9_.]{0,255}$/, "expected package.Message")
			.optional(),
		descriptorSet: path.optional(),
		proto: path.optional(),
		includes: z.array(path).max(100).default([]),
		/** What requests must hold, beside the rules of their file. */
		rules: rulesSchema,
		/** Header of the records; by default `application/x-protobuf` with a message, else `application/octet-stream`. */
		contentType: z
			.string()
			.regex(/^[!-~]{1,128}$/, "expected a media type")
			.optional(),
		permission: routeFields.permission,
		cost: routeFields.cost,
		timeoutMs: routeFields.timeoutMs,
		ordered: routeFields.ordered,
	})
	.refine(
		({ message, descriptorSet, proto }) =>
			(message === undefined) === (descriptorSet === undefined && proto === undefined),
		{ message: "message and one of descriptorSet and proto belong together" },
	)
	.refine(({ message, rules }) => message !== undefined || rules === undefined, {
		message: "rules need a message",
	});

export const upstreamsSection = section({
	services: field(
		z
			.record(serviceName, serviceSchema)
			.refine((services) => Object.keys(services).length <= MAX_SERVICES, `at most ${MAX_SERVICES} services`)
			.default({}),
		{
			description:
				"gRPC services that routes are answered by, by name: where their endpoints are, and how calls are balanced, repeated and bounded. " +
				"The keys of a service are in docs/upstreams.md.",
		},
	),
	routes: field(z.array(routesSchema).max(MAX_ROUTES).default([]), {
		description:
			`Routes ${FIRST_ROUTE} to ${LAST_ROUTE}: each entry gives methods of one gRPC service protocol numbers. The keys of an entry are in ` +
			"docs/upstreams.md.",
	}),
	topicRoutes: field(z.array(topicRouteSchema).max(MAX_TOPIC_ROUTES).default([]), {
		description:
			`Routes ${FIRST_ROUTE} to ${LAST_ROUTE} whose requests are written to topics of Kafka: each entry is one route. Needs kafka.brokers. ` +
			"The keys of an entry are in docs/kafka.md.",
	}),
	maxStreams: integer({
		description: "Streams that are open at a time, of all connections; further ones are UNAVAILABLE.",
		min: 1,
		max: 1_000_000,
		default: 2000,
	}),
	maxStreamsPerConnection: integer({
		description: "Streams that are open at a time on one connection; further ones are RATE_LIMITED.",
		min: 1,
		max: 1000,
		default: 16,
	}),
});

/** Of every key that has one. */
export const upstreamServiceDefaults = deepFreeze(serviceSchema.parse({ addresses: ["127.0.0.1:1"] }));

export type UpstreamsOptions = OptionsOf<typeof upstreamsSection>;
export type UpstreamServiceSettings = UpstreamsOptions["services"][string];
export type UpstreamRoutesSettings = UpstreamsOptions["routes"][number];
export type TopicRouteSettings = UpstreamsOptions["topicRoutes"][number];
