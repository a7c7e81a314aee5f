// How much of what it missed a connection is sent at once: no more than it can hold, or catching up would itself make it a
// slow consumer, and it would come back to the same again.
import type { ConnectionListener, LiveSubscriber } from "../../messaging/live-audience.ts";

export class RecoveryFlowControl implements ConnectionListener {
	private readonly maxBytes: number;
	private readonly waiting = new Map<LiveSubscriber, (() => void)[]>();

	/** @param maxBytes - that may wait for a connection which catches up; what is live needs room behind them. */
	constructor(maxBytes: number) {
		this.maxBytes = maxBytes;
	}

	/** Bytes that there is room for, and that are worth reading. */
	roomBytes(subscriber: LiveSubscriber): number {
		return Math.max(1, this.maxBytes - subscriber.bufferedBytes());
	}

	/** Whether `drained` would let it go on. */
	isDrained(subscriber: LiveSubscriber): boolean {
		return subscriber.bufferedBytes() <= this.maxBytes / 2;
	}

	/** One message always has room where nothing waits. */
	hasRoomFor(subscriber: LiveSubscriber, bytes: number): boolean {
		const buffered = subscriber.bufferedBytes();
		return buffered === 0 || buffered + bytes <= this.maxBytes;
	}

	/**
	 * Resolves when the connection has read most of what waits for it, or is gone; for one recovery after the other, as each
	 * reads a history that the others' pushes would leave no room for. Whoever needs no more room calls `drained`.
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
