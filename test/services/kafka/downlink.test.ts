// Records are published in order, committed behind that, and never lost: with sources and publications driven by the test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../../protocol/error.ts";
import { Downlink, MAX_UNCOMMITTED } from "../../../services/kafka/downlink.ts";
import type { DownlinkRecord } from "../../../services/kafka/downlink-record.ts";
import { kafkaDefaults } from "../../../services/kafka/options.ts";
import type { PartitionOffset, RecordListener, RecordSource } from "../../../services/kafka/record-source.ts";
import type { OutgoingRecord } from "../../../services/kafka/topic-writer.ts";
import { deferred } from "../../support/deferred.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

class ScriptedSource implements RecordSource {
	readonly topics = ["t"];
	readonly lag = new Map<string, number>();
	readonly problem = undefined;
	readonly rebalances = 0;
	readonly commits: PartitionOffset[] = [];
	isPaused = false;
	isClosed = false;
	/** Each that was to be committed. */
	readonly asked: PartitionOffset[] = [];
	commitError: Error | undefined;
	commitAnswer: Promise<void> | undefined;
	private listener: RecordListener | undefined;

	start(listener: RecordListener): void {
		this.listener = listener;
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
	}

	async commit(offsets: readonly PartitionOffset[]): Promise<void> {
		this.asked.push(...offsets);
		await this.commitAnswer;
		if (this.commitError !== undefined) throw this.commitError;
		this.commits.push(...offsets);
	}

	async close(): Promise<void> {
		this.isClosed = true;
	}

	assign(partitions: readonly number[], isFresh = false): void {
		this.listener?.onAssigned(new Set(partitions.map((partition) => `t:${partition}`)), isFresh);
	}

	send(offset: number, userId: string, content: string, partition = 0): void {
		const value = { target_user_id: userId, content, message_id: `${partition}-${offset}` };
		this.sendRaw(offset, Buffer.from(JSON.stringify(value)), partition);
	}

	sendRaw(offset: number, value: Uint8Array, partition = 0): void {
		const headers = new Map([["h", "v"]]);
		const place = { topic: "t", partition, offset: BigInt(offset), leaderEpoch: 1 };
		this.listener?.onRecord({ ...place, key: Buffer.from("k"), value, headers });
	}

	/** Of a partition, the last that was committed. */
	committed(partition = 0): number {
		return Number(this.commits.filter((offset) => offset.partition === partition).at(-1)?.offset ?? 0n);
	}
}

function fixture(options: Partial<typeof kafkaDefaults.downlink> = {}, hasDeadLetters = true) {
	const source = new ScriptedSource();
	const logger = quietLogger();
	const published: string[] = [];
	const letters: OutgoingRecord[] = [];
	const behaviour = {
		publish: async (_text: string): Promise<void> => {},
		deadLetter: async (): Promise<void> => {},
	};
	const publish = async ({ target, content }: DownlinkRecord) => {
		assert.ok(target.kind === "user" && content.kind === "message");
		const text = `${target.userId}-${content.message.content}`;
		await behaviour.publish(text);
		published.push(text);
		return { published: 1, repeated: 0 };
	};
	const steps: number[] = [];
	const publishTogether = async (records: readonly DownlinkRecord[]) => {
		const texts = records.map(({ target, content }) => {
			assert.ok(target.kind === "user" && content.kind === "message");
			return `${target.userId}-${content.message.content}`;
		});
		for (const text of texts) await behaviour.publish(text);
		steps.push(texts.length);
		published.push(...texts);
		return { published: texts.length, repeated: 0 };
	};
	const appendDeadLetter = async (record: OutgoingRecord) => {
		await behaviour.deadLetter();
		letters.push(record);
	};
	const downlink = new Downlink({
		...{ source, publish, publishTogether, logger, now: () => performance.now() },
		appendDeadLetter: hasDeadLetters ? appendDeadLetter : undefined,
		options: { ...kafkaDefaults.downlink, retryMs: 1, commitIntervalMs: 5, ...options },
	});
	downlink.start();
	source.assign([0]);
	return { source, downlink, published, steps, letters, behaviour, logger };
}

