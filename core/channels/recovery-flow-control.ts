// How many missed publications a connection is sent at once: no more than its buffer can hold. Otherwise the recovery itself
// would make the client a slow consumer, and so would the recovery after its reconnect.
import type { ConnectionListener, LiveSubscriber } from "../../messaging/live-audience.ts";

export class RecoveryFlowControl implements ConnectionListener {
	private readonly maxBytes: number;
	private readonly waiting = new Map<LiveSubscriber, (() => void)[]>();

	/** @param maxBytes - that may be buffered for a connection which recovers; live pushes need room behind them. */
	constructor(maxBytes: number) {
		this.maxBytes = maxBytes;
	}

	/** Bytes that there is room for, and that are worth reading. */
	roomBytes(subscriber: LiveSubscriber): number {
		return Math.max(1, this.maxBytes - subscriber.bufferedBytes());
	}

	/** Whether `onDrained` would resume its recovery. */
	isDrained(subscriber: LiveSubscriber): boolean {
		return subscriber.bufferedBytes() <= this.maxBytes / 2;
	}

	/** One message always fits where nothing is buffered. */
	hasRoomFor(subscriber: LiveSubscriber, bytes: number): boolean {
		const buffered = subscriber.bufferedBytes();
		return buffered === 0 || buffered + bytes <= this.maxBytes;
	}

	/**
	 * Resolves when the client has read most of its buffer, or is gone. Recoveries of one connection are resumed one after the
	 * other, as the pushes of one would leave no room for the history that another reads. A caller that needs no more room
	 * calls `onDrained`.
	 */
	room(subscriber: LiveSubscriber): Promise<void> {
		return new Promise((resolve) => {
			const resolvers = this.waiting.get(subscriber);
			if (resolvers === undefined) this.waiting.set(subscriber, [resolve]);
			else resolvers.push(resolve);
		});
	}

	onClosed(subscriber: LiveSubscriber): void {
		const resolvers = this.waiting.get(subscriber);
		if (resolvers === undefined) return;
		this.waiting.delete(subscriber);
		for (const resolve of resolvers) resolve();
	}

	/** Half of it has to be read first: each step costs a read of the history. */
	onDrained(subscriber: LiveSubscriber): void {
		if (this.waiting.size === 0 || !this.isDrained(subscriber)) return;
		const resolvers = this.waiting.get(subscriber);
		const resolve = resolvers?.shift();
		if (resolvers?.length === 0) this.waiting.delete(subscriber);
		resolve?.();
	}
}
