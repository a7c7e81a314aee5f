// docs/reference/metrics.md lists exactly what /metrics serves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionCounters } from "../../core/connection-counters.ts";
import { MemoryNodeRpc } from "../../messaging/node-rpc-memory.ts";
import { RequestStats } from "../../middleware/request-stats.ts";
import { CommandStage } from "../../protocol/gen/schema.ts";
import type { HealthFigures } from "../../server/http/health-metrics.ts";
import { createMetrics, type EdgeFigures } from "../../server/http/metrics.ts";
import { StageTimes } from "../../services/edge/control/metrics.ts";
import { TelemetryCounters } from "../../services/edge/telemetry/metrics.ts";
import { gamesDefaults } from "../../services/games/options.ts";
import { LiveRooms } from "../../services/games/realtime/live-rooms.ts";
import type { KafkaFigures } from "../../services/kafka/metrics.ts";
import type { ModuleFigures } from "../../services/modules/metrics.ts";
import { ModuleMetricRegistry } from "../../services/modules/module-metrics.ts";
import type { BackendFigures } from "../../services/server/metrics.ts";
import type { UpstreamFigures } from "../../upstreams/metrics.ts";
import { GatewayFixture } from "../core/gateway-fixture.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { page, table } from "./markdown.ts";

const channels = { size: 3, gaps: 1, resets: 2, recovered: 5, unrecovered: 4 };
const live = new LiveRooms({
	rpc: new MemoryNodeRpc("node"),
	frames: { push: () => {} },
	options: gamesDefaults,
	logger: quietLogger(),
	now: () => 0,
});
const games = { heldRooms: 6, takeovers: 7, live };
const applicationChannels = {
	published: { clients: 40, backends: 41 },
	deltas: { deltas: 42, whole: 43, deltaBytes: 1000, wholeBytes: 1044 },
	unrecorded: 45,
};
const chat = {
	counters: { waiting: 8, committed: 9, failed: 10, buckets: [2, 0, 1], batches: 3, messages: 6 },
};
const edge: EdgeFigures = {
	telemetry: {
		counters: new TelemetryCounters(),
		sizes: { views: 11, keys: 12, subscriptions: 13 },
		loads: { points: 23, pointsPerSecond: 24, boxPoints: 25, snapshotBytes: 26 },
		meter: { refused: 27 },
	},
	controls: { openCommands: 14, selectedPoints: 15 },
	alarms: { size: 16, published: 17 },
	rules: { dropped: 18 },
	stageTimes: new StageTimes(),
	audit: { failures: 20 },
	boxes: () => [{ name: "local", isUp: true, isLeaseHeld: false }],
};
edge.stageTimes.record(CommandStage.EXECUTED, 30);
const checks = [
	{ name: "redis", ok: true, durationMs: 3 },
	{ name: "sql", ok: false, durationMs: 2000, error: "no answer" },
];
const health: HealthFigures = {
	readiness: { report: async () => ({ ready: false, checks }) },
	maxConnections: () => 19,
	certificateEndsAtMs: () => 21_000,
	droppedLogLines: () => 31,
	pausedMs: () => 32_000,
	now: () => 22_000,
};
const issuer = {
	options: { name: "company" },
	counts: { accepted: 35, rejected: 36, expired: 37, unavailable: 38 },
	keys: { size: 39, ageMs: 40_000, fetches: { ok: 41, failed: 42 } },
};
const accounts = {
	passwords: { queued: 23, rejections: 24 },
	issuers: [issuer],
	issuerUsers: { created: 43 },
	guests: { counts: { created: 44, joined: 45 } },
};
const history = () => ({
	bytesByKind: new Map([["user", 23]]),
	budgetBytes: 25,
	shortened: 26,
	unkept: 27,
	isSuspended: true,
});
const sockets = {
	unauthenticated: () => 23,
	figures: () => ({ httpSockets: 24, refused: { address: 25, process: 26, descriptors: 27 }, isPaused: true }),
	pauses: () => 28,
	pausedMs: () => 29_000,
};
const storage = {
	space: { freeBytes: 25, failures: { full: 26 }, rejections: 27 },
	quota: { totalBytes: 28, rejections: { user: 29, all: 30 } },
	sqlite: () => ({ queuedBytes: 31, waitMs: 32_000, rejections: 33, restarts: 34 }),
};
const modules = {
	generations: [{ name: "shop", inFlight: 35, threads: 2, calls: 56, faults: 57, parts: { number: 36 } }],
	retirement: { all: () => [] },
	canaries: {
		all: () => [
			{
				name: "shop",
				parts: { plan: { share: 0.5 }, generation: { parts: { number: 37 } }, beside: { parts: { number: 36 } } },
				ledgers: { canary: { calls: 53, faults: 54 }, beside: { calls: 55, faults: 56 } },
			},
		],
	},
	canaryHost: { ends: { promoted: 51, withdrawn: 52 } },
	loader: { threadEnds: { stalled: 1 }, watchdog: { holds: 3 } },
	census: { held: () => new Map([["shop", 37]]).entries() },
	outcomes: { loaded: 38, refused: 39, removed: 40 },
	metrics: new ModuleMetricRegistry(),
	hookTable: { counts: new Map([["login", { passed: 47, refused: 48, failed: 49, dropped: 50 }]]) },
} as unknown as ModuleFigures;
const budgets = { publications: { bytes: 43, refused: 44 }, results: { bytes: 45, refused: 46 } };
const backend = { counts: { published: 41, repeated: 42 }, budgets } as unknown as BackendFigures;
const registries = () => [];
const usage = { pending: 47, pendingBytes: 48, oldestAtMs: 49, deadLetters: 50 };
const counters = { delivered: 51, failed: 52, buried: 53 };
const hook = { name: "hook", counters, dropped: 54, oversized: 0, usage, isHeld: true, isUp: true };
const outputs = { outputs: () => [hook], now: () => 60_000 };
const counts = { calls: 47, attempts: 49, retries: 50, retriesRefused: 51, refused: 52, expired: 53 };
const endpoint = { address: "10.0.0.1:1", calls: 54, failures: 55, inFlight: { size: 56 }, latencyMs: () => 57_000 };
const upstreams = {
	services: [
		{
			...{ name: "orders", waitingCount: 58, figures: counts, census: () => new Map([["available", 59]]) },
			...{ list: { protectedCount: 60, refusedCount: 61 }, pool: { ejections: 62, endpoints: [endpoint] } },
		},
	],
	streams: { size: 63, figures: { opened: 64, messages: 65, pauses: 66, refused: 67 } },
	nowMs: () => 0,
} as unknown as UpstreamFigures;
const queue = { counts: { written: 50, dropped: 51, substituted: 52 }, failures: { clock: 53 }, bufferedBytes: 54 };
const kafka = {
	uplink: { topics: new Map([["upstream", queue]]) },
	downlinks: [
		{
			counts: { read: 55, published: 56, repeated: 57, retried: 58 },
			deadLetters: { counts: { written: 59, dropped: 60 } },
			inFlightBytes: 61,
			source: { topics: ["downstream"], lag: new Map([["downstream:0", 62]]), problem: "refused", rebalances: 63 },
		},
	],
} as unknown as KafkaFigures;
const tracing = { queue: { counts: { exported: 64, dropped: 65, failed: 66, omitted: 67 }, size: 68 } };
const figures = { applicationChannels, backend, modules, registries, outputs, upstreams, kafka, tracing };
const rooms = { ...figures, channels, history, games, chat, accounts, edge, health, sockets, storage };

