// Kafka both ways under faults: users send to rooms of their own, which is written to a topic, and a backend writes records for the same users to
// another. The broker is killed and comes back, or a node is killed. Whatever was acknowledged, to a client or by Kafka to the backend, arrives: once, in
// order.
import { WebSocket as WsWebSocket } from "ws";
import { type Client, createClient } from "../../../client/index.ts";
import { pushes } from "../../../protocol/gen/schema.ts";
import {
	type TestConsumer,
	type TestProducer,
	testConsumer,
	testProducer,
} from "../../../test/support/kafka/records.ts";
import type { Check, Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, atMost, pause } from "../under-load.ts";
import { NodeWatch } from "../watch.ts";

const PASSWORD = "correct horse battery staple";
const UPLINK = "upstream";
const DOWNLINK = "downstream";
const POLL_MS = 50;
const MAX_EXAMPLES = 12;
/** Of a try to write a record; it is written again under its id. */
const RETRY_MS = 200;
/** What nodes may take while Kafka is unreachable: what they need anyway, and what waits. */
const MAX_RSS_MB = 600;
const ENV = {
	FRAMEGATE_KAFKA_UPLINK_MESSAGES_TOPIC: UPLINK,
	FRAMEGATE_KAFKA_DOWNLINK_TOPIC: DOWNLINK,
	FRAMEGATE_KAFKA_DOWNLINK_START_FROM: "earliest",
	FRAMEGATE_KAFKA_DOWNLINK_SESSION_TIMEOUT_MS: "6000",
	FRAMEGATE_CHANNELS_HISTORY_SIZE: "1000",
	// All clients come from one address.
	FRAMEGATE_RATES_CONNECTS_PER_IP_PER_SECOND: "0",
	FRAMEGATE_RATES_IP_PER_SECOND: "0",
	FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "100000",
	FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_IP_POINTS: "100000",
};

interface User {
	readonly client: Client;
	readonly id: string;
	readonly roomId: string;
	/** Numbers of its records, as they came. */
	readonly received: number[];
	/** Of its messages, those that were acknowledged. */
	acknowledged: number;
	/** Of its records, those that Kafka has. */
	written: number;
}

type Fault = (context: Context<"standalone">) => Promise<void>;

export const kafkaScenarios: readonly Scenario<"standalone">[] = [
	scenario("kafka-down", "Kafka both ways: kill -9 of the broker, started again", async ({ kafka, plan }) => {
		const [broker] = kafka?.brokers ?? [];
		await broker?.kill();
		await pause(plan.kafkaOutageMs);
		await broker?.restart();
	}),
	scenario("kafka-node-kill", "Kafka both ways: kill -9 of a node", async (context) => {
		await context.nodes[0]?.kill9();
		await pause((context.plan.seconds * 1000) / 3);
		await context.startAgain(0);
	}),
];

function scenario(name: string, title: string, fault: Fault): Scenario<"standalone"> {
	return {
		name,
		title,
		needs: { redis: "standalone", nodes: 2, env: ENV, topics: { [UPLINK]: 3, [DOWNLINK]: 6 } },
		steps: 3,
		run: (context) => run(context, fault),
	};
}

async function run(context: Context<"standalone">, fault: Fault): Promise<Outcome> {
	const { plan, kafka, nodes } = context;
	if (kafka === undefined) throw new Error("the scenario has no Kafka");
	context.step("users connect");
	const users = await Promise.all(Array.from({ length: plan.rooms }, (_, index) => enter(context, index)));
	const producer = testProducer(kafka);
	const uplink = await testConsumer(kafka, UPLINK);
	const watch = new NodeWatch(nodes);
	context.atEnd(async () => {
		watch.end();
		for (const { client } of users) client.close();
		await Promise.all([producer.close(), uplink.close()]);
	});
	context.step("messages and records under the fault");
	const count = Math.floor(plan.messages / plan.rooms / 4);
	const loads = users.flatMap((user) => [send(user, count, context), write(user, count, producer, context)]);
	await pause((plan.seconds * 1000) / 3);
	await Promise.all([...loads, fault(context)]);
	context.step("until everything has arrived");
	const beganMs = performance.now();
	const isSettled = await settle(users, uplink, count, plan.settleMs);
	const settledAfterMs = Math.round(performance.now() - beganMs);
	return outcome(users, uplink, count, { settledAfterMs, isSettled, maxRssMb: watch.end().maxRssMb });
}

async function enter({ nodes, random }: Context, index: number): Promise<User> {
	const urls = nodes.map(({ url }) => url);
	const own = random.fork();
	const client = createClient({
		url: index % 2 === 0 ? urls : urls.toReversed(),
		WebSocket: WsWebSocket,
		backoff: { minMs: 20, maxMs: 500 },
		random: () => own.next(),
		onError: () => {},
	});
	await client.connect();
	const username = `user${index}`;
	await client.auth.register({ username, password: PASSWORD });
	const { user } = await client.login({ username, password: PASSWORD });
	const { room } = await client.chat.createRoom({ name: username, isPublic: false, clientRoomId: "r" });
	const received: number[] = [];
	client.on(pushes.downlinkMessage, ({ content }) => received.push(Number(content)));
	return { client, id: user?.id ?? "", roomId: room?.id ?? "", received, acknowledged: 0, written: 0 };
}

