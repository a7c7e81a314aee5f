// What one gateway asks of its Redis and keeps there, per event: the figures of docs/operations/redis.md.
// `npx node bench/redis-load.ts [users]`, about a minute.
import { Redis } from "ioredis";
import { authRoutes, chatRoutes, gameRoutes, MessageKind } from "../protocol/gen/schema.ts";
import { startGateway } from "../test/support/gateway.ts";
import { startRedis } from "../test/support/redis-server.ts";
import { WireClient } from "../test/support/wire-client.ts";

const users = Number(process.argv[2] ?? 500);
const IDLE_SECONDS = 10;
const MESSAGES = 1000;
const HISTORY_MS = 5000;
/** Sent by the gateway itself; the others are of scripts. */
const SENT = "evalsha eval hgetall hmget sadd srem smembers zrange zrem set ssubscribe sunsubscribe publish ping".split(
	" ",
);

const redis = await startRedis();
const admin = new Redis(redis.url);
const off = { FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0", FRAMEGATE_RATES_USER_PER_SECOND: "0" };
const many = { points: "1000000" };
const gateway = await startGateway({
	env: {
		...off,
		REDIS_URL: redis.url,
		FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: many.points,
		FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_IP_POINTS: many.points,
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
		FRAMEGATE_CHAT_USER_RATE_PER_SECOND: "0",
		FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "0",
		FRAMEGATE_CHANNELS_HISTORY_TTL_MS: String(HISTORY_MS),
		FRAMEGATE_EDGE_SIMULATOR_ENABLED: "false",
	},
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const number = (info: string, name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1] ?? 0);

async function look() {
	const [commands, memory, stats, cpu] = await Promise.all(
		["commandstats", "memory", "stats", "cpu"].map((part) => admin.info(part)),
	);
	const calls = [...(commands ?? "").matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)];
	return {
		calls: new Map(calls.map(([, name = "", count]) => [name, Number(count)])),
		bytes: number(memory ?? "", "used_memory"),
		input: number(stats ?? "", "total_net_input_bytes"),
		output: number(stats ?? "", "total_net_output_bytes"),
		cpuMs: ["used_cpu_user", "used_cpu_sys"]
			.map((name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(cpu ?? "")?.[1] ?? 0) * 1000)
			.reduce((sum, ms) => sum + ms, 0),
	};
}

/** Prints what Redis did meanwhile, for each of `count`. */
async function per(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
	const before = await look();
	await work();
	const after = await look();
	const each = (name: "bytes" | "input" | "output") => Math.round((after[name] - before[name]) / count);
	const calls = SENT.flatMap((name) => {
		const more = ((after.calls.get(name) ?? 0) - (before.calls.get(name) ?? 0)) / count;
		return more >= 0.05 ? [`${name} ${more.toFixed(2)}`] : [];
	});
	const cpu = (((after.cpuMs - before.cpuMs) / count) * 1000).toFixed(0);
	console.log(
		`${what}: memory ${each("bytes")} B, in ${each("input")} B, out ${each("output")} B, CPU of the server ${cpu} µs`,
	);
	console.log(`  sent: ${calls.join(", ") || "nothing"}`);
}

async function sizes(): Promise<void> {
	const groups = new Map<string, number[]>();
	for (const key of await admin.keys("*")) {
		const name = key.split(":")[1] ?? key;
		const kind = `${name}${/:(log|meta)$/.exec(key)?.[0] ?? ""}`;
		groups.set(kind, [...(groups.get(kind) ?? []), Number(await admin.memory("USAGE", key, "SAMPLES", "0"))]);
	}
	for (const [kind, all] of groups) {
		const mean = all.reduce((sum, bytes) => sum + bytes, 0) / all.length;
		console.log(`  ${all.length} × ${kind}: ${Math.round(mean)} B`);
	}
}

await pause(2000);
await per("a second without clients", IDLE_SECONDS, () => pause(IDLE_SECONDS * 1000));
const members: { client: WireClient; readonly token: string }[] = [];
await per("registration and login", users, async () => {
	for (let i = 0; i < users; i++) {
		const { client, login } = await WireClient.member(gateway.url, `user${i}`, "device");
		members.push({ client, token: login.tokens?.accessToken ?? "" });
	}
});
await sizes();
await per(`a second with ${users} users`, IDLE_SECONDS, () => pause(IDLE_SECONDS * 1000));
console.log("after the logs have expired:");
await sizes();
await per("heartbeat", users, () => Promise.all(members.map(({ client }) => client.ask(authRoutes.heartbeat, {}))));
await per("close", users, async () => {
	await Promise.all(members.map(({ client }) => client.close()));
	// Longer than presence.graceMs.
	await pause(5000);
});
await per("connect with a token", users, async () => {
	for (const member of members) {
		member.client = await WireClient.open(gateway.url);
		const reply = await member.client.ask(authRoutes.connect, { accessToken: member.token });
		if (reply.code) throw new Error(reply.error?.message ?? "refused");
	}
});
const [first, ...others] = members.slice(0, 10).map(({ client }) => client) as [WireClient, ...WireClient[]];
const room = await first.ask(chatRoutes.createChatRoom, { name: "plant", isPublic: true });
const roomId = chatRoutes.createChatRoom.reply.decode(room.body ?? new Uint8Array()).room?.id ?? "";
for (const client of others) await client.ask(chatRoutes.joinChatRoom, { roomId });
await per("chat message of 100 characters to 10 members", MESSAGES, async () => {
	for (let i = 0; i < MESSAGES; i++) {
		const content = { kind: MessageKind.TEXT, text: "x".repeat(100) };
		const reply = await first.ask(chatRoutes.sendMessage, { roomId, clientMsgId: `m${i}`, content });
		if (reply.code) throw new Error(reply.error?.message ?? "refused");
	}
});
await first.ask(gameRoutes.createRoom, { name: "duel", game: "gomoku" });
await sizes();
const list = String(await admin.client("LIST"));
console.log(`connections of the process: ${list.split("\n").filter((line) => line.includes("name=framegate")).length}`);
await gateway.kill9();
admin.disconnect();
await redis.stop();
