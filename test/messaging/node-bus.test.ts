// One contract for the node bus, in memory and on a real Redis.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { NodeBus, NodeEvent, SessionsRevoked } from "../../messaging/node-bus.ts";
import { MemoryNodeBus } from "../../messaging/node-bus-memory.ts";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import { openRedis } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { startRedisCluster, startRedisSentinel } from "../support/redis-cluster.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const event: SessionsRevoked = { type: "sessions-revoked", sessionIds: ["a", "b"], reason: "token-reused" };

/** Published until both ends listen; some may still be in flight when the tests begin. */
const warmUp: SessionsRevoked = { ...event, sessionIds: ["warm-up"] };

interface Backend {
	/** Two ends of one bus; in memory they are the same. */
	readonly ends: readonly [NodeBus, NodeBus];
	stop(): Promise<void>;
}

async function redisBus(url: string) {
	const redis = openRedis({ url }, quietLogger());
	const bus = new RedisNodeBus(redis, quietLogger());
	await untilReady(redis);
	return { bus, redis };
}

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const [one, other] = await Promise.all([redisBus(server.url), redisBus(server.url)]);
	// In a Cluster each node counts its own subscribers, so only an echo shows that both ends listen.
	for (const [from, to] of [
		[one, other],
		[other, one],
	] as const) {
		let received = false;
		const stop = to.bus.subscribe(() => {
			received = true;
		});
		await until(async () => {
			await from.bus.publish(warmUp);
			return received;
		});
		stop();
	}
	return {
		ends: [one.bus, other.bus],
		stop: async () => {
			await Promise.all([one, other].flatMap(({ bus, redis }) => [bus.close(), redis.close()]));
			await server.stop();
		},
	};
}

async function subscriberCount(redis: Awaited<ReturnType<typeof redisBus>>["redis"]): Promise<number> {
	const reply = await redis.run((client) => client.pubsub("NUMSUB", `${redis.keyPrefix}node-events`));
	return Number((reply as unknown[])[1]);
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => {
		const bus = new MemoryNodeBus();
		return { ends: [bus, bus], stop: () => bus.close() };
	},
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
	"Redis by Sentinel": () => redisBackend(startRedisSentinel),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`node bus in ${name}`, () => {
		let backend: Backend;
		before(async () => {
			backend = await start();
		});
		after(() => backend.stop());

		test("every listener receives an event once, the sender's own included", async () => {
			const [one, other] = backend.ends;
			const received: [NodeEvent[], NodeEvent[]] = [[], []];
			const keepIn = (list: NodeEvent[]) => (e: NodeEvent) => {
				if (e.type !== "sessions-revoked" || e.sessionIds[0] !== "warm-up") list.push(e);
			};
			const unsubscribe = [one.subscribe(keepIn(received[0])), other.subscribe(keepIn(received[1]))];
			await one.publish(event);
			await until(() => received[0].length > 0 && received[1].length > 0);
			// A second event from the other side comes after any wrong echo of the first.
			const second: SessionsRevoked = { ...event, reason: "replaced" };
			await other.publish(second);
			await until(() => received[0].length > 1 && received[1].length > 1);
			assert.deepEqual(received, [
				[event, second],
				[event, second],
			]);
			for (const end of unsubscribe) end();
			await one.publish(event);
			assert.equal(received[0].length, 2);
		});
	});
}

test("the Redis bus ignores invalid events, and works again after a restart of Redis", async () => {
	const server = await startRedis();
	const logger = quietLogger();
	const redis = openRedis({ url: server.url, maxReconnectDelayMs: 50 }, logger);
	const bus = new RedisNodeBus(redis, logger);
	const { bus: sender, redis: senderRedis } = await redisBus(server.url);
	// The server counts a subscriber before its client has read the reply, which would be taken for an interruption.
	for (const each of [bus, sender]) {
		await until(async () => {
			return await each.probe.check().then(
				() => true,
				() => false,
			);
		});
	}
	const received: NodeEvent[] = [];
	let interruptions = 0;
	bus.subscribe(
		(e) => {
			// What the other one's probe has sent may come late.
			if (e.type !== "sessions-revoked" || e.sessionIds.length > 0) received.push(e);
		},
		() => interruptions++,
	);
	for (const text of [
		"",
		"{",
		"null",
		'{"event":{}}',
		'{"event":{"type":"sessions-revoked","reason":"x","sessionIds":["z"]}}',
		'{"event":{"type":"reload-requested","what":"all","acceptContractChanges":true,"origin":"o"}}',
	]) {
		await senderRedis.run((client) => client.publish("framegate:node-events", text));
	}
	await sender.publish(event);
	await until(() => received.length > 0);
	const removal = { type: "membership-changed", userId: "u", channel: "room:1", follows: false } as const;
	const placed = { ...removal, after: { offset: 3, epoch: "e" } };
	const reload = { type: "reload-requested", what: "modules", acceptContractChanges: true, origin: "o" } as const;
	for (const published of [removal, placed, reload]) await sender.publish(published);
	await until(() => received.length === 4);
	assert.deepEqual(received, [event, removal, placed, reload]);
	assert.equal(interruptions, 0);
	await server.stop();
	await until(() => !senderRedis.isReady);
	const own: NodeEvent[] = [];
	sender.subscribe((e) => own.push(e));
	await assert.rejects(sender.publish(event), { code: 13 });
	assert.deepEqual(own, [event], "a process handles its own events even while Redis is unavailable");
	const again = await startRedis({ port: server.port });
	await until(async () => (await subscriberCount(senderRedis)) === 2);
	// The server counts a subscriber before its client has read that. The state behind events published meanwhile is to be looked up.
	await until(() => interruptions === 1);
	await sender.publish(event);
	await until(() => received.length === 5);
	await Promise.all([bus.close(), sender.close(), redis.close(), senderRedis.close()]);
	await again.stop();
});
