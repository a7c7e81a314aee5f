// The Redis broker while servers stop, lose data, fail over and move slots: every loss is reported.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import { GatewayError } from "../../../protocol/error.ts";
import { slotOf } from "../../../stores/redis/hash-slots.ts";
import { freeze } from "../../support/freeze.ts";
import { freePort } from "../../support/real-server.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { frameOf, kept, type ListeningNode, publishMany, readyRedisNode, redisNode } from "./listening-node.ts";

const isUnavailable = (error: unknown) => error instanceof GatewayError && error.code === 13 && error.retryAfterMs > 0;

const channel = "room:1";

/** Closes what a test has started, however the test ends. */
function keep<T extends { stop(): Promise<void> } | { close(): Promise<void> } | Redis>(t: TestContext, started: T): T {
	t.after(async () => {
		if (started instanceof Redis) started.disconnect();
		else await ("stop" in started ? started.stop() : started.close());
	});
	return started;
}

/** Publishes until it succeeds; an attempt with an unknown outcome counts as failed. */
async function publishEventually(node: ListeningNode, name = channel) {
	let position = { offset: 0, epoch: "" };
	await until(async () => {
		position = await node.broker.publish(name, frameOf(name, "x"), kept);
		return true;
	});
	return position;
}

test("a silent channel keeps its epoch when its log has expired", async (t) => {
	const server = keep(t, await startRedis());
	const node = keep(t, await readyRedisNode(server.url, { positionKeptMs: 60_000 }));
	await node.broker.subscribe(channel);
	const first = await node.broker.publish(channel, frameOf(channel, "1"), {
		historySize: 10,
		historyBytes: 1_000_000,
		historyTtlMs: 20,
	});
	await until(async () => !(await node.broker.history(channel, { ...first, offset: 0 }, 10)).isComplete);
	assert.equal((await node.broker.history(channel, first, 10)).isComplete, true);
	assert.deepEqual(await publishMany(node.broker, channel, 1), [{ offset: 2, epoch: first.epoch }]);
	const { publications, isComplete } = await node.broker.history(channel, { ...first, offset: 0 }, 10);
	assert.deepEqual([publications.length, isComplete], [1, false]);
});

test("all data gone: a new epoch, and old positions are incomplete", async (t) => {
	const server = keep(t, await startRedis());
	const node = keep(t, await readyRedisNode(server.url));
	await node.broker.subscribe(channel);
	const [, , old] = await publishMany(node.broker, channel, 3);
	assert.ok(old);
	await node.redis.client.flushall();
	assert.deepEqual(await node.broker.positions([channel]), [undefined]);
	assert.equal((await node.broker.history(channel, old, 10)).isComplete, false);
	const [next] = await publishMany(node.broker, channel, 1);
	assert.equal(next?.offset, 1);
	assert.notEqual(next?.epoch, old.epoch);
	assert.equal((await node.broker.history(channel, old, 10)).isComplete, false);
	assert.equal((await node.untilGot(channel, 4))[3]?.epoch, next?.epoch);
});

for (const persistent of [false, true]) {
	test(`a server started again ${persistent ? "with" : "without"} its data: a new epoch, subscriptions are back`, async (t) => {
		const directory = mkdtempSync(join(tmpdir(), "framegate-broker-"));
		t.after(() => rmSync(directory, { recursive: true }));
		const args = persistent ? ["--appendonly", "yes", "--appendfsync", "always", "--dir", directory] : [];
		const first = keep(t, await startRedis({ args }));
		const node = keep(t, await readyRedisNode(first.url));
		await node.broker.subscribe(channel);
		const [, old] = await publishMany(node.broker, channel, 2);
		assert.ok(old);
		await node.untilGot(channel, 2);
		await first.stop();
		await until(() => !node.broker.isReady);
		keep(t, await startRedis({ args, port: first.port }));
		await until(() => node.interruptions === 1);
		const positions = await node.broker.positions([channel]);
		assert.deepEqual(positions, [persistent ? old : undefined]);
		const history = await node.broker.history(channel, { ...old, offset: 1 }, 10);
		assert.deepEqual([history.publications, history.isComplete], [[], false]);
		assert.notEqual(history.top.epoch, old.epoch);
		const [next] = await publishMany(node.broker, channel, 1);
		assert.equal(next?.offset, 1);
		assert.notEqual(next?.epoch, old.epoch);
		// A caller that got a position does not get another one for the same.
		if (persistent) assert.equal(next?.epoch, history.top.epoch);
		assert.equal((await node.untilGot(channel, 3))[2]?.epoch, next?.epoch);
	});
}

