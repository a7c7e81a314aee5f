// What waits for a topic: in order, bounded, and never lost in silence.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { kafkaDefaults } from "../../../services/kafka/options.ts";
import { ProduceQueue } from "../../../services/kafka/produce-queue.ts";
import { type OutgoingRecord, type TopicWriter, WriteFailure } from "../../../services/kafka/topic-writer.ts";
import { deferred } from "../../support/deferred.ts";
import { type QuietLogger, quietLogger } from "../../support/quiet-logger.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

/** Of a GatewayError. */
const refused = (call: Promise<unknown>) =>
	rejectionOf(call) as Promise<{ readonly code: ErrorCode; readonly retryAfterMs: number }>;

const record = (text: string, key = "k"): OutgoingRecord => ({ key, value: Buffer.from(text), headers: {} });
const textOf = ({ value }: OutgoingRecord): string => Buffer.from(value).toString();

class ScriptedWriter implements TopicWriter {
	readonly topic = "t";
	/** What Kafka has. */
	readonly log: string[] = [];
	readonly batches: number[] = [];
	isClosed = false;
	/** Throws to fail a batch. */
	onWrite: (records: readonly OutgoingRecord[]) => void | Promise<void> = () => {};
	onCheck: () => void = () => {};

	async write(records: readonly OutgoingRecord[]): Promise<void> {
		this.batches.push(records.length);
		await this.onWrite(records);
		this.log.push(...records.map(textOf));
	}

	async check(): Promise<void> {
		this.onCheck();
	}

	async close(): Promise<void> {
		this.isClosed = true;
	}
}

function fixture(options: Partial<typeof kafkaDefaults.uplink> = {}) {
	const writer = new ScriptedWriter();
	const logger: QuietLogger = quietLogger();
	const queue = new ProduceQueue({
		writer,
		logger,
		now: () => performance.now(),
		options: { ...kafkaDefaults.uplink, lingerMs: 0, ...options },
	});
	return { writer, queue, logger };
}

const messages = ({ lines }: QuietLogger): string[] => lines.map(({ message }) => message);

