// The logs of channels are bounded in bytes, each and together, in memory and in a Redis that fills up: what exceeds the bound
// is logs that are shortened, and never a session that finds no room.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import type { Broker, ChannelPosition, PublishOptions } from "../../messaging/broker.ts";
import { MemoryBroker } from "../../messaging/broker-memory.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { chatRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { frameOf, readyRedisNode } from "../messaging/broker/listening-node.ts";
import { startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const KIB = 1024;
const kept: PublishOptions = { historySize: 1000, historyBytes: 1024 * KIB, historyTtlMs: 60_000 };
const text = "x".repeat(16 * KIB);

async function fill(broker: Broker, channel: string, count: number, options = kept): Promise<ChannelPosition> {
	let position: ChannelPosition = { offset: 0, epoch: "" };
	for (let n = 0; n < count; n++) position = await broker.publish(channel, frameOf(channel, text), options);
	return position;
}

function totalOf(broker: Broker): number {
	return [...broker.historyUsage().bytesByKind.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function heldOf(broker: Broker, channel: string, { epoch }: ChannelPosition): Promise<number> {
	return (await broker.history(channel, { offset: 0, epoch }, 10_000)).publications.length;
}

/** Logs of one kind grow beyond the budget; another kind stays within its share. */
async function exceedTheBudget(broker: Broker, budgetBytes: number): Promise<void> {
	broker.limitHistory({ historyTotalBytes: budgetBytes, historyMemoryShare: 1 });
	const inbox = await fill(broker, "user:quiet", 20);
	const short = await fill(broker, "room:short", 4);
	const flooded = Array.from({ length: 8 }, (_, n) => `room:flood-${n}`);
	const tops = new Map<string, ChannelPosition>();
	for (const channel of flooded) tops.set(channel, await fill(broker, channel, 60));
	await until(() => broker.historyUsage().shortened > 0 && totalOf(broker) <= budgetBytes);
	// Whose kind is within its share loses nothing, nor does a log that is shorter than those of the flood.
	assert.equal(await heldOf(broker, "user:quiet", inbox), 20);
	assert.equal(await heldOf(broker, "room:short", short), 4);
	let shortened = 0;
	for (const [channel, { epoch }] of tops) {
		const { publications, isComplete } = await broker.history(channel, { offset: 0, epoch }, 1000);
		if (publications.length < 60) {
			shortened++;
			assert.equal(isComplete, false);
		}
		// The end of it is still there, without a gap.
		assert.deepEqual(
			publications.map(({ offset }) => offset),
			Array.from({ length: publications.length }, (_, n) => 61 - publications.length + n),
		);
	}
	assert.ok(shortened > 0);
}

test("in memory: all logs together take no more than their budget, and the longest are shortened", async () => {
	const broker = new MemoryBroker(() => performance.now());
	await exceedTheBudget(broker, 4 * 1024 * KIB);
	await broker.close();
});

test("in memory: a log that expired gives its bytes back", async () => {
	let nowMs = 0;
	const broker = new MemoryBroker(() => nowMs);
	await fill(broker, "room:a", 10);
	assert.ok(totalOf(broker) > 160 * KIB);
	nowMs = 70_000;
	await fill(broker, "room:b", 1);
	assert.ok(totalOf(broker) < 20 * KIB);
	await broker.close();
	assert.equal(totalOf(broker), 0);
});

const servers: Record<string, () => Promise<{ url: string; stop(): Promise<void> }>> = {
	Redis: startRedis,
	"Redis Cluster": startRedisCluster,
};

for (const [name, start] of Object.entries(servers)) {
	test(`${name}: all logs together take no more than their budget, and the longest are shortened`, async () => {
		const server = await start();
		const node = await readyRedisNode(server.url);
		try {
			await exceedTheBudget(node.broker, 4 * 1024 * KIB);
		} finally {
			await node.close();
			await server.stop();
		}
	});

	test(`${name}: logs that expired, and logs of a process that died, leave the account`, async () => {
		const server = await start();
		const first = await readyRedisNode(server.url);
		try {
			await fill(first.broker, "room:brief", 20, { ...kept, historyTtlMs: 3000 });
			await until(() => totalOf(first.broker) > 300 * KIB);
			await first.close();
			const second = await readyRedisNode(server.url);
			try {
				await until(async () => {
					await fill(second.broker, "room:other", 1, { ...kept, historySize: 1 });
					const total = totalOf(second.broker);
					return total > 0 && total < 40 * KIB;
				});
			} finally {
				await second.close();
			}
		} finally {
			await server.stop();
		}
	});
}

describe("a Redis without memory", () => {
	let server: RealServer;
	let admin: Redis;
	const ballast = Buffer.alloc(64 * KIB);

	before(async () => {
		server = await startRedis({ args: ["--maxmemory", "24mb", "--maxmemory-policy", "noeviction"] });
		admin = new Redis(server.url);
	});
	after(async () => {
		admin.disconnect();
		await server.stop();
	});

	test("takes publications without keeping them, gives positions, and keeps them again later", async (t) => {
		const node = await readyRedisNode(server.url);
		t.after(() => node.close());
		const { broker } = node;
		broker.limitHistory({ historyTotalBytes: 2 ** 40, historyMemoryShare: 1 });
		await broker.subscribe("room:a");
		const before = await fill(broker, "room:a", 10);
		// More is used than is allowed.
		await admin.config("SET", "maxmemory", "1mb");
		await assert.rejects(admin.set("session", "1"), /OOM/);
		const position = await broker.publish("room:a", frameOf("room:a", "live"), kept);
		assert.deepEqual(position, { offset: 11, epoch: before.epoch });
		await node.untilGot("room:a", 11);
		assert.equal((await broker.history("room:a", before, 100)).isComplete, false);
		assert.equal((await broker.history("room:a", position, 100)).isComplete, true);
		// Nothing was known of these: a client that connects now gets a position to recover from, and can be published to.
		assert.equal((await broker.history("user:new", undefined, 0)).top.offset, 0);
		assert.equal((await broker.publish("user:newer", frameOf("user:newer", "x"), kept)).offset, 1);
		assert.ok(broker.historyUsage().unkept > 0);
		await admin.config("SET", "maxmemory", "24mb");
		const again = await broker.publish("room:a", frameOf("room:a", "kept"), kept);
		const { publications, isComplete } = await broker.history("room:a", position, 100);
		assert.deepEqual([publications.map(({ offset }) => offset), isComplete], [[again.offset], true]);
	});

	test("stops to write logs before it is full, so that others find room, and begins again", async (t) => {
		const { broker, close } = await readyRedisNode(server.url);
		t.after(close);
		broker.limitHistory({ historyTotalBytes: 2 ** 40, historyMemoryShare: 0.6 });
		// History alone is kept to half of the server's memory; here something else takes it.
		for (let n = 0; n < 240; n++) await admin.set(`ballast:${n}`, ballast);
		await until(async () => {
			await fill(broker, "room:b", 1);
			return broker.historyUsage().isSuspended;
		});
		const before = await fill(broker, "room:b", 1);
		const top = await fill(broker, "room:b", 20);
		assert.equal((await broker.history("room:b", before, 100)).publications.length, 0);
		assert.equal(top.epoch, before.epoch);
		const names = await admin.keys("ballast:*");
		await admin.del(...names);
		await until(() => !broker.historyUsage().isSuspended);
		await fill(broker, "room:b", 1);
		assert.equal((await broker.history("room:b", top, 100)).isComplete, true);
	});

	test("is not filled by history: half of it at most", async (t) => {
		const { broker, close } = await readyRedisNode(server.url);
		t.after(close);
		broker.limitHistory({ historyTotalBytes: 2 ** 40, historyMemoryShare: 0.9 });
		const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]);
		// Faster than the account follows: publications go unkept rather than that others find no room.
		await Promise.all(Array.from({ length: 40 }, (_, n) => fill(broker, `chat:${n}`, 64)));
		await until(() =>
			admin
				.set("session", "1")
				.then(() => true)
				.catch(() => false),
		);
		await until(async () => !broker.historyUsage().isSuspended && (await usedBytes()) < 18 * 1024 * KIB);
		// At a pace that it follows, the longest are shortened and the rest is kept.
		for (let n = 0; n < 40; n++) await fill(broker, `room:${n}`, 64);
		await until(async () => {
			const total = totalOf(broker);
			return total > 6 * 1024 * KIB && total <= 12 * 1024 * KIB && (await usedBytes()) < 18 * 1024 * KIB;
		});
		assert.ok(broker.historyUsage().shortened > 0);
		await admin.set("session", ballast);
	});
});

test("channels in a Redis of their own take nothing from where sessions are, also when it is full", async (t) => {
	const [main, channels] = await Promise.all([
		startRedis(),
		startRedis({ args: ["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"] }),
	]);
	const gateway = await startGateway({
		env: { REDIS_URL: main.url, FRAMEGATE_REDIS_CHANNELS_URL: channels.url },
	});
	const [mainAdmin, channelsAdmin] = [new Redis(main.url), new Redis(channels.url)];
	t.after(async () => {
		for (const admin of [mainAdmin, channelsAdmin]) admin.disconnect();
		await gateway.kill9();
		await Promise.all([main.stop(), channels.stop()]);
	});
	// Redis itself takes more than that by now: nothing can be written that needs memory.
	await assert.rejects(channelsAdmin.set("x", "1"), /OOM/);
	const { client, login } = await WireClient.member(gateway.url, "alice");
	assert.equal(login.positions?.length, 2);
	const other = await WireClient.member(gateway.url, "bobby");
	const content = { kind: MessageKind.TEXT, text: "hello" };
	const message = { userId: other.login.user?.id ?? "", clientMsgId: "1", content };
	assert.equal((await client.ask(chatRoutes.sendPrivateMessage, message)).code ?? 0, ErrorCode.OK);
	assert.equal((await other.client.push()).channel, `user:${other.login.user?.id}`);
	assert.deepEqual(await mainAdmin.keys("framegate:ch*"), []);
	assert.ok((await channelsAdmin.keys("framegate:ch:*")).length > 0);
	assert.equal((await fetch(`${gateway.httpUrl}/ready`)).status, 200);
	await Promise.all([client.close(), other.client.close()]);
});
