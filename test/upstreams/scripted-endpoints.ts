// A service whose endpoints answer as a test says, on a clock that the test moves.
import type { Endpoint, EndpointSource } from "../../upstreams/endpoint-source.ts";
import { addressOf, parseAddress } from "../../upstreams/endpoint-source-static.ts";
import {
	type AttemptFailure,
	type EndpointTransport,
	Status,
	type StreamEvents,
} from "../../upstreams/endpoint-transport.ts";
import { UpstreamService, type UpstreamServiceOptions } from "../../upstreams/upstream-service.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const NO_BYTES = new Uint8Array(0);

export function failure(status: Status, neverLeft = false): AttemptFailure {
	return { status, message: `status ${status}`, neverLeft, details: undefined };
}

/** A call that waits for the test to end it. */
export interface PendingCall {
	readonly timeoutMs: number | undefined;
	succeed(reply?: Uint8Array): void;
	fail(status: Status, neverLeft?: boolean): void;
}

export class ScriptedEndpoint implements EndpointTransport {
	isReady = true;
	isClosed = false;
	readonly address: string;
	readonly pending: PendingCall[] = [];
	readonly streams: StreamEvents[] = [];
	/** Of all streams. */
	readonly paused: boolean[] = [];
	calls = 0;
	/** Ends each call as it comes; undefined: it waits. */
	answer: ((call: PendingCall) => void) | undefined;
	private readonly script: Script;
	private readonly onChange: () => void;

	constructor(script: Script, endpoint: Endpoint, onChange: () => void) {
		this.script = script;
		this.address = addressOf(endpoint);
		this.onChange = onChange;
	}

	setReady(isReady: boolean): void {
		this.isReady = isReady;
		this.onChange();
	}

	unary(
		_context: unknown,
		_body: Uint8Array,
		timeoutMs: number,
		done: (failure: AttemptFailure | undefined, reply: Uint8Array) => void,
	) {
		this.calls++;
		const call: PendingCall = {
			timeoutMs,
			succeed: (reply = NO_BYTES) => this.end(call, () => done(undefined, reply)),
			fail: (status, neverLeft) => this.end(call, () => done(failure(status, neverLeft), NO_BYTES)),
		};
		this.pending.push(call);
		const { answer } = this;
		if (answer !== undefined) queueMicrotask(() => answer(call));
		this.script.after(timeoutMs, () => call.fail(Status.DEADLINE_EXCEEDED));
		return { cancel: () => this.end(call, () => {}) };
	}

	stream(_context: unknown, _body: Uint8Array, _timeoutMs: number | undefined, events: StreamEvents) {
		this.calls++;
		const index = this.streams.push(events) - 1;
		return {
			cancel: () => {
				this.streams[index] = { onMessage: () => {}, onEnd: () => {} };
			},
			pause: () => {
				this.paused[index] = true;
			},
			resume: () => {
				this.paused[index] = false;
			},
		};
	}

	close(): void {
		this.isClosed = true;
	}

	private end(call: PendingCall, then: () => void): void {
		const index = this.pending.indexOf(call);
		if (index < 0) return;
		this.pending.splice(index, 1);
		then();
	}
}

/** Time, timers, and the endpoints that were opened. */
export class Script {
	nowMs = 0;
	readonly endpoints = new Map<string, ScriptedEndpoint>();
	private timers: { readonly atMs: number; readonly run: () => void; isOver: boolean }[] = [];

	after(delayMs: number, run: () => void): () => void {
		const timer = { atMs: this.nowMs + delayMs, run, isOver: false };
		this.timers.push(timer);
		return () => {
			timer.isOver = true;
		};
	}

	/** Runs what is due, in its order. */
	async advance(ms: number): Promise<void> {
		const untilMs = this.nowMs + ms;
		this.timers = this.timers.filter(({ isOver }) => !isOver);
		for (;;) {
			await settle();
			const due = this.timers
				.filter(({ isOver, atMs }) => !isOver && atMs <= untilMs)
				.sort((a, b) => a.atMs - b.atMs)[0];
			if (due === undefined) break;
			this.nowMs = Math.max(this.nowMs, due.atMs);
			due.isOver = true;
			due.run();
		}
		this.nowMs = untilMs;
	}

	of(address: string): ScriptedEndpoint {
		return this.endpoints.get(address) as ScriptedEndpoint;
	}
}

export async function settle(): Promise<void> {
	for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

export const endpoint = (address: string, weight = 1): Endpoint => ({
	...parseAddress(address),
	weight,
	metadata: {},
});

export interface ScriptedService {
	readonly script: Script;
	readonly service: UpstreamService;
	/** What the source says from now on. */
	update(...addresses: readonly string[]): void;
	call(
		isIdempotent?: boolean,
		more?: { readonly stickyKey?: string; readonly timeoutMs?: number },
	): Promise<Uint8Array>;
}

/** A service whose random numbers come from a seed. */
export function scriptedService(
	addresses: readonly string[],
	options: Partial<UpstreamServiceOptions> = {},
): ScriptedService {
	const script = new Script();
	let listener: (endpoints: readonly Endpoint[]) => void = () => {};
	const source: EndpointSource = {
		watch: (_service, onChange) => {
			listener = onChange;
			return { close: async () => {} };
		},
	};
	let seed = 1;
	const service = new UpstreamService({
		name: "orders",
		source,
		sourceName: "orders",
		open: (of, onChange) => {
			const opened = new ScriptedEndpoint(script, of, onChange);
			script.endpoints.set(opened.address, opened);
			return opened;
		},
		isAllowed: () => true,
		maxEndpoints: 256,
		holdMs: 60_000,
		retries: { share: 0.2, floorPerSecond: 10 },
		maxAttempts: 3,
		attemptTimeoutMs: 1000,
		maxWaiting: 100,
		waitTimeoutMs: 500,
		maxInFlight: 100,
		slowStartMs: 0,
		ejection: { consecutiveFailures: 5, baseMs: 10_000, maxMs: 300_000, maxShare: 0.1 },
		breaker: { windowMs: 10_000, minCalls: 20, failureShare: 0.5, openMs: 1000, maxOpenMs: 30_000 },
		nowMs: () => script.nowMs,
		// Lehmer's generator: the same choices in each run.
		random: () => {
			seed = (seed * 48_271) % 0x7fff_ffff;
			return seed / 0x7fff_ffff;
		},
		schedule: (delayMs, run) => script.after(delayMs, run),
		logger: quietLogger(),
		...options,
	});
	service.start();
	const update = (...next: readonly string[]) => {
		listener(next.map((address) => endpoint(address)));
		for (const one of script.endpoints.values()) if (one.isReady) one.setReady(true);
	};
	if (addresses.length > 0) update(...addresses);
	return {
		script,
		service,
		update,
		call: (isIdempotent = true, { stickyKey, timeoutMs = 10_000 } = {}) =>
			service.call({
				context: { path: "/orders/Get", metadata: {} },
				body: NO_BYTES,
				deadlineMs: script.nowMs + timeoutMs,
				isIdempotent,
				stickyKey,
			}),
	};
}