describe("a queue of records", () => {
	test("writes what comes while a batch is in flight as the next one, in order", async () => {
		const { writer, queue } = fixture();
		const gate = deferred<void>();
		let isFirst = true;
		writer.onWrite = async () => {
			if (isFirst) await gate.promise;
			isFirst = false;
		};
		const first = queue.append([record("1")]);
		await until(() => writer.batches.length === 1);
		const rest = ["2", "3", "4"].map((text) => queue.append([record(text)]));
		gate.resolve();
		await Promise.all([first, ...rest]);
		assert.deepEqual(
			[writer.log, writer.batches],
			[
				["1", "2", "3", "4"],
				[1, 3],
			],
		);
		assert.equal(queue.bufferedBytes, 0);
		await queue.close(100);
	});

	test("keeps a request within its bytes, and a record that is larger alone", async () => {
		const { writer, queue } = fixture({ maxBatchBytes: 16_384 });
		await Promise.all([...Array(10)].map((_, index) => queue.append([record(`${index}`.padEnd(7000, "."))])));
		assert.deepEqual(writer.batches, [2, 2, 2, 2, 2]);
		await queue.append([record("x".repeat(30_000)), record("y")]);
		assert.deepEqual(writer.batches.slice(5), [1, 1]);
		await queue.close(100);
	});

	test("repeats a failed batch, and none behind it comes first", async () => {
		const { writer, queue, logger } = fixture();
		let failures = 2;
		writer.onWrite = () => {
			if (failures-- > 0) throw new WriteFailure("unavailable", new Error("refused"));
		};
		await Promise.all([queue.append([record("1")]), queue.append([record("2")]), queue.append([record("3")])]);
		assert.deepEqual(writer.log, ["1", "2", "3"]);
		assert.equal(queue.failures.unavailable, 2);
		assert.equal(queue.outage, undefined);
		assert.deepEqual(messages(logger), ["writing to Kafka failed; will retry", "writing to Kafka works again"]);
		await queue.close(100);
	});

	test("finds the one record that is too large: it alone is refused, the others are written in order", async () => {
		const { writer, queue, logger } = fixture();
		writer.onWrite = (records) => {
			if (records.some((each) => textOf(each).startsWith("large")))
				throw new WriteFailure("too_large", new Error("MESSAGE_TOO_LARGE"));
		};
		const texts = ["1", "2", "large", "3", "4", "5"];
		const results = await Promise.allSettled(texts.map((text) => queue.append([record(text)])));
		assert.deepEqual(writer.log, ["1", "2", "3", "4", "5"]);
		const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
		assert.deepEqual(refused, [ErrorCode.PAYLOAD_TOO_LARGE]);
		assert.ok(messages(logger).includes("Kafka refused a record; dropped"));
		await queue.close(100);
	});

	test("writes a record's substitute in its place, in order", async () => {
		const { writer, queue } = fixture();
		writer.onWrite = (records) => {
			if (records.some((each) => textOf(each) === "large")) throw new WriteFailure("too_large", new Error("x"));
		};
		await queue.append([record("1"), { ...record("large"), substitute: record("small") }, record("3")]);
		assert.deepEqual(writer.log, ["1", "small", "3"]);
		assert.equal(queue.counts.substituted, 1);
		await queue.close(100);
	});

	test("does not write again what was written of a failed batch", async () => {
		const { writer, queue } = fixture();
		let isFirst = true;
		writer.onWrite = (records) => {
			if (!isFirst) return;
			isFirst = false;
			writer.log.push(textOf(records[0] as OutgoingRecord));
			throw new WriteFailure("unavailable", new Error("one partition failed"), new Set([0]));
		};
		await queue.append([record("1", "a"), record("2", "b")]);
		assert.deepEqual(writer.log, ["1", "2"]);
		await queue.close(100);
	});

	test("says UNAVAILABLE in time, and does not write later what nobody waits for", async () => {
		const { writer, queue } = fixture({ timeoutMs: 100 });
		let isDown = true;
		writer.onWrite = () => {
			if (isDown) throw new WriteFailure("topic_missing", new Error("Unknown topic t."));
		};
		const errors = await Promise.all(["1", "2"].map((text) => refused(queue.append([record(text)]))));
		assert.deepEqual(
			errors.map(({ code }) => code),
			[ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE],
		);
		assert.equal(queue.outage?.reason, "topic_missing");
		await until(() => queue.bufferedBytes === 0);
		isDown = false;
		await queue.append([record("3")]);
		assert.deepEqual(writer.log, ["3"]);
		await queue.close(100);
	});

	test("while nothing is written for long, callers are refused at once but one, which finds out when that is over", async () => {
		const { writer, queue } = fixture({ timeoutMs: 20 });
		assert.equal(queue.rejection, undefined);
		writer.onWrite = () => {
			throw new WriteFailure("not_authorized", new Error("Topic authorization failed."));
		};
		const waiting = queue.append([record("1")], 60_000);
		await until(() => queue.rejection !== undefined);
		// Somebody has to put it right.
		const { code, retryAfterMs } = await refused(Promise.reject(queue.rejection));
		assert.deepEqual([code, retryAfterMs], [ErrorCode.UNAVAILABLE, 10_000]);
		writer.onWrite = () => {};
		await waiting;
		assert.equal(queue.rejection, undefined);
		writer.onWrite = () => {
			throw new WriteFailure("unavailable", new Error("down"));
		};
		await refused(queue.append([record("2")]));
		assert.ok(queue.outage !== undefined);
		// Nobody waits any more: the next caller is the one.
		await until(() => queue.bufferedBytes === 0 && queue.rejection === undefined);
		writer.onWrite = () => {};
		await queue.append([record("3")], 60_000);
		assert.deepEqual([queue.outage, writer.log], [undefined, ["1", "3"]]);
		await queue.close(100);
	});

	test("is bounded: events beyond are dropped and counted, requests refused, and it holds no more", async () => {
		const { writer, queue } = fixture({ maxBufferedBytes: 100_000, timeoutMs: 60_000 });
		const gate = deferred<void>();
		writer.onWrite = () => gate.promise;
		const offered = [...Array(200)].map((_, index) => queue.offer(record(`${index}`.padEnd(744, "."))));
		const taken = offered.filter(Boolean).length;
		assert.ok(taken > 50 && taken < 110, String(taken));
		assert.ok(queue.bufferedBytes <= 100_000);
		assert.equal(queue.counts.dropped, 200 - taken);
		const error = await refused(queue.append([record("x".repeat(2000))]));
		assert.deepEqual([error.code, error.retryAfterMs > 0], [ErrorCode.UNAVAILABLE, true]);
		gate.resolve();
		await until(() => queue.counts.written === taken);
		await queue.close(100);
	});

	test("writes what waits when it is closed, and ends in time when it cannot", async () => {
		const { writer, queue } = fixture();
		queue.offer(record("1"));
		queue.offer(record("2"));
		await queue.close(1000);
		assert.deepEqual([writer.log, writer.isClosed], [["1", "2"], true]);

		const down = fixture();
		down.writer.onWrite = () => {
			throw new WriteFailure("unavailable", new Error("down"));
		};
		down.queue.offer(record("1"));
		const waiting = refused(down.queue.append([record("2")], 60_000));
		await down.queue.close(50);
		assert.equal((await waiting).code, ErrorCode.UNAVAILABLE);
		assert.equal(down.queue.counts.dropped, 2);
		assert.equal(down.queue.offer(record("3")), false);
	});

	test("is reported by what is wrong with it, until a look or a write shows that it is over", async () => {
		const { writer, queue } = fixture({ timeoutMs: 20 });
		await queue.check();
		writer.onCheck = () => {
			throw new WriteFailure("topic_missing", new Error("Unknown topic t."));
		};
		await assert.rejects(queue.check(), /topic t: the topic does not exist/);
		writer.onCheck = () => {};
		// A look at the topic does not show that it may not be written to.
		writer.onWrite = () => {
			throw new WriteFailure("not_authorized", new Error("Topic authorization failed."));
		};
		await refused(queue.append([record("1")]));
		await until(() => queue.bufferedBytes === 0);
		await assert.rejects(queue.check(), /the gateway may not write to the topic \(ACL\)/);
		writer.onWrite = () => {};
		await queue.append([record("2")]);
		await queue.check();
		await queue.close(100);
	});
});