describe("the downlink", () => {
	test("commits an offset behind the publication, and nothing behind one that is not published", async () => {
		const { source, downlink, behaviour, published } = fixture();
		const gate = deferred<void>();
		behaviour.publish = (text) => (text === "a-2" ? gate.promise : Promise.resolve());
		source.send(1, "a", "1");
		source.send(2, "a", "2");
		source.send(3, "b", "3");
		await until(() => published.includes("b-3") && source.committed() === 2);
		gate.resolve();
		await until(() => source.committed() === 4);
		await downlink.close();
		assert.ok(source.isClosed);
	});

	test("keeps the order of a target through failures, and lets others pass", async () => {
		const { source, downlink, behaviour, published } = fixture({ maxAttempts: 10 });
		let failures = 3;
		behaviour.publish = async (text) => {
			if (text === "a-1" && failures-- > 0) throw new GatewayError(ErrorCode.INTERNAL, "no");
		};
		for (const [index, user] of ["a", "a", "b", "a"].entries()) source.send(index, user, `${index + 1}`);
		await until(() => published.length === 4);
		assert.deepEqual(
			published.filter((text) => text.startsWith("a")),
			["a-1", "a-2", "a-4"],
		);
		assert.equal(published[0], "b-3");
		await downlink.close();
	});

	test("publishes what waits for a user in one step, and one by one when a record among it cannot be published", async () => {
		const { source, downlink, behaviour, published, steps, letters } = fixture();
		const gate = deferred<void>();
		behaviour.publish = async (text) => {
			if (text === "a-0") await gate.promise;
			if (text === "a-70") throw fieldError("content", "no");
		};
		for (let index = 0; index < 100; index++) source.send(index, "a", String(index));
		gate.resolve();
		await until(() => source.committed() === 100);
		const expected = Array.from({ length: 100 }, (_, index) => `a-${index}`).filter((text) => text !== "a-70");
		assert.deepEqual(published, expected);
		assert.deepEqual(steps, [64], "the first waits for nobody, the last ones go one by one");
		assert.equal(letters.length, 1);
		assert.equal(downlink.counts.published, 99);
		assert.equal(downlink.inFlightBytes, 0);
		await downlink.close();
	});

	test("puts a record that fails N times into the dead-letter topic as it was, with the reason, and goes on", async () => {
		const { source, downlink, behaviour, published, letters } = fixture({ maxAttempts: 3 });
		let attempts = 0;
		behaviour.publish = async (text) => {
			if (text !== "a-1") return;
			attempts++;
			throw new GatewayError(ErrorCode.INTERNAL, "always");
		};
		source.send(0, "a", "1");
		source.send(1, "a", "2");
		await until(() => source.committed() === 2);
		assert.deepEqual([attempts, published], [3, ["a-2"]]);
		const [letter] = letters;
		assert.equal(letters.length, 1);
		assert.deepEqual(letter?.headers, {
			h: "v",
			"framegate-error": "always",
			"framegate-source": "t/0/0",
			"framegate-attempts": "3",
		});
		const key = Buffer.from(letter?.key ?? "").toString();
		assert.deepEqual([key, JSON.parse(Buffer.from(letter?.value ?? []).toString()).content], ["k", "1"]);
		await downlink.close();
	});

	test("puts what cannot be read, or can never be published, there at once", async () => {
		const { source, downlink, behaviour, letters } = fixture();
		behaviour.publish = async () => {
			throw fieldError("channel", "is no channel of this gateway", { code: ErrorCode.NOT_FOUND });
		};
		source.sendRaw(0, Buffer.from("{"));
		source.send(1, "a", "1");
		await until(() => source.committed() === 2);
		assert.deepEqual(letters.map(({ headers }) => headers["framegate-error"]).sort(), [
			"channel is no channel of this gateway",
			"the value is no JSON",
		]);
		await downlink.close();
	});

	test("waits through an outage of the store however long it is, and then publishes all in order", async () => {
		const { source, downlink, behaviour, published, letters } = fixture({ maxAttempts: 2 });
		let isDown = true;
		behaviour.publish = async () => {
			if (isDown) throw unavailable("Redis", 1);
		};
		for (let offset = 0; offset < 10; offset++) source.send(offset, offset % 2 === 0 ? "a" : "b", `${offset}`);
		await until(() => downlink.counts.retried > 20);
		assert.deepEqual([source.committed(), letters.length], [0, 0]);
		isDown = false;
		await until(() => source.committed() === 10);
		for (const user of ["a", "b"]) {
			const own = published.filter((text) => text.startsWith(user));
			assert.deepEqual(own, [...own].sort());
		}
		await downlink.close();
	});

	test("takes one that fails as unavailable for a bad record when others are published meanwhile", async () => {
		const { source, downlink, behaviour, letters } = fixture({ maxAttempts: 2 });
		behaviour.publish = async (text) => {
			if (text === "bad-1") throw unavailable("Redis", 1);
		};
		source.send(0, "bad", "1");
		let offset = 1;
		await until(() => {
			source.send(offset, "good", `${offset++}`);
			return letters.length === 1;
		});
		await until(() => source.committed() === offset);
		await downlink.close();
	});

	test("holds the partition while the dead-letter topic cannot be written", async () => {
		const { source, downlink, behaviour, letters } = fixture();
		let isDown = true;
		let attempts = 0;
		behaviour.deadLetter = async () => {
			attempts++;
			if (isDown) throw unavailable("Kafka", 1);
		};
		source.sendRaw(0, Buffer.from("{"));
		source.send(1, "a", "1");
		await until(() => attempts === 1 && downlink.counts.published === 1);
		isDown = false;
		await until(() => source.committed() === 2);
		assert.equal(letters.length, 1);
		await downlink.close();
	});

	test("without such a topic drops it, and says so", async () => {
		const { source, downlink, logger } = fixture({}, false);
		source.sendRaw(0, Buffer.from("{"));
		await until(() => source.committed() === 1);
		assert.equal(downlink.deadLetters.counts.dropped, 1);
		assert.deepEqual(
			logger.lines.map(({ level, message }) => [level, message]),
			[["error", "a record cannot be published; dropped"]],
		);
		await downlink.close();
	});

	test("pauses at its bound of bytes and resumes below half of it, and publishes everything", async () => {
		const { source, downlink, behaviour, published } = fixture({ maxInFlightBytes: 65_536 });
		const gate = deferred<void>();
		behaviour.publish = () => gate.promise;
		let offset = 0;
		let most = 0;
		while (!source.isPaused) {
			source.send(offset, `u${offset}`, `${offset++}`.padEnd(2000, "."));
			most = Math.max(most, downlink.inFlightBytes);
		}
		assert.ok(most >= 65_536 && most < 70_000, String(most));
		gate.resolve();
		await until(() => !source.isPaused);
		await until(() => published.length === offset && downlink.inFlightBytes === 0);
		await downlink.close();
	});

	test("pauses when too many records wait behind one that is not done", async () => {
		const { source, downlink, behaviour } = fixture({ maxInFlightBytes: 1e9 });
		const gate = deferred<void>();
		behaviour.publish = (text) => (text === "a-0" ? gate.promise : Promise.resolve());
		source.send(0, "a", "0");
		for (let offset = 1; offset < MAX_UNCOMMITTED; offset++) source.send(offset, "b", "1");
		assert.ok(source.isPaused);
		gate.resolve();
		await until(() => !source.isPaused && source.committed() === MAX_UNCOMMITTED);
		await downlink.close();
	});

	test("in a rebalance skips what it has of a partition that stays, and does not commit one that is gone", async () => {
		const { source, downlink, behaviour, published } = fixture();
		source.assign([0, 1]);
		const gate = deferred<void>();
		behaviour.publish = (text) => (text.endsWith("!") ? gate.promise : Promise.resolve());
		source.send(0, "a", "0!");
		source.send(0, "c", "0!", 1);
		source.send(1, "b", "1");
		await until(() => published.length === 1);
		source.assign([0]);
		// The stream begins again at the committed offset.
		source.send(0, "a", "0!");
		source.send(1, "b", "1");
		source.send(2, "a", "2");
		gate.resolve();
		await until(() => source.committed() === 3);
		assert.deepEqual([...published].sort(), ["a-0!", "a-2", "b-1", "c-0!"]);
		assert.equal(source.committed(1), 0);
		// Of a partition that it does not have, nothing is taken.
		source.send(5, "x", "5", 1);
		await downlink.close();
		assert.ok(!published.includes("x-5"));
	});

	test("commits again what could not be committed", async () => {
		const { source, downlink } = fixture();
		source.commitError = new Error("rebalance in progress");
		source.send(0, "a", "0");
		await until(() => downlink.counts.published === 1);
		await new Promise((resolve) => setImmediate(resolve));
		source.commitError = undefined;
		await until(() => source.committed() === 1);
		await downlink.close();
	});

	test("does not commit again what it had of a partition that has been another's meanwhile", async () => {
		const { source, downlink } = fixture();
		const answer = deferred<void>();
		source.commitAnswer = answer.promise;
		source.send(0, "a", "0");
		await until(() => source.asked.length === 1);
		source.assign([]);
		source.assign([0]);
		source.commitAnswer = undefined;
		answer.reject(new Error("the consumer group has been rebalanced meanwhile"));
		// Others have committed up to 9.
		source.send(9, "a", "9");
		await until(() => source.committed() === 10);
		await downlink.close();
		assert.deepEqual(
			source.asked.map(({ offset }) => Number(offset)),
			[1, 10],
		);
	});

	test("at its end publishes what is being published, commits it, and leaves the rest to others", async () => {
		const { source, downlink, behaviour, published } = fixture({ concurrency: 1, commitIntervalMs: 60_000 });
		const gate = deferred<void>();
		behaviour.publish = () => gate.promise;
		source.send(0, "a", "0");
		source.send(1, "b", "1");
		const closing = downlink.close();
		gate.resolve();
		await closing;
		assert.deepEqual([published, source.committed()], [["a-0"], 1]);
	});
});
