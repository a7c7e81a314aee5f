// Services of the operator and the routes that they answer: what the configuration names is opened here, and joined with the route table.
import { systemClock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { TlsFileSet } from "../../common/tls-files.ts";
import type { Call } from "../../core/call.ts";
import type { Step } from "../../core/pipeline.ts";
import type { BoundModule } from "../../core/route-table.ts";
import type { AnyRouteContract, JsonForm, RelayedBody } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { pushes, StreamMessage } from "../../protocol/gen/schema.ts";
import type { JsonTranscoder } from "../../protocol/json.ts";
import { isSendable } from "../../protocol/message-bounds.ts";
import type { RequestUplink } from "../../services/kafka/request-uplink.ts";
import { allowedNetworks } from "../../upstreams/allowed-networks.ts";
import type { EndpointSource } from "../../upstreams/endpoint-source.ts";
import { DnsEndpoints } from "../../upstreams/endpoint-source-dns.ts";
import { parseAddress, StaticEndpoints } from "../../upstreams/endpoint-source-static.ts";
import type { OpenEndpoint } from "../../upstreams/endpoint-transport.ts";
import type { UpstreamServiceSettings } from "../../upstreams/options.ts";
import { type ConfiguredRoute, contractOf } from "../../upstreams/routes/configured-route.ts";
import type { RouteBackend, RouteCall } from "../../upstreams/routes/route-backend.ts";
import { Streams, type StreamsOptions } from "../../upstreams/streams.ts";
import { UpstreamService } from "../../upstreams/upstream-service.ts";
import { systemSchedule } from "../../upstreams/waiting-calls.ts";
import type { Config } from "../config/config.ts";
import { isReservedName } from "./modules.ts";
import { openTopicRoutes } from "./topic-routes.ts";

/** Endpoints of a service at most; those behind are not used. */
const MAX_ENDPOINTS = 256;

export interface UpstreamParts {
	readonly config: Config;
	readonly logger: Logger;
	readonly tlsFiles: TlsFileSet;
	/** What a discovery server lists. @throws Error when it is not configured. */
	readonly discovered: (kind: "etcd" | "nacos") => EndpointSource;
}

/** Before the process is composed. */
export interface OpenUpstreams {
	readonly services: readonly UpstreamService[];
	/** Those that services answer, and those that write to topics. @throws Error that names the route or file which cannot be used. */
	routes(requests: RequestUplink | undefined): readonly ConfiguredRoute[];
	/** What answers routes of ours by the methods of a service. @throws Error when there is no such service. */
	delegate(name: string): (contract: AnyRouteContract) => RouteBackend;
	start(): void;
	close(): Promise<void>;
}

/**
 * Reads the files of all routes, and makes the services; nothing is connected yet. What gRPC needs is loaded when there are services.
 *
 * @throws Error that names the service, route or file which cannot be used.
 */
export async function openUpstreams(parts: UpstreamParts): Promise<OpenUpstreams> {
	const { upstreams, node } = parts.config;
	const makeTopicRoutes = await openTopicRoutes(parts.config);
	const names = Object.keys(upstreams.services);
	if (names.length === 0 && upstreams.routes.length === 0) {
		const none = { services: [], delegate: noService, start: () => {}, close: async () => {} };
		return { ...none, routes: (requests) => makeTopicRoutes(requests, []) };
	}
	const [{ openerOf }, { GrpcBackend }, { configuredRoutes }] = await Promise.all([
		import("../../upstreams/grpc/open-endpoint.ts"),
		import("../../upstreams/grpc/grpc-backend.ts"),
		import("../../upstreams/routes/configured-routes.ts"),
	]);
	const services = new Map(
		Object.entries(upstreams.services).map(([name, settings]) => {
			const tls = settings.tls && parts.tlsFiles.open(`upstreams.services.${name}.tls`, settings.tls).material;
			const open = openerOf(name, { ...settings, tls, serverName: serverNameOf(settings) }, parts.logger);
			return [name, serviceOf(name, settings, open, parts)] as const;
		}),
	);
	const routes = configuredRoutes(upstreams.routes, ({ service: name, ...facts }) => {
		const service = services.get(name);
		if (service === undefined) throw new Error(`there is no service ${name} in upstreams.services`);
		return new GrpcBackend({ ...facts, service, gateway: node.id });
	});
	for (const { name } of upstreams.routes) {
		if (isReservedName(name)) throw new Error(`upstreams.routes: the name ${name} belongs to the gateway`);
	}
	return {
		services: [...services.values()],
		routes: (requests) => [...routes, ...makeTopicRoutes(requests, routes)],
		delegate: (name) => {
			const service = services.get(name) ?? noService(name);
			return ({ rpcPath: path, idempotent: isIdempotent }) =>
				new GrpcBackend({
					...{ service, path, isIdempotent },
					sticky: undefined,
					streamTimeoutMs: undefined,
					gateway: node.id,
				});
		},
		start: () => {
			for (const service of services.values()) service.start();
		},
		close: async () => {
			await Promise.all([...services.values()].map((service) => service.close()));
		},
	};
}

function noService(name: string): never {
	throw new Error(`there is no service ${name} in upstreams.services`);
}

/** The name that certificates are checked for: endpoints found by a host name have that of the host. */
function serverNameOf({ tls, dns }: UpstreamServiceSettings): string {
	if (tls?.serverName !== undefined) return tls.serverName;
	return tls === undefined || dns === undefined || dns.startsWith("_") ? "" : parseAddress(dns).host;
}

function serviceOf(
	name: string,
	settings: UpstreamServiceSettings,
	open: OpenEndpoint,
	{ logger, discovered }: UpstreamParts,
): UpstreamService {
	const { retryShare, retryFloor, protectMs, allowedNetworks: networks, ...rest } = settings;
	const { source, sourceName } = sourceOf(name, settings, logger, discovered);
	return new UpstreamService({
		...rest,
		name,
		source,
		sourceName,
		open,
		// What a registry names is an address; what the operator writes, or a name server answers, may be a name.
		isAllowed: allowedNetworks(networks, networks.length === 0 && settings.discover === undefined),
		maxEndpoints: MAX_ENDPOINTS,
		holdMs: protectMs,
		retries: { share: retryShare, floorPerSecond: retryFloor },
		nowMs: systemClock.monotonic,
		random: Math.random,
		schedule: systemSchedule,
		logger,
	});
}

function sourceOf(
	name: string,
	{ addresses, dns, dnsIntervalMs, discover }: UpstreamServiceSettings,
	logger: Logger,
	discovered: UpstreamParts["discovered"],
): { readonly source: EndpointSource; readonly sourceName: string } {
	if (addresses !== undefined) return { source: new StaticEndpoints(addresses), sourceName: name };
	if (dns !== undefined) {
		const onError = (asked: string, error: unknown) => {
			logger.warn(
				{ upstream: name, dns: asked, err: error },
				"endpoints could not be resolved; those known before are kept",
			);
		};
		return { source: new DnsEndpoints({ intervalMs: dnsIntervalMs, onError }), sourceName: dns };
	}
	if (discover === undefined) throw new Error(`upstreams.services.${name}: no endpoints are given`);
	try {
		return { source: discovered(discover.from), sourceName: discover.name };
	} catch (error) {
		throw new Error(`upstreams.services.${name}: ${(error as Error).message}`);
	}
}

export interface ConfiguredRouteParts {
	readonly upstreams: Pick<OpenUpstreams, "routes">;
	readonly kafka: { readonly requests: RequestUplink | undefined };
	readonly config: () => Config;
	readonly json: () => JsonTranscoder;
	/** Longest time of a call, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
}

/** Routes of the configuration, for the table, and the streams that they open. */
export function openConfiguredRoutes(parts: ConfiguredRouteParts) {
	const { json, callTimeoutMs } = parts;
	const routes = parts.upstreams.routes(parts.kafka.requests);
	const { upstreams, limits } = parts.config();
	const streams = new Streams({
		maxStreams: upstreams.maxStreams,
		maxPerConnection: upstreams.maxStreamsPerConnection,
		maxUnreadBytes: limits.maxBackpressureBytes / 4,
		send: streamSender(json),
	});
	return { streams, configured: configuredModules(routes, { streams, callTimeoutMs }) };
}

interface StepParts extends Pick<ConfiguredRouteParts, "callTimeoutMs"> {
	readonly streams: Streams;
}

function configuredModules(routes: readonly ConfiguredRoute[], parts: StepParts): readonly BoundModule[] {
	const moduleOf = ({ name }: ConfiguredRoute): string => name.split(".", 1)[0] ?? "";
	const bound = (route: ConfiguredRoute) => ({ contract: contractOf(route), last: stepOf(route, parts) });
	return [...new Set(routes.map(moduleOf))].map((name) => ({
		name,
		routes: routes.filter((route) => moduleOf(route) === name).map(bound),
	}));
}

function stepOf(route: ConfiguredRoute, { streams, callTimeoutMs }: StepParts): Step {
	const { backend, permission, timeoutMs = Number.POSITIVE_INFINITY } = route;
	if (backend.kind === "unary") {
		const { unary } = backend;
		return async function relay(call) {
			return await unary.call(routeCallOf(call, call.request as RelayedBody, Math.min(timeoutMs, callTimeoutMs())));
		};
	}
	const stream = { permission, backend: backend.stream, form: backend.form };
	return async function openStream(call) {
		const opened = routeCallOf(call, call.request as RelayedBody, callTimeoutMs());
		await streams.open(call.peer, call.seq, stream, opened);
		return { bytes: NO_BYTES } satisfies RelayedBody;
	};
}

const NO_BYTES = new Uint8Array(0);

export function routeCallOf(call: Call, { bytes }: RelayedBody, timeoutMs: number): RouteCall {
	const { peer, traceId, context, trace, requestId = "", receivedAtMs } = call;
	return {
		body: bytes,
		identity: peer.identity,
		ip: peer.ip,
		traceId,
		context,
		trace,
		requestId,
		idempotencyKey: call.idempotencyKey,
		deadlineMs: receivedAtMs + Math.min(timeoutMs, call.timeoutMs ?? timeoutMs),
	};
}

/** How pushes of streams are written: for clients that speak JSON, with the message in them as JSON. */
function streamSender(json: () => JsonTranscoder): StreamsOptions["send"] {
	const writer = new EnvelopeWriter();
	const { number } = pushes.streamMessage;
	return (subscriber, { streamId, body, end, error }, form) => {
		const message = {
			streamId,
			body,
			end,
			...(error === undefined
				? {}
				: {
						code: error.code,
						error: {
							message: error.message,
							retryable: error.retryable,
							retryAfterMs: Math.ceil(error.retryAfterMs),
							violations: [...error.violations],
						},
					}),
		};
		const frame = writer.push(number, StreamMessage, message);
		if (!isSendable(frame)) return false;
		const text = isJsonPeer(subscriber) ? textOf(json(), frame, body, form) : undefined;
		if (text !== undefined && !isSendable(text)) return false;
		subscriber.push(frame, text === undefined ? undefined : new Map([["json", text]]));
		return true;
	};
}

/** Only connections have streams, and they have an encoding. */
function isJsonPeer(subscriber: object): boolean {
	return "encoding" in subscriber && subscriber.encoding === "json";
}

/** The same push with its body as the JSON of the message. */
function textOf(json: JsonTranscoder, frame: Uint8Array, body: Uint8Array, { transcoding }: JsonForm): string {
	const envelope = JSON.parse(json.frameToJson(frame, StreamMessage)) as { body?: Record<string, unknown> };
	if (body.length > 0 && transcoding !== undefined && envelope.body !== undefined) {
		envelope.body["body"] = transcoding.fromBytes(body, false);
	}
	return JSON.stringify(envelope);
}
