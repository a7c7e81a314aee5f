// Records as strangers write them, read from a real broker: null keys and values, headers without a value or that are no text; and topics
// that cannot be read.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Consumer, Producer } from "@platformatic/kafka";
import { clientSettings, loadKafka } from "../../../services/kafka/client-kafka.ts";
import { Downlink } from "../../../services/kafka/downlink.ts";
import type { DownlinkRecord } from "../../../services/kafka/downlink-record.ts";
import { type KafkaOptions, kafkaDefaults } from "../../../services/kafka/options.ts";
import { ProduceQueue } from "../../../services/kafka/produce-queue.ts";
import { KafkaRecordSource } from "../../../services/kafka/record-source-kafka.ts";
import { KafkaTopicWriter } from "../../../services/kafka/topic-writer-kafka.ts";
import { type KafkaCluster, startKafka } from "../../support/kafka/kafka-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

interface RawRecord {
	readonly key: Buffer | undefined;
	readonly value: Buffer | undefined;
	readonly headers: Map<Buffer, Buffer | null>;
}

const raw = (
	key: Buffer | undefined,
	value: Buffer | undefined,
	headers: Record<string, Buffer | null> = {},
): RawRecord => {
	const entries = Object.entries(headers).map(([name, bytes]) => [Buffer.from(name), bytes] as const);
	return { key, value, headers: new Map(entries) };
};

const message = (id: string) => Buffer.from(JSON.stringify({ target_user_id: "u", message_id: id, content: id }));

describe("a reader of a real broker", { timeout: 240_000 }, () => {
	let kafka: KafkaCluster;
	const open: { close(): Promise<void> }[] = [];
	before(async () => {
		kafka = await startKafka({
			users: { gateway: "the-password", owner: "its-password" },
			properties: {
				"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
				"super.users": "User:ANONYMOUS;User:owner",
				"allow.everyone.if.no.acl.found": "true",
			},
		});
	});
	after(async () => {
		await Promise.all(open.map((each) => each.close()));
		await kafka?.stop();
	});

	function reader(topic: string, settings: Partial<KafkaOptions> = {}) {
		const logger = quietLogger();
		const now = () => performance.now();
		const options: KafkaOptions = { ...kafkaDefaults, brokers: kafka.addresses, ...settings };
		const shared = { load: loadKafka, settings: clientSettings(options), logger };
		const downlinkOptions = { ...options.downlink, startFrom: "earliest" } as const;
		const source = new KafkaRecordSource({ ...shared, topics: [topic], groupId: topic, options: downlinkOptions });
		const writer = new KafkaTopicWriter({ ...shared, topic: "letters", compression: "none", now: Date.now });
		const letters = new ProduceQueue({ writer, logger, now, options: options.uplink });
		const published: string[] = [];
		const publish = async ({ content }: DownlinkRecord) => {
			assert.ok(content.kind === "message");
			published.push(content.message.content ?? "");
			return { published: 1, repeated: 0 };
		};
		const appendDeadLetter = (record: Parameters<ProduceQueue["offer"]>[0]) => letters.append([record]);
		const publishTogether = async (records: readonly DownlinkRecord[]) => {
			for (const record of records) await publish(record);
			return { published: records.length, repeated: 0 };
		};
		const parts = { source, publish, publishTogether, appendDeadLetter, logger, now };
		const downlink = new Downlink({ ...parts, options: downlinkOptions });
		downlink.start();
		open.push(downlink, { close: () => letters.close(1000) });
		return { downlink, source, published, logger };
	}

	async function send(topic: string, records: readonly RawRecord[]): Promise<void> {
		const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
			clientId: "raw",
			bootstrapBrokers: [...kafka.addresses],
		});
		await producer.send({ messages: records.map((record) => ({ topic, ...record }) as never) });
		await producer.close(true);
	}

	/** The records of a topic, byte for byte. */
	async function bytesOf(topic: string, count: number) {
		const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
			clientId: "raw",
			bootstrapBrokers: [...kafka.addresses],
			groupId: `raw-${topic}`,
			autocommit: false,
		});
		const seen: { key: Buffer | undefined; value: Buffer | undefined; headers: [string, Buffer | undefined][] }[] = [];
		const stream = await consumer.consume({ topics: [topic], mode: "earliest" });
		stream.on("data", ({ key, value, headers }) =>
			seen.push({ key, value, headers: [...headers].map(([name, bytes]) => [name.toString(), bytes]) }),
		);
		await until(() => seen.length >= count);
		await consumer.close(true);
		return seen;
	}

	test("goes on behind null keys, tombstones, and headers that have no value or are no text; dead letters have their bytes", async () => {
		await kafka.createTopic("odd");
		await kafka.createTopic("letters");
		const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
		const { published, downlink, source } = reader("odd");
		await send("odd", [
			raw(undefined, message("1")),
			raw(Buffer.alloc(0), message("2"), { "x-null": null, "x-empty": Buffer.alloc(0), "x-bytes": bytes }),
			raw(bytes, Buffer.from("no JSON"), { "x-null": null, "x-bytes": bytes, "x-text": Buffer.from("é") }),
			raw(Buffer.from("tomb"), undefined),
			raw(Buffer.from("k"), message("3"), {
				"framegate-target": null,
				"content-type": bytes,
				"framegate-message-id": null,
			}),
			raw(Buffer.from("k"), message("4"), { "framegate-message-id": bytes }),
		]);
		await until(() => published.length + downlink.deadLetters.counts.written === 6);
		assert.deepEqual(published, ["1", "2", "4"]);
		assert.equal(source.problem, undefined);
		const letters = await bytesOf("letters", 3);
		const odd = letters.find(({ value }) => value?.toString() === "no JSON");
		assert.ok(odd?.key?.equals(bytes));
		const headers = new Map(odd?.headers);
		assert.ok(headers.get("x-bytes")?.equals(bytes));
		assert.equal(headers.get("x-text")?.toString(), "é");
		assert.equal(headers.get("x-null")?.length ?? 0, 0);
		assert.equal(letters.find(({ key }) => key?.toString() === "tomb")?.value?.length ?? 0, 0);
	});

	test("says which topic it cannot read, and why: missing, or forbidden; made or allowed later, it is read", async () => {
		const missing = reader("later");
		await until(() => /topic later|Unknown topic|does not exist/i.test(missing.source.problem ?? ""));
		await kafka.createTopic("later");
		await send("later", [raw(undefined, message("late"))]);
		await until(() => missing.published.length === 1);
		assert.equal(missing.source.problem, undefined);

		await kafka.createTopic("secret");
		const { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } = await loadKafka();
		const acl = {
			resourceType: ResourceTypes.TOPIC,
			resourceName: "secret",
			resourcePatternType: ResourcePatternTypes.LITERAL,
			host: "*",
			operation: AclOperations.ALL,
			permissionType: AclPermissionTypes.ALLOW,
		};
		await kafka.admin.createAcls({ creations: [{ ...acl, principal: "User:owner" }] });
		const sasl = { mechanism: "PLAIN", username: "gateway", password: "the-password" } as const;
		const forbidden = reader("secret", { brokers: [kafka.addressOf("SECURE")], sasl });
		await until(() => /authoriz/i.test(forbidden.source.problem ?? ""));
		await kafka.admin.createAcls({ creations: [{ ...acl, principal: "User:gateway" }] });
		await send("secret", [raw(undefined, message("allowed"))]);
		await until(() => forbidden.published.length === 1);
	});
});
