// Routes of the configuration whose requests are written to topics of Kafka: what is in the records, and what clients are answered when
// Kafka does not take one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { DeliveryStage, type Envelope, TopicRecordResponse } from "../../protocol/gen/schema.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import { loadKafka } from "../../services/kafka/client-kafka.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/kafka-server.ts";
import { testConsumer } from "../support/kafka/records.ts";
import { until } from "../support/until.ts";
import { ORDERS_PROTO } from "../support/upstream/upstream-process.ts";
import { WireClient } from "../support/wire-client.ts";
import { encode } from "./upstream-fixture.ts";

const form = { fields: [], schema: {}, description: "" };
const route = (number: number) =>
	({ number, name: "", request: relayedMessage("", form), reply: TopicRecordResponse }) as unknown as AnyRouteContract;

const ORDER = { message: "acme.orders.v1.Order", proto: ORDERS_PROTO };
const ROUTES = [
	{ number: 9100, name: "orders.place", topic: "orders", key: "request.id", ...ORDER, cost: 2 },
	{ number: 9101, name: "logs.add", topic: "logs", contentType: "application/json", permission: "public" },
	{ number: 9102, name: "orders.forbidden", topic: "forbidden" },
	{ number: 9103, name: "orders.missing", topic: "missing", timeoutMs: 500 },
	{ number: 9104, name: "orders.small", topic: "small" },
	{ number: 9105, name: "orders.compacted", topic: "compacted", key: "none" },
	{ number: 9106, name: "orders.granted", topic: "orders", permission: "orders.write" },
];
const [PLACE, , FORBIDDEN, MISSING, SMALL, COMPACTED, GRANTED] = ROUTES.map(({ number }) => route(number)) as [
	AnyRouteContract,
	...AnyRouteContract[],
];

const replyOf = ({ body }: Envelope) => TopicRecordResponse.decode(body ?? new Uint8Array());