test("killed subscriber connections: reported once subscribed again, to every channel and no other", async (t) => {
	const server = keep(t, await startRedis());
	const node = keep(t, await readyRedisNode(server.url));
	const channels = Array.from({ length: 1200 }, (_, index) => `room:${index}`);
	await Promise.all(channels.map((name) => node.broker.subscribe(name)));
	await node.broker.unsubscribe(channel);
	assert.equal(node.interruptions, 0);
	for (let round = 1; round <= 3; round++) {
		await node.redis.client.call("CLIENT", "KILL", "TYPE", "pubsub");
		await until(() => node.interruptions === round);
		for (const name of channels) await node.broker.publish(name, frameOf(name, "x"), kept);
		for (const name of channels) if (name !== channel) await node.untilGot(name, round);
		assert.deepEqual(node.on(channel), []);
	}
});

test("unavailable: fails at once, nothing queued; frozen: fails within the timeout, and is detected", async (t) => {
	const server = keep(t, await startRedis());
	const node = keep(t, redisNode(server.url, { pingIntervalMs: 50 }, 1000));
	const { broker } = node;
	await until(() => broker.isReady);
	await broker.subscribe(channel);
	const calls = [
		() => broker.publish(channel, frameOf(channel, "x"), kept),
		() => broker.subscribe("room:2"),
		() => broker.history(channel, undefined, 0),
		() => broker.positions([channel]),
	];
	const thaw = await freeze(server.pid);
	await Promise.all(calls.map((call) => assert.rejects(call, isUnavailable)));
	// The probe finds that the link, though connected, is dead.
	await until(() => !broker.isReady);
	thaw();
	await until(() => node.interruptions > 0 && broker.isReady);
	await publishEventually(node);
	await until(() => node.on(channel).length > 0);
	await server.stop();
	await until(() => !broker.isReady);
	for (let n = 0; n < 50; n++) for (const call of calls) await assert.rejects(call, isUnavailable);
	await broker.unsubscribe(channel);
	keep(t, await startRedis({ port: server.port }));
	await until(() => broker.isReady);
	assert.deepEqual(await node.redis.client.keys("*"), []);
	const numbers = await node.redis.client.pubsub("SHARDCHANNELS");
	assert.deepEqual(numbers, []);
});

test("down at start: subscribing fails until it is up", async (t) => {
	const port = await freePort();
	const node = keep(t, redisNode(`redis://127.0.0.1:${port}`));
	await assert.rejects(node.broker.subscribe(channel), isUnavailable);
	keep(t, await startRedis({ port }));
	await until(() => node.broker.isReady);
	await node.broker.subscribe(channel);
	await publishMany(node.broker, channel, 1);
	await node.untilGot(channel, 1);
});

test("sends scripts again that the server has lost", async (t) => {
	const server = keep(t, await startRedis());
	const node = keep(t, await readyRedisNode(server.url));
	await publishMany(node.broker, channel, 1);
	await node.redis.client.script("FLUSH");
	const [second] = await publishMany(node.broker, channel, 1);
	await node.redis.client.script("FLUSH");
	assert.ok(second);
	const history = await node.broker.history(channel, { ...second, offset: 0 }, 10);
	assert.deepEqual([history.publications.length, history.isComplete], [2, true]);
});

test("Sentinel fail-over: a loss on the old master leads to a new epoch, later publications arrive", async (t) => {
	const master = keep(t, await startRedis());
	const replica = keep(t, await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] }));
	const replicaClient = keep(t, new Redis(replica.port));
	await until(async () => (await replicaClient.info("replication")).includes("master_link_status:up"));
	const port = await freePort();
	const configuration = [
		`sentinel monitor main 127.0.0.1 ${master.port} 1`,
		"sentinel down-after-milliseconds main 300",
		"sentinel failover-timeout main 2000",
	];
	keep(t, await startRedis({ port, sentinel: configuration.join("\n") }));
	const sentinelClient = keep(t, new Redis(port));
	await until(async () => ((await sentinelClient.call("SENTINEL", "REPLICAS", "main")) as unknown[]).length === 1);
	const url = `redis+sentinel://127.0.0.1:${port}/main`;
	const [a, b] = [keep(t, await readyRedisNode(url)), keep(t, await readyRedisNode(url))];
	await b.broker.subscribe(channel);
	const [, old] = await publishMany(a.broker, channel, 2);
	assert.ok(old);
	await until(async () => (await replicaClient.exists(`t:ch:{${channel}}:log`)) === 1);
	await master.stop();
	await until(() => b.interruptions > 0);
	const next = await publishEventually(a);
	assert.notEqual(next.epoch, old.epoch);
	await until(() => b.on(channel).at(-1)?.epoch === next.epoch);
	assert.equal((await b.broker.history(channel, { ...old, offset: 1 }, 10)).isComplete, false);
});

