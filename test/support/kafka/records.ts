// What tests write to topics and read from them, beside the gateway.
import { Consumer, type Message, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import type { KafkaCluster } from "./kafka-server.ts";

export interface TestRecord {
	readonly topic: string;
	readonly key?: string;
	readonly value: string | Uint8Array;
	readonly headers?: Readonly<Record<string, string>>;
	readonly partition?: number;
}

export interface SeenRecord {
	readonly key: string | undefined;
	readonly value: string;
	readonly bytes: Uint8Array;
	readonly headers: Readonly<Record<string, string>>;
	readonly partition: number;
	readonly offset: bigint;
}

export interface TestProducer {
	send(...records: readonly TestRecord[]): Promise<void>;
	close(): Promise<void>;
}

export function testProducer(kafka: Pick<KafkaCluster, "addresses">): TestProducer {
	const producer = new Producer<string, Buffer, string, string>({
		clientId: "test-producer",
		bootstrapBrokers: [...kafka.addresses],
		idempotent: true,
		serializers: { ...stringSerializers, value: (data?: Buffer) => data },
	});
	return {
		send: async (...records) => {
			const messages = records.map(({ topic, key, value, headers, partition }) => ({
				topic,
				...(key !== undefined && { key }),
				...(partition !== undefined && { partition }),
				value: Buffer.from(value as Uint8Array),
				headers: new Map(Object.entries(headers ?? {})),
			}));
			await producer.send({ messages });
		},
		close: () => producer.close(true),
	};
}

export interface TestConsumer {
	readonly records: readonly SeenRecord[];
	close(): Promise<void>;
}

let groups = 0;

/** Reads a topic from its beginning, in a group of its own. */
export async function testConsumer(kafka: Pick<KafkaCluster, "addresses">, topic: string): Promise<TestConsumer> {
	const records: SeenRecord[] = [];
	const consumer = new Consumer<string, Buffer, string, string>({
		clientId: "test-consumer",
		bootstrapBrokers: [...kafka.addresses],
		groupId: `test-${process.pid}-${groups++}`,
		autocommit: false,
		maxWaitTime: 200,
		retries: 400,
		retryDelay: 250,
		deserializers: { ...stringDeserializers, value: (data?: Buffer) => data as Buffer },
	});
	const stream = await consumer.consume({ topics: [topic], mode: "earliest" });
	stream.on("data", (message: Message<string, Buffer, string, string>) => {
		const { key, value, headers, partition, offset } = message;
		const bytes = Buffer.from(value);
		records.push({ key, value: bytes.toString(), bytes, headers: Object.fromEntries(headers), partition, offset });
	});
	stream.on("error", () => undefined);
	return { records, close: () => consumer.close(true) };
}
