// Outputs: what happens in the gateway, for systems outside of it. Nothing of this exists, and nothing is spent, where none is configured.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { EventGroup, EventSink, GatewayEvent } from "../../messaging/event-sink.ts";
import { ChannelUpdate } from "../../protocol/gen/schema.ts";
import type { JsonTranscoder } from "../../protocol/json.ts";
import { cloudEvent } from "../../services/outputs/cloud-event.ts";
import { MqttLink, MqttRejection } from "../../services/outputs/event-link-mqtt.ts";
import { type EventOutput, EventOutputs } from "../../services/outputs/event-outputs.ts";
import { EventWriter, type PendingBound } from "../../services/outputs/event-writer.ts";
import type { OutputFigures } from "../../services/outputs/metrics.ts";
import { MqttDelivery, TELEMETRY } from "../../services/outputs/mqtt-delivery.ts";
import { MqttTelemetry, type TelemetrySource } from "../../services/outputs/mqtt-telemetry.ts";
import type { MqttOptions } from "../../services/outputs/options.ts";
import { OutputRelay } from "../../services/outputs/output-relay.ts";
import type { OutputStore } from "../../services/outputs/output-store.ts";
import { SqlOutputStore } from "../../services/outputs/store/output-store-sql.ts";
import { WebhookDelivery } from "../../services/outputs/webhook-delivery.ts";
import type { Config } from "../config/config.ts";
import { removalTask } from "./removal-task.ts";
import type { Stores } from "./stores.ts";

