// One chat message through everything: a client of one node, Kafka, a logic service, Kafka, a client of another node. Real servers; the logic service
// is a small one in this process, which reads records, has spans of its own and passes the context on, as any with OpenTelemetry does.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Consumer, type Message, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { systemClock } from "../../../common/clock.ts";
import { CreateChatRoomResponse, chatRoutes, MessageKind, pushes } from "../../../protocol/gen/schema.ts";
import { contextHeaders, parseTraceparent } from "../../../protocol/trace-context.ts";
import { Sampling } from "../../../server/tracing/sampling.ts";
import { openOtlpExporter } from "../../../server/tracing/span-exporter-otlp.ts";
import { SpanQueue } from "../../../server/tracing/span-queue.ts";
import { ProcessTracer } from "../../../server/tracing/tracer.ts";
import { UNLIMITED } from "../../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../gateway.ts";
import { type KafkaCluster, startKafka } from "../kafka/kafka-server.ts";
import { startRedis } from "../redis-server.ts";
import { until } from "../until.ts";
import { WireClient } from "../wire-client.ts";
import type { ReceivedSpan } from "./otlp-reader.ts";
import { startCollector } from "./trace-collector.ts";
import { ofTrace, tracingTo } from "./tracing-env.ts";

interface LogicService {
	close(): Promise<void>;
}

/** Reads messages of clients, and writes one for the user whom `targets` names to the topic of that user's node. */
async function startLogicService(
	kafka: KafkaCluster,
	collectorUrl: string,
	target: { topic: string; userId: string },
): Promise<LogicService> {
	const exporter = openOtlpExporter({
		url: `${collectorUrl}/v1/traces`,
		headers: {},
		timeoutMs: 5000,
		compression: "none",
		resource: { "service.name": "logic", "service.instance.id": "logic-1" },
		version: "0",
	});
	const queue = new SpanQueue({
		exportSpans: exporter.exportSpans,
		maxSpans: 1000,
		maxBatch: 100,
		intervalMs: 10,
		onOutage: () => {},
	});
	const sampling = new Sampling({ ratio: 0, routes: {} });
	const { monotonic: now, now: wall } = systemClock;
	const tracer = new ProcessTracer({ queue, sampling, errorsPerSecond: 0, now, wall });
	const bootstrapBrokers = [...kafka.addresses];
	const producer = new Producer<string, string, string, string>({
		clientId: "logic",
		bootstrapBrokers,
		serializers: stringSerializers,
	});
	const consumer = new Consumer<string, string, string, string>({
		clientId: "logic",
		bootstrapBrokers,
		groupId: "logic",
		autocommit: true,
		maxWaitTime: 50,
		deserializers: stringDeserializers,
	});
	const stream = await consumer.consume({ topics: ["upstream"], mode: "earliest" });
	stream.on("data", ({ key, value, headers }: Message<string, string, string, string>) => {
		const parent = parseTraceparent(headers.get("traceparent") ?? "", headers.get("tracestate"));
		const span = tracer.begin("handle message", "consumer", parent, { "messaging.system": "kafka" });
		const said = JSON.parse(value);
		const message = {
			...{ trace_id: said.trace_id, target_user_id: target.userId, message_id: said.headers.message_id },
			...{ conversation_id: said.conversation_id, sender_id: said.user_id, message_type: 1, content: said.content },
		};
		const outgoing = { topic: target.topic, key, value: JSON.stringify(message) };
		const context = new Map(Object.entries(span === undefined ? {} : contextHeaders(span.context)));
		void producer.send({ messages: [{ ...outgoing, headers: context }] }).then(() => span?.end());
	});
	stream.on("error", () => undefined);
	return {
		close: async () => {
			await consumer.close(true);
			await producer.close(true);
			await queue.close(1000);
		},
	};
}

export interface ChatFlow {
	readonly spans: readonly ReceivedSpan[];
	/** `trace_id` of the reply, and of the message that the receiver got. */
	readonly replyTraceId: string;
	readonly receivedTraceId: string;
}

/** Sends the message, and waits until its last span was exported. */
export async function runChatFlow(): Promise<ChatFlow> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-trace-flow-"));
	const [kafka, redis, collector] = await Promise.all([startKafka(), startRedis(), startCollector()]);
	const nodes: GatewayProcess[] = [];
	let logic: LogicService | undefined;
	try {
		for (const topic of ["upstream", "downstream-gw-1", "downstream-gw-2"]) await kafka.createTopic(topic);
		const env = {
			...UNLIMITED,
			...tracingTo(collector),
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "framegate.db")}`,
			JWT_SECRET: "a secret for two nodes of a test, long enough",
			KAFKA_BROKERS: kafka.addresses.join(","),
			FRAMEGATE_KAFKA_UPLINK_MESSAGES_TOPIC: "upstream",
			FRAMEGATE_KAFKA_DOWNLINK_NODE_TOPIC_PREFIX: "downstream-",
			FRAMEGATE_KAFKA_DOWNLINK_START_FROM: "earliest",
		};
		for (const id of ["gw-1", "gw-2"]) nodes.push(await startGateway({ env: { ...env, GATEWAY_ID: id } }));
		const [first, second] = nodes as [GatewayProcess, GatewayProcess];
		const ann = await WireClient.member(first.url, "ann");
		const bob = await WireClient.member(second.url, "bob");
		const target = { topic: "downstream-gw-2", userId: bob.login.user?.id ?? "" };
		logic = await startLogicService(kafka, collector.url, target);
		const room = { name: "room", isPublic: true, clientRoomId: "r" };
		const created = await ann.client.ask(chatRoutes.createChatRoom, room);
		const roomId = CreateChatRoomResponse.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		const content = { kind: MessageKind.TEXT, text: "hello" };
		const reply = await ann.client.ask(chatRoutes.sendMessage, { roomId, clientMsgId: "m1", content });
		let push = await bob.client.push();
		while (push.protocol !== pushes.downlinkMessage.number) push = await bob.client.push();
		const { traceId: replyTraceId = "" } = reply;
		await until(() => {
			const seen = new Set(ofTrace(collector.spans, replyTraceId).map(({ name }) => name));
			return ["chat.sendMessage", "send upstream", "handle message", "deliver user"].every((name) => seen.has(name));
		});
		if (collector.problems.length > 0) throw new Error(collector.problems.join("; "));
		await Promise.all([ann.client.close(), bob.client.close()]);
		const receivedTraceId = pushes.downlinkMessage.message.decode(push.body ?? new Uint8Array()).traceId ?? "";
		return { spans: ofTrace(collector.spans, replyTraceId), replyTraceId, receivedTraceId };
	} finally {
		await logic?.close();
		await Promise.all(nodes.map((node) => node.kill9()));
		await Promise.all([collector.stop(), redis.stop(), kafka.stop()]);
		rmSync(directory, { recursive: true, force: true });
	}
}
