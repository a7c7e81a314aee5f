// A Redis that refuses, stalls or drops what this process subscribes to ends nothing: the process goes on, says that it is
// not subscribed, and is again when the server lets it.
import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import type { Logger } from "../../common/logger.ts";
import { RedisBroker } from "../../messaging/broker-redis.ts";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import { RedisNodeRpc } from "../../messaging/node-rpc-redis.ts";
import { DataType } from "../../protocol/gen/schema.ts";
import { BoxChannels } from "../../services/edge/redis/box-channels.ts";
import { BoxLink } from "../../services/edge/redis/box-link.ts";
import { boxDialect, DialectName } from "../../services/edge/redis/dialect.ts";
import { PointsWakeups } from "../../services/edge/redis/points-wakeups.ts";
import { openRedis } from "../../stores/redis/connection.ts";
import { frameOf, kept } from "../messaging/broker/listening-node.ts";
import { freeze } from "../support/freeze.ts";
import { type HostileProxy, startHostileProxy } from "../support/hostile-proxy.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { type RedisGroup, startRedisCluster } from "../support/redis-cluster.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

interface Subject {
	/** What is published arrives, sooner or later. */
	arrives(): Promise<void>;
	/** Whether it says of itself that it is subscribed; undefined where nothing depends on it. */
	probe?(): Promise<void>;
	close(): Promise<void>;
}

type Start = (url: string, logger: Logger) => Subject;

const timing = { commandTimeoutMs: 300, connectTimeoutMs: 1000, maxReconnectDelayMs: 50 };

/** Publishes again and again until it arrives. */
const published = (publish: () => Promise<unknown>, count: () => number) => async () => {
	const before = count();
	await until(async () => {
		await publish();
		return count() > before;
	});
};

const bus: Start = (url, logger) => {
	const [redis, other] = [openRedis({ url, ...timing }, logger), openRedis({ url, ...timing }, quietLogger())];
	const [here, there] = [new RedisNodeBus(redis, logger), new RedisNodeBus(other, quietLogger())];
	let count = 0;
	here.subscribe((event) => {
		if (event.type === "sessions-revoked" && event.sessionIds.length > 0) count++;
	});
	const publish = () => there.publish({ type: "sessions-revoked", sessionIds: ["a"], reason: "replaced" });
	return {
		arrives: published(publish, () => count),
		probe: () => here.probe.check(),
		close: async () => void (await Promise.all([here, there, redis, other].map((each) => each.close()))),
	};
};

const rpc: Start = (url, logger) => {
	const redis = openRedis({ url, ...timing }, logger);
	const node = new RedisNodeRpc("n1", redis, logger);
	let count = 0;
	node.serve(async (payload) => {
		count++;
		return payload;
	});
	return {
		arrives: published(
			() => node.call("n1", new Uint8Array([1]), 500),
			() => count,
		),
		probe: () => node.probe.check(),
		close: async () => void (await Promise.all([node, redis].map((each) => each.close()))),
	};
};

const broker: Start = (url, logger) => {
	const redis = openRedis({ url, keyPrefix: "framegate:", ...timing }, logger);
	const node = new RedisBroker(redis, logger, { pingIntervalMs: 100 });
	let count = 0;
	node.listen({ onPublication: () => count++, onInterrupted: () => undefined });
	let isSubscribed = false;
	const publish = async () => {
		if (!isSubscribed) await node.subscribe("room:1");
		isSubscribed = true;
		await node.publish("room:1", frameOf("room:1", "x"), kept);
	};
	return {
		arrives: published(publish, () => count),
		probe: () => node.probe.check(),
		close: async () => void (await Promise.all([node, redis].map((each) => each.close()))),
	};
};

const boxChannels: Start = (url, logger) => {
	const link = new BoxLink({ name: "", url, recheckMs: 50, heartbeatMs: 100, ...timing }, logger);
	const channels = new BoxChannels(link);
	const publisher = openRedis({ url, ...timing }, quietLogger());
	let count = 0;
	const listener = { onMessage: () => count++, onSubscribed: () => undefined };
	channels.listen("alarmsrv:events", listener);
	channels.listen("comsrv:ack:*", listener);
	const publish = (channel: string) => () => publisher.run((client) => client.publish(channel, "{}"));
	return {
		arrives: async () => {
			for (const channel of ["alarmsrv:events", "comsrv:ack:7"]) await published(publish(channel), () => count)();
		},
		close: async () => {
			channels.close();
			await Promise.all([link.close(), publisher.close()]);
		},
	};
};

