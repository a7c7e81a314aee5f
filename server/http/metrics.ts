// What `/metrics` serves: the definitions of every domain and of the process itself. Nothing is counted here: each
// scrape reads the counters of the message path. docs/reference/metrics.md lists the same names; a test compares them.
import { collectDefaultMetrics, Registry } from "prom-client";
import type { MetricDefinition } from "../../common/metrics.ts";
import { type AccountFigures, accountMetrics } from "../../services/accounts/metrics.ts";
import { type ApplicationChannelFigures, applicationChannelMetrics } from "../../services/channels/metrics.ts";
import { type ChatFigures, chatMetrics } from "../../services/chat/metrics.ts";
import { type AlarmFigures, alarmMetrics } from "../../services/edge/alarms/metrics.ts";
import { type BoxFigures, boxMetrics } from "../../services/edge/boxes/metrics.ts";
import { type ControlFigures, controlMetrics } from "../../services/edge/control/metrics.ts";
import { type RuleFigures, ruleMetrics } from "../../services/edge/models/metrics.ts";
import { type TelemetryFigures, telemetryMetrics } from "../../services/edge/telemetry/metrics.ts";
import { type GameFigures, gameMetrics } from "../../services/games/metrics.ts";
import { type KafkaFigures, kafkaMetrics } from "../../services/kafka/metrics.ts";
import { type ModuleFigures, moduleMetrics } from "../../services/modules/metrics.ts";
import { type OutputsFigures, outputMetrics } from "../../services/outputs/metrics.ts";
import { type BackendFigures, backendMetrics } from "../../services/server/metrics.ts";
import { type StorageFigures, storageMetrics } from "../../services/storage/metrics.ts";
import { discoveryMetrics, type RegistryFigures } from "../../upstreams/discovery/metrics.ts";
import { type UpstreamFigures, upstreamMetrics } from "../../upstreams/metrics.ts";
import { type TracingFigures, tracingMetrics } from "../tracing/metrics.ts";
import { type ChannelFigures, channelMetrics } from "./channel-metrics.ts";
import { type ConnectionFigures, connectionMetrics } from "./connection-metrics.ts";
import { type HealthFigures, healthMetrics } from "./health-metrics.ts";
import { registerMetrics } from "./metric-registry.ts";
import { type RequestFigures, requestMetrics } from "./request-metrics.ts";
import { type SocketFigures, socketMetrics } from "./socket-metrics.ts";

export interface EdgeFigures extends ControlFigures {
	readonly telemetry: TelemetryFigures;
	readonly alarms: AlarmFigures;
	readonly rules: RuleFigures;
	readonly boxes: () => readonly BoxFigures[];
}

export interface MetricsSources extends ConnectionFigures, ChannelFigures {
	readonly dispatcher: RequestFigures["dispatcher"];
	readonly stats: RequestFigures["stats"];
	readonly callStats: RequestFigures["callStats"];
	readonly chat: ChatFigures;
	readonly games: GameFigures;
	readonly modules: ModuleFigures;
	readonly registries: () => readonly RegistryFigures[];
	readonly outputs: OutputsFigures;
	readonly upstreams: UpstreamFigures;
	readonly kafka: KafkaFigures;
	readonly tracing: TracingFigures;
	readonly applicationChannels: ApplicationChannelFigures;
	readonly accounts: AccountFigures;
	readonly backend: BackendFigures;
	readonly storage: StorageFigures;
	readonly edge: EdgeFigures;
	readonly health: HealthFigures;
	readonly sockets: Omit<SocketFigures, "counters">;
}

/**
 * How often the loop's delay is sampled; `nodejs_eventloop_lag_*` contain this time. Each sample wakes the process: with
 * prom-client's own 10 ms, an idle gateway spent half of its CPU on that.
 */
const LOOP_SAMPLE_MS = 100;

/** A registry that shows the process and the gateway. */
export function createMetrics(sources: MetricsSources): Registry {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
	registerMetrics(registry, definitions(sources));
	return registry;
}

function definitions(sources: MetricsSources): readonly MetricDefinition[] {
	const { edge } = sources;
	return [
		...connectionMetrics(sources),
		...socketMetrics({ ...sources.sockets, counters: sources.counters }),
		...requestMetrics(sources),
		...channelMetrics(sources),
		...chatMetrics(sources.chat),
		...gameMetrics(sources.games),
		...moduleMetrics(sources.modules),
		...discoveryMetrics(sources.registries),
		...outputMetrics(sources.outputs),
		...upstreamMetrics(sources.upstreams),
		...kafkaMetrics(sources.kafka),
		...tracingMetrics(sources.tracing),
		...applicationChannelMetrics(sources.applicationChannels),
		...accountMetrics(sources.accounts),
		...backendMetrics(sources.backend),
		...storageMetrics(sources.storage),
		...telemetryMetrics(edge.telemetry),
		...controlMetrics(edge),
		...alarmMetrics(edge.alarms),
		...ruleMetrics(edge.rules),
		...boxMetrics(edge.boxes),
		...healthMetrics(sources.health),
	];
}
