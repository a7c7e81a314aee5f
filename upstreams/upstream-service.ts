// A named service of the operator: its endpoints, and calls to it. Knows no gRPC and no routes.
import type { Logger } from "../common/logger.ts";
import type { GatewayError } from "../protocol/error.ts";
import { RetryBudget, type RetryBudgetOptions } from "./balancing/retry-budget.ts";
import type { CallHost, UpstreamCall } from "./call-host.ts";
import { EndpointList } from "./endpoint-list.ts";
import { EndpointPool, type EndpointPoolOptions } from "./endpoint-pool.ts";
import type { Endpoint, EndpointSource, EndpointWatch } from "./endpoint-source.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { Status } from "./endpoint-transport.ts";
import { StreamCall, type StreamListener } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";
import { unavailableError, upstreamError } from "./upstream-error.ts";
import { type Schedule, type Waiting, WaitingCalls } from "./waiting-calls.ts";

export interface UpstreamServiceOptions
	extends Pick<
		EndpointPoolOptions,
		"open" | "breaker" | "ejection" | "slowStartMs" | "maxInFlight" | "nowMs" | "random"
	> {
	readonly name: string;
	readonly source: EndpointSource;
	/** What the source calls the service. */
	readonly sourceName: string;
	readonly isAllowed: (endpoint: Endpoint) => boolean;
	readonly maxEndpoints: number;
	readonly holdMs: number;
	readonly retries: RetryBudgetOptions;
	/** Attempts of a call at most. */
	readonly maxAttempts: number;
	/** Of an attempt of a call that may be repeated. */
	readonly attemptTimeoutMs: number;
	readonly maxWaiting: number;
	readonly waitTimeoutMs: number;
	readonly schedule: Schedule;
	readonly logger: Logger;
}

/** Less than this share of the present endpoints in a list is taken for a fault of the source. */
const PROTECTED_SHARE = 0.5;
/** When a client should try again that found no endpoint. */
const RETRY_MS = 1000;
const TICK_MS = 1000;

/** Counted since the start. */
export interface ServiceFigures {
	calls: number;
	attempts: number;
	retries: number;
	/** Repeats that the budget did not allow. */
	retriesRefused: number;
	/** Calls refused at once: all endpoints kept out, or too many waiting. */
	refused: number;
	/** Calls that waited for an endpoint in vain. */
	expired: number;
}

export class UpstreamService implements CallHost {
	readonly name: string;
	readonly options: UpstreamServiceOptions;
	readonly figures: ServiceFigures = {
		calls: 0,
		attempts: 0,
		retries: 0,
		retriesRefused: 0,
		refused: 0,
		expired: 0,
	};
	readonly pool: EndpointPool;
	readonly list: EndpointList;
	readonly budget: RetryBudget;
	private readonly waiting: WaitingCalls;
	private watch: EndpointWatch | undefined;
	private stopTick: (() => void) | undefined;
	private isClosed = false;

	constructor(options: UpstreamServiceOptions) {
		const { name, retries, schedule, nowMs, logger, isAllowed, maxEndpoints, holdMs } = options;
		this.name = name;
		this.options = options;
		this.budget = new RetryBudget(retries);
		this.waiting = new WaitingCalls(schedule);
		this.pool = new EndpointPool({
			...options,
			onChange: () => this.beginWaiting(),
			onEjected: ({ address, ejection }) => {
				const forMs = Math.round(ejection.untilMs - nowMs());
				logger.warn({ upstream: name, endpoint: address, forMs }, "an endpoint of an upstream fails; it is ejected");
			},
		});
		this.list = new EndpointList({
			isAllowed,
			maxEndpoints,
			holdMs,
			protectedShare: PROTECTED_SHARE,
			onChange: (endpoints) => this.pool.replace(endpoints),
			onProblem: (problem, fields) => logger.warn({ upstream: name, ...fields }, problem),
		});
	}

	get waitingCount(): number {
		return this.waiting.size;
	}

	/** Connects to what the source names, now and later. */
	start(): void {
		const { source, sourceName, nowMs } = this.options;
		this.watch = source.watch(sourceName, (endpoints) => {
			if (!this.isClosed) this.list.update(endpoints, nowMs());
		});
		this.scheduleTick();
	}

