// Keeps large replies from making a slow consumer of a client that sent its requests one right behind the other: a call whose
// reply may be a page begins once the pages before it have been read far enough. What is held is the decoded request, not the
// reply; `MAX_WAITING` of them at most.
import type { ConnectionListener, LiveSubscriber } from "../messaging/live-audience.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { PAGE_BYTES } from "../protocol/message-bounds.ts";

/** Calls that wait for one connection. Those that were given up on are among them until there is room. */
const MAX_WAITING = 64;
const RETRY_MS = 1000;

/** What a connection has in flight. An entry exists while there is something. */
interface Pending {
	/** Calls that run and whose replies may be pages. */
	running: number;
	/** Callbacks of the calls that wait, oldest first; called with whether the client is still connected. */
	readonly waiting: ((isThere: boolean) => void)[];
}

export class ReplyPace implements ConnectionListener {
	private readonly maxBytes: number;
	private readonly counters: { held: number };
	private readonly pending = new Map<LiveSubscriber, Pending>();

	/**
	 * @param maxBytes - of replies that wait for a client to read; pushes need room beside them.
	 * @param counters - where calls are counted that had to wait.
	 */
	constructor(maxBytes: number, counters: { held: number }) {
		this.maxBytes = maxBytes;
		this.counters = counters;
	}

	/** Whether another page has room beside what waits for the client, and what calls that run may add. One always has. */
	hasRoom(subscriber: LiveSubscriber): boolean {
		const pending = this.pending.get(subscriber);
		if (pending !== undefined && pending.waiting.length > 0) return false;
		return this.fits(subscriber, pending?.running ?? 0);
	}

	/**
	 * Resolves when there is room: true; false when the client is gone, or is another user by now.
	 *
	 * @throws GatewayError RATE_LIMITED when too many wait already.
	 */
	room(subscriber: LiveSubscriber): Promise<boolean> {
		const pending = this.pendingOf(subscriber);
		if (pending.waiting.length >= MAX_WAITING) {
			const message = `more than ${MAX_WAITING} requests wait until their client has read the replies before`;
			throw new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: RETRY_MS });
		}
		this.counters.held++;
		return new Promise((resolve) => pending.waiting.push(resolve));
	}

	/** A call runs whose reply will be known later. */
	begun(subscriber: LiveSubscriber): void {
		this.pendingOf(subscriber).running++;
	}

	/** Its reply is sent. */
	ended(subscriber: LiveSubscriber): void {
		const pending = this.pending.get(subscriber);
		if (pending === undefined) return;
		if (pending.running > 0) pending.running--;
		this.release(subscriber, pending);
	}

	onDrained(subscriber: LiveSubscriber): void {
		const pending = this.pending.get(subscriber);
		if (pending !== undefined) this.release(subscriber, pending);
	}

	onClosed(subscriber: LiveSubscriber): void {
		const pending = this.pending.get(subscriber);
		this.pending.delete(subscriber);
		for (const resolve of pending?.waiting ?? []) resolve(false);
	}

	private pendingOf(subscriber: LiveSubscriber): Pending {
		const known = this.pending.get(subscriber);
		if (known !== undefined) return known;
		const pending: Pending = { running: 0, waiting: [] };
		this.pending.set(subscriber, pending);
		return pending;
	}

	private fits(subscriber: LiveSubscriber, running: number): boolean {
		const bytes = subscriber.bufferedBytes() + running * PAGE_BYTES;
		return bytes === 0 || bytes + PAGE_BYTES <= this.maxBytes;
	}

	/** One at a time: the next is looked at when this one has begun and ended. */
	private release(subscriber: LiveSubscriber, pending: Pending): void {
		if (pending.waiting.length > 0 && this.fits(subscriber, pending.running)) pending.waiting.shift()?.(true);
		if (pending.waiting.length === 0 && pending.running === 0) this.pending.delete(subscriber);
	}
}