export interface OutputParts {
	readonly stores: Pick<Stores, "database" | "leases">;
	/** Made when the first event is written as JSON. */
	readonly json: () => Pick<JsonTranscoder, "bodyToJson">;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Outputs {
	/** Undefined: no output is configured. */
	readonly events: EventSink | undefined;
	/**
	 * Before the start: where the configured telemetry is read.
	 *
	 * @throws Error when that is not there.
	 */
	readTelemetry(open: OpenTelemetrySource): void;
	figures(): readonly OutputFigures[];
	/** Begins what runs in the background. */
	start(): void;
	/** Finishes the work in flight, after the domains and before the stores close. */
	close(): Promise<void>;
}

type OpenTelemetrySource = (selections: MqttOptions["telemetry"]) => TelemetrySource;

/** An output with what delivers its events. */
interface Opened {
	readonly output: EventOutput;
	readonly relay: OutputRelay;
	readonly bound: PendingBound;
	readonly close: () => unknown;
	/** Delivered beside the relay. */
	readonly published: () => number;
}

type Wiring = OutputParts & { readonly store: OutputStore; readonly options: Config["outputs"] };

const none: Outputs = {
	events: undefined,
	readTelemetry: () => undefined,
	figures: () => [],
	start: () => undefined,
	close: async () => undefined,
};

const MQTT = "mqtt";
const USAGE_INTERVAL_MS = 5000;
const REMOVAL_INTERVAL_MS = 600_000;
/** Dead letters removed in one round. */
const MAX_REMOVED = 1000;

export function openOutputs(parts: OutputParts, options: Config["outputs"]): Outputs {
	if (options.webhooks.length === 0 && options.mqtt.url === undefined) {
		return none;
	}
	const { clock, logger } = parts;
	const wiring: Wiring = { ...parts, options, store: new SqlOutputStore(parts.stores.database) };
	const webhooks = options.webhooks.map((webhook) => openWebhook(wiring, webhook));
	const broker = options.mqtt.url === undefined ? undefined : openMqtt(wiring, options.mqtt.url, () => writer);
	const all: readonly Opened[] = [...webhooks, ...(broker === undefined ? [] : [broker.opened])];
	const relays = new Map(all.map(({ output, relay }) => [output.name, relay]));
	const onAppended = (output: string) => relays.get(output)?.onAppended();
	const bounds = new Map(all.map(({ output, bound }) => [output.name, bound]));
	const writer: EventWriter = new EventWriter({ store: wiring.store, clock, logger, onAppended }, bounds);
	const tasks = backgroundTasks(wiring, all, writer);
	return {
		events: new EventOutputs(
			all.map(({ output }) => output),
			writer,
		),
		readTelemetry: (open) => broker?.readTelemetry(open),
		figures: () =>
			all.map(({ output: { name }, relay, published }) => {
				const { delivered, ...others } = relay.counters;
				const counters = { delivered: delivered + published(), ...others };
				const { isHeld, isUp } = relay;
				const lost = { dropped: writer.dropped.get(name) ?? 0, oversized: writer.oversized.get(name) ?? 0 };
				return { name, counters, ...lost, usage: writer.usage(name), isHeld, isUp };
			}),
		start: () => {
			for (const relay of relays.values()) void relay.start();
			for (const task of tasks) task.start();
			broker?.start();
		},
		close: async () => {
			await broker?.close();
			await Promise.all(tasks.map((task) => task.close()));
			await writer.close();
			await Promise.all([...relays.values()].map((relay) => relay.close()));
			await Promise.all(all.map(({ close }) => close()));
		},
	};
}

function backgroundTasks({ store, options, clock, logger }: Wiring, all: readonly Opened[], writer: EventWriter) {
	const held = () => all.filter(({ relay }) => relay.isHeld).map(({ output }) => output.name);
	const usage = new PeriodicTask({
		intervalMs: USAGE_INTERVAL_MS,
		run: async () => {
			if (held().length > 0) await writer.refresh();
		},
		onError: (error) => logger.debug({ err: error }, "counting the events of outputs failed; will retry"),
	});
	const removeDead = async () => {
		const age = { keptMs: options.deadLetterKeptMs, nowMs: clock.now() };
		for (const name of held()) await store.deleteDead(name, age, options.maxDeadLetters, MAX_REMOVED);
	};
	return [usage, removalTask("old dead letters", REMOVAL_INTERVAL_MS, removeDead, logger)];
}

function openWebhook(wiring: Wiring, webhook: Config["outputs"]["webhooks"][number]): Opened {
	const { clock, logger, json, stores, store, options } = wiring;
	const { name, events, concurrency } = webhook;
	const delivery = new WebhookDelivery(webhook, clock);
	const encode = (event: GatewayEvent) => {
		const body = cloudEvent(event, json());
		return body && { key: event.key, body };
	};
	return {
		output: { name, groups: new Set(events), encode },
		relay: new OutputRelay(
			{ store, leases: stores.leases, delivery, clock, logger },
			{ ...timesOf(options), name, concurrency, maxAttempts: options.maxAttempts },
		),
		bound: { maxEvents: options.maxPendingEvents, maxBytes: options.maxPendingBytes },
		close: () => delivery.close(),
		published: () => 0,
	};
}

function timesOf({ leaseMs, pollIntervalMs, firstRetryMs, maxRetryMs }: Config["outputs"]) {
	return { leaseMs, pollIntervalMs, firstRetryMs, maxRetryMs };
}

/** @param writer - made when all outputs are known. */
function openMqtt(wiring: Wiring, url: string, writer: () => EventWriter) {
	const { clock, logger, json, stores, store, options } = wiring;
	const { mqtt } = options;
	const { topicPrefix, maxInFlight } = mqtt;
	const link = new MqttLink(
		{
			...mqtt,
			url,
			clientId: mqtt.clientId ?? `framegate-${randomBytes(6).toString("hex")}`,
			statusTopic: `${topicPrefix}/status`,
		},
		logger,
	);
	const encode = mqttEncoder(json, mqtt);
	const delivery = new MqttDelivery(link, (error) => error instanceof MqttRejection);
	const relay = new OutputRelay(
		{ store, leases: stores.leases, delivery, clock, logger },
		{
			...timesOf(options),
			name: MQTT,
			concurrency: maxInFlight,
			maxAttempts: Number.POSITIVE_INFINITY,
			disposable: TELEMETRY,
		},
	);
	const opened: Opened = {
		output: { name: MQTT, groups: mqttGroups(mqtt), encode: mqttEvents(encode, topicPrefix) },
		relay,
		bound: { maxEvents: Number.POSITIVE_INFINITY, maxBytes: mqtt.maxPendingBytes, disposable: TELEMETRY },
		close: () => link.close(),
		published: () => telemetry?.published ?? 0,
	};
	let telemetry: MqttTelemetry | undefined;
	return {
		opened,
		readTelemetry(open: OpenTelemetrySource): void {
			const source = mqtt.telemetry.length > 0 ? open(mqtt.telemetry) : undefined;
			const encodeUpdate = (body: Uint8Array) => encode({ type: ChannelUpdate, body });
			telemetry = new MqttTelemetry(
				{ source, link, relay, writer: writer(), encode: encodeUpdate, clock, logger },
				{ name: MQTT, topicPrefix, intervalMs: mqtt.telemetryIntervalMs, maxInFlight },
			);
		},
		start: () => telemetry?.start(),
		close: async () => await telemetry?.close(),
	};
}

function mqttGroups({ alarms, commands }: MqttOptions): ReadonlySet<EventGroup> {
	const groups = new Set<EventGroup>();
	if (alarms) groups.add("alarm");
	if (commands) groups.add("command");
	return groups;
}

/** Payloads in the configured format; undefined for one that is too large. */
function mqttEncoder(json: OutputParts["json"], { format, maxPayloadBytes }: MqttOptions) {
	return ({ type, body }: Pick<GatewayEvent, "type" | "body">): Uint8Array | undefined => {
		const payload = format === "protobuf" ? body : Buffer.from(JSON.stringify(json().bodyToJson(type, body)));
		return payload.length > maxPayloadBytes ? undefined : payload;
	};
}

/** `framegate/alarms/local`, `framegate/commands/local`. */
function mqttEvents(encode: ReturnType<typeof mqttEncoder>, topicPrefix: string) {
	return (event: GatewayEvent) => {
		const body = encode(event);
		const topic = event.kind.startsWith("alarm.") ? "alarms" : "commands";
		return body && { key: `${topicPrefix}/${topic}/${event.key}`, body };
	};
}
