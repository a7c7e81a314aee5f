// One endpoint of a service as the balancer knows it: its connection, its latency, its failures, its calls.
import { type BreakerOptions, CircuitBreaker } from "./balancing/circuit-breaker.ts";
import { EjectionState } from "./balancing/ejection.ts";
import { PeakEwma } from "./balancing/peak-ewma.ts";
import { hashText, type Weighted } from "./balancing/rendezvous.ts";
import { slowStartShare } from "./balancing/slow-start.ts";
import type { Endpoint } from "./endpoint-source.ts";
import type { EndpointTransport, OpenEndpoint } from "./endpoint-transport.ts";

export interface EndpointStateOptions {
	readonly address: string;
	readonly endpoint: Endpoint;
	readonly open: OpenEndpoint;
	readonly breaker: BreakerOptions;
	readonly slowStartMs: number;
	/** Of calls and streams. */
	readonly maxInFlight: number;
	/** What is assumed of its latency, in milliseconds. */
	readonly initialMs: number;
	readonly nowMs: () => number;
	/** It may be available now. */
	readonly onChange: () => void;
}

/** A unary call on its way. */
export interface Attempt {
	readonly startedMs: number;
	/** As `CircuitBreaker.onBegin` gave it. */
	readonly isTrial: boolean;
}

/** The time in which an observation loses its weight. */
const DECAY_MS = 10_000;

export class EndpointState implements Weighted {
	readonly address: string;
	readonly hash: number;
	/** Of the latest list. */
	weight: number;
	readonly transport: EndpointTransport;
	readonly ewma: PeakEwma;
	readonly breaker: CircuitBreaker;
	readonly ejection = new EjectionState();
	/** Oldest first. */
	readonly inFlight = new Set<Attempt>();
	streams = 0;
	calls = 0;
	failures = 0;
	private readonly options: EndpointStateOptions;
	/** Since when it has been connected; undefined while it is not. */
	private readySinceMs: number | undefined;

	constructor(options: EndpointStateOptions) {
		const { address, endpoint, open, initialMs, nowMs, onChange } = options;
		this.options = options;
		this.address = address;
		this.hash = hashText(address);
		this.weight = endpoint.weight;
		this.ewma = new PeakEwma(DECAY_MS, initialMs, nowMs());
		this.breaker = new CircuitBreaker(options.breaker);
		this.transport = open(endpoint, () => {
			const isReady = this.transport.isReady;
			if (!isReady) this.readySinceMs = undefined;
			else if (this.readySinceMs === undefined) this.readySinceMs = nowMs();
			onChange();
		});
	}

	get isFull(): boolean {
		return this.inFlight.size + this.streams >= this.options.maxInFlight;
	}

	get isIdle(): boolean {
		return this.inFlight.size + this.streams === 0;
	}

	/** A call may begin on it now. */
	isAvailable(nowMs: number): boolean {
		return this.transport.isReady && !this.isFull && !this.ejection.isEjected(nowMs) && this.breaker.permits(nowMs);
	}

	/** What is expected of the next call, in milliseconds: no less than what the oldest one has taken by now. */
	latencyMs(nowMs: number): number {
		return Math.max(this.ewma.at(nowMs), this.oldestMs(nowMs), Number.EPSILON);
	}

	/** What a call costs on it, beside the others: the smaller, the better. */
	load(nowMs: number): number {
		const share = slowStartShare(nowMs - (this.readySinceMs ?? nowMs), this.options.slowStartMs);
		return (this.latencyMs(nowMs) * (this.inFlight.size + 1)) / (this.weight * share);
	}

	/** Age of the oldest call in flight: as long at least is what it takes. */
	private oldestMs(nowMs: number): number {
		for (const { startedMs } of this.inFlight) return nowMs - startedMs;
		return 0;
	}
}
