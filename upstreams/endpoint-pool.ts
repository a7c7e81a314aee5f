// The endpoints of a service that are used now: made and closed as the list of its source changes, and picked for calls.

import type { BreakerOptions } from "./balancing/circuit-breaker.ts";
import { type EjectionOptions, onFailure, onSuccess } from "./balancing/ejection.ts";
import { ownerOf } from "./balancing/rendezvous.ts";
import { chooseOfTwo } from "./balancing/two-choices.ts";
import type { Endpoint } from "./endpoint-source.ts";
import { EndpointState } from "./endpoint-state.ts";
import type { OpenEndpoint } from "./endpoint-transport.ts";
import type { Waiting } from "./waiting-calls.ts";

export interface EndpointPoolOptions {
	readonly open: OpenEndpoint;
	readonly breaker: BreakerOptions;
	readonly ejection: EjectionOptions;
	readonly slowStartMs: number;
	readonly maxInFlight: number;
	readonly nowMs: () => number;
	readonly random: () => number;
	/** An endpoint may be available now. */
	readonly onChange: () => void;
	readonly onEjected: (endpoint: EndpointState) => void;
}

/** What an attempt says of its endpoint. */
export type Verdict = "success" | "failure" | "ignored";

/** What a failure counts as: failing fast must not look like being fast. */
const FAILURE_MS = 1000;
/** Latency of the first endpoints, before any call. */
const FIRST_MS = 1;
/**
 * Endpoints from which more than so many times the shortest latency is expected, and so many milliseconds more than it, are drawn only when
 * there is no other: of two that are drawn at random, both may be bad.
 */
const SLOW_FACTOR = 4;
const SLOW_MARGIN_MS = 20;
/** The shortest latency is looked for again after this time. */
const SHORTEST_MS = 10;
/** What is left of endpoints that are gone is cut off then. */
const LEAVING_MS = 60_000;

export class EndpointPool {
	ejections = 0;
	private readonly options: EndpointPoolOptions;
	private states: readonly EndpointState[] = [];
	/** Not used any more, with the time until their calls may go on. */
	private readonly leaving = new Map<EndpointState, number>();
	private triedEarlyMs = Number.NEGATIVE_INFINITY;
	private slowMs = 0;
	private slowSinceMs = Number.NEGATIVE_INFINITY;

	constructor(options: EndpointPoolOptions) {
		this.options = options;
	}

	get endpoints(): readonly EndpointState[] {
		return this.states;
	}

	/** Uses these endpoints. Calls in flight on others go on. */
	replace(endpoints: ReadonlyMap<string, Endpoint>): void {
		const nowMs = this.options.nowMs();
		const known = new Map(this.states.map((state) => [state.address, state]));
		const initialMs = this.meanMs(nowMs);
		this.states = [...endpoints].map(([address, endpoint]) => {
			const state = known.get(address) ?? this.make(address, endpoint, initialMs);
			state.weight = endpoint.weight;
			return state;
		});
		for (const [address, state] of known) if (!endpoints.has(address)) this.leave(state, nowMs);
		this.options.onChange();
	}

	/** @returns an endpoint for a call; one on which it has failed only when there is no other. */
	pick(call: Pick<Waiting, "stickyKey" | "tried">): EndpointState | undefined {
		const nowMs = this.options.nowMs();
		const { stickyKey, tried } = call;
		const isAvailable = (state: EndpointState) => state.isAvailable(nowMs);
		const isNew = (state: EndpointState) => !tried.includes(state) && state.isAvailable(nowMs);
		if (stickyKey !== undefined) {
			const owner = ownerOf(stickyKey, this.states, isNew) ?? ownerOf(stickyKey, this.states, isAvailable);
			return owner ?? this.tryEarly(nowMs);
		}
		const slowMs = this.slowLimitMs(nowMs);
		const { random } = this.options;
		const choose = (isCandidate: (state: EndpointState) => boolean) => {
			const cost = (state: EndpointState) => state.load(nowMs);
			return chooseOfTwo({ candidates: this.states, isAvailable: isCandidate, cost, random });
		};
		const good = choose((state) => isNew(state) && state.latencyMs(nowMs) <= slowMs);
		const other = good ?? choose(isNew) ?? (tried.length === 0 ? undefined : choose(isAvailable));
		return other ?? this.tryEarly(nowMs);
	}

