// A transport without a network for very many short connections. Unlike the one of the core's tests it lets a client go on
// sending after the gateway began to close, as real ones do, and forgets who has gone.

import type { Connection } from "../../core/connection.ts";
import type {
	HttpReply,
	ListenOptions,
	SendResult,
	Socket,
	SocketEvents,
	SocketFigures,
	Transport,
	TransportHandlers,
	UpgradeRequest,
} from "../../core/transport.ts";
import { GatewayError } from "../../protocol/error.ts";

const REQUEST: UpgradeRequest = {
	ip: "127.0.0.1",
	userAgent: "fuzz",
	origin: "",
	protocols: [],
	token: "",
	isTokenInQuery: false,
};

export class FuzzSocket implements Socket {
	/** What arrived and was not looked at yet. */
	received: (Uint8Array | string)[] = [];
	/** While false, what is sent piles up. */
	isReading = true;
	closeCode: number | undefined = undefined;
	/** The gateway has been notified. */
	isGone = false;
	readonly topics = new Set<string>();
	private readonly transport: FuzzTransport;
	private readonly events: SocketEvents<Connection>;
	private session: Connection | undefined = undefined;
	private waitingBytes = 0;

	constructor(transport: FuzzTransport, events: SocketEvents<Connection>) {
		this.transport = transport;
		this.events = events;
	}

	connect(request: Partial<UpgradeRequest>): void {
		const complete = { ...REQUEST, ...request };
		if (this.events.upgrade(complete) instanceof GatewayError) throw new Error("refused at the HTTP level");
		this.session = this.events.open(this, complete);
		this.events.opened(this.session, complete);
	}

	/** In memory that is overwritten afterwards, as the real transport's is. */
	sendToServer(message: Uint8Array | string): void {
		if (this.session === undefined || this.isGone) return;
		const lent = typeof message === "string" ? Buffer.from(message) : new Uint8Array(message);
		this.events.message(this.session, lent, typeof message !== "string");
		lent.fill(0xff);
	}

	/** Reads what has piled up. */
	resume(): void {
		this.isReading = true;
		this.waitingBytes = 0;
		if (this.session !== undefined && !this.isGone) this.events.drain(this.session);
	}

	/** The client is gone. */
	leave(): void {
		if (this.isGone) return;
		this.isGone = true;
		this.transport.sockets.delete(this);
		if (this.session !== undefined) this.events.close(this.session, this.closeCode ?? 1000);
	}

	send(message: Uint8Array | string): SendResult {
		if (this.isGone || this.closeCode !== undefined) return "dropped";
		if (!this.isReading && this.waitingBytes + message.length > this.transport.maxBackpressureBytes) {
			if (this.session !== undefined) this.events.dropped(this.session);
			return "dropped";
		}
		if (!this.isReading) this.waitingBytes += message.length;
		this.received.push(typeof message === "string" ? message : new Uint8Array(message));
		return this.isReading ? "sent" : "buffered";
	}

	bufferedBytes(): number {
		return this.waitingBytes;
	}

	ping(): void {
		if (this.session !== undefined && !this.isGone) this.events.pong(this.session, 0);
	}

	end(code: number): void {
		this.closeCode ??= code;
	}

	terminate(): void {
		this.closeCode ??= 1006;
		this.leave();
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
}

export class FuzzTransport implements Transport<Connection> {
	readonly sockets = new Set<FuzzSocket>();
	readonly maxBackpressureBytes: number;
	private handlers: TransportHandlers<Connection> | undefined = undefined;

	constructor(maxBackpressureBytes: number) {
		this.maxBackpressureBytes = maxBackpressureBytes;
	}

	open(request: Partial<UpgradeRequest> = {}): FuzzSocket {
		const events = this.handlers?.events;
		if (events === undefined) throw new Error("the transport does not listen");
		const socket = new FuzzSocket(this, events);
		this.sockets.add(socket);
		socket.connect(request);
		return socket;
	}

	get(path: string): HttpReply | Promise<HttpReply> {
		if (this.handlers === undefined) throw new Error("the transport does not listen");
		const request = { method: "GET", path, query: "", headers: new Map(), ip: "127.0.0.1", body: new Uint8Array(0) };
		return this.handlers.http.handle(request);
	}

	listen(_options: ListenOptions, handlers: TransportHandlers<Connection>): Promise<number> {
		this.handlers = handlers;
		return Promise.resolve(0);
	}

	pauseListening(): void {}

	resumeListening(): Promise<void> {
		return Promise.resolve();
	}

	socketFigures(): SocketFigures {
		return { httpSockets: 0, refused: { address: 0, process: 0, descriptors: 0 }, isPaused: false };
	}

	isOutOfDescriptors(): boolean {
		return false;
	}

	renewTls(): Promise<void> {
		return Promise.resolve();
	}

	stopListening(): void {}

	publish(topic: string, message: Uint8Array | string): void {
		for (const socket of this.sockets) if (socket.topics.has(topic)) socket.send(message);
	}

	subscriberCount(topic: string): number {
		let count = 0;
		for (const socket of this.sockets) if (socket.topics.has(topic)) count++;
		return count;
	}

	close(): void {
		for (const socket of this.sockets) socket.terminate();
	}
}
