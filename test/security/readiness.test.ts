// /ready says 200 only while logins, revocations, channels and calls between nodes work: what it asks goes the way that
// they go, and it names what does not.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import type { Probe } from "../../common/probe.ts";
import { RedisBroker } from "../../messaging/broker-redis.ts";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import { RedisNodeRpc } from "../../messaging/node-rpc-redis.ts";
import { BoxLink } from "../../services/edge/redis/box-link.ts";
import { openRedis } from "../../stores/redis/connection.ts";
import { startGateway } from "../support/gateway.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

/** All that a gateway asks of its Redis, and of a box on the same server. */
function openProbes(t: TestContext, url: string, hasBox = true): readonly Probe[] {
	const logger = quietLogger();
	const redis = openRedis({ url, commandTimeoutMs: 500, maxReconnectDelayMs: 50 }, logger);
	const bus = new RedisNodeBus(redis, logger);
	const rpc = new RedisNodeRpc("n1", redis, logger);
	const broker = new RedisBroker(redis, logger);
	const box = hasBox ? [new BoxLink({ name: "", url, recheckMs: 50 }, logger)] : [];
	t.after(async () => {
		for (const each of [broker, bus, rpc, ...box, redis]) await each.close();
	});
	return [redis, broker, bus, rpc, ...box].map((each) => each.probe);
}

/** The names of those that fail. */
async function failing(probes: readonly Probe[]): Promise<string[]> {
	const results = await Promise.allSettled(probes.map((probe) => probe.check()));
	return probes.filter((_, index) => results[index]?.status === "rejected").map(({ name }) => name);
}

const untilFailing = (probes: readonly Probe[], names: readonly string[]) =>
	until(async () => String(await failing(probes)) === String(names));

async function stage(t: TestContext, rules: readonly string[] = []) {
	const server = await startRedis();
	t.after(() => server.stop());
	const admin = new Redis(server.port);
	t.after(() => admin.disconnect());
	await admin.call("ACL", "SETUSER", "node", "on", ">x", "~*", "&*", "+@all", ...rules);
	const allow = (...more: readonly string[]) => admin.call("ACL", "SETUSER", "node", ...more);
	return { server, admin, allow, url: server.url.replace("//", "//node:x@") };
}

const cases = [
	["scripts", ["-eval", "-evalsha"], ["redis", "redis-subscriptions", "box"]],
	["writes", ["-set"], ["redis"]],
	["SUBSCRIBE", ["-subscribe"], ["redis-bus", "redis-rpc"]],
	["SSUBSCRIBE", ["-ssubscribe"], ["redis-subscriptions"]],
	["PUBLISH", ["-publish"], ["redis-bus", "redis-rpc"]],
	["SPUBLISH", ["-spublish"], ["redis-subscriptions"]],
	["the channel of this node", ["resetchannels", "&framegate:node-events", "&framegate:probe:*"], ["redis-rpc"]],
	["the channel of events", ["resetchannels", "&framegate:node:*", "&framegate:probe:*"], ["redis-bus"]],
	["every channel", ["resetchannels"], ["redis-subscriptions", "redis-bus", "redis-rpc"]],
	["keys", ["resetkeys", "~other:*"], ["redis", "redis-subscriptions"]],
] as const;
const all = ["+@all", "allchannels", "allkeys"];

for (const [right, without, names] of cases) {
	test(`without ${right} from the start: ${names.join(", ")}; with it again: nothing`, async (t) => {
		const { allow, url } = await stage(t, without);
		const probes = openProbes(t, url);
		await untilFailing(probes, names);
		await allow(...all);
		await untilFailing(probes, []);
	});

	test(`${right} taken away while running, and the connections ended`, async (t) => {
		const { admin, allow, url } = await stage(t);
		const probes = openProbes(t, url);
		await untilFailing(probes, []);
		await allow(...without);
		await admin.call("CLIENT", "KILL", "USER", "node");
		await untilFailing(probes, names);
		await allow(...all);
		await untilFailing(probes, []);
	});
}

