// Counts every request and measures some: calls that took their time all of them, calls answered at once one in a
// sample. Counting is an increment in an array; Prometheus and /status read the arrays when they are asked.

import { LogQuota } from "../common/log-quota.ts";
import type { Logger } from "../common/logger.ts";
import type { CallTrace } from "../common/tracing.ts";
import type { Call } from "../core/call.ts";
import type { RequestObserver } from "../core/request-observer.ts";
import type { RouteTable } from "../core/route-table.ts";
import { ErrorCode, replyCode, replyCodes } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";
import { fieldsOf } from "./request-log.ts";

/** Upper bounds of the latency buckets, in milliseconds; what is above the last counts as over. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
	0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000,
];
/** Between two log lines about calls that found no room. */
const OVERLOAD_LOG_MS = 10_000;
/** One in this many calls answered at once is measured: a clock reading costs about as much as a small reply. */
const SAMPLE = 64;

/** A call whose trace can be looked at. */
export interface TracedDuration {
	readonly traceId: string;
	readonly durationMs: number;
}

/** What is known of one route's requests. */
export class RouteStats {
	readonly number: number;
	readonly name: string;
	/** Replies by code. */
	readonly byCode = new Float64Array(replyCodes.length);
	/** Measured calls by latency bucket; the last is for those over every bound. */
	readonly buckets = new Float64Array(LATENCY_BOUNDS_MS.length + 1);
	measured = 0;
	totalMs = 0;
	/** By bucket, the latest call of a trace that is sampled; undefined while there was none. */
	traced: (TracedDuration | undefined)[] | undefined;

	constructor(number: number, name: string) {
		this.number = number;
		this.name = name;
	}

	get total(): number {
		return this.byCode.reduce((sum, count) => sum + count, 0);
	}

	/** @param trace - what is recorded of the call. */
	measure(durationMs: number, trace: CallTrace | undefined): void {
		let bucket = 0;
		while (bucket < LATENCY_BOUNDS_MS.length && durationMs > (LATENCY_BOUNDS_MS[bucket] as number)) bucket++;
		this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
		this.measured++;
		this.totalMs += durationMs;
		if (trace?.isSampled !== true) return;
		this.traced ??= Array.from({ length: this.buckets.length });
		this.traced[bucket] = { traceId: trace.context.traceId, durationMs };
	}

	/** The bound below which the given share of the measured calls lie; Infinity when above all, 0 with no measurement. */
	quantileMs(share: number): number {
		const rank = share * this.measured;
		let seen = 0;
		for (const [index, count] of this.buckets.entries()) {
			seen += count;
			if (seen >= rank && seen > 0) return LATENCY_BOUNDS_MS[index] ?? Number.POSITIVE_INFINITY;
		}
		return 0;
	}
}

export interface RequestStatsOptions {
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Requests that take at least this long are logged. */
	readonly slowRequestMs: number;
}

export class RequestStats implements RequestObserver {
	slowRequestMs: number;
	/** Frames refused before they became a call, by code. */
	readonly refusedByCode = new Float64Array(replyCodes.length);
	/** By protocol number. A route that is served again under its name goes on counting. */
	private readonly routes: (RouteStats | undefined)[] = [];
	private readonly options: RequestStatsOptions;
	// One each, so that a flood of one kind does not hide another.
	private readonly faults: LogQuota;
	private readonly outages: LogQuota;
	private readonly rejections: LogQuota;
	private readonly slow: LogQuota;
	private overloads = 0;
	private overloadLoggedMs = Number.NEGATIVE_INFINITY;
	private untilSample = SAMPLE;

	constructor(options: RequestStatsOptions) {
		this.options = options;
		this.slowRequestMs = options.slowRequestMs;
		const quota = (logger = options.logger) => new LogQuota(logger, options.now);
		this.faults = quota();
		this.outages = quota();
		this.rejections = quota(options.logger.child({ category: "auth" }));
		this.slow = quota();
	}

	settled(call: Call, code: ErrorCode, error: GatewayError | undefined, later: boolean): void {
		const { contract } = call;
		const stats = this.routes[contract.number] ?? this.add(contract.number, contract.name);
		stats.byCode[code] = (stats.byCode[code] as number) + 1;
		if (error !== undefined) this.logError(call, error);
		if (!later && --this.untilSample > 0) return;
		if (!later) this.untilSample = SAMPLE;
		const durationMs = this.options.now() - call.receivedAtMs;
		stats.measure(durationMs, call.trace);
		if (durationMs >= this.slowRequestMs) this.logSlow(call, durationMs);
	}

	overloaded(call: Call, bound: string): void {
		this.overloads++;
		const nowMs = this.options.now();
		if (nowMs - this.overloadLoggedMs < OVERLOAD_LOG_MS) return;
		const fields = { ...fieldsOf(call), bound, refused: this.overloads };
		this.options.logger.warn(fields, "too many bytes of requests in flight, refusing some");
		this.overloadLoggedMs = nowMs;
		this.overloads = 0;
	}

	refused(code: ErrorCode): void {
		this.refusedByCode[code] = (this.refusedByCode[code] as number) + 1;
	}

	/** Drops what was counted of routes that are not served any more, or whose number another route has now. */
	retain({ routes }: Pick<RouteTable, "routes">): void {
		const names = new Map(routes.map(({ contract }) => [contract.number, contract.name]));
		for (const [number, stats] of this.routes.entries()) {
			if (stats !== undefined && names.get(number) !== stats.name) this.routes[number] = undefined;
		}
	}

	/** Routes that had requests, by protocol number. */
	*all(): IterableIterator<RouteStats> {
		for (const stats of this.routes) if (stats !== undefined) yield stats;
	}

	private add(number: number, name: string): RouteStats {
		const stats = new RouteStats(number, name);
		this.routes[number] = stats;
		return stats;
	}

	/**
	 * Faults of ours at error, of what we depend on at warn, refused credentials and permissions at info. A client's other
	 * mistakes are its own, and counted.
	 */
	private logError(call: Call, error: GatewayError): void {
		switch (error.code) {
			case ErrorCode.INTERNAL:
				this.faults.log("error", { ...fieldsOf(call), ...error.source, err: error.cause ?? error }, "request failed");
				return;
			case ErrorCode.UNAVAILABLE:
			case ErrorCode.TIMEOUT:
			case ErrorCode.UPSTREAM_FAILED: {
				const cause = error.cause === undefined ? {} : { err: error.cause };
				const fields = { ...fieldsOf(call), code: replyCode(error.code).name, ...cause };
				this.outages.log("warn", fields, error.message);
				return;
			}
			case ErrorCode.UNAUTHENTICATED:
			case ErrorCode.PERMISSION_DENIED: {
				const fields = { ...fieldsOf(call), code: replyCode(error.code).name, reason: error.message };
				this.rejections.log("info", fields, "request refused");
				return;
			}
			default:
		}
	}

	private logSlow(call: Call, durationMs: number): void {
		this.slow.log("warn", { ...fieldsOf(call), durationMs: Math.round(durationMs) }, "slow request");
	}
}
