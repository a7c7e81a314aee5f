// A logic service behind IM gateways: reads what users send from Kafka, numbers and stores it, writes it for the members of its conversation,
// and answers by gRPC what gateways ask of conversations.
import process from "node:process";
import * as grpc from "@grpc/grpc-js";
import { compatibilityPartitioner, ProduceAcks, Producer, stringSerializers } from "@platformatic/kafka";
import { chatServer } from "./chat-service.ts";
import { Delivery, type Produce } from "./delivery.ts";
import { register } from "./registration.ts";
import { settings } from "./settings.ts";
import { Store } from "./store.ts";
import { Uplink } from "./uplink.ts";

const RETRY_MS = 300;
const { brokers, downstream, downstreamPrefix, groupId, upstream } = settings;
const store = new Store(settings.database);
const producer = new Producer({
	...{ clientId: "im-logic", bootstrapBrokers: brokers, idempotent: true, acks: ProduceAcks.ALL, timeout: 5000 },
	partitioner: compatibilityPartitioner,
	serializers: stringSerializers,
});
let isEnding = false;
let writing: Promise<void> = Promise.resolve();

/** One batch at a time, again until it is written: what comes later never overtakes it. */
const produce: Produce = (records) => {
	const messages = records.map(({ headers, ...record }) => ({ ...record, headers: new Map(Object.entries(headers)) }));
	const write = async (): Promise<void> => {
		for (;;) {
			try {
				await producer.send({ messages });
				return;
			} catch (error) {
				if (isEnding) throw error;
				console.error("writing failed; will retry:", (error as Error).message);
				await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
			}
		}
	};
	const written = writing.then(write);
	writing = written.catch(() => undefined);
	return written;
};

const topicOf = (gatewayId: string): string => (downstream === "" ? downstreamPrefix + gatewayId : downstream);
const delivery = new Delivery(store, produce, topicOf);
const uplink = new Uplink({ brokers, groupId, topic: upstream }, delivery);
const server = chatServer(store, delivery, settings.protoDirectory);
server.bindAsync(`${settings.host}:${settings.port}`, grpc.ServerCredentials.createInsecure(), (error, port) => {
	if (error !== null) throw error;
	const withdraw = register(settings.registration, port);
	console.log(`serving on ${port}`);
	const stop = async (): Promise<void> => {
		isEnding = true;
		await withdraw();
		await new Promise((resolve) => server.tryShutdown(resolve));
		await uplink.close();
		await producer.close(true);
		store.close();
		process.exit(0);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
});
void uplink.run();
