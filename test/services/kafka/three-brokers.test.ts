// Three brokers, of which one after the other is killed: what was confirmed is there, in the order of its key.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { clientSettings, loadKafka } from "../../../services/kafka/client-kafka.ts";
import { kafkaDefaults } from "../../../services/kafka/options.ts";
import { ProduceQueue } from "../../../services/kafka/produce-queue.ts";
import { KafkaTopicWriter } from "../../../services/kafka/topic-writer-kafka.ts";
import { type KafkaCluster, startKafka } from "../../support/kafka/kafka-server.ts";
import { testConsumer } from "../../support/kafka/records.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

const KEYS = ["a", "b", "c"];

describe("three brokers", { timeout: 240_000 }, () => {
	let kafka: KafkaCluster;
	before(async () => {
		kafka = await startKafka({ brokers: 3 });
		await kafka.createTopic("three", { partitions: 3, replicas: 3 });
	});
	after(() => kafka?.stop());

	test("are killed in turn while records are written: none that was confirmed is missing, and each key keeps its order", async () => {
		const logger = quietLogger();
		const settings = clientSettings({ ...kafkaDefaults, brokers: kafka.addresses, requestTimeoutMs: 2000 });
		const writer = new KafkaTopicWriter({
			...{ topic: "three", load: loadKafka, settings, compression: "none", now: Date.now },
			onRetry: (failure) => queue.onRetry(failure),
		});
		const queue = new ProduceQueue({ writer, logger, now: () => performance.now(), options: kafkaDefaults.uplink });
		const confirmed: string[] = [];
		let sent = 0;
		/** As the relay of chat does: the next of a key when the one before is confirmed, again until it is. */
		const write = async (key: string, isOver: () => boolean) => {
			for (let n = 0; !isOver(); n++) {
				const record = { key, value: Buffer.from(`${key}-${n}`), headers: {} };
				sent++;
				while (
					!(await queue.append([record]).then(
						() => true,
						() => false,
					))
				);
				confirmed.push(`${key}-${n}`);
			}
		};
		let isOver = false;
		const writing = Promise.all(KEYS.map((key) => write(key, () => isOver)));
		for (const broker of kafka.brokers) {
			const before = confirmed.length;
			await until(() => confirmed.length > before + 100);
			await broker.kill();
			const during = confirmed.length;
			// With two of three the topic goes on.
			await until(() => confirmed.length > during + 100);
			await broker.restart();
		}
		isOver = true;
		await writing;
		await queue.close(1000);
		assert.equal(confirmed.length, sent);
		const reader = await testConsumer(kafka, "three");
		await until(() => new Set(reader.records.map(({ value }) => value)).size >= sent);
		for (const key of KEYS) {
			const own = [...new Set(reader.records.filter((record) => record.key === key).map(({ value }) => value))];
			assert.deepEqual(
				own,
				own.map((_value, n) => `${key}-${n}`),
			);
		}
		await reader.close();
	});
});
