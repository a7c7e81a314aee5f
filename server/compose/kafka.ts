// Kafka: what is written to it and read from it, where it is configured. Otherwise nothing of this is made, and the library is not loaded.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import type { TlsFileSet } from "../../common/tls-files.ts";
import type { Tracer } from "../../common/tracing.ts";
import type { PublishOptions } from "../../messaging/broker.ts";
import { KeyBudget } from "../../messaging/key-budget.ts";
import type { ConnectionListener } from "../../messaging/live-audience.ts";
import type { BatchPublisher, Publisher } from "../../messaging/publisher.ts";
import type { ApplicationChannels } from "../../services/channels/application-channels.ts";
import type { NumberedNotice } from "../../services/chat/chat-outbox-store.ts";
import type { MessageForwarder } from "../../services/chat/message-uplink.ts";
import type { AuditEntry } from "../../services/edge/control/audit-trail.ts";
import { ChatUplink } from "../../services/kafka/chat-uplink.ts";
import { clientSettings, loadKafka } from "../../services/kafka/client-kafka.ts";
import { ConnectionEvents } from "../../services/kafka/connection-events.ts";
import { auditEvent, noticeEvent } from "../../services/kafka/domain-events.ts";
import { Downlink } from "../../services/kafka/downlink.ts";
import { DownlinkPublisher } from "../../services/kafka/downlink-publisher.ts";
import { EventUplink } from "../../services/kafka/events.ts";
import type { KafkaFigures } from "../../services/kafka/metrics.ts";
import { KafkaRecordSource } from "../../services/kafka/record-source-kafka.ts";
import { RequestUplink } from "../../services/kafka/request-uplink.ts";
import { KafkaTopicWriter } from "../../services/kafka/topic-writer-kafka.ts";
import { Uplink } from "../../services/kafka/uplink.ts";
import type { Presence } from "../../services/presence/presence.ts";
import type { Config } from "../config/config.ts";
import type { ChatUplinkParts } from "./chat.ts";

export interface DownlinkDestinations {
	readonly publisher: Publisher & BatchPublisher;
	readonly presence: Pick<Presence, "online">;
	readonly channels: Pick<ApplicationChannels, "publish">;
	/** What is kept of inboxes and rooms, as configured now. */
	readonly history: () => PublishOptions;
}

export interface OpenKafka {
	/** Undefined without brokers. */
	readonly uplink: Uplink | undefined;
	/** Undefined when chat is not written to Kafka, or is not ours. */
	readonly chat: ChatUplinkParts | undefined;
	/** Writes requests of configured routes; undefined without brokers. */
	readonly requests: RequestUplink | undefined;
	/** Undefined without a topic of messages. */
	readonly forwarder: MessageForwarder | undefined;
	/** Undefined when there is no topic of events. */
	readonly onNotice: ((conversationId: string, notice: NumberedNotice) => void) | undefined;
	readonly onAudit: ((entry: AuditEntry) => void) | undefined;
	readonly listeners: readonly ConnectionListener[];
	readonly probes: readonly Probe[];
	readonly figures: KafkaFigures;
	/** Makes what reads from Kafka. */
	openDownlinks(destinations: DownlinkDestinations): void;
	/** Begins to read. @throws Error when Kafka is required and not to be had. */
	start(): Promise<void>;
	/** Ends reading; before what it publishes to. */
	closeDownlinks(): Promise<void>;
	/** Writes what waits; behind all that writes. */
	close(): Promise<void>;
}

/** Of keys in the memory of a process. */
const MAX_MEMORY_BYTES = 67_108_864;
/** How long the start waits for Kafka where it is required. */
const START_TIMEOUT_MS = 20_000;
const START_POLL_MS = 250;

export interface KafkaParts {
	readonly clock: Clock;
	readonly logger: Logger;
	readonly tracer: Tracer | undefined;
	readonly tlsFiles: TlsFileSet;
}