const boxWakeups: Start = (url, logger) => {
	const link = new BoxLink({ name: "", url, recheckMs: 50, heartbeatMs: 100, ...timing }, logger);
	const wakeups = new PointsWakeups(link, boxDialect(DialectName.V1).points, { coalesceMs: 1, maxWatchedKeys: 100 });
	const publisher = openRedis({ url, ...timing }, quietLogger());
	let count = 0;
	wakeups.onChange(() => count++);
	wakeups.watch([1, 2, 3].map((channel) => ({ family: "comsrv", channel, type: DataType.TELEMETRY })));
	return {
		arrives: published(
			() => publisher.run((client) => client.publish("comsrv:2:T", "1")),
			() => count,
		),
		close: async () => {
			wakeups.close();
			await Promise.all([link.close(), publisher.close()]);
		},
	};
};

const commands: Start = (url, logger) => {
	const redis = openRedis({ url, ...timing }, logger);
	return {
		arrives: () => until(async () => (await redis.run((client) => client.set("framegate:x", "1"))) === "OK"),
		probe: () => redis.probe.check(),
		close: () => redis.close(),
	};
};

const subjects: Record<string, Start> = { commands, bus, rpc, broker, boxChannels, boxWakeups };
const SUBSCRIBES = ["subscribe", "psubscribe", "ssubscribe"];

interface Stage {
	readonly server: RealServer;
	readonly proxy: HostileProxy;
	readonly admin: Redis;
}

interface Ordeal {
	/** Resolves when the subject has met with it, several times where it tries again. */
	readonly felt: () => Promise<void>;
	readonly end: () => unknown;
}

/** What is done to a subject. @param lines - what it has logged since. */
type Hostility = (stage: Stage, lines: () => number) => Promise<Ordeal>;

/** Attempts at what is refused that are waited for. */
const ATTEMPTS = 4;

