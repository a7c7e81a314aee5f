// A gRPC connection to one server, with messages as bytes: calls with a deadline, and streams in both directions.
import {
	type ChannelOptions,
	Client,
	type ClientDuplexStream,
	Metadata,
	type ServiceError,
	status,
} from "@grpc/grpc-js";
import { channelCredentials } from "../tls-credentials.ts";
import { authorityOf, type ServerAddress } from "./server-address.ts";
import type { TlsMaterial } from "./tls-files.ts";

export interface CallOptions {
	readonly timeoutMs: number;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface StreamHandlers {
	onMessage(message: Buffer): void;
	/** The stream is over; nothing further comes. */
	onEnd(error: Error): void;
}

export interface RpcStream {
	write(message: Uint8Array): void;
	/** Ends it without a further event. */
	cancel(): void;
}

/** A longer message ends its call with RESOURCE_EXHAUSTED. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** etcd closes connections that are pinged more often than every five seconds. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;

const identity = (bytes: Buffer): Buffer => bytes;

export class GrpcConnection {
	private readonly client: Client;

	constructor(address: ServerAddress, tls: TlsMaterial) {
		const secure = channelCredentials(address.isTls ? tls : undefined);
		this.client = new Client(authorityOf(address), secure, channelOptions(tls.serverName));
	}

	/** One request, one reply. @throws ServiceError with the `code` of gRPC; DEADLINE_EXCEEDED after the timeout. */
	call(path: string, message: Uint8Array, { timeoutMs, headers }: CallOptions): Promise<Buffer> {
		return new Promise((resolve, reject) => {
			const options = { deadline: Date.now() + timeoutMs };
			const done = (error: ServiceError | null, reply?: Buffer) => {
				if (error !== null) reject(error);
				else resolve(reply ?? Buffer.alloc(0));
			};
			this.client.makeUnaryRequest(path, identity, identity, asBuffer(message), metadataOf(headers), options, done);
		});
	}

	/** A stream in both directions, without a deadline: whether the server is still there is asked by pings. */
	stream(path: string, handlers: StreamHandlers, headers?: Readonly<Record<string, string>>): RpcStream {
		const call: ClientDuplexStream<Buffer, Buffer> = this.client.makeBidiStreamRequest(
			path,
			identity,
			identity,
			metadataOf(headers),
		);
		let isOver = false;
		const end = (error: Error) => {
			if (isOver) return;
			isOver = true;
			handlers.onEnd(error);
		};
		call.on("data", (message: Buffer) => {
			if (!isOver) handlers.onMessage(message);
		});
		call.on("error", end);
		call.on("end", () => end(new Error("the server ended the stream")));
		return {
			write: (message) => {
				if (!isOver) call.write(asBuffer(message));
			},
			cancel: () => {
				isOver = true;
				call.cancel();
			},
		};
	}

	/** Calls and streams in flight fail. */
	close(): void {
		this.client.close();
	}
}

/** Whether another server may answer what this one did not. */
export function isUnavailable(error: unknown): boolean {
	const { code } = error as Partial<ServiceError>;
	return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.CANCELLED;
}

/** The code of gRPC that an error carries. */
export function grpcCode(error: unknown): number | undefined {
	const { code } = error as Partial<ServiceError>;
	return typeof code === "number" ? code : undefined;
}

export const GRPC = {
	DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
	INVALID_ARGUMENT: status.INVALID_ARGUMENT,
	NOT_FOUND: status.NOT_FOUND,
	UNAUTHENTICATED: status.UNAUTHENTICATED,
} as const;

function channelOptions(serverName: string | undefined): ChannelOptions {
	return {
		// Nacos knows a client by its TCP connection: two clients must never share one.
		"grpc.use_local_subchannel_pool": 1,
		"grpc.keepalive_time_ms": KEEPALIVE_MS,
		"grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
		"grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
		"grpc.initial_reconnect_backoff_ms": 200,
		"grpc.max_reconnect_backoff_ms": 5_000,
		// Attempts are counted and spread by the callers, over all servers.
		"grpc.enable_retries": 0,
		"grpc.service_config_disable_resolution": 1,
		// A proxy for the web is no way to a server of the backbone.
		"grpc.enable_http_proxy": 0,
		...(serverName === undefined ? {} : { "grpc.ssl_target_name_override": serverName }),
	};
}

function metadataOf(headers: Readonly<Record<string, string>> = {}): Metadata {
	const metadata = new Metadata();
	for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
	return metadata;
}

function asBuffer(bytes: Uint8Array): Buffer {
	return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
