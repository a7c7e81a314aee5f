// One endpoint over gRPC: a channel of its own, kept connected, with the health of the service watched. Bodies are passed through as they are.
import {
	type CallOptions,
	type ChannelCredentials,
	type ChannelOptions,
	Client,
	connectivityState,
	Metadata,
	type ServiceError,
} from "@grpc/grpc-js";
import { Backoff } from "../../common/backoff.ts";
import type { Endpoint } from "../endpoint-source.ts";
import { addressOf } from "../endpoint-source-static.ts";
import {
	type AttemptFailure,
	type CallContext,
	type EndpointTransport,
	type RunningAttempt,
	type RunningStream,
	Status,
	type StreamEvents,
} from "../endpoint-transport.ts";
import { HealthWatch } from "./health-watch.ts";
import { startUnary, type UnaryFailure } from "./unary-attempt.ts";

export interface GrpcEndpointOptions {
	readonly credentials: ChannelCredentials;
	/** Name in the certificate, where it is not the host; "" for the host. */
	readonly serverName: string;
	/** Pings on an idle connection, in milliseconds; 0: none. */
	readonly keepAliveMs: number;
	/** Longest reply. */
	readonly maxReplyBytes: number;
	/** Service whose health is watched; "" is the server as a whole; undefined: not watched. */
	readonly healthService: string | undefined;
	/** Health of the endpoint is not known, and it counts as good. */
	readonly onHealthError: (address: string, message: string) => void;
	/** There is no connection, and why; once until there was one that lasted. */
	readonly onUnreachable: (address: string, reason: string) => void;
}

/** A peer that is gone without a word answers no ping for so long. */
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** grpc-js doubles it from 1 s on; a service that restarts is back within seconds. */
const FIRST_RECONNECT_MS = 200;
const MAX_RECONNECT_MS = 5000;
/** A connection that ends sooner is as good as none. */
const STABLE_MS = 5000;
const FAILURE_KNOWN_WITHIN_MS = 1000;
const MAX_REASON = 300;
const HEALTH_CHECK = "/grpc.health.v1.Health/Check";
const NEVER = Number.POSITIVE_INFINITY;
const NO_BYTES = new Uint8Array(0);

const identity = (bytes: Buffer): Buffer => bytes;
/** The same memory: grpc-js only writes Buffers. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export class GrpcEndpoint implements EndpointTransport {
	private readonly client: Client;
	private readonly health: HealthWatch | undefined;
	private readonly onChange: () => void;
	private readonly onUnreachable: (reason: string) => void;
	private readonly backoff = new Backoff({ firstMs: FIRST_RECONNECT_MS, maxMs: MAX_RECONNECT_MS });
	private isConnected = false;
	private connectedAtMs = Number.NEGATIVE_INFINITY;
	private reconnect: NodeJS.Timeout | undefined;
	private isReported = false;
	private isClosed = false;

	constructor(endpoint: Endpoint, options: GrpcEndpointOptions, onChange: () => void) {
		const address = addressOf(endpoint);
		this.onChange = onChange;
		this.onUnreachable = (reason) => options.onUnreachable(address, reason);
		this.client = new Client(address, options.credentials, channelOptions(options));
		const { healthService, onHealthError } = options;
		if (healthService !== undefined) {
			const onError = (message: string) => onHealthError(address, message);
			this.health = new HealthWatch({ client: this.client, service: healthService, onChange, onError });
		}
		this.observe();
	}

	get isReady(): boolean {
		return this.isConnected && (this.health === undefined || this.health.isServing);
	}

	unary(
		context: CallContext,
		body: Uint8Array,
		timeoutMs: number,
		done: (failure: AttemptFailure | undefined, reply: Uint8Array) => void,
	): RunningAttempt {
		const request = {
			path: context.path,
			metadata: metadataOf(context),
			body: asBuffer(body),
			deadlineMs: Date.now() + timeoutMs,
		};
		return startUnary(this.client.getChannel(), request, (failure, reply) => {
			if (failure === undefined) done(undefined, reply);
			else done(failureOf(failure), NO_BYTES);
		});
	}

	stream(context: CallContext, body: Uint8Array, timeoutMs: number | undefined, events: StreamEvents): RunningStream {
		const call = this.client.makeServerStreamRequest(
			context.path,
			identity,
			identity,
			asBuffer(body),
			metadataOf(context),
			timeoutMs === undefined ? {} : deadlineOf(timeoutMs),
		);
		let isOver = false;
		const end = (failure: AttemptFailure | undefined) => {
			if (isOver) return;
			isOver = true;
			events.onEnd(failure);
		};
		call.on("data", (bytes: Buffer) => {
			if (!isOver) events.onMessage(bytes);
		});
		// Comes behind the last message, as `status` may not.
		call.on("end", () => end(undefined));
		call.on("error", (error: ServiceError) => end(failureOf(error)));
		return {
			cancel: () => {
				isOver = true;
				call.cancel();
			},
			pause: () => void call.pause(),
			resume: () => void call.resume(),
		};
	}

	close(): void {
		this.isClosed = true;
		this.isConnected = false;
		clearTimeout(this.reconnect);
		this.health?.close();
		this.client.close();
	}

	/** Follows the state of the channel, and has it connect when it is idle. */
	private observe(): void {
		if (this.isClosed) return;
		const channel = this.client.getChannel();
		const state = channel.getConnectivityState(false);
		const isConnected = state === connectivityState.READY;
		if (isConnected !== this.isConnected) {
			this.isConnected = isConnected;
			if (isConnected) {
				this.connectedAtMs = performance.now();
				this.health?.start();
			} else this.health?.stop();
			// Not within the constructor: its caller does not have this object yet.
			queueMicrotask(this.onChange);
		}
		channel.watchConnectivityState(state, NEVER, () => this.observe());
		if (state === connectivityState.IDLE) this.connect();
		else if (state === connectivityState.TRANSIENT_FAILURE && !this.isReported) this.reportFailure();
	}

	/**
	 * At once, or later when connections end as soon as they are there, as behind a load balancer that has nothing behind it: grpc-js itself waits
	 * after connections that were not made, and forgets that with each one that was.
	 */
	private connect(): void {
		const channel = this.client.getChannel();
		const lastedMs = performance.now() - this.connectedAtMs;
		if (lastedMs > STABLE_MS) {
			this.backoff.reset();
			if (lastedMs < NEVER) this.isReported = false;
			channel.getConnectivityState(true);
			return;
		}
		this.report("its connections end as soon as they are there");
		clearTimeout(this.reconnect);
		this.reconnect = setTimeout(() => {
			if (!this.isClosed) channel.getConnectivityState(true);
		}, this.backoff.next());
		this.reconnect.unref();
	}

	/** Only a call learns why there is no connection; this one does not leave. */
	private reportFailure(): void {
		const done = (error: ServiceError | null): void => {
			if (error !== null && !this.isConnected) this.report(error.details);
		};
		const options = deadlineOf(FAILURE_KNOWN_WITHIN_MS);
		this.client.makeUnaryRequest(HEALTH_CHECK, identity, identity, Buffer.alloc(0), new Metadata(), options, done);
	}

	private report(reason: string): void {
		if (this.isReported || this.isClosed) return;
		this.isReported = true;
		this.onUnreachable(reason.slice(0, MAX_REASON));
	}
}