/** @throws Error when a file of certificates cannot be used. */
export function openKafka({ clock, logger, tracer, tlsFiles }: KafkaParts, config: Config): OpenKafka {
	if (config.kafka.brokers.length === 0) return withoutKafka();
	const { kafka, node } = config;
	const settings = clientSettings(kafka, kafka.tls.enabled ? tlsFiles.open("kafka.tls", kafka.tls) : undefined);
	const now = () => clock.monotonic();
	const { messagesTopic, eventsTopic, compression, timeoutMs, chatAck } = kafka.uplink;
	const uplink = new Uplink({
		openWriter: (topic, onRetry) =>
			new KafkaTopicWriter({ topic, load: loadKafka, settings, compression, now: () => clock.now(), onRetry }),
		logger,
		now,
		tracer,
		options: kafka.uplink,
	});
	const { deadLetterTopic } = kafka.downlink;
	const ofRoutes = config.upstreams.topicRoutes.map(({ topic }) => topic);
	for (const topic of [messagesTopic, eventsTopic, deadLetterTopic, ...ofRoutes]) {
		if (topic !== undefined) uplink.open(topic);
	}
	const shared = { uplink, gatewayId: node.id, options: kafka.uplink };
	const events = eventsTopic === undefined ? undefined : new EventUplink({ ...shared, topic: eventsTopic, clock });
	const sources = recordSources(config, settings, logger);
	const sink = messagesTopic === undefined ? undefined : new ChatUplink({ ...shared, topic: messagesTopic, tracer });
	const downlinks: Downlink[] = [];
	const probe: Probe = { name: "kafka", isOptional: !kafka.required, check: () => checkAll(uplink, downlinks) };
	return {
		uplink,
		chat:
			sink === undefined || config.chat.backend !== "builtin"
				? undefined
				: { sink, isAwaited: chatAck === "persisted", ackTimeoutMs: timeoutMs },
		requests: new RequestUplink({ uplink, gatewayId: node.id, clock, timeoutMs }),
		forwarder: sink,
		onNotice: events && ((conversationId, notice) => noticeEvent(events, conversationId, notice)),
		onAudit: events && ((entry) => auditEvent(events, entry)),
		listeners: events === undefined ? [] : [new ConnectionEvents(events, now)],
		probes: [probe],
		figures: { uplink, downlinks },
		openDownlinks: (destinations) => {
			const publishing = downlinkPublisher(destinations, clock, config);
			for (const source of sources) {
				const appendDeadLetter =
					deadLetterTopic === undefined
						? undefined
						: (record: Parameters<typeof uplink.append>[1][number]) => uplink.append(deadLetterTopic, [record]);
				const publish = publishing.publish.bind(publishing);
				const publishTogether = publishing.publishTogether.bind(publishing);
				const parts = { source, publish, publishTogether, appendDeadLetter, logger, now, tracer };
				downlinks.push(new Downlink({ ...parts, options: kafka.downlink }));
			}
		},
		start: async () => {
			for (const downlink of downlinks) downlink.start();
			if (kafka.required) await untilUp(probe, now);
		},
		closeDownlinks: async () => {
			await Promise.all(downlinks.map((downlink) => downlink.close()));
		},
		close: () => uplink.close(),
	};
}

function withoutKafka(): OpenKafka {
	const nothing = async () => {};
	return {
		uplink: undefined,
		chat: undefined,
		requests: undefined,
		forwarder: undefined,
		onNotice: undefined,
		onAudit: undefined,
		listeners: [],
		probes: [],
		figures: { uplink: undefined, downlinks: [] },
		openDownlinks: () => {},
		start: nothing,
		closeDownlinks: nothing,
		close: nothing,
	};
}

/** The shared topic and the node's own have a group each: all nodes read the one together, and this node alone the other. */
function recordSources({ kafka, node }: Config, settings: ReturnType<typeof clientSettings>, logger: Logger) {
	const { topic, nodeTopicPrefix, groupId } = kafka.downlink;
	const shared = { load: loadKafka, settings, logger, options: kafka.downlink };
	const own = nodeTopicPrefix === undefined ? undefined : nodeTopicPrefix + node.id;
	return [
		...(topic === undefined ? [] : [new KafkaRecordSource({ ...shared, topics: [topic], groupId })]),
		...(own === undefined
			? []
			: [new KafkaRecordSource({ ...shared, topics: [own], groupId: `${groupId}-${node.id}` })]),
	];
}

function downlinkPublisher(
	{ channels, ...destinations }: DownlinkDestinations,
	clock: Clock,
	{ kafka, redis }: Config,
) {
	const { dedupeMs, dedupeBytes } = kafka.downlink;
	const bytes = Math.min(dedupeBytes, redis.url === undefined ? MAX_MEMORY_BYTES : Number.POSITIVE_INFINITY);
	const bounds = { windowMs: dedupeMs, backendBytes: bytes, userBytes: bytes, totalBytes: bytes };
	return new DownlinkPublisher({
		...destinations,
		publishOnChannel: (channel, data, once) => channels.publish(channel, { data, publisherId: "", once }),
		budget: new KeyBudget(bounds, () => clock.monotonic()),
		clock,
	});
}

async function checkAll(uplink: Uplink, downlinks: readonly Downlink[]): Promise<void> {
	for (const { source } of downlinks) {
		if (source.problem !== undefined) throw new Error(`topic ${source.topics.join(",")}: ${source.problem}`);
	}
	await uplink.probe.check();
}

async function untilUp(probe: Probe, now: () => number): Promise<void> {
	const deadline = now() + START_TIMEOUT_MS;
	for (;;) {
		try {
			await probe.check();
			return;
		} catch (error) {
			if (now() > deadline) throw new Error(`kafka.required: ${(error as Error).message}`, { cause: error });
		}
		await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
	}
}