/** Evenly over the time of the plan. */
async function paced(count: number, { plan }: Context, one: (number: number) => Promise<void>): Promise<void> {
	const beginMs = performance.now();
	for (let number = 0; number < count; number++) {
		await pause(Math.max(0, beginMs + (number * plan.seconds * 1000) / count - performance.now()));
		await one(number);
	}
}

/** Each message is sent again under its id until it is acknowledged. */
function send(user: User, count: number, context: Context): Promise<void> {
	return paced(count, context, async (number) => {
		const giveUpMs = performance.now() + context.plan.settleMs;
		while (user.acknowledged === number && performance.now() < giveUpMs) {
			try {
				await user.client.chat.send(user.roomId, String(number), { clientMsgId: `m${number}`, timeoutMs: 5000 });
				user.acknowledged++;
			} catch {
				await pause(RETRY_MS);
			}
		}
	});
}

/** Each record is written again under its id until Kafka has it. */
function write(user: User, count: number, producer: TestProducer, context: Context): Promise<void> {
	return paced(count, context, async (number) => {
		const giveUpMs = performance.now() + context.plan.settleMs;
		const record = { target_user_id: user.id, message_id: `${user.id}-${number}`, conversation_id: user.id };
		const fields = { trace_id: "", sender_id: "backend", message_type: 1, content: String(number), seq_id: number };
		const value = JSON.stringify({ ...record, ...fields, timestamp: 1, headers: {} });
		while (user.written === number && performance.now() < giveUpMs) {
			try {
				await producer.send({ topic: DOWNLINK, key: user.id, value });
				user.written++;
			} catch {
				await pause(RETRY_MS);
			}
		}
	});
}

/** Contents of a room's records: of those that came again, the first. */
function contentsOf({ records }: TestConsumer, roomId: string): number[] {
	const ids = new Set<string>();
	return records.flatMap(({ key, value }) => {
		if (key !== roomId) return [];
		const { client_msg_id: id, content } = JSON.parse(value) as { client_msg_id: string; content: string };
		if (ids.has(id)) return [];
		ids.add(id);
		return [Number(content)];
	});
}

async function settle(users: readonly User[], uplink: TestConsumer, count: number, settleMs: number): Promise<boolean> {
	const endMs = performance.now() + settleMs;
	const isWhole = (user: User): boolean =>
		user.received.length >= count && contentsOf(uplink, user.roomId).length >= count;
	while (!users.every(isWhole)) {
		if (performance.now() > endMs) return false;
		await pause(POLL_MS);
	}
	return true;
}

interface Ending {
	readonly settledAfterMs: number;
	readonly isSettled: boolean;
	readonly maxRssMb: number;
}

function outcome(users: readonly User[], uplink: TestConsumer, count: number, ending: Ending): Outcome {
	const found = { lost: 0, twice: 0, outOfOrder: 0, unacknowledged: 0 };
	const examples: string[] = [];
	for (const { id, roomId, received, acknowledged, written } of users) {
		found.unacknowledged += 2 * count - acknowledged - written;
		for (const [what, seen, sent] of [
			["records", received, written],
			["messages in Kafka", contentsOf(uplink, roomId), acknowledged],
		] as const) {
			const wrong = compare(seen, sent);
			found.lost += wrong.lost;
			found.twice += wrong.twice;
			found.outOfOrder += wrong.outOfOrder;
			const isWhole = wrong.lost + wrong.twice + wrong.outOfOrder === 0;
			if (!isWhole && examples.length < MAX_EXAMPLES) examples.push(`${id}, ${what}: ${JSON.stringify(wrong)}`);
		}
	}
	const { settledAfterMs, isSettled, maxRssMb } = ending;
	const delivered = users.reduce((sum, { received }) => sum + received.length, 0);
	const checks: Check[] = [
		...(Object.keys(found) as (keyof typeof found)[]).map((kind) => atMost(kind, found[kind], 0)),
		{ what: "everything arrived in time", holds: isSettled, found: `${settledAfterMs} ms` },
		atMost("resident memory of a node (MB)", maxRssMb, MAX_RSS_MB),
		atLeast("records delivered", delivered, users.length * count),
	];
	const figures = {
		clients: users.length,
		published: 2 * users.length * count,
		delivered,
		settledAfterMs,
		maxRssMb,
		...found,
	};
	return { figures: { ...figures, uplinkRecords: uplink.records.length }, checks, examples };
}

/** What is wrong with numbers that should be 0 and on. */
function compare(seen: readonly number[], sent: number): { lost: number; twice: number; outOfOrder: number } {
	const known = new Set<number>();
	let [twice, outOfOrder, last] = [0, 0, -1];
	for (const number of seen) {
		if (known.has(number)) twice++;
		else if (number < last) outOfOrder++;
		known.add(number);
		last = Math.max(last, number);
	}
	const lost = Array.from({ length: sent }, (_, number) => number).filter((number) => !known.has(number)).length;
	return { lost, twice, outOfOrder };
}