describe("the metrics page", () => {
	it("has the names, types and explanations of the registry", async () => {
		const { hub, dispatcher } = new GatewayFixture();
		const stats = new GatewayFixture().stats;
		assert.ok(stats instanceof RequestStats);
		const registry = createMetrics({
			hub,
			dispatcher,
			requestsInFlight: () => dispatcher.inFlight,
			counters: new ConnectionCounters(),
			stats,
			callStats: stats,
			...rooms,
		});
		const text = await registry.metrics();
		const served = [...text.matchAll(/^# HELP (framegate_\S+) (.*)\n# TYPE \S+ (\w+)$/gm)].map(
			([, name, help, type]) => ({
				name,
				type,
				meaning: help,
			}),
		);
		const listed = table(page("docs/reference/metrics.md")).map(({ name, type, meaning }) => ({ name, type, meaning }));
		assert.deepEqual(listed, served);
	});

	it("has the labels of the registry", async () => {
		const { hub, dispatcher, counters, stats } = new GatewayFixture();
		const requestsInFlight = () => dispatcher.inFlight;
		assert.ok(stats instanceof RequestStats);
		const registry = createMetrics({ hub, dispatcher, requestsInFlight, counters, stats, callStats: stats, ...rooms });
		for (const { name = "", type, labels } of table(page("docs/reference/metrics.md"))) {
			// Histograms are not prom-client's own and say their labels with each series only: the next test has one.
			if (type === "histogram") continue;
			const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
			assert.deepEqual([...(labels ?? "").matchAll(/\w+/g)].map(String), labelNames, name);
		}
	});

	it("is true of the histogram: cumulative buckets that end in all, a sum and a count", async () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		const heartbeat = { protocol: 1005, seq: 1 };
		for (let i = 0; i < 128; i++) client.sendRaw(heartbeat);
		const { hub, dispatcher, counters, stats } = fixture;
		const requestsInFlight = () => dispatcher.inFlight;
		const text = await createMetrics({
			hub,
			dispatcher,
			requestsInFlight,
			counters,
			stats,
			callStats: stats,
			...rooms,
		}).metrics();
		const name = "framegate_request_duration_seconds";
		assert.match(text, new RegExp(`^# TYPE ${name} histogram$`, "m"));
		assert.match(text, new RegExp(`^${name}_bucket{route="auth.heartbeat",le="\\+Inf"} 2$`, "m"));
		assert.match(text, new RegExp(`^${name}_count{route="auth.heartbeat"} 2$`, "m"));
		assert.match(text, /^framegate_requests_total{route="auth\.heartbeat",code="OK"} 128$/m);
	});

	it("shows what channels, chat, games and probes say", async () => {
		const { hub, dispatcher, counters, stats } = new GatewayFixture();
		const requestsInFlight = () => dispatcher.inFlight;
		assert.ok(stats instanceof RequestStats);
		const text = await createMetrics({
			hub,
			dispatcher,
			requestsInFlight,
			counters,
			stats,
			callStats: stats,
			...rooms,
		}).metrics();
		const expected = {
			framegate_channels: 3,
			framegate_channel_gaps_total: 1,
			framegate_channel_resets_total: 2,
			'framegate_channel_recoveries_total{result="recovered"}': 5,
			'framegate_channel_recoveries_total{result="unrecovered"}': 4,
			framegate_chat_messages_waiting: 8,
			framegate_chat_messages_committed_total: 9,
			framegate_chat_messages_failed_total: 10,
			'framegate_chat_commit_messages_bucket{le="1"}': 2,
			'framegate_chat_commit_messages_bucket{le="5"}': 3,
			framegate_chat_commit_messages_sum: 6,
			framegate_chat_commit_messages_count: 3,
			framegate_ready: 0,
			'framegate_dependency_up{dependency="redis"}': 1,
			'framegate_dependency_up{dependency="sql"}': 0,
			'framegate_dependency_probe_seconds{dependency="redis"}': 0.003,
			framegate_connections_limit: 19,
			framegate_clock_seconds: 22,
			framegate_certificate_expiry_seconds: 21,
			framegate_log_lines_dropped_total: 31,
			'framegate_box_up{box="local"}': 1,
			'framegate_box_lease_held{box="local"}': 0,
			framegate_audit_entries_failed_total: 20,
			framegate_game_rooms: 6,
			framegate_game_room_takeovers_total: 7,
		};
		const lines = new Set(text.split("\n"));
		for (const [series, value] of Object.entries(expected)) assert.ok(lines.has(`${series} ${value}`), series);
	});
});