async function refusedSubscriptions(admin: Redis): Promise<number> {
	const stats = await admin.info("commandstats");
	const found = [...stats.matchAll(/cmdstat_[ps]?subscribe:.*rejected_calls=(\d+)/g)];
	return found.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Takes a right away and drops what made use of it. */
const withoutRights =
	(...rules: readonly string[]): Hostility =>
	async ({ admin }) => {
		const before = await refusedSubscriptions(admin);
		await admin.call("ACL", "SETUSER", "default", ...rules);
		await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
		return {
			felt: () => until(async () => (await refusedSubscriptions(admin)) >= before + ATTEMPTS),
			end: () => admin.call("ACL", "SETUSER", "default", "+@all", "allchannels"),
		};
	};

/** Answers subscriptions in the server's place. */
const withAnswers =
	(answer: string): Hostility =>
	async ({ proxy }) => {
		for (const name of SUBSCRIBES) proxy.refused.set(name, answer);
		const total = () => [...proxy.rejections.values()].reduce((sum, count) => sum + count, 0);
		const before = total();
		proxy.drop();
		return { felt: () => until(() => total() >= before + ATTEMPTS), end: () => proxy.refused.clear() };
	};

async function untilBusy(port: number): Promise<Redis> {
	const busy = new Redis({ port, retryStrategy: () => null });
	busy.on("error", () => undefined);
	busy.eval("while true do end", 0).catch(() => undefined);
	const asks = new Redis({ port, enableReadyCheck: false });
	await until(async () => {
		const reply = await asks.ping().catch((error: Error) => error.message);
		return reply.startsWith("BUSY");
	});
	asks.disconnect();
	return busy;
}

const hostilities: Record<string, Hostility> = {
	"a right that is taken away": withoutRights("-subscribe", "-psubscribe", "-ssubscribe"),
	"a channel that is taken away": withoutRights("resetchannels"),
	"-LOADING for a while": withAnswers("-LOADING Redis is loading the dataset in memory"),
	"no answer to a subscription": withAnswers(""),
	"-BUSY, for as long as a script runs": async ({ server, proxy, admin }, lines) => {
		const busy = await untilBusy(server.port);
		proxy.drop();
		const end = async () => {
			await admin.script("KILL");
			busy.disconnect();
		};
		return { felt: () => until(() => lines() > 0), end };
	},
	"a stop of the server": async ({ server, proxy }, lines) => {
		const thaw = await freeze(server.pid);
		proxy.drop();
		return { felt: () => until(() => lines() > 0), end: thaw };
	},
	"connections that hold all bytes": async ({ proxy }, lines) => {
		proxy.hold();
		const end = () => {
			proxy.release();
			proxy.drop();
		};
		return { felt: () => until(() => lines() > 0), end };
	},
	"connections that are dropped": async ({ proxy }, lines) => {
		proxy.drop();
		return { felt: () => until(() => lines() > 0), end: () => proxy.drop() };
	},
};
/** A connection for commands has nothing to do with these. */
const subscribersOnly: readonly Hostility[] = Object.values(hostilities).slice(0, 4);

/** A process logs each of these at most a few times, however long they last. */
const MAX_LINES = 30;

async function endure(t: TestContext, stage: Stage, start: Start, hostility: Hostility): Promise<void> {
	const logger = quietLogger();
	const subject = start(stage.proxy.url, logger);
	t.after(() => subject.close());
	await subject.arrives();
	await until(async () => {
		await subject.probe?.();
		return true;
	});
	const before = logger.lines.length;
	const lines = () => logger.lines.length - before;
	const { felt, end } = await hostility(stage, lines);
	// Who only holds subscriptions finds out by itself; a connection for commands when it is used.
	const used = subject.probe?.().catch(() => undefined);
	await felt();
	await used;
	await end();
	await subject.arrives();
	await until(async () => {
		await subject.probe?.();
		return true;
	});
	assert.ok(lines() <= MAX_LINES, `${lines()} lines`);
}

for (const [what, hostility] of Object.entries(hostilities)) {
	describe(`${what} is survived`, () => {
		for (const [name, start] of Object.entries(subjects)) {
			if (start === commands && subscribersOnly.includes(hostility)) continue;
			test(name, async (t) => {
				const server = await startRedis({ args: ["--busy-reply-threshold", "20"] });
				t.after(() => server.stop());
				const proxy = await startHostileProxy(server.port);
				t.after(() => proxy.close());
				const admin = new Redis({ port: server.port, enableReadyCheck: false });
				t.after(() => admin.disconnect());
				await admin.call("ACL", "SETUSER", "admin", "on", "nopass", "~*", "&*", "+@all");
				await admin.call("AUTH", "admin", "x");
				await endure(t, { server, proxy, admin }, start, hostility);
			});
		}
	});
}

describe("in a Cluster, refused subscriptions are survived, and stand again once they are allowed", () => {
	let cluster: RedisGroup;
	before(async () => {
		cluster = await startRedisCluster();
	});
	after(() => cluster.stop());

	for (const [name, start] of Object.entries({ bus, rpc, broker })) {
		test(name, async (t) => {
			const logger = quietLogger();
			const admins = cluster.servers.map(({ port }) => new Redis(port));
			t.after(() => {
				for (const admin of admins) admin.disconnect();
			});
			const everywhere = (...command: [string, ...string[]]) =>
				Promise.all(admins.map((admin) => admin.call(...command)));
			const subject = start(cluster.url, logger);
			t.after(() => subject.close());
			await subject.arrives();
			await until(async () => {
				await subject.probe?.();
				return true;
			});
			await everywhere("ACL", "SETUSER", "default", "-subscribe", "-psubscribe", "-ssubscribe");
			await everywhere("CLIENT", "KILL", "TYPE", "pubsub");
			await until(
				async () =>
					(await subject.probe?.().then(
						() => false,
						() => true,
					)) ?? true,
			);
			await until(() => logger.lines.some((line) => JSON.stringify(line.fields, errors).includes("NOPERM")));
			await everywhere("ACL", "SETUSER", "default", "+@all");
			await subject.arrives();
			await until(async () => {
				await subject.probe?.();
				return true;
			});
		});
	}
});

/** Errors have no fields of their own that JSON would show. */
function errors(_key: string, value: unknown): unknown {
	return value instanceof Error ? value.message : value;
}

test("a refused subscription is not subscribed to, and says why; a refused one of many is tried again by itself", async (t) => {
	const server = await startRedis();
	t.after(() => server.stop());
	const admin = new Redis(server.port);
	t.after(() => admin.disconnect());
	await admin.call("ACL", "SETUSER", "node", "on", ">x", "~*", "&framegate:*", "+@all", "-ssubscribe", "-subscribe");
	const logger = quietLogger();
	const redis = openRedis({ url: server.url.replace("//", "//node:x@"), ...timing }, logger);
	t.after(() => redis.close());
	const node = new RedisNodeBus(redis, logger);
	t.after(() => node.close());
	await until(() => logger.lines.some((line) => JSON.stringify(line.fields, errors).includes("'subscribe'")));
	await assert.rejects(node.probe.check(), /node events cannot be received/);
	await admin.call("ACL", "SETUSER", "node", "+subscribe");
	await until(async () => {
		await node.probe.check();
		return true;
	});
});
