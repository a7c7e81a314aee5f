// Reads what users send. An offset is committed behind the messages that were stored and written for their receivers: what a process that
// died had not committed is read again, and is known by its id.
import {
	type CommitOptions,
	type Consumer,
	Consumer as KafkaConsumer,
	type Message,
	stringDeserializers,
} from "@platformatic/kafka";
import type { Delivery } from "./delivery.ts";
import { type Draft, draftOf } from "./records.ts";

interface UplinkOptions {
	readonly brokers: readonly string[];
	readonly groupId: string;
	readonly topic: string;
}

type Incoming = Message<string, Buffer, string, string>;
type Offset = CommitOptions["offsets"][number];

const MAX_BATCH = 500;
/** Records that wait here; beyond, reading pauses. */
const MAX_WAITING = 5000;
const PAUSE_MS = 500;
const SESSION_TIMEOUT_MS = 10_000;

export class Uplink {
	private readonly options: UplinkOptions;
	private readonly delivery: Delivery;
	private isClosed = false;
	private consumer: Consumer<string, Buffer, string, string> | undefined;
	/** Of the commit in flight. */
	private offsets: Offset[] = [];

	constructor(options: UplinkOptions, delivery: Delivery) {
		this.options = options;
		this.delivery = delivery;
	}

	/** Until it is closed: a consumer that fails is made again. */
	async run(): Promise<void> {
		while (!this.isClosed) {
			try {
				await this.consume();
			} catch (error) {
				if (!this.isClosed)
					console.error("reading failed; will retry:", error instanceof Error ? error.message : error);
			}
			await this.consumer?.close(true).catch(() => undefined);
			if (!this.isClosed) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	}

	async close(): Promise<void> {
		this.isClosed = true;
		await this.consumer?.close(true).catch(() => undefined);
	}

	private async consume(): Promise<void> {
		const { brokers, groupId, topic } = this.options;
		this.consumer = new KafkaConsumer({
			...{ clientId: groupId, groupId, bootstrapBrokers: [...brokers], autocommit: false, maxWaitTime: 100 },
			...{ sessionTimeout: SESSION_TIMEOUT_MS, heartbeatInterval: SESSION_TIMEOUT_MS / 4, retries: 3, timeout: 5000 },
			deserializers: { ...stringDeserializers, value: (data?: Buffer) => data as Buffer },
		});
		const stream = await this.consumer.consume({ topics: [topic], mode: "committed", fallbackMode: "earliest" });
		const waiting: Incoming[] = [];
		let wake = (): void => {};
		let failure: Error | undefined;
		const fail = (error: Error): void => {
			failure ??= error;
			wake();
		};
		this.consumer.on("error", fail);
		// The library sends a commit again behind a rebalance, and its partitions may be another process's then. What is left out here is read
		// again: the stream begins at what is committed.
		for (const event of ["consumer:group:rebalance", "consumer:group:join"] as const) {
			this.consumer.on(event, () => this.offsets.splice(0));
		}
		this.consumer.on(
			"consumer:heartbeat:stalled" as never,
			(() => fail(new Error("no heartbeat was answered"))) as never,
		);
		stream.on("error", fail);
		stream.on("close", () => fail(new Error("the stream of records ended")));
		stream.on("data", (message: Incoming) => {
			waiting.push(message);
			if (waiting.length >= MAX_WAITING) stream.pause();
			wake();
		});
		for (;;) {
			if (failure !== undefined) throw failure;
			if (waiting.length > 0) await this.handle(waiting.splice(0, MAX_BATCH));
			else {
				stream.resume();
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
		}
	}

	private async handle(messages: readonly Incoming[]): Promise<void> {
		const drafts = messages.flatMap((message) => readable(message));
		await this.delivery.send(drafts);
		const last = new Map<number, Incoming>();
		for (const message of messages) last.set(message.partition, message);
		this.offsets = [...last.values()].map(({ topic, partition, offset, leaderEpoch }) => {
			return { topic, partition, offset: offset + 1n, leaderEpoch };
		});
		await this.consumer?.commit({ offsets: this.offsets });
	}
}

function readable({ value, headers, topic, partition, offset }: Incoming): Draft[] {
	try {
		return [draftOf(value, headers.get("traceparent"))];
	} catch (error) {
		console.error(`no record of a gateway: ${topic}/${partition}/${offset}:`, (error as Error).message);
		return [];
	}
}
