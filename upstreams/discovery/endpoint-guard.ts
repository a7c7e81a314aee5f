// Keeps a list of endpoints that works from being emptied by a discovery server that has lost its data: a list that shrinks to less
// than a share of the one before is held back for a while, and meanwhile those that are missing stay beside those that are
// listed. A server that is right about it is believed when the time is over, so that calls do not go to addresses which by
// then belong to others. Pure: the caller has the clock.
import type { Endpoint } from "../endpoint-source.ts";

export interface GuardOptions {
	/** 0 up to 1: a list of at least this share of the endpoints in use is taken at once. 0 takes every list. */
	readonly minShare: number;
	/** How long a smaller list is held back, in milliseconds. */
	readonly holdMs: number;
}

export interface GuardDecision {
	/** What is to be used. */
	readonly endpoints: readonly Endpoint[];
	/** How many of them are no longer listed. */
	readonly withheld: number;
	/** When to call `expire`, on the same clock; undefined when nothing is held back. */
	readonly untilMs: number | undefined;
}

export class EndpointGuard {
	private readonly options: GuardOptions;
	private listed: readonly Endpoint[] = [];
	private used: readonly Endpoint[] = [];
	/** What was in use when the list became too small: nothing else stays, so that lists without end do not add up. */
	private kept: readonly Endpoint[] = [];
	private untilMs: number | undefined;

	constructor(options: GuardOptions) {
		this.options = options;
	}

	/** A new list. @param nowMs - of any clock that does not go back. */
	onList(endpoints: readonly Endpoint[], nowMs: number): GuardDecision {
		this.listed = endpoints;
		if (endpoints.length >= this.used.length * this.options.minShare) return this.take();
		if (this.untilMs === undefined) {
			this.untilMs = nowMs + this.options.holdMs;
			this.kept = this.used;
		}
		if (nowMs >= this.untilMs) return this.take();
		const keys = new Set(endpoints.map(keyOf));
		const missing = this.kept.filter((endpoint) => !keys.has(keyOf(endpoint)));
		this.used = [...endpoints, ...missing];
		return { endpoints: this.used, withheld: missing.length, untilMs: this.untilMs };
	}

	/** The time is over: what the server lists counts. */
	expire(): GuardDecision {
		return this.take();
	}

	private take(): GuardDecision {
		this.used = this.listed;
		this.kept = [];
		this.untilMs = undefined;
		return { endpoints: this.used, withheld: 0, untilMs: undefined };
	}
}

/** What distinguishes two endpoints. */
export function keyOf({ host, port }: Endpoint): string {
	return `${host} ${port}`;
}
