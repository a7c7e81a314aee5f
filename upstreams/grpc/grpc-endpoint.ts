// One endpoint over gRPC: a channel of its own, kept connected, with the health of the service watched. Bodies are passed through as they are.
import {
	type CallOptions,
	type ChannelCredentials,
	type ChannelOptions,
	Client,
	connectivityState,
	Metadata,
	type ServiceError,
	type StatusObject,
} from "@grpc/grpc-js";
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
}

/** A peer that is gone without a word answers no ping for so long. */
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** grpc-js doubles it from 1 s on; a service that restarts is back within seconds. */
const MAX_RECONNECT_MS = 5000;
const NEVER = Number.POSITIVE_INFINITY;
const NO_BYTES = new Uint8Array(0);

const identity = (bytes: Buffer): Buffer => bytes;
/** The same memory: grpc-js only writes Buffers. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export class GrpcEndpoint implements EndpointTransport {
	private readonly client: Client;
	private readonly health: HealthWatch | undefined;
	private readonly onChange: () => void;
	private isConnected = false;
	private isClosed = false;

	constructor(endpoint: Endpoint, options: GrpcEndpointOptions, onChange: () => void) {
		const address = addressOf(endpoint);
		this.onChange = onChange;
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
		const call = this.client.makeUnaryRequest(
			context.path,
			identity,
			identity,
			asBuffer(body),
			metadataOf(context),
			deadlineOf(timeoutMs),
			(error: ServiceError | null, reply?: Buffer) => {
				if (error !== null) done(failureOf(error), NO_BYTES);
				else done(undefined, reply ?? NO_BYTES);
			},
		);
		return { cancel: () => call.cancel() };
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
		this.health?.close();
		this.client.close();
	}

	/** Follows the state of the channel, and asks it to connect again when it has become idle. */
	private observe(): void {
		if (this.isClosed) return;
		const channel = this.client.getChannel();
		const state = channel.getConnectivityState(true);
		const isConnected = state === connectivityState.READY;
		if (isConnected !== this.isConnected) {
			this.isConnected = isConnected;
			if (isConnected) this.health?.start();
			else this.health?.stop();
			// Not within the constructor: its caller does not have this object yet.
			queueMicrotask(this.onChange);
		}
		channel.watchConnectivityState(state, NEVER, () => this.observe());
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
		"grpc.initial_reconnect_backoff_ms": 200,
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
export const TOO_LARGE = "Received message larger than max";

function failureOf({ code, details, metadata }: ServiceError | StatusObject): AttemptFailure {
	const isLarge = code === Status.RESOURCE_EXHAUSTED && details.startsWith(TOO_LARGE);
	const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
	const neverLeft = NEVER_LEFT.some((text) => details.startsWith(text));
	return {
		status: isLarge || code > 16 ? Status.UNIMPLEMENTED : neverLeft ? Status.UNAVAILABLE : (code as Status),
		message: details,
		neverLeft,
		details: bytes instanceof Uint8Array ? bytes : undefined,
	};
}
