// The routes for operators and orchestrators: identity, liveness, readiness and status.
import type { Registry } from "prom-client";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { Hub } from "../../core/hub.ts";
import type { ServedRoutes } from "../../core/served-routes.ts";
import type { RequestStats } from "../../middleware/request-stats.ts";
import { replyCodes } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import type { PlainJson } from "../../protocol/plain-json.ts";
import type { Readiness } from "../readiness.ts";
import { modulePath } from "./calls/module-style.ts";
import { docsRoutes } from "./docs-routes.ts";
import { gzipReply } from "./gzip-reply.ts";
import type { HttpRoute } from "./http-router.ts";
import { monitoringRoute } from "./monitoring-route.ts";
import { OPEN_METRICS_TYPE, openMetricsText, prefersOpenMetrics } from "./open-metrics.ts";
import { json } from "./replies.ts";
import { sharedReply } from "./shared-reply.ts";

export interface SystemRouteSources {
	readonly version: string;
	readonly nodeId: string;
	readonly webSocketPath: string;
	readonly hub: Hub;
	readonly routes: ServedRoutes;
	/** Requests that are not answered yet: frames, and calls over HTTP. */
	readonly requestsInFlight: () => number;
	readonly counters: ConnectionCounters;
	readonly stats: RequestStats;
	readonly readiness: Readiness;
	/** The public keys of the token key ring, as a JWK set (RFC 7517). */
	readonly jwks: () => object | Promise<object>;
	/** What parameters of routes are called, for the list of endpoints. */
	readonly plainJson: () => PlainJson;
	/** Its disk is reported. */
	readonly dataDir: string;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** How long a page of metrics is served again: making one takes milliseconds, and needs no login. */
const METRICS_SHARED_MS = 1000;
/** The same for the other pages. The system takes a millisecond to say how much memory a process has. */
const PAGE_SHARED_MS = 100;

/**
 * `/metrics` alone: what a separate metrics port serves.
 *
 * @param now - monotonic milliseconds.
 */
export function metricsRoute(metrics: Registry, now: () => number): HttpRoute {
	const page = (contentType: string, make: () => Promise<string>) =>
		gzipReply(
			sharedReply(METRICS_SHARED_MS, now, async () => ({
				status: 200,
				headers: { "content-type": contentType, vary: "accept, accept-encoding" },
				body: await make(),
			})),
		);
	const plain = page(metrics.contentType, () => metrics.metrics());
	const open = page(OPEN_METRICS_TYPE, () => openMetricsText(metrics));
	return {
		method: "GET",
		path: "/metrics",
		summary: "Prometheus metrics",
		isForOperators: true,
		handle: (request) => (prefersOpenMetrics(request.headers.get("accept")) ? open : plain)(request),
	};
}

/** All system routes but `/metrics`. */
export function systemRoutes(sources: SystemRouteSources): HttpRoute[] {
	const { readiness, version, nodeId, now } = sources;
	const startMs = now();
	const live = (path: string): HttpRoute => ({
		method: "GET",
		path,
		summary: "Live: the event loop turns",
		isHealthCheck: true,
		handle: () => json(200, { status: "ok" }),
	});
	const routes: HttpRoute[] = [
		live("/health"),
		live("/api/v1/health"),
		{
			method: "GET",
			path: "/ready",
			summary: "Ready: every dependency answers",
			isHealthCheck: true,
			isForOperators: true,
			handle: async () => {
				const { ready, checks } = await readiness.report();
				return json(ready ? 200 : 503, { status: ready ? "ready" : "not ready", checks });
			},
		},
		{
			method: "GET",
			path: "/status",
			summary: "Connections, sessions, and per-route counts, rates and latencies",
			isForOperators: true,
			handle: sharedReply(PAGE_SHARED_MS, now, () => json(200, statusOf(sources, now() - startMs))),
		},
		{
			method: "GET",
			path: "/websocket/status",
			summary: "Open WebSocket connections",
			isForOperators: true,
			handle: sharedReply(PAGE_SHARED_MS, now, () => json(200, webSocketStatus(sources))),
		},
		monitoringRoute(sources.dataDir, now),
		...docsRoutes(sources.routes),
		{
			method: "GET",
			path: "/.well-known/jwks.json",
			summary: "Public keys that verify access tokens (RFC 7517)",
			handle: sharedReply(PAGE_SHARED_MS, now, async () =>
				json(200, await sources.jwks(), { "cache-control": "public, max-age=300" }),
			),
		},
	];
	const root: HttpRoute = {
		method: "GET",
		path: "/",
		summary: "This page",
		handle: sharedReply(PAGE_SHARED_MS, now, () =>
			json(200, {
				service: "framegate",
				version,
				node: nodeId,
				websocket: sources.webSocketPath,
				routes: sources.routes.table.routes.map(({ contract }) => endpointOf(sources, contract)),
				http: [root, ...routes].map(({ method, path, summary }) => ({ method, path, summary })),
			}),
		),
	};
	return [root, ...routes];
}

/** A route as older clients list them: where it is called, and with what. */
function endpointOf({ plainJson }: SystemRouteSources, contract: AnyRouteContract) {
	const { number, name, permission, request, needsConnection } = contract;
	const ruled = request.rules.filter((rule) => rule.required).map(({ field }) => field);
	const declared = (request.json?.fields ?? []).filter(({ isRequired }) => isRequired).map((field) => field.name);
	const required = new Set([...ruled, ...declared]);
	return {
		protocol: number,
		name,
		permission,
		...(needsConnection ? { needs_connection: true } : { endpoint: modulePath(contract) }),
		parameters: plainJson()
			.describe(request)
			.map((field) => ({ ...field, required: required.has(field.name) })),
	};
}

function webSocketStatus({ webSocketPath, hub, counters }: SystemRouteSources) {
	return {
		status: "ok",
		path: webSocketPath,
		active_connections: hub.size,
		sessions: hub.sessionCount,
		users: hub.userCount,
		messages_received: counters.messagesIn,
	};
}

function statusOf(sources: SystemRouteSources, uptimeMs: number) {
	const { hub, counters, stats, requestsInFlight } = sources;
	const uptimeSeconds = uptimeMs / 1000;
	const memory = process.memoryUsage();
	return {
		node: sources.nodeId,
		version: sources.version,
		uptime_seconds: Math.round(uptimeSeconds),
		connections: {
			open: hub.size,
			sessions: hub.sessionCount,
			users: hub.userCount,
			opened: counters.opened,
			refused: counters.refused,
			closed: Object.fromEntries(counters.closed),
		},
		messages: {
			received: counters.messagesIn,
			received_bytes: counters.bytesIn,
			dropped: counters.dropped,
			in_flight: requestsInFlight(),
		},
		memory: { rss_bytes: memory.rss, heap_used_bytes: memory.heapUsed },
		routes: [...stats.all()].map((route) => ({
			protocol: route.number,
			name: route.name,
			requests: route.total,
			per_second: Number((route.total / Math.max(uptimeSeconds, 1)).toFixed(3)),
			codes: Object.fromEntries(
				replyCodes
					.filter(({ code }) => (route.byCode[code] as number) > 0)
					.map(({ code, name }) => [name, route.byCode[code]]),
			),
			latency_ms: {
				measured: route.measured,
				mean: route.measured === 0 ? 0 : Number((route.totalMs / route.measured).toFixed(3)),
				p50_at_most: finite(route.quantileMs(0.5)),
				p99_at_most: finite(route.quantileMs(0.99)),
			},
		})),
	};
}

/** JSON has no Infinity. */
const finite = (value: number): number | string => (Number.isFinite(value) ? value : "over");
