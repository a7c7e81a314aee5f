// Kafka both ways through whole gateways: two nodes with Redis and a database between them, and a broker that goes away.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Redis } from "ioredis";
import {
	applicationChannelRoutes,
	authRoutes,
	ChatRoomEvent_Kind,
	CreateChatRoomResponse,
	chatRoutes,
	DeliveryStage,
	DownlinkMessage,
	MessageKind,
	pushes,
	SendMessageResponse,
	ServerMessage,
} from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/kafka-server.ts";
import {
	type SeenRecord,
	type TestConsumer,
	type TestProducer,
	testConsumer,
	testProducer,
} from "../support/kafka/records.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const TOPICS = {
	upstream: 3,
	events: 1,
	"downstream-gw-1": 3,
	"downstream-gw-2": 3,
	"downstream-gw-3": 3,
	downstream: 3,
	"dead-letters": 1,
};

interface Member {
	readonly client: WireClient;
	readonly id: string;
	readonly token: string;
}

describe("Kafka", { timeout: 280_000 }, () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-kafka-test-"));
	let kafka: KafkaCluster;
	let redis: RealServer;
	let env: Record<string, string>;
	let nodes: GatewayProcess[] = [];
	let producer: TestProducer;
	let upstream: TestConsumer;
	let events: TestConsumer;
	let letters: TestConsumer;
	/** A gateway that Kafka is required for, and that cannot reach it: it tries for some time, while other tests run. */
	let lacking: Promise<void>;

	before(async () => {
		[kafka, redis] = await Promise.all([startKafka(), startRedis()]);
		for (const [topic, partitions] of Object.entries(TOPICS)) await kafka.createTopic(topic, { partitions });
		env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "framegate.db")}`,
			JWT_SECRET: "a secret for two nodes of a test, long enough",
			KAFKA_BROKERS: kafka.addresses.join(","),
			FRAMEGATE_KAFKA_UPLINK_MESSAGES_TOPIC: "upstream",
			FRAMEGATE_KAFKA_UPLINK_EVENTS_TOPIC: "events",
			FRAMEGATE_KAFKA_DOWNLINK_TOPIC: "downstream",
			FRAMEGATE_KAFKA_DOWNLINK_NODE_TOPIC_PREFIX: "downstream-",
			FRAMEGATE_KAFKA_DOWNLINK_DEAD_LETTER_TOPIC: "dead-letters",
			FRAMEGATE_KAFKA_DOWNLINK_START_FROM: "earliest",
			FRAMEGATE_KAFKA_DOWNLINK_SESSION_TIMEOUT_MS: "3000",
			FRAMEGATE_PRESENCE_GRACE_MS: "0",
			FRAMEGATE_APPLICATION_CHANNELS_NAMESPACES: JSON.stringify({
				sport: { subscribe: ["everyone"], historySize: 10 },
			}),
		};
		const unreachable = { KAFKA_BROKERS: "127.0.0.1:1", FRAMEGATE_KAFKA_REQUIRED: "true" };
		lacking = assert.rejects(node("gw-4", unreachable), /kafka\.required/);
		lacking.catch(() => undefined);
		nodes = [await node("gw-1"), await node("gw-2")];
		producer = testProducer(kafka);
		[upstream, events, letters] = await Promise.all([
			testConsumer(kafka, "upstream"),
			testConsumer(kafka, "events"),
			testConsumer(kafka, "dead-letters"),
		]);
		await until(async () => (await Promise.all(nodes.map(kafkaCheck))).every(({ ok }) => ok));
	});
	after(async () => {
		await Promise.all([upstream, events, letters].map((reader) => reader?.close()));
		await producer?.close();
		await Promise.all(nodes.map((each) => each.kill9()));
		await redis?.stop();
		await kafka?.stop();
		rmSync(directory, { recursive: true });
	});

	const node = (id: string, more: Record<string, string> = {}) =>
		startGateway({ env: { ...env, GATEWAY_ID: id, ...more } });

	async function kafkaCheck({ httpUrl }: GatewayProcess): Promise<{ ok: boolean; optional?: boolean; error?: string }> {
		const { checks } = (await (await fetch(`${httpUrl}/ready`)).json()) as { checks: { name: string; ok: boolean }[] };
		return checks.find(({ name }) => name === "kafka") as { name: string; ok: boolean };
	}

	async function member(name: string, index = 0): Promise<Member> {
		const { client, login } = await WireClient.member(nodes[index]?.url ?? "", name);
		return { client, id: login.user?.id ?? "", token: login.tokens?.accessToken ?? "" };
	}

	async function roomOf(owner: Member): Promise<string> {
		const reply = await owner.client.ask(chatRoutes.createChatRoom, {
			name: "room",
			isPublic: true,
			clientRoomId: "r",
		});
		return CreateChatRoomResponse.decode(reply.body ?? new Uint8Array()).room?.id ?? "";
	}

	async function send(sender: Member, roomId: string, text: string, clientMsgId = text): Promise<DeliveryStage> {
		const content = { kind: MessageKind.TEXT, text };
		const reply = await sender.client.ask(chatRoutes.sendMessage, { roomId, clientMsgId, content });
		assert.equal(reply.code ?? 0, 0, reply.error?.message);
		return SendMessageResponse.decode(reply.body ?? new Uint8Array()).stage ?? DeliveryStage.UNSPECIFIED;
	}

	/** The next message from Kafka in an inbox. */
	async function nextMessage({ client }: Member): Promise<DownlinkMessage> {
		for (;;) {
			const push = await client.push();
			if (push.protocol === pushes.downlinkMessage.number) return DownlinkMessage.decode(push.body ?? new Uint8Array());
		}
	}

	const ofRoom = (roomId: string): SeenRecord[] => upstream.records.filter(({ key }) => key === roomId);
	const downlink = (targetUserId: string, messageId: string, content = messageId, more: object = {}) =>
		JSON.stringify({
			...{ trace_id: "t", target_user_id: targetUserId, message_id: messageId, conversation_id: "conv123" },
			...{ sender_id: "user123", message_type: 1, content, seq_id: 1001, timestamp: 1634567890, headers: {}, ...more },
		});

	it("has each chat message as a record with the fields of older gateways, keyed by its room, in order", async () => {
		const ann = await member("ann");
		const roomId = await roomOf(ann);
		for (let n = 1; n <= 50; n++) assert.equal(await send(ann, roomId, `m${n}`), DeliveryStage.DELIVERED);
		await until(() => ofRoom(roomId).length >= 50);
		const values = ofRoom(roomId).map(({ value }) => JSON.parse(value));
		assert.deepEqual(
			values.map(({ headers, content }) => [Number(headers.seq_id), content]),
			[...Array(50)].map((_, n) => [n + 1, `m${n + 1}`]),
		);
		const [first] = values;
		const { headers, timestamp, ...fields } = first;
		assert.deepEqual(fields, {
			...{ trace_id: "", user_id: ann.id, gateway_id: "gw-1", conversation_id: roomId, message_type: 1 },
			...{ content: "m1", client_msg_id: "m1" },
		});
		assert.ok(Math.abs(timestamp - Date.now() / 1000) < 300);
		assert.equal(ofRoom(roomId)[0]?.headers["framegate-message-id"], headers.message_id);
		await ann.client.close();
	});

	it("publishes what comes on a node's own topic on the node that has the user, once for each id", async () => {
		const bob = await member("bob", 1);
		const record = { topic: "downstream-gw-1", key: "conv123" };
		await producer.send(
			{ ...record, value: downlink(bob.id, "b1", "first") },
			{ ...record, value: downlink(bob.id, "b1", "first") },
			{ topic: "downstream", key: "conv123", value: downlink(bob.id, "b1", "first") },
			{ ...record, value: downlink(bob.id, "b2", "second") },
		);
		const [first, second] = [await nextMessage(bob), await nextMessage(bob)];
		assert.deepEqual([first.content, second.content, second.messageId], ["first", "second", "b2"]);
		const { conversationId, senderId, seqId, timestamp, messageType, traceId } = first;
		assert.deepEqual(
			[conversationId, senderId, seqId, timestamp, messageType, traceId],
			["conv123", "user123", 1001, 1634567890, 1, "t"],
		);
		// The other node, which read it, has sent nothing: it has no subscriber of this inbox.
		const subscribers = await subscribersOf(bob.id);
		assert.equal(subscribers, 1);
		assert.equal(
			(await kafkaMetric(0, "framegate_kafka_repeats_total")) + (await kafkaMetric(1, "framegate_kafka_repeats_total")),
			2,
		);
		await bob.client.close();
	});

	async function subscribersOf(userId: string): Promise<number> {
		const client = new Redis(redis.url);
		try {
			const names = (await client.call("PUBSUB", "SHARDCHANNELS", `*user:${userId}*`)) as string[];
			const counts = (await client.call("PUBSUB", "SHARDNUMSUB", ...names)) as (string | number)[];
			return counts.filter((_value, index) => index % 2 === 1).reduce<number>((sum, count) => sum + Number(count), 0);
		} finally {
			client.disconnect();
		}
	}

	async function kafkaMetric(index: number, name: string): Promise<number> {
		const text = await (await fetch(`${nodes[index]?.httpUrl}/metrics`)).text();
		const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
		return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
	}

	it("keeps for a user who is offline what comes meanwhile, in protobuf as well", async () => {
		const carl = await member("carl", 0);
		await producer.send({ topic: "downstream", key: "c", value: downlink(carl.id, "c1") });
		for (let push = await carl.client.push(); ; push = await carl.client.push()) {
			if (push.protocol !== pushes.downlinkMessage.number) continue;
			const { channel = "", offset = 0, epoch = "" } = push;
			await carl.client.close();
			const value = DownlinkMessage.encode({
				targetUserId: carl.id,
				messageId: "c2",
				content: "while offline",
				seqId: 7,
			}).finish();
			await producer.send({
				topic: "downstream",
				key: "c",
				value,
				headers: { "content-type": "application/x-protobuf" },
			});
			await until(async () => (await published()) >= 2);
			const back = await WireClient.open(nodes[1]?.url ?? "");
			await back.ask(authRoutes.connect, { accessToken: carl.token, positions: [{ channel, offset, epoch }] });
			const message = await nextMessage({ ...carl, client: back });
			assert.deepEqual([message.messageId, message.content, message.seqId], ["c2", "while offline", 7]);
			await back.close();
			return;
		}
	});

	const published = async () =>
		(await kafkaMetric(0, "framegate_kafka_published_total")) +
		(await kafkaMetric(1, "framegate_kafka_published_total"));

	it("publishes to a channel, and to everybody who is online", async () => {
		const [dora, emil] = [await member("dora", 0), await member("emil", 1)];
		const subscribed = await dora.client.ask(applicationChannelRoutes.subscribeChannel, { channel: "sport:football" });
		assert.equal(subscribed.code ?? 0, 0, subscribed.error?.message);
		const headers = {
			"framegate-type": "data",
			"framegate-target": "channel:sport:football",
			"framegate-message-id": "n1",
		};
		await producer.send(
			{ topic: "downstream", value: "goal", headers },
			{ topic: "downstream", value: "goal", headers },
		);
		await until(() => dora.client.pushes.some(({ protocol }) => protocol === pushes.publication.number));
		await until(async () => (await presenceCount([dora.id, emil.id])) === 2);
		const all = { "framegate-type": "data", "framegate-target": "all", "framegate-message-id": "all1" };
		await producer.send({ topic: "downstream", value: "to all", headers: all });
		for (const { client } of [dora, emil]) {
			await until(() => client.pushes.some(({ protocol }) => protocol === pushes.serverMessage.number));
			const push = client.pushes.find(({ protocol }) => protocol === pushes.serverMessage.number);
			assert.equal(Buffer.from(ServerMessage.decode(push?.body ?? new Uint8Array()).data ?? []).toString(), "to all");
		}
		assert.equal(dora.client.pushes.filter(({ protocol }) => protocol === pushes.publication.number).length, 1);
		await Promise.all([dora.client.close(), emil.client.close()]);

		async function presenceCount(userIds: string[]): Promise<number> {
			const reply = await dora.client.ask(chatRoutes.presence, { userIds });
			const { users } = chatRoutes.presence.reply.decode(reply.body ?? new Uint8Array());
			return (users ?? []).filter(({ isOnline }) => isOnline).length;
		}
	});

	it("puts a poisoned record into the dead-letter topic, and publishes the one behind it", async () => {
		const fay = await member("fay");
		const record = { topic: "downstream-gw-2", partition: 0 };
		await producer.send({ ...record, key: "k", value: "{poison", headers: { own: "header" } });
		await producer.send({ ...record, value: downlink(fay.id, "f1") });
		assert.equal((await nextMessage(fay)).messageId, "f1");
		await until(() => letters.records.length > 0);
		const [letter] = letters.records;
		assert.deepEqual([letter?.key, letter?.value, letter?.headers["own"]], ["k", "{poison", "header"]);
		assert.equal(letter?.headers["framegate-error"], "the value is no JSON");
		assert.match(letter?.headers["framegate-source"] ?? "", /^downstream-gw-2\/0\/\d+$/);
		await fay.client.close();
	});

	it("has events of connections, rooms and recalls, each of its user or room", async () => {
		const gus = await member("gus");
		const roomId = await roomOf(gus);
		await gus.client.close();
		const own = () =>
			events.records
				.map(({ value, key }) => ({ ...JSON.parse(value), key }))
				.filter(({ user_id }) => user_id === gus.id);
		await until(() => own().some(({ type }) => type === "disconnect"));
		await until(() => own().some(({ type }) => type === "room.created"));
		assert.deepEqual(
			own()
				.map(({ type, gateway_id, key, conversation_id }) => [type, gateway_id, key, conversation_id])
				.sort(),
			[
				["connect", "gw-1", gus.id, ""],
				["disconnect", "gw-1", gus.id, ""],
				["room.created", "gw-1", roomId, roomId],
			],
		);
		assert.ok(ChatRoomEvent_Kind.CREATED);
	});

	it("with a broker that is gone chats on, says so in /ready, and writes and reads all of it afterwards", async () => {
		const [hal, ida] = [await member("hal", 0), await member("ida", 1)];
		const roomId = await roomOf(hal);
		assert.equal((await ida.client.ask(chatRoutes.joinChatRoom, { roomId })).code ?? 0, 0);
		await send(hal, roomId, "before");
		const [broker] = kafka.brokers;
		await broker?.kill();
		for (let n = 0; n < 20; n++) {
			const stage = await send(n % 2 === 0 ? hal : ida, roomId, `during-${n}`);
			// PERSISTED where the other node publishes the room at the moment.
			assert.ok(stage >= DeliveryStage.PERSISTED);
		}
		await until(async () => !(await kafkaCheck(nodes[0] as GatewayProcess)).ok);
		const ready = await fetch(`${nodes[0]?.httpUrl}/ready`);
		const { ok, optional, error } = await kafkaCheck(nodes[0] as GatewayProcess);
		assert.deepEqual([ready.status, ok, optional], [200, false, true]);
		assert.ok((error ?? "").length > 0);
		// A node that starts now starts, and one that needs Kafka does not.
		nodes.push(await node("gw-3"));
		await broker?.restart();
		await send(hal, roomId, "after");
		await until(() => ofRoom(roomId).length >= 22);
		const seen = ofRoom(roomId).map(({ value }) => Number(JSON.parse(value).headers.seq_id));
		assert.deepEqual(
			[...new Set(seen)],
			[...Array(22)].map((_, n) => n + 1),
		);
		await until(async () => {
			await producer.send({ topic: "downstream-gw-1", value: downlink(ida.id, "i1", "back again") });
			return true;
		});
		assert.equal((await nextMessage(ida)).content, "back again");
		await until(async () => (await Promise.all(nodes.map(kafkaCheck))).every((check) => check.ok));
		await Promise.all([hal.client.close(), ida.client.close()]);
	});

	it("a node that is killed loses nothing: what it had not committed is published by another, once", async () => {
		const jon = await member("jon", 1);
		const COUNT = 400;
		const sending = (async () => {
			for (let n = 0; n < COUNT; n += 20) {
				const batch = [...Array(20)].map((_, index) => {
					const content = String(n + index).padStart(4, "0");
					return { topic: "downstream", key: "one conversation", value: downlink(jon.id, `j${n + index}`, content) };
				});
				await producer.send(...batch);
				if (n === 200) await nodes[2]?.kill9();
			}
		})();
		const got: string[] = [];
		while (got.length < COUNT) got.push((await nextMessage(jon)).content ?? "");
		await sending;
		assert.deepEqual(
			got,
			[...Array(COUNT)].map((_, n) => String(n).padStart(4, "0")),
		);
		await jon.client.close();
	});

	it("where it is required, a gateway without it does not start, and says why", () => lacking);

	it("where it is not configured, nothing of it is loaded", async () => {
		const hook =
			"import { registerHooks } from 'node:module';" +
			"registerHooks({ resolve(name, context, next) { if (name.includes('platformatic')) console.error('LOADED ' + name); return next(name, context); } });";
		const nodeFlags = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`];
		const without = await startGateway({ nodeFlags });
		const withIt = await startGateway({ nodeFlags, env: { ...env, GATEWAY_ID: "gw-5" } });
		await until(() => withIt.log().includes("LOADED @platformatic/kafka"));
		assert.ok(!without.log().includes("LOADED"));
		const { checks } = (await (await fetch(`${without.httpUrl}/ready`)).json()) as { checks: { name: string }[] };
		assert.ok(!checks.some(({ name }) => name === "kafka"));
		await Promise.all([without.kill9(), withIt.kill9()]);
	});
});