function channelOptions({ serverName, keepAliveMs, maxReplyBytes }: GrpcEndpointOptions): ChannelOptions {
	return {
		// The balancer decides what is repeated, and where.
		"grpc.enable_retries": 0,
		"grpc.service_config_disable_resolution": 1,
		// One channel, one connection: not one that another service has, too.
		"grpc.use_local_subchannel_pool": 1,
		// A proxy in the environment is for pages, not for services.
		"grpc.enable_http_proxy": 0,
		"grpc.max_receive_message_length": maxReplyBytes,
		"grpc.initial_reconnect_backoff_ms": FIRST_RECONNECT_MS,
		"grpc.max_reconnect_backoff_ms": MAX_RECONNECT_MS,
		// An idle channel would connect again with the next call only, and the balancer calls none that is not connected.
		"grpc.client_idle_timeout_ms": 2_147_483_647,
		...(keepAliveMs > 0
			? { "grpc.keepalive_time_ms": keepAliveMs, "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS }
			: {}),
		...(serverName === "" ? {} : { "grpc.ssl_target_name_override": serverName, "grpc.default_authority": serverName }),
	};
}

function metadataOf({ metadata }: CallContext): Metadata {
	const entries = new Metadata();
	for (const name in metadata) entries.set(name, metadata[name] as string);
	return entries;
}

function deadlineOf(timeoutMs: number): CallOptions {
	return { deadline: Date.now() + timeoutMs };
}

/** What grpc-js 1.14 says of calls that have not reached the server; a test holds the texts against the pinned version. */
export const NEVER_LEFT: readonly string[] = [
	"No connection established",
	"Stream refused by server",
	"Failed to start HTTP/2 stream",
];
/** A limit of ours, not one of the server. */
export const TOO_LARGE: readonly string[] = [
	"Received message larger than max",
	"Received message that decompresses to a size larger than",
];

function failureOf(error: UnaryFailure): AttemptFailure {
	const { code, details = "", metadata } = error;
	const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
	const neverLeft = NEVER_LEFT.some((text) => details.startsWith(text));
	return {
		status: neverLeft ? Status.UNAVAILABLE : statusOf(code, details),
		message: details === "" && error instanceof Error ? error.message : details,
		neverLeft,
		details: bytes instanceof Uint8Array ? bytes : undefined,
	};
}

function statusOf(code: number | undefined, details: string): Status {
	if (code === undefined) return Status.INTERNAL;
	const isLarge = code === Status.RESOURCE_EXHAUSTED && TOO_LARGE.some((text) => details.startsWith(text));
	return isLarge || code > 16 ? Status.UNIMPLEMENTED : (code as Status);
}
