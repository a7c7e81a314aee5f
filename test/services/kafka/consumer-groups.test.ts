// Two nodes read a topic together from a real broker: partitions move while records are published, and none is left out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { unavailable } from "../../../protocol/error.ts";
import { clientSettings, loadKafka } from "../../../services/kafka/client-kafka.ts";
import { Downlink } from "../../../services/kafka/downlink.ts";
import type { DownlinkRecord } from "../../../services/kafka/downlink-record.ts";
import { kafkaDefaults } from "../../../services/kafka/options.ts";
import { KafkaRecordSource } from "../../../services/kafka/record-source-kafka.ts";
import { deferred } from "../../support/deferred.ts";
import { type KafkaCluster, startKafka } from "../../support/kafka/kafka-server.ts";
import { type TestProducer, type TestRecord, testProducer } from "../../support/kafka/records.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

/** What users have got, as inboxes that know the ids of messages have it: once for each id. */
class Inboxes {
	readonly byUser = new Map<string, string[]>();
	readonly repeats: string[] = [];
	private readonly ids = new Set<string>();
	pause: (id: string) => Promise<void> = async () => {};

	async publish({ target, content, id }: DownlinkRecord) {
		assert.ok(target.kind === "user" && content.kind === "message");
		await this.pause(id);
		if (this.ids.has(id)) {
			this.repeats.push(id);
			return { published: 0, repeated: 1 };
		}
		this.ids.add(id);
		const inbox = this.byUser.get(target.userId) ?? [];
		this.byUser.set(target.userId, inbox);
		inbox.push(content.message.content ?? "");
		return { published: 1, repeated: 0 };
	}

	get count(): number {
		return this.ids.size;
	}
}