test("publishing taken away from connections that go on is found out as well", async (t) => {
	const { allow, url } = await stage(t);
	const probes = openProbes(t, url);
	await untilFailing(probes, []);
	await allow("-publish");
	await untilFailing(probes, ["redis-bus", "redis-rpc"]);
	await allow("+publish");
	await untilFailing(probes, []);
});

test("a full server, and a replica, take no writes", async (t) => {
	const { server, admin, url } = await stage(t);
	const probes = openProbes(t, url);
	await untilFailing(probes, []);
	await admin.call("CONFIG", "SET", "maxmemory", "1");
	await untilFailing(probes, ["redis"]);
	await admin.call("CONFIG", "SET", "maxmemory", "0");
	await untilFailing(probes, []);
	const master = await startRedis();
	t.after(() => master.stop());
	await admin.call("REPLICAOF", "127.0.0.1", String(master.port));
	await until(async () => (await failing(probes)).includes("redis"));
	await admin.call("REPLICAOF", "NO", "ONE");
	await untilFailing(probes, []);
	assert.ok(server.port);
});

test("in a Cluster every master is asked", async (t) => {
	const cluster = await startRedisCluster();
	t.after(() => cluster.stop());
	const probes = openProbes(t, cluster.url, false);
	await untilFailing(probes, []);
	for (const { port } of cluster.servers) {
		const admin = new Redis(port);
		t.after(() => admin.disconnect());
		await admin.call("ACL", "SETUSER", "default", "-eval", "-evalsha");
		await until(async () => (await failing(probes)).includes("redis"));
		await admin.call("ACL", "SETUSER", "default", "+@all");
		await untilFailing(probes, []);
		await admin.call("ACL", "SETUSER", "default", "-ssubscribe");
		await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
		await until(async () => (await failing(probes)).includes("redis-subscriptions"));
		await admin.call("ACL", "SETUSER", "default", "+@all");
		await untilFailing(probes, []);
	}
});

test("asking again and again costs no more than a script", async (t) => {
	const { admin, url } = await stage(t);
	const probes = openProbes(t, url, false);
	await untilFailing(probes, []);
	await admin.call("CONFIG", "RESETSTAT");
	for (let round = 0; round < 50; round++) assert.deepEqual(await failing(probes), []);
	const stats = await admin.info("commandstats");
	const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
	assert.ok(calls("publish") <= 4 && calls("spublish") <= 2, stats);
	assert.ok(calls("evalsha") <= 52, stats);
});

interface Ready {
	readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

test("/ready is 503 and names what fails: without SUBSCRIBE at boot, and without scripts later", async (t) => {
	const { admin, allow, url } = await stage(t, ["-subscribe"]);
	const gateway = await startGateway({ env: { REDIS_URL: url }, untilLive: true });
	t.after(() => gateway.kill9());
	const ready = async () => {
		const response = await fetch(`${gateway.httpUrl}/ready`);
		const { checks } = (await response.json()) as Ready;
		return [response.status, ...checks.filter(({ ok }) => !ok).map(({ name }) => name)].join(" ");
	};
	await until(async () => (await ready()) === "503 redis-bus redis-rpc");
	await allow("+subscribe");
	await until(async () => (await ready()) === "200");
	await allow("-subscribe", "-ssubscribe");
	await admin.call("CLIENT", "KILL", "USER", "node");
	// What was subscribed to is refused, and nobody waits for it: the process lives, and says so.
	await until(async () => (await ready()) === "503 redis-subscriptions redis-bus redis-rpc");
	await allow("+@all");
	await until(async () => (await ready()) === "200");
	await allow("-eval", "-evalsha");
	await until(async () => (await ready()) === "503 redis redis-subscriptions");
	await allow("+@all");
	await until(async () => (await ready()) === "200");
	assert.equal(gateway.process.exitCode, null);
});
