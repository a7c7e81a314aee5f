// What the gateway asks of the thing that moves bytes. transport-uws.ts is the one of the product; tests have their own.
import type { GatewayError } from "../protocol/error.ts";
import type { HttpHead } from "./http-request.ts";
import type { RejectionReason } from "./socket-admission.ts";

/** What became of a message handed to a socket. */
export const SendResult = {
	/** Handed to the kernel. */
	SENT: "sent",
	/** Taken, and waiting in memory for the client to read. */
	BUFFERED: "buffered",
	/** Refused: the socket's byte budget is full. The message is lost, and reported by `dropped` as well. */
	DROPPED: "dropped",
} as const;
export type SendResult = (typeof SendResult)[keyof typeof SendResult];

/** One WebSocket. After its close was reported, every method is a no-op. */
export interface Socket {
	/** Copies the message; the caller may reuse the bytes at once. Strings go out as text frames. */
	send(message: Uint8Array | string): SendResult;
	/** Bytes that wait for the client to read. */
	bufferedBytes(): number;
	ping(): void;
	/** Sends a close frame behind what is buffered, then closes. */
	end(code: number, reason: string): void;
	/** Closes at once, without a close frame. */
	terminate(): void;
	/** From now on gets what is published on the topic. */
	subscribe(topic: string): void;
	unsubscribe(topic: string): void;
	/**
	 * Unsubscribes from topics when one of them has brought what did not fit: nothing that they brought after it is sent. May be
	 * called from `dropped`, where `unsubscribe` may not.
	 */
	unsubscribeDeferred(topics: readonly string[]): void;
}

/** What is known of a client at its upgrade request. */
export interface UpgradeRequest {
	/** The client's address, behind trusted proxies. */
	readonly ip: string;
	readonly userAgent: string;
	/** "" when the client is not a browser. */
	readonly origin: string;
	/** Sub-protocols offered, in order of preference. */
	readonly protocols: readonly string[];
	/** A token from the Authorization header or the `token` query parameter; "" when there is none. */
	readonly token: string;
	/** It is from the query: a browser can set no header of a handshake. */
	readonly isTokenInQuery: boolean;
}

/** What the gateway made of an upgrade request; kept for `open`. */
export interface UpgradeDecision {
	/** Sub-protocol to confirm; "" for none. */
	readonly protocol: string;
}

/** What the transport reports. `Session` is the gateway's own object for a socket, made by `open`. */
export interface SocketEvents<Session extends object> {
	/** Decides on an upgrade. Refused at the HTTP level is only what answering in band would feed. */
	upgrade(request: UpgradeRequest): UpgradeDecision | GatewayError;
	/** Makes the gateway's object for a new socket. Must not close it yet. */
	open(socket: Socket, request: UpgradeRequest): Session;
	/** Right after `open`: from here on the socket may be used in every way. */
	opened(session: Session, request: UpgradeRequest): void;
	/** `message` is only valid during the call. */
	message(session: Session, message: Uint8Array, isBinary: boolean): void;
	/** Buffered bytes have gone out. */
	drain(session: Session): void;
	/** A message, sent or published, did not fit into the socket's byte budget and is lost for this client. */
	dropped(session: Session): void;
	/** The client sent a ping, which the transport answers unless the socket is closed here. `bytes` of payload. */
	ping(session: Session, bytes: number): void;
	/** The client sent a pong, as the answer to a ping or unasked. `bytes` of payload. */
	pong(session: Session, bytes: number): void;
	/** The socket is gone. */
	close(session: Session, code: number): void;
}

/** An HTTP request, complete. */
export interface HttpRequest extends HttpHead {
	/** The client's address, behind trusted proxies. */
	readonly ip: string;
	readonly body: Uint8Array;
}

export interface HttpReply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
}

/** Answers every HTTP request that is no WebSocket upgrade. Must not reject. */
export type HttpHandler = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

export interface HttpService {
	readonly handle: HttpHandler;
	/** The reply to a request that is refused before it reaches `handle`. */
	readonly reject: (head: HttpHead, error: GatewayError) => HttpReply;
	/** Longest body that a request may have; 0 where it takes none. Called for each request, so that it can change. */
	readonly maxBodyBytes: (method: string, path: string) => number;
}

/** What a transport serves. */
export interface TransportHandlers<Session extends object> {
	/** Undefined where only HTTP is served. */
	readonly events: SocketEvents<Session> | undefined;
	readonly http: HttpService;
}

/** A certificate and its key: names of PEM files. */
export interface TlsFiles {
	readonly certFile: string;
	readonly keyFile: string;
	readonly passphrase?: string;
}

export interface ListenOptions {
	readonly host: string;
	/** 0: any free port. */
	readonly port: number;
	/** Several processes may listen on the port, and the kernel spreads connections over them (SO_REUSEPORT). */
	readonly shared: boolean;
}

/** What the transport counts of TCP connections. */
export interface SocketFigures {
	/** Open, and no WebSocket: HTTP requests, handshakes that are not complete, sockets that have sent nothing. */
	readonly httpSockets: number;
	/** Closed as soon as they were accepted, by reason. */
	readonly refused: Readonly<Record<RejectionReason, number>>;
	/** No connections are accepted for now. */
	readonly isPaused: boolean;
}

/** Sends to topics. Before the transport listens, they have no subscribers. */
export interface TopicPublisher {
	/** Sends to every subscriber of the topic, encoding once. Strings go out as text frames. */
	publish(topic: string, message: Uint8Array | string): void;
	/** Sockets subscribed to a topic. */
	subscriberCount(topic: string): number;
}

/** How a port is watched, and closed to new connections for a time. */
export interface ListeningControl {
	/** Takes no new connections until `resumeListening`: clients are refused by the kernel, or reach another process. */
	pauseListening(): void;
	/** Does nothing unless paused. @throws Error when the port is not to be had. */
	resumeListening(): Promise<void>;
	socketFigures(): SocketFigures;
	/** So few file descriptors are left that listening has to be paused, or to stay so. */
	isOutOfDescriptors(): boolean;
}

export interface Transport<Session extends object> extends TopicPublisher, ListeningControl {
	/**
	 * Begins to serve. Called once.
	 *
	 * @returns the port that was bound.
	 * @throws Error naming host and port when they are not to be had.
	 */
	listen(options: ListenOptions, handlers: TransportHandlers<Session>): Promise<number>;
	/**
	 * Reads a certificate again: new connections get it, the open ones live on with theirs. Does nothing once listening was stopped.
	 *
	 * @throws Error when the files cannot be used, or the port is not to be had again; then the former certificate stays.
	 */
	renewTls(files: TlsFiles): Promise<void>;
	/** Takes no new connections; the open ones live on. */
	stopListening(): void;
	/** Closes everything at once. */
	close(): void;
}
