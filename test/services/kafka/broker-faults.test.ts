// What the library and a real broker do with what goes wrong: each fault, what the caller gets and what the operator reads.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { clientSettings, loadKafka } from "../../../services/kafka/client-kafka.ts";
import { type KafkaOptions, kafkaDefaults } from "../../../services/kafka/options.ts";
import { ProduceQueue } from "../../../services/kafka/produce-queue.ts";
import type { OutgoingRecord, WriteFailure } from "../../../services/kafka/topic-writer.ts";
import { KafkaTopicWriter } from "../../../services/kafka/topic-writer-kafka.ts";
import { freeze } from "../../support/freeze.ts";
import { type KafkaCluster, startKafka } from "../../support/kafka/kafka-server.ts";
import { testConsumer } from "../../support/kafka/records.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

/** Of a GatewayError. */
const refused = (call: Promise<unknown>) =>
	rejectionOf(call) as Promise<{ readonly code: ErrorCode; readonly retryAfterMs: number }>;

const AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const HOUR_MS = 3_600_000;

describe("a real broker", { timeout: 240_000 }, () => {
	let kafka: KafkaCluster;
	before(async () => {
		kafka = await startKafka({
			users: { gateway: "the-password" },
			properties: {
				"authorizer.class.name": AUTHORIZER,
				"super.users": "User:ANONYMOUS",
				"allow.everyone.if.no.acl.found": "true",
			},
		});
	});
	after(() => kafka?.stop());

	const open = new Set<ProduceQueue>();
	after(async () => {
		await Promise.all([...open].map((queue) => queue.close(0)));
	});

	function queueOf(
		topic: string,
		given: { settings?: Partial<KafkaOptions>; uplink?: Partial<KafkaOptions["uplink"]>; now?: () => number } = {},
	) {
		const logger = quietLogger();
		const options: KafkaOptions = { ...kafkaDefaults, brokers: kafka.addresses, ...given.settings };
		const uplink = { ...options.uplink, timeoutMs: 20_000, ...given.uplink };
		const writer = new KafkaTopicWriter({
			...{ topic, load: loadKafka, settings: clientSettings(options), compression: uplink.compression },
			now: given.now ?? Date.now,
			onRetry: (failure: WriteFailure) => queue.onRetry(failure),
		});
		const queue = new ProduceQueue({ writer, logger, now: () => performance.now(), options: uplink });
		open.add(queue);
		const said = () =>
			logger.lines
				.map(({ message, fields }) => `${message}: ${(fields as { problem?: string }).problem ?? ""}`)
				.join("\n");
		return { queue, logger, said };
	}

	const record = (value: string | Uint8Array, key = "k"): OutgoingRecord => {
		return { key, value: Buffer.from(value as Uint8Array), headers: { "content-type": "text/plain" } };
	};

	for (const compression of ["none", "gzip", "lz4", "zstd", "snappy"] as const) {
		test(`has records with keys and headers, in the order of their key, once: compression ${compression}`, async () => {
			const topic = `order-${compression}`;
			await kafka.createTopic(topic, { partitions: 3 });
			const { queue } = queueOf(topic, { uplink: { compression } });
			const keys = ["a", "b", "c", "d", "e"];
			const appended: Promise<void>[] = [];
			for (let n = 0; n < 100; n++) for (const key of keys) appended.push(queue.append([record(`${key}${n}`, key)]));
			await Promise.all(appended);
			const reader = await testConsumer(kafka, topic);
			await until(() => reader.records.length >= 500);
			for (const key of keys) {
				const own = reader.records.filter((each) => each.key === key);
				assert.deepEqual(
					own.map(({ value }) => value),
					[...Array(100)].map((_, n) => `${key}${n}`),
				);
				assert.equal(new Set(own.map(({ partition }) => partition)).size, 1);
			}
			assert.deepEqual(reader.records[0]?.headers, { "content-type": "text/plain" });
			assert.equal(reader.records.length, 500);
			await reader.close();
		});
	}

	test("a topic that is missing: UNAVAILABLE in time, the operator reads which; made later, it is written to", async () => {
		const { queue, said } = queueOf("late", { uplink: { timeoutMs: 1000 } });
		const error = await refused(queue.append([record("1")]));
		assert.equal(error.code, ErrorCode.UNAVAILABLE);
		assert.match(said(), /the topic does not exist/);
		await assert.rejects(queue.check(), /topic late: the topic does not exist/);
		await kafka.createTopic("late");
		await until(async () => {
			await queue.append([record("2")], 30_000);
			return true;
		});
		const reader = await testConsumer(kafka, "late");
		await until(() => reader.records.at(-1)?.value === "2");
		await reader.close();
	});

	test("a record that is larger than the topic takes is refused alone, or written without its content", async () => {
		await kafka.createTopic("small", { configs: { "max.message.bytes": "20000" } });
		const { queue, said } = queueOf("small");
		const large = record(Buffer.alloc(50_000, "x"));
		const results = await Promise.allSettled([
			queue.append([record("1")]),
			queue.append([large]),
			queue.append([{ ...large, substitute: record("without content") }]),
			queue.append([record("2")]),
		]);
		assert.deepEqual(
			results.map((result) => (result.status === "rejected" ? result.reason.code : "written")),
			["written", ErrorCode.PAYLOAD_TOO_LARGE, "written", "written"],
		);
		const reader = await testConsumer(kafka, "small");
		await until(() => reader.records.length >= 3);
		assert.deepEqual(
			reader.records.map(({ value }) => value),
			["1", "without content", "2"],
		);
		assert.match(said(), /Kafka refused a record; dropped/);
		assert.equal(queue.bufferedBytes, 0);
		await reader.close();
	});

	test("many records that are too large together, and not one by one, are all written in order", async () => {
		await kafka.createTopic("batches", { configs: { "max.message.bytes": "20000" } });
		const { queue } = queueOf("batches");
		const texts = [...Array(30)].map((_, n) => `${n}`.padEnd(3000, "."));
		await Promise.all(texts.map((text) => queue.append([record(text)])));
		const reader = await testConsumer(kafka, "batches");
		await until(() => reader.records.length >= 30);
		assert.deepEqual(
			reader.records.map(({ value }) => value),
			texts,
		);
		await reader.close();
	});

	test("an ACL that forbids writing: UNAVAILABLE, and the operator reads that it is the ACL", async () => {
		await kafka.createTopic("forbidden");
		const { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } = await loadKafka();
		await kafka.admin.createAcls({
			creations: [
				{
					resourceType: ResourceTypes.TOPIC,
					resourceName: "forbidden",
					resourcePatternType: ResourcePatternTypes.LITERAL,
					principal: "User:somebody-else",
					host: "*",
					operation: AclOperations.ALL,
					permissionType: AclPermissionTypes.ALLOW,
				},
			],
		});
		const sasl = { mechanism: "PLAIN", username: "gateway", password: "the-password" } as const;
		const settings = { brokers: [kafka.addressOf("SECURE")], sasl };
		const { queue, said } = queueOf("forbidden", { settings, uplink: { timeoutMs: 1500 } });
		assert.equal((await refused(queue.append([record("1")]))).code, ErrorCode.UNAVAILABLE);
		assert.match(said(), /may not write to the topic \(ACL\)/);
		// The same login may write elsewhere.
		await kafka.createTopic("allowed");
		await queueOf("allowed", { settings }).queue.append([record("1")]);
	});

	test("a wrong password: UNAVAILABLE, the operator reads that the login failed, and nobody reads the password", async () => {
		const sasl = { mechanism: "PLAIN", username: "gateway", password: "not-the-password" } as const;
		const settings = { brokers: [kafka.addressOf("SECURE")], sasl };
		const { queue, logger, said } = queueOf("allowed", { settings, uplink: { timeoutMs: 1500 } });
		const error = await refused(queue.append([record("1")]));
		assert.equal(error.code, ErrorCode.UNAVAILABLE);
		assert.match(said(), /the brokers refuse the gateway's login/);
		const problem = await queue.check().then(String, String);
		const all = JSON.stringify([logger.lines, error, problem], (_key, value) =>
			value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value,
		);
		assert.ok(!all.includes("not-the-password"));
	});

	test("a clock that is a day ahead: UNAVAILABLE, and the operator reads that it is the clock", async () => {
		await kafka.createTopic("clock", { configs: { "message.timestamp.after.max.ms": String(HOUR_MS) } });
		const { queue, said } = queueOf("clock", { now: () => Date.now() + 24 * HOUR_MS, uplink: { timeoutMs: 1500 } });
		assert.equal((await refused(queue.append([record("1")]))).code, ErrorCode.UNAVAILABLE);
		await until(() => /this machine's clock is too far from the broker's/.test(said()));
		const behind = queueOf("clock", { now: () => Date.now() - 24 * HOUR_MS });
		await behind.queue.append([record("2")]);
	});

	test("a broker that does not answer, and goes on: what waited is written once and in order, memory bounded", async () => {
		await kafka.createTopic("frozen");
		const { queue, said } = queueOf("frozen", {
			settings: { requestTimeoutMs: 1000 },
			uplink: { maxBufferedBytes: 1_048_576 },
		});
		await queue.append([record("0")]);
		const thaw = await freeze(kafka.brokers[0]?.pid ?? 0);
		const appended = [...Array(50)].map((_, n) => queue.append([record(`${n + 1}`)], 60_000));
		let offered = 0;
		while (queue.offer(record("e".repeat(5000), "events"))) offered++;
		assert.ok(offered > 150 && queue.bufferedBytes <= 1_048_576);
		await until(() => said().includes("writing to Kafka failed"));
		thaw();
		await Promise.all(appended);
		await until(() => queue.counts.written === 51 + offered);
		const reader = await testConsumer(kafka, "frozen");
		await until(() => reader.records.length >= 51 + offered);
		const own = reader.records.filter(({ key }) => key === "k").map(({ value }) => Number(value));
		// A request that was answered too late may have been repeated as a whole.
		assert.deepEqual(
			[...new Set(own)],
			[...Array(51)].map((_, n) => n),
		);
		assert.match(said(), /writing to Kafka works again/);
		await reader.close();
	});

	test("a broker that is killed and comes back: what waited is written, in order", async () => {
		await kafka.createTopic("killed");
		const { queue } = queueOf("killed");
		await queue.append([record("0")]);
		const [broker] = kafka.brokers;
		assert.ok(broker);
		await broker.kill();
		const appended = [...Array(50)].map((_, n) => queue.append([record(`${n + 1}`)], 120_000));
		await until(() => queue.outage !== undefined);
		await broker.restart();
		await Promise.all(appended);
		const reader = await testConsumer(kafka, "killed");
		await until(() => reader.records.length >= 51);
		const own = reader.records.map(({ value }) => Number(value));
		assert.deepEqual(
			[...new Set(own)],
			[...Array(51)].map((_, n) => n),
		);
		await reader.close();
	});
});