describe("a consumer group", { timeout: 240_000 }, () => {
	let kafka: KafkaCluster;
	let producer: TestProducer;
	before(async () => {
		kafka = await startKafka();
		producer = testProducer(kafka);
	});
	after(async () => {
		await producer?.close();
		await kafka?.stop();
	});

	function node(topic: string, inboxes: Inboxes, groupId = topic, given: Partial<typeof kafkaDefaults.downlink> = {}) {
		const logger = quietLogger();
		const options = {
			...kafkaDefaults.downlink,
			startFrom: "earliest",
			commitIntervalMs: 50,
			sessionTimeoutMs: 3000,
			...given,
		} as const;
		const settings = clientSettings({ ...kafkaDefaults, brokers: kafka.addresses });
		const source = new KafkaRecordSource({ topics: [topic], groupId, load: loadKafka, settings, logger, options });
		const publish = inboxes.publish.bind(inboxes);
		const now = () => performance.now();
		const publishTogether = async (records: readonly DownlinkRecord[]) => {
			let repeated = 0;
			for (const record of records) repeated += (await publish(record)).repeated;
			return { published: records.length - repeated, repeated };
		};
		const parts = { source, publish, publishTogether, appendDeadLetter: undefined, logger, now };
		const downlink = new Downlink({ ...parts, options });
		downlink.start();
		return { downlink, source, logger };
	}

	async function send(topic: string, from: number, to: number, users = 10): Promise<void> {
		const records: TestRecord[] = [];
		for (let n = from; n < to; n++) {
			const user = `u${n % users}`;
			const value = { target_user_id: user, message_id: `m${n}`, content: String(n).padStart(6, "0") };
			records.push({ topic, key: user, value: JSON.stringify(value) });
		}
		for (let index = 0; index < records.length; index += 200) await producer.send(...records.slice(index, index + 200));
	}

	async function committed(topic: string, groupId = topic): Promise<number> {
		const { Consumer } = await loadKafka();
		const reader = new Consumer({ clientId: "look", bootstrapBrokers: [...kafka.addresses], groupId });
		try {
			const { partitionsCount = 0 } = (await reader.metadata({ topics: [topic] })).topics.get(topic) ?? {};
			const partitions = [...Array(partitionsCount).keys()];
			const offsets = await reader.listCommittedOffsets({ topics: [{ topic, partitions }] });
			return (offsets.get(topic) ?? []).reduce((sum, offset) => sum + Math.max(0, Number(offset)), 0);
		} finally {
			await reader.close(true);
		}
	}

	function assertAllInOrder(inboxes: Inboxes, count: number, users = 10): void {
		assert.equal(inboxes.count, count);
		for (const texts of inboxes.byUser.values()) assert.deepEqual(texts, [...texts].sort());
		assert.equal(inboxes.byUser.size, users);
	}

	test("nodes that come and go in the middle: every record is published, in the order of its user, and committed", async () => {
		await kafka.createTopic("moves", { partitions: 6 });
		const inboxes = new Inboxes();
		inboxes.pause = () => new Promise((resolve) => setTimeout(resolve, 1));
		let sent = 0;
		/** Goes on sending until something has happened. */
		const sendUntil = async (isDone: () => boolean) => {
			while (!isDone()) {
				await send("moves", sent, sent + 100);
				sent += 100;
			}
		};
		const first = node("moves", inboxes);
		await sendUntil(() => inboxes.count > 200);
		const second = node("moves", inboxes);
		await sendUntil(() => second.downlink.counts.read > 200);
		const [closing] = await Promise.all([first.downlink.close(), sendUntil(() => sent % 1000 === 0)]);
		assert.equal(closing, undefined);
		const third = node("moves", inboxes);
		await sendUntil(() => third.downlink.counts.read > 200);
		await until(() => inboxes.count === sent);
		await until(async () => (await committed("moves")) === sent);
		assertAllInOrder(inboxes, sent);
		await second.downlink.close();
		await third.downlink.close();
	});

	test("a node that ends without a word loses its partitions to the other; what it had not committed is read again", async () => {
		await kafka.createTopic("crash", { partitions: 4 });
		const inboxes = new Inboxes();
		// It publishes, and never commits: as a process that is killed behind its publication.
		const doomed = node("crash", inboxes, "crash", { commitIntervalMs: 60_000 });
		await send("crash", 0, 500);
		await until(() => inboxes.count === 500);
		const other = node("crash", inboxes);
		await until(() => other.source.problem === undefined);
		await doomed.source.close();
		await until(async () => (await committed("crash")) === 500);
		assertAllInOrder(inboxes, 500);
		await other.downlink.close();
		await doomed.downlink.close();
	});

	test("a commit that a rebalance overtakes does not take the group back behind what the new owner has committed", async () => {
		await kafka.createTopic("overtaken", { partitions: 6 });
		const inboxes = new Inboxes();
		const first = node("overtaken", inboxes);
		const commit = first.source.commit.bind(first.source);
		let committing = 0;
		first.source.commit = async (offsets) => {
			committing++;
			await commit(offsets).finally(() => committing--);
		};
		let sent = 0;
		const sendUntil = async (isDone: () => boolean) => {
			for (; !isDone(); sent += 20) await send("overtaken", sent, sent + 20);
		};
		await sendUntil(() => inboxes.count > 200);
		const second = node("overtaken", inboxes);
		await sendUntil(() => second.downlink.counts.read > 200);
		await until(() => inboxes.count === sent);
		await until(() => committing === 0);
		await until(async () => (await committed("overtaken")) === sent);
		await first.downlink.close();
		await second.downlink.close();
	});

	test("the lag falls to nothing, and says what is left meanwhile", async () => {
		await kafka.createTopic("lag");
		const inboxes = new Inboxes();
		const gate = deferred<void>();
		inboxes.pause = () => gate.promise;
		await send("lag", 0, 300);
		const { downlink, source } = node("lag", inboxes);
		await until(() => source.lag.get("lag:0") === 300);
		gate.resolve();
		await until(() => source.lag.get("lag:0") === 0);
		await downlink.close();
	});

	test("what is read at once is bounded, and goes on where it paused", async () => {
		await kafka.createTopic("bounded");
		const inboxes = new Inboxes();
		const gate = deferred<void>();
		inboxes.pause = () => gate.promise;
		const value = (n: number) =>
			JSON.stringify({
				target_user_id: "u",
				message_id: `m${n}`,
				content: `${n}`.padStart(6, "0").padEnd(10_000, "."),
			});
		for (let n = 0; n < 500; n += 50) {
			await producer.send(
				...[...Array(50)].map((_, index) => ({ topic: "bounded", key: "u", value: value(n + index) })),
			);
		}
		const bound = 1_048_576;
		const { downlink } = node("bounded", inboxes, "bounded", { maxInFlightBytes: bound, maxFetchBytes: 262_144 });
		await until(() => downlink.inFlightBytes >= bound);
		const read = downlink.counts.read;
		assert.ok(read < 120 && downlink.inFlightBytes < bound + 20_000, `${read} ${downlink.inFlightBytes}`);
		gate.resolve();
		await until(() => inboxes.count === 500);
		assertAllInOrder(inboxes, 500, 1);
		await downlink.close();
	});

	test("a broker that is killed: reading goes on when it is back, and nothing is left out", async () => {
		await kafka.createTopic("restart", { partitions: 2 });
		const inboxes = new Inboxes();
		const { downlink, source, logger } = node("restart", inboxes);
		await send("restart", 0, 200);
		await until(() => inboxes.count === 200);
		const [broker] = kafka.brokers;
		await broker?.kill();
		await until(() => source.problem !== undefined);
		await broker?.restart();
		await until(async () => {
			await send("restart", 200, 400);
			return true;
		});
		await until(() => inboxes.count === 400);
		assertAllInOrder(inboxes, 400);
		const said = logger.lines.filter(({ level }) => level !== "debug").map(({ message }) => message);
		assert.deepEqual(said, ["reading from Kafka failed; will retry", "reading from Kafka works again"]);
		await until(async () => (await committed("restart")) >= 400);
		await downlink.close();
	});

	test("while nothing can be published, records are neither lost nor committed", async () => {
		await kafka.createTopic("outage");
		const inboxes = new Inboxes();
		let isDown = true;
		inboxes.pause = async () => {
			if (isDown) throw unavailable("Redis", 1);
		};
		const { downlink } = node("outage", inboxes);
		await send("outage", 0, 50);
		await until(() => downlink.counts.retried > 30);
		assert.equal(await committed("outage"), 0);
		isDown = false;
		await until(() => inboxes.count === 50);
		assertAllInOrder(inboxes, 50);
		await downlink.close();
		assert.equal(await committed("outage"), 50);
	});
});
