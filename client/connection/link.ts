// One WebSocket, from opening to its end. Whatever way it ends, `onClosed` runs exactly once.
import { MAX_DELAY_MS, type Timer } from "../timers.ts";

/** What the client needs of a WebSocket: browsers', Node's own and the `ws` package's all have it. */
export interface WebSocketLike {
	binaryType: string;
	readonly bufferedAmount: number;
	onopen: unknown;
	onmessage: unknown;
	onerror: unknown;
	onclose: unknown;
	send(data: Uint8Array<ArrayBuffer>): void;
	close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** How a connection ended; 1006 when there was no close frame. */
export interface CloseInfo {
	readonly code: number;
	readonly reason: string;
}

export interface LinkListener {
	onOpen(): void;
	onFrame(frame: Uint8Array): void;
	onClosed(info: CloseInfo): void;
}

const SUB_PROTOCOL = "framegate.v1";
/** RFC 6455 section 7.4.1: no close frame was received. */
const ABNORMAL_CLOSURE = 1006;

export class Link {
	private readonly socket: WebSocketLike;
	private readonly listener: LinkListener;
	private readonly openTimer: Timer;
	private opened = false;
	private ended = false;

	/** @throws Error when the WebSocket cannot even be constructed. */
	constructor(WebSocket: WebSocketConstructor, url: string, openTimeoutMs: number, listener: LinkListener) {
		this.listener = listener;
		const socket = new WebSocket(url, [SUB_PROTOCOL]);
		this.socket = socket;
		this.openTimer = setTimeout(() => this.abandon("no handshake in time"), Math.min(openTimeoutMs, MAX_DELAY_MS));
		socket.binaryType = "arraybuffer";
		socket.onopen = () => {
			clearTimeout(this.openTimer);
			this.opened = true;
			if (!this.ended) listener.onOpen();
		};
		socket.onmessage = (event: { data: unknown }) => {
			if (this.ended) return;
			if (event.data instanceof ArrayBuffer) listener.onFrame(new Uint8Array(event.data));
			else this.abandon("unexpected text frame");
		};
		// Not every implementation reports a close after a handshake that failed; Node 22's own does not. After later
		// errors comes a close with more detail, but the handler stays: the `ws` package throws errors without a listener.
		socket.onerror = () => {
			if (!this.opened) this.abandon("could not connect");
		};
		socket.onclose = (event: CloseInfo) => this.end({ code: event.code, reason: event.reason });
	}

	/** Bytes sent and not yet given to the network. */
	get bufferedBytes(): number {
		return this.socket.bufferedAmount;
	}

	send(frame: Uint8Array<ArrayBuffer>): void {
		if (!this.ended) this.socket.send(frame);
	}

	/** Closes for good reason, and does not wait for the peer to agree. */
	close(): void {
		this.abandon("closed by the client", 1000);
	}

	/** Gives the connection up: the peer is silent or violates the protocol. */
	abandon(reason: string, code = ABNORMAL_CLOSURE): void {
		if (this.ended) return;
		// Forgotten first: closing while connecting makes some implementations report an error at once.
		this.end({ code, reason });
		try {
			this.socket.close(1000);
		} catch {
			// Others refuse to close while connecting.
		}
	}

	private end(info: CloseInfo): void {
		if (this.ended) return;
		this.ended = true;
		clearTimeout(this.openTimer);
		this.listener.onClosed(info);
	}
}
