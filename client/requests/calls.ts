// Requests between being made and being settled: those waiting for a connection, in order, those in flight, and those
// set aside until there is a fresh token.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { ReplyLostError } from "../errors.ts";
import { MAX_DELAY_MS, type Timer } from "../timers.ts";

/** One request. Its frame is encoded once and sent again unchanged if it is retried. */
export interface Call {
	readonly seq: number;
	readonly contract: AnyWireRoute;
	readonly frame: Uint8Array<ArrayBuffer>;
	/** Part of signing in: goes ahead of the queue, and is never retried on another connection. */
	readonly internal: boolean;
	attempts: number;
	/** Was refused once because the access token had expired. */
	tokenRetried: boolean;
	settled: boolean;
	readonly resolve: (reply: unknown) => void;
	readonly reject: (error: unknown) => void;
	/** Undoes deadline and abort signal. */
	release: () => void;
}

export interface CallLimits {
	readonly maxQueuedRequests: number;
	readonly maxInFlightRequests: number;
	readonly maxAttempts: number;
}

export class CallTable {
	private readonly limits: CallLimits;
	private queue: Call[] = [];
	private readonly inFlight = new Map<number, Call>();
	private readonly aside = new Set<Call>();
	private lastSeq = 0;

	constructor(limits: CallLimits) {
		this.limits = limits;
	}

	get inFlightCount(): number {
		return this.inFlight.size;
	}

	/** A sequence number that no request in flight or queued uses; never 0. */
	nextSeq(): number {
		do this.lastSeq = (this.lastSeq + 1) >>> 0;
		while (this.lastSeq === 0 || this.inFlight.has(this.lastSeq));
		return this.lastSeq;
	}

	/** @throws GatewayError UNAVAILABLE when the queue is full. */
	enqueue(call: Call): void {
		if (this.queue.length >= this.limits.maxQueuedRequests) {
			throw new GatewayError(ErrorCode.UNAVAILABLE, "too many requests are waiting for a connection");
		}
		this.aside.delete(call);
		this.queue.push(call);
	}

	/** The next request to send, or undefined when none waits or enough are in flight. */
	dequeue(): Call | undefined {
		if (this.inFlight.size >= this.limits.maxInFlightRequests) return undefined;
		return this.queue.shift();
	}

	/** Records that a request is being sent. */
	sent(call: Call): void {
		call.attempts++;
		this.inFlight.set(call.seq, call);
	}

	/** Takes the request that a reply belongs to out of flight; undefined when it has been given up. */
	answered(seq: number): Call | undefined {
		const call = this.inFlight.get(seq);
		this.inFlight.delete(seq);
		return call;
	}

	/** Keeps a refused request until it is enqueued again; false when as many are kept as may be queued. */
	setAside(call: Call): boolean {
		if (this.aside.size >= this.limits.maxQueuedRequests) return false;
		this.aside.add(call);
		return true;
	}

	settle(call: Call, settle: () => void): void {
		if (call.settled) return;
		call.settled = true;
		call.release();
		this.inFlight.delete(call.seq);
		this.aside.delete(call);
		settle();
	}

	/** Takes a request out wherever it is and fails it. */
	fail(call: Call, error: unknown): void {
		const index = this.queue.indexOf(call);
		if (index >= 0) this.queue.splice(index, 1);
		this.settle(call, () => call.reject(error));
	}

	/** The connection is gone: what may be repeated goes back to the head of the queue, the rest fails. */
	connectionLost(): void {
		const again: Call[] = [];
		for (const call of [...this.inFlight.values()]) {
			if (call.contract.idempotent && !call.internal && call.attempts < this.limits.maxAttempts) again.push(call);
			else this.fail(call, new ReplyLostError(ErrorCode.UNAVAILABLE, "the connection was lost before the reply came"));
		}
		this.inFlight.clear();
		this.queue = [...again, ...this.queue];
	}

	failAll(error: GatewayError): void {
		const lost = new ReplyLostError(error.code, error.message);
		for (const call of [...this.inFlight.values()]) this.settle(call, () => call.reject(lost));
		for (const call of [...this.queue, ...this.aside]) this.settle(call, () => call.reject(error));
		this.inFlight.clear();
		this.queue = [];
	}
}

/** What ends a call besides its reply. */
export interface RequestDeadline {
	readonly timeoutMs: number;
	/** What is left of it, where some has been used; all of it unless given. */
	readonly leftMs?: number | undefined;
	readonly signal: AbortSignal | undefined;
}

/** Arms deadline and abort signal of a call; `onExpired` gets the reason. Returns what undoes both. */
export function arm(deadline: RequestDeadline, name: string, onExpired: (error: unknown) => void): () => void {
	const { timeoutMs, leftMs = timeoutMs, signal } = deadline;
	// A deadline keeps a Node process alive: a caller is waiting for it.
	const timer: Timer = setTimeout(
		() => onExpired(new GatewayError(ErrorCode.TIMEOUT, `${name}: no reply within ${timeoutMs} ms`)),
		Math.min(leftMs, MAX_DELAY_MS),
	);
	const onAbort = (): void => onExpired(signal?.reason);
	signal?.addEventListener("abort", onAbort, { once: true });
	return () => {
		clearTimeout(timer);
		signal?.removeEventListener("abort", onAbort);
	};
}