	/**
	 * Until when no endpoint will be available, because those that are connected are kept out: calls need not wait.
	 *
	 * @returns milliseconds; undefined when one may become available at any moment.
	 */
	keptOutMs(): number | undefined {
		const nowMs = this.options.nowMs();
		const connected = this.states.filter(({ transport }) => transport.isReady);
		if (connected.length === 0 || connected.some(({ isFull }) => isFull)) return undefined;
		const earlyMs = Math.max(0, this.triedEarlyMs + this.options.breaker.openMs - nowMs);
		const waits = connected.map(({ breaker, ejection }) => {
			const openMs = breaker.mayTryEarly(nowMs) ? earlyMs : breaker.waitMs(nowMs);
			return Math.max(openMs, ejection.untilMs - nowMs, 0);
		});
		return Math.min(...waits);
	}

	/**
	 * While every endpoint is kept out, one of those whose circuit breakers are open is tried every `openMs`: there is no other to take its calls, and
	 * a service that comes back as a whole must not be kept out for as long as it was gone.
	 */
	private tryEarly(nowMs: number): EndpointState | undefined {
		const { random, breaker } = this.options;
		if (nowMs - this.triedEarlyMs < breaker.openMs) return undefined;
		const connected = this.states.filter(({ transport }) => transport.isReady);
		const allowed = connected.filter(({ ejection }) => !ejection.isEjected(nowMs));
		// One that is full, or is being tried, is not kept out.
		if (connected.some(({ isFull }) => isFull) || allowed.some((state) => state.breaker.waitMs(nowMs) === 0))
			return undefined;
		const early = allowed.filter((state) => state.breaker.mayTryEarly(nowMs));
		const chosen = early[Math.floor(random() * early.length)];
		if (chosen === undefined) return undefined;
		this.triedEarlyMs = nowMs;
		chosen.breaker.tryEarly(nowMs);
		return chosen;
	}

	/** An attempt or a stream on an endpoint is over. @param latencyMs - undefined for a stream. */
	judge(state: EndpointState, verdict: Verdict, latencyMs: number | undefined, isTrial: boolean): void {
		const { nowMs: now, ejection, onEjected } = this.options;
		const nowMs = now();
		state.calls++;
		state.breaker.onEnd(isTrial, verdict, nowMs);
		if (verdict === "success") {
			onSuccess(state.ejection);
			if (latencyMs !== undefined) state.ewma.observe(latencyMs, nowMs);
		} else if (verdict === "failure") {
			state.failures++;
			state.ewma.observe(Math.max(latencyMs ?? 0, FAILURE_MS), nowMs);
			const others = this.states.map((one) => one.ejection);
			if (onFailure(state.ejection, others, ejection, nowMs)) {
				this.ejections++;
				onEjected(state);
			}
		} else if (latencyMs !== undefined && latencyMs > state.ewma.at(nowMs)) {
			// It would have taken longer than that.
			state.ewma.observe(latencyMs, nowMs);
		}
		this.closeIfLeft(state);
	}

	/** Closes what is over. */
	tick(): void {
		const nowMs = this.options.nowMs();
		for (const [state, untilMs] of this.leaving) {
			if (!state.isIdle && nowMs < untilMs) continue;
			this.leaving.delete(state);
			state.transport.close();
		}
	}

	close(): void {
		for (const state of [...this.states, ...this.leaving.keys()]) state.transport.close();
		this.states = [];
		this.leaving.clear();
	}

	private make(address: string, endpoint: Endpoint, initialMs: number): EndpointState {
		return new EndpointState({ ...this.options, address, endpoint, initialMs });
	}

	private leave(state: EndpointState, nowMs: number): void {
		this.leaving.set(state, nowMs + LEAVING_MS);
		this.closeIfLeft(state);
	}

	private closeIfLeft(state: EndpointState): void {
		if (!state.isIdle || !this.leaving.delete(state)) return;
		state.transport.close();
	}

	/** Above which an endpoint counts as slow, in milliseconds. */
	private slowLimitMs(nowMs: number): number {
		if (nowMs - this.slowSinceMs < SHORTEST_MS) return this.slowMs;
		let shortestMs = Number.POSITIVE_INFINITY;
		for (const state of this.states) {
			if (state.isAvailable(nowMs)) shortestMs = Math.min(shortestMs, state.latencyMs(nowMs));
		}
		this.slowSinceMs = nowMs;
		this.slowMs = Math.max(shortestMs * SLOW_FACTOR, shortestMs + SLOW_MARGIN_MS);
		return this.slowMs;
	}

	private meanMs(nowMs: number): number {
		const connected = this.states.filter(({ transport }) => transport.isReady);
		if (connected.length === 0) return FIRST_MS;
		return connected.reduce((sum, { ewma }) => sum + ewma.at(nowMs), 0) / connected.length;
	}
}