describe("a route to a topic of Kafka", { timeout: 240_000 }, () => {
	let kafka: KafkaCluster;
	let gateway: GatewayProcess;
	let client: WireClient;
	let token: string;
	const at = (path: string) => `${gateway.httpUrl}${path}`;

	before(async () => {
		kafka = await startKafka({
			users: { gateway: "the-password" },
			properties: {
				"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
				"super.users": "User:ANONYMOUS",
				"allow.everyone.if.no.acl.found": "true",
			},
		});
		await kafka.createTopic("orders", { partitions: 3 });
		await kafka.createTopic("logs");
		await kafka.createTopic("forbidden");
		await kafka.createTopic("small", { configs: { "max.message.bytes": "10000" } });
		await kafka.createTopic("compacted", { configs: { "cleanup.policy": "compact" } });
		await forbid(kafka, "forbidden");
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_NODE_ID: "gw-1",
				KAFKA_BROKERS: kafka.addressOf("SECURE"),
				FRAMEGATE_KAFKA_SASL_MECHANISM: "PLAIN",
				FRAMEGATE_KAFKA_SASL_USERNAME: "gateway",
				FRAMEGATE_KAFKA_SASL_PASSWORD: "the-password",
				FRAMEGATE_KAFKA_UPLINK_TIMEOUT_MS: "2000",
				FRAMEGATE_TRACING_ENABLED: "true",
				FRAMEGATE_UPSTREAMS_TOPIC_ROUTES: JSON.stringify(ROUTES),
			},
		});
		({ client } = await WireClient.member(gateway.url, "ann"));
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway?.kill9();
		await kafka?.stop();
	});

	it("writes the bytes of the body under the key, with who sent it beside them, and answers when Kafka has them", async () => {
		const reader = await testConsumer(kafka, "orders");
		// Field 900 is nobody's.
		const body = Buffer.concat([
			encode("Order", { id: "order-7", note: Buffer.from([0, 255]) }),
			Buffer.from("a23803616263", "hex"),
		]);
		const reply = await client.ask(PLACE, { bytes: body });
		assert.equal(reply.code, ErrorCode.OK);
		const { stage, recordId } = replyOf(reply);
		assert.equal(stage, DeliveryStage.PERSISTED);
		await until(() => reader.records.length === 1);
		const [record] = reader.records;
		assert.ok(body.equals(record?.bytes ?? Buffer.alloc(0)));
		assert.equal(record?.key, "order-7");
		const { traceparent, "framegate-user": user, "framegate-session": session, ...headers } = record?.headers ?? {};
		assert.match(user ?? "", /^[0-9a-f-]{36}$/);
		assert.ok(session);
		assert.equal(traceparent?.slice(3, 35), reply.traceId);
		assert.deepEqual(headers, {
			"content-type": "application/x-protobuf",
			"framegate-type": "request",
			"framegate-message-id": recordId,
			"framegate-route": "orders.place",
			"framegate-gateway": "gw-1",
			"framegate-client-address": "127.0.0.1",
			"framegate-roles": '["user"]',
		});
		await reader.close();
	});

	it("keeps the order in which a connection sends, by key", async () => {
		const reader = await testConsumer(kafka, "orders");
		const sent = [...Array(60)].map((_, n) => ({ id: `key-${n % 4}`, number: n }));
		const replies = await Promise.all(sent.map((order) => client.ask(PLACE, { bytes: encode("Order", order) })));
		assert.ok(replies.every(({ code }) => code === ErrorCode.OK));
		const own = () => reader.records.filter(({ key }) => key?.startsWith("key-"));
		await until(() => own().length === 60);
		for (const id of new Set(sent.map(({ id }) => id))) {
			const expected = sent
				.filter((order) => order.id === id)
				.map((order) => Buffer.from(encode("Order", order)).toString("hex"));
			const seen = own().filter(({ key }) => key === id);
			assert.deepEqual(
				seen.map(({ bytes }) => Buffer.from(bytes).toString("hex")),
				expected,
			);
			assert.equal(new Set(seen.map(({ partition }) => partition)).size, 1);
		}
		await reader.close();
	});

	it("is served over HTTP and described; what has no type is JSON as the client wrote it", async () => {
		const placed = await post(at("/orders/place"), { id: "order-8", colour: "red" }, token);
		assert.deepEqual([placed.status, placed.body.violations[0].field], [422, "colour"]);
		const good = await post(at("/orders/place"), { id: "order-8" }, token, { "idempotency-key": "k-1" });
		assert.deepEqual([good.status, good.body.data.stage], [200, "PERSISTED"]);
		const again = await post(at("/orders/place"), { id: "order-8" }, token, { "idempotency-key": "k-1" });
		assert.equal(again.body.data.record_id, good.body.data.record_id);
		const reader = await testConsumer(kafka, "logs");
		const added = await post(at("/logs/add"), { level: "warn", at: [1, 2] });
		assert.equal(added.status, 200);
		await until(() => reader.records.length === 1);
		const [record] = reader.records;
		assert.deepEqual(JSON.parse(record?.value ?? ""), { level: "warn", at: [1, 2] });
		assert.deepEqual(
			[record?.headers["content-type"], record?.headers["framegate-user"], record?.key ?? ""],
			["application/json", undefined, ""],
		);
		await reader.close();
		const { body } = await get(at("/openapi.json"));
		const operation = body.paths["/orders/place"].post;
		assert.deepEqual([operation["x-protocol-number"], operation["x-cost"]], [9100, 2]);
		assert.ok(operation.requestBody.content["application/json"].schema.properties.placed_at);
		const metrics = await (await fetch(at("/metrics"))).text();
		assert.match(metrics, /framegate_requests_total\{route="orders\.place",code="OK"\} [1-9]/);
	});

	it("is refused without its key, its permission or a login", async () => {
		const keyless = await client.ask(PLACE, { bytes: encode("Order", { number: 3 }) });
		assert.deepEqual([keyless.code, keyless.error?.violations?.[0]?.field], [ErrorCode.VALIDATION_FAILED, "id"]);
		assert.equal(
			(await client.ask(GRANTED as AnyRouteContract, { bytes: new Uint8Array() })).code,
			ErrorCode.PERMISSION_DENIED,
		);
		assert.equal((await post(at("/orders/place"), { id: "1" })).status, 401);
	});

	it("answers what Kafka refuses with a code, and when to try again; the operator reads why", async () => {
		const asked = async (contract: AnyRouteContract | undefined, bytes: Uint8Array) => {
			const { code, error } = await client.ask(contract as AnyRouteContract, { bytes });
			return [code, error?.retryAfterMs ?? 0, error?.message ?? ""];
		};
		assert.deepEqual(await asked(SMALL, Buffer.alloc(20_000)), [
			ErrorCode.PAYLOAD_TOO_LARGE,
			0,
			"the record is larger than the topic takes",
		]);
		assert.deepEqual(await asked(COMPACTED, Buffer.from("x")), [
			ErrorCode.UPSTREAM_FAILED,
			0,
			"the record breaks a rule of the topic",
		]);
		const unavailable = [ErrorCode.UNAVAILABLE, 10_000, "Kafka is unavailable"];
		assert.deepEqual(await asked(FORBIDDEN, Buffer.from("x")), unavailable);
		assert.deepEqual(await asked(MISSING, Buffer.from("x")), unavailable);
		// Others go on.
		assert.equal((await client.ask(PLACE, { bytes: encode("Order", { id: "9" }) })).code, ErrorCode.OK);
		for (const [topic, reason] of [
			["small", "too_large"],
			["compacted", "rejected"],
			["forbidden", "not_authorized"],
			["missing", "topic_missing"],
		]) {
			const failed = new RegExp(`framegate_kafka_write_failures_total\\{topic="${topic}",reason="${reason}"\\} [1-9]`);
			await until(async () => failed.test(await (await fetch(at("/metrics"))).text()));
		}
		const { checks } = (await get(at("/ready"))).body as { checks: { name: string; error?: string }[] };
		assert.match(checks.find(({ name }) => name === "kafka")?.error ?? "", /topic (forbidden|missing): /);
	});

	it("answers UNAVAILABLE while Kafka is down, and goes on when it is back", async () => {
		const [broker] = kafka.brokers;
		await broker?.kill();
		const { code, error } = await client.ask(PLACE, { bytes: encode("Order", { id: "down" }) });
		assert.deepEqual([code, error?.retryAfterMs, error?.retryable], [ErrorCode.UNAVAILABLE, 1000, true]);
		await broker?.restart();
		await until(
			async () => (await client.ask(PLACE, { bytes: encode("Order", { id: "back" }) })).code === ErrorCode.OK,
		);
	});
});

/** Nobody but somebody else may write to the topic. */
async function forbid(kafka: KafkaCluster, topic: string): Promise<void> {
	const { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } = await loadKafka();
	await kafka.admin.createAcls({
		creations: [
			{
				resourceType: ResourceTypes.TOPIC,
				resourceName: topic,
				resourcePatternType: ResourcePatternTypes.LITERAL,
				principal: "User:somebody-else",
				host: "*",
				operation: AclOperations.ALL,
				permissionType: AclPermissionTypes.ALLOW,
			},
		],
	});
}