test("Cluster: subscriptions move with a slot to another server", async (t) => {
	const cluster = keep(t, await startRedisCluster());
	const [a, b] = [keep(t, await readyRedisNode(cluster.url)), keep(t, await readyRedisNode(cluster.url))];
	await b.broker.subscribe(channel);
	const slot = slotOf(`t:ch:{${channel}}`);
	const clients = cluster.servers.map((server) => keep(t, new Redis(server.port)));
	assert.equal(await clients[0]?.cluster("KEYSLOT", `t:ch:{${channel}}`), slot);
	const ids = (await Promise.all(clients.map((client) => client.cluster("MYID")))) as string[];
	const owner = Math.floor(slot / Math.ceil(16_384 / 3));
	for (let step = 1; step <= 2; step++) {
		const target = (owner + step) % 3;
		const interruptionsBefore = b.interruptions;
		for (const index of [target, (target + 2) % 3, (target + 1) % 3]) {
			await clients[index]?.cluster("SETSLOT", slot, "NODE", ids[target] as string);
		}
		// The server itself reports the move, as it ends the subscription.
		await until(() => b.interruptions > interruptionsBefore);
		const position = await publishEventually(a);
		await until(() => b.on(channel).at(-1)?.epoch === position.epoch);
		for (const client of clients) await client.del(`t:ch:{${channel}}:log`, `t:ch:{${channel}}:meta`).catch(() => 0);
	}
});

test("Cluster: an unavailable server affects only its own channels, which recover with it", async (t) => {
	const cluster = keep(t, await startRedisCluster());
	const node = keep(t, redisNode(cluster.url, { pingIntervalMs: 50 }, 1000));
	await until(() => node.broker.isReady);
	const channels = Array.from({ length: 60 }, (_, index) => `room:${index}`);
	await Promise.all(channels.map((name) => node.broker.subscribe(name)));
	const share = Math.ceil(16_384 / 3);
	const isOnFrozen = (name: string) => Math.floor(slotOf(`t:ch:{${name}}`) / share) === 1;
	const affected = channels.filter(isOnFrozen);
	assert.ok(affected.length > 0 && affected.length < channels.length);
	const publishAll = (text: string) =>
		Promise.allSettled(channels.map((name) => node.broker.publish(name, frameOf(name, text), kept)));
	const thaw = await freeze(cluster.servers[1]?.pid as number);
	const results = await publishAll("frozen");
	for (const [index, result] of results.entries()) {
		const isRefused = result.status === "rejected" && isUnavailable(result.reason);
		assert.equal(isRefused, isOnFrozen(channels[index] as string));
	}
	await until(() => !node.broker.isReady);
	thaw();
	await until(() => node.broker.isReady && node.interruptions > 0);
	for (const name of affected) await publishEventually(node, name);
	for (const name of channels) {
		const got = await node.untilGot(name, 1);
		// A publication that failed may have taken effect all the same, but never twice.
		const { publications } = await node.broker.history(name, { offset: 0, epoch: got[0]?.epoch as string }, 10);
		const frozen = publications.filter(({ frame }) => Buffer.from(frame).includes("frozen"));
		assert.ok(frozen.length <= 1 && (isOnFrozen(name) || frozen.length === 1));
	}
});

test("Cluster: killed connections for commands publish nothing twice", async (t) => {
	const cluster = keep(t, await startRedisCluster());
	const node = keep(t, await readyRedisNode(cluster.url));
	const clients = cluster.servers.map((server) => keep(t, new Redis(server.port)));
	const channels = Array.from({ length: 10 }, (_, index) => `room:${index}`);
	const outcomes = new Map<string, boolean>();
	for (let round = 0; round < 5; round++) {
		const texts = channels.flatMap((name) => Array.from({ length: 15 }, (_, n) => [name, `<${round}.${n}>`] as const));
		const publishing = texts.map(async ([name, text]) => {
			const published = node.broker.publish(name, frameOf(name, text), kept);
			outcomes.set(
				name + text,
				await published.then(
					() => true,
					() => false,
				),
			);
		});
		await Promise.all(clients.map((client) => client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")));
		await Promise.all(publishing);
		await until(() => node.broker.isReady);
		for (const name of channels) await publishEventually(node, name);
	}
	// Reading goes by the Cluster client, which may still be coming back.
	await until(async () => (await node.broker.positions(channels)).every((position) => position !== undefined));
	for (const name of channels) {
		const [top] = await node.broker.positions([name]);
		const { publications } = await node.broker.history(name, { offset: 0, epoch: top?.epoch as string }, 1000);
		const all = publications.map(({ frame }) => /<\d\.\d+>/.exec(Buffer.from(frame).toString("latin1"))?.[0] ?? "");
		const texts = all.filter((text) => text !== "");
		assert.equal(new Set(texts).size, texts.length);
		for (const [key, published] of outcomes) {
			if (published && key.startsWith(`${name}<`)) assert.ok(texts.includes(key.slice(name.length)));
		}
	}
});
