// A socket of uWebSockets.js: how it is written to, and how it is unsubscribed from its topics.
import { SendResult, type Socket } from "./transport.ts";

/** What is used of a WebSocket of uWebSockets.js. */
export interface UwsWebSocket {
	send(message: Uint8Array | string, isBinary: boolean, compress: boolean): number;
	cork(callback: () => void): unknown;
	getBufferedAmount(): number;
	ping(): number;
	end(code: number, reason: string): void;
	close(): void;
	subscribe(topic: string): boolean;
	unsubscribe(topic: string): boolean;
}

const SEND_RESULTS: readonly SendResult[] = [SendResult.BUFFERED, SendResult.SENT, SendResult.DROPPED];
/** A topic without publishers. */
const PLACEHOLDER_TOPIC = "placeholder";

/**
 * Sends outside of a socket's own events. What topics have brought for the socket in this turn of the loop goes out before
 * it, and corked both are one write: a client that publishes in a room gets the reply and the room's copy at the price of one.
 */
export class CorkedSender {
	/** Whether uWebSockets.js was called by this transport; else it is going over subscribers by itself. */
	isCalled = false;
	private raw: UwsWebSocket | undefined;
	private message: Uint8Array | string = "";
	private result = 0;
	/** One function for all sends: corking calls it before it returns. */
	private readonly flush = (): void => {
		const { raw, message } = this;
		if (raw !== undefined) this.result = raw.send(message, typeof message !== "string", false);
	};

	send(raw: UwsWebSocket, message: Uint8Array | string): number {
		this.raw = raw;
		this.message = message;
		this.isCalled = true;
		raw.cork(this.flush);
		this.isCalled = false;
		this.raw = undefined;
		this.message = "";
		return this.result;
	}
}

export class UwsSocket implements Socket {
	/** Undefined once closed: uWebSockets.js throws on the use of a closed socket. */
	raw: UwsWebSocket | undefined;
	/** uWebSockets.js corks the socket while its message is handled. */
	isHandling = false;
	private readonly corked: CorkedSender;

	constructor(raw: UwsWebSocket, corked: CorkedSender) {
		this.raw = raw;
		this.corked = corked;
	}

	send(message: Uint8Array | string): SendResult {
		const raw = this.raw;
		if (raw === undefined) return SendResult.DROPPED;
		if (!this.isHandling) return SEND_RESULTS[this.corked.send(raw, message)] as SendResult;
		this.corked.isCalled = true;
		const result = raw.send(message, typeof message !== "string", false);
		this.corked.isCalled = false;
		return SEND_RESULTS[result] as SendResult;
	}

	bufferedBytes(): number {
		return this.raw?.getBufferedAmount() ?? 0;
	}

	ping(): void {
		this.corked.isCalled = true;
		this.raw?.ping();
		this.corked.isCalled = false;
	}

	end(code: number, reason: string): void {
		this.raw?.end(code, reason);
	}

	terminate(): void {
		this.raw?.close();
	}

	subscribe(topic: string): void {
		this.raw?.subscribe(topic);
	}

	unsubscribe(topic: string): void {
		this.raw?.unsubscribe(topic);
	}

	/**
	 * uWebSockets.js may be going over the subscribers of a topic right now, or over all that have something to be sent at the
	 * end of a turn; hence not before the caller is done. It must not lose the subscriber itself in the latter case, which
	 * leaving its last topic would free; in the former it must, or what waits for it is sent all the same (uWebSockets,
	 * src/TopicTree.h).
	 */
	unsubscribeDeferred(topics: readonly string[]): void {
		const isAtEndOfTurn = !this.corked.isCalled;
		queueMicrotask(() => {
			const { raw } = this;
			if (raw === undefined) return;
			if (isAtEndOfTurn) raw.subscribe(PLACEHOLDER_TOPIC);
			for (const topic of topics) raw.unsubscribe(topic);
		});
	}
}
