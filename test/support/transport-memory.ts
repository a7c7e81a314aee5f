// A transport without a network, for tests: the same contract as the real one, with sockets that a test holds in its
// hand. Its byte budget is real, so that slow clients can be played.
import type {
	ListenOptions,
	Socket,
	SocketEvents,
	SocketFigures,
	Transport,
	TransportHandlers,
	UpgradeRequest,
} from "../../core/transport.ts";
import { SendResult } from "../../core/transport.ts";
import { GatewayError } from "../../protocol/error.ts";

export interface MemoryTransportOptions {
	readonly maxBackpressureBytes: number;
}

/** How a socket was closed. */
export interface MemoryClose {
	readonly code: number;
	readonly reason: string;
}

/** The client's end of a connection. */
export class MemoryClient<Session extends object> implements Socket {
	/** What arrived: binary messages as bytes, text messages as strings. */
	readonly received: (Uint8Array | string)[] = [];
	readonly topics = new Set<string>();
	/** While false, nothing is read and messages pile up in the byte budget. */
	reading = true;
	/** Answer pings; a dead client does not. */
	answersPings = true;
	closed: MemoryClose | undefined = undefined;
	/** Confirmed sub-protocol. */
	protocol = "";
	private session: Session | undefined = undefined;
	private buffered: (Uint8Array | string)[] = [];
	private bufferedLength = 0;
	private endAfter: MemoryClose | undefined = undefined;
	private readonly events: SocketEvents<Session>;
	private readonly options: MemoryTransportOptions;

	constructor(events: SocketEvents<Session>, options: MemoryTransportOptions) {
		this.events = events;
		this.options = options;
	}

	/** Opens towards the server. @returns false when refused at the HTTP level. */
	connect(request: Partial<UpgradeRequest> = {}): boolean {
		const complete: UpgradeRequest = {
			ip: "127.0.0.1",
			userAgent: "memory",
			origin: "",
			protocols: [],
			token: "",
			isTokenInQuery: false,
			...request,
		};
		const decision = this.events.upgrade(complete);
		if (decision instanceof GatewayError) return false;
		this.protocol = decision.protocol;
		this.session = this.events.open(this, complete);
		this.events.opened(this.session, complete);
		return true;
	}

	/** Sends to the server, in memory that is overwritten afterwards, as the real transport's is. */
	sendToServer(message: Uint8Array | string): void {
		if (this.session === undefined || this.closed) return;
		const lent = typeof message === "string" ? new TextEncoder().encode(message) : new Uint8Array(message);
		this.events.message(this.session, lent, typeof message !== "string");
		lent.fill(0xff);
	}

	/** A ping from the client; the real transport answers it afterwards. */
	pingServer(bytes = 0): void {
		if (this.session !== undefined && !this.closed) this.events.ping(this.session, bytes);
	}

	/** A pong that nobody asked for. */
	pongServer(bytes = 0): void {
		if (this.session !== undefined && !this.closed) this.events.pong(this.session, bytes);
	}

	/** Reads again: everything buffered arrives. */
	resume(): void {
		this.reading = true;
		this.received.push(...this.buffered);
		this.buffered = [];
		this.bufferedLength = 0;
		if (this.endAfter !== undefined) this.finish(this.endAfter.code, this.endAfter.reason);
		if (this.session !== undefined && !this.closed) this.events.drain(this.session);
	}

	/** The client leaves. */
	disconnect(code = 1000): void {
		this.finish(code, "");
	}

	send(message: Uint8Array | string): SendResult {
		if (this.closed) return SendResult.DROPPED;
		const copy = typeof message === "string" ? message : new Uint8Array(message);
		if (this.reading) {
			this.received.push(copy);
			return SendResult.SENT;
		}
		if (this.bufferedLength + copy.length > this.options.maxBackpressureBytes) {
			if (this.session !== undefined) this.events.dropped(this.session);
			return SendResult.DROPPED;
		}
		this.buffered.push(copy);
		this.bufferedLength += copy.length;
		return SendResult.BUFFERED;
	}

	bufferedBytes(): number {
		return this.bufferedLength;
	}

	ping(): void {
		if (this.answersPings && this.session !== undefined) this.events.pong(this.session, 0);
	}

	end(code: number, reason: string): void {
		// Behind what is buffered, like everything else.
		if (this.bufferedLength > 0 && !this.reading) this.endAfter = { code, reason };
		else this.finish(code, reason);
	}

	terminate(): void {
		this.finish(1006, "");
	}

	subscribe(topic: string): void {
		this.topics.add(topic);
	}

	unsubscribe(topic: string): void {
		this.topics.delete(topic);
	}

	unsubscribeDeferred(topics: readonly string[]): void {
		for (const topic of topics) this.topics.delete(topic);
	}

	private finish(code: number, reason: string): void {
		if (this.closed) return;
		this.closed = { code, reason };
		if (this.session !== undefined) this.events.close(this.session, code);
	}
}

export class MemoryTransport<Session extends object> implements Transport<Session> {
	private readonly clients = new Set<MemoryClient<Session>>();
	private readonly options: MemoryTransportOptions;
	/** Undefined while it does not listen. */
	private events: SocketEvents<Session> | undefined = undefined;
	private isPaused = false;
	/** For tests to set. */
	outOfDescriptors = false;

	constructor(options: MemoryTransportOptions) {
		this.options = options;
	}

	/** A new client, connected. */
	client(request: Partial<UpgradeRequest> = {}): MemoryClient<Session> {
		if (this.events === undefined) throw new Error("the memory transport is not listening");
		const client = new MemoryClient<Session>(this.events, this.options);
		this.clients.add(client);
		client.connect(request);
		return client;
	}

	listen({ port }: ListenOptions, { events }: TransportHandlers<Session>): Promise<number> {
		this.events = events;
		return Promise.resolve(port);
	}

	pauseListening(): void {
		this.isPaused = true;
	}

	resumeListening(): Promise<void> {
		this.isPaused = false;
		return Promise.resolve();
	}

	socketFigures(): SocketFigures {
		return { httpSockets: 0, refused: { address: 0, process: 0, descriptors: 0 }, isPaused: this.isPaused };
	}

	isOutOfDescriptors(): boolean {
		return this.outOfDescriptors;
	}

	renewTls(): Promise<void> {
		return Promise.reject(new Error("the memory transport has no TLS"));
	}

	stopListening(): void {
		this.events = undefined;
	}

	publish(topic: string, message: Uint8Array | string): void {
		for (const client of this.clients) if (client.topics.has(topic)) client.send(message);
	}

	subscriberCount(topic: string): number {
		let count = 0;
		for (const client of this.clients) if (client.topics.has(topic)) count++;
		return count;
	}

	close(): void {
		this.events = undefined;
		for (const client of this.clients) client.terminate();
		this.clients.clear();
	}
}