	/**
	 * Makes a call, in one attempt or several.
	 *
	 * @returns the reply. @throws GatewayError what the upstream answered, UNAVAILABLE, TIMEOUT, UPSTREAM_FAILED.
	 */
	call(call: UpstreamCall): Promise<Uint8Array> {
		this.figures.calls++;
		this.budget.onCall(this.options.nowMs());
		return new Promise((resolve, reject) => {
			this.admit(new UnaryCall(this, call, resolve, reject));
		});
	}

	/**
	 * Opens a stream. What comes before it is open is thrown; afterwards the listener is called.
	 *
	 * @throws GatewayError UNAVAILABLE.
	 */
	openStream(call: UpstreamCall, timeoutMs: number | undefined, listener: StreamListener): Promise<StreamCall> {
		this.budget.onCall(this.options.nowMs());
		return new Promise((resolve, reject) => {
			this.admit(new StreamCall(this, call, timeoutMs, listener, resolve, reject));
		});
	}

	/** Begins a call on an endpoint, now or when there is one; or fails it. */
	admit(call: Waiting): void {
		const { nowMs, maxWaiting, waitTimeoutMs } = this.options;
		const endpoint = this.waiting.size === 0 ? this.pool.pick(call) : undefined;
		if (endpoint !== undefined) {
			call.begin(endpoint);
			return;
		}
		const keptOutMs = this.pool.keptOutMs();
		if (this.isClosed || this.waiting.size >= maxWaiting || (keptOutMs !== undefined && keptOutMs > 0)) {
			this.figures.refused++;
			call.fail(unavailableError(this.name, keptOutMs === undefined ? RETRY_MS : Math.max(keptOutMs, 1)));
			return;
		}
		const leftMs = call.deadlineMs - nowMs();
		this.waiting.add(call, Math.min(waitTimeoutMs, leftMs), () => {
			this.figures.expired++;
			call.fail(leftMs < waitTimeoutMs ? this.timeoutError() : unavailableError(this.name, RETRY_MS));
		});
	}

	/** Whether a call may be tried once more; takes it from the budget. */
	takeRetry(attempts: number): boolean {
		if (this.isClosed || attempts >= this.options.maxAttempts) return false;
		if (this.budget.take(this.options.nowMs())) {
			this.figures.retries++;
			return true;
		}
		this.figures.retriesRefused++;
		return false;
	}

	/** A call that waited is given up. */
	forget(call: Waiting): void {
		this.waiting.remove(call);
	}

	timeoutError(): GatewayError {
		const failure = { status: Status.DEADLINE_EXCEEDED, message: "", neverLeft: true, details: undefined };
		return upstreamError(this.name, failure);
	}

	beginWaiting(): void {
		if (this.waiting.size > 0) this.waiting.beginAll((call) => this.pool.pick(call));
	}

	/** Endpoints by what they are: for metrics. */
	census(): ReadonlyMap<string, number> {
		const nowMs = this.options.nowMs();
		const counts = new Map(["available", "connecting", "ejected", "open", "full"].map((state) => [state, 0]));
		for (const state of this.pool.endpoints) {
			const name = conditionOf(state, nowMs);
			counts.set(name, (counts.get(name) ?? 0) + 1);
		}
		return counts;
	}

	async close(): Promise<void> {
		this.isClosed = true;
		this.stopTick?.();
		await this.watch?.close();
		this.waiting.failAll(unavailableError(this.name, RETRY_MS));
		this.pool.close();
	}

	private scheduleTick(): void {
		this.stopTick = this.options.schedule(TICK_MS, () => {
			this.list.tick(this.options.nowMs());
			this.pool.tick();
			// An ejection or an open breaker may have come to its end.
			this.beginWaiting();
			this.scheduleTick();
		});
	}
}

function conditionOf(state: EndpointState, nowMs: number): string {
	if (!state.transport.isReady) return "connecting";
	if (state.ejection.isEjected(nowMs)) return "ejected";
	if (!state.breaker.permits(nowMs)) return "open";
	return state.isFull ? "full" : "available";
}
