// Metrics of requests, by route and reply code.
import {
	type Distribution,
	gauge,
	histogram,
	type Labels,
	labelledCounter,
	type MetricDefinition,
} from "../../common/metrics.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import { LATENCY_BOUNDS_MS, type RequestStats, type RouteStats } from "../../middleware/request-stats.ts";
import { replyCodes } from "../../protocol/codes.ts";

export interface RequestFigures {
	/** Of requests in frames. */
	readonly stats: RequestStats;
	/** Of requests over HTTP. */
	readonly callStats: RequestStats;
	readonly dispatcher: Pick<Dispatcher, "budget">;
}

export function requestMetrics({ stats, callStats, dispatcher }: RequestFigures): readonly MetricDefinition[] {
	const { budget } = dispatcher;
	return [
		labelledCounter("framegate_requests_total", "Requests answered, by route and reply code.", ["route", "code"], () =>
			[...stats.all()].flatMap((route) => byCode(route.byCode, { route: route.name })),
		),
		labelledCounter(
			"framegate_frames_refused_total",
			"Frames refused before they became a request, by reply code.",
			["code"],
			() => byCode(stats.refusedByCode, {}),
		),
		gauge("framegate_pending_request_bytes", "Bytes held by requests that run or wait.", () => budget.bytes),
		labelledCounter(
			"framegate_pending_requests_refused_total",
			"Requests refused because too much was in flight, by the bound that was reached.",
			["bound"],
			() => [...budget.refused].map(([bound, count]) => [{ bound }, count]),
		),
		histogram(
			"framegate_request_duration_seconds",
			"Duration of measured requests, by route; requests answered at once are sampled, one in 64.",
			() => [...stats.all()].map(latencyOf),
		),
		labelledCounter(
			"framegate_http_calls_total",
			"Calls of routes over HTTP answered, by route and reply code.",
			["route", "code"],
			() => [...callStats.all()].flatMap((route) => byCode(route.byCode, { route: route.name })),
		),
		histogram(
			"framegate_http_call_duration_seconds",
			"Duration of measured calls of routes over HTTP, by route; calls answered at once are sampled, one in 64.",
			() => [...callStats.all()].map(latencyOf),
		),
	];
}

/** The reply codes that occurred. */
function byCode(counts: ArrayLike<number>, labels: Labels): [Labels, number][] {
	return replyCodes.flatMap(({ code, name }): [Labels, number][] => {
		const count = counts[code] ?? 0;
		return count > 0 ? [[{ ...labels, code: name }, count]] : [];
	});
}

function latencyOf({ name, buckets, totalMs, measured, traced }: RouteStats): Distribution {
	const bounds = LATENCY_BOUNDS_MS.map((bound) => bound / 1000);
	const exemplars = traced?.map((one) => one && { traceId: one.traceId, value: one.durationMs / 1000 });
	return { labels: { route: name }, bounds, buckets, sum: totalMs / 1000, count: measured, exemplars };
}
