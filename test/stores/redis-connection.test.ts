// The Redis connection through outages of a real server, and the URLs it takes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GatewayError } from "../../protocol/error.ts";
import { openRedis } from "../../stores/redis/connection.ts";
import { parseRedisUrl } from "../../stores/redis/redis-url.ts";
import { freeze } from "../support/freeze.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const isUnavailable = (error: unknown) =>
	error instanceof GatewayError && error.code === 13 && error.retryAfterMs > 0 && error.cause instanceof Error;

describe("redis URLs", () => {
	const single = { kind: "single", db: 0 };
	const cases: [string, object][] = [
		["redis://localhost", { ...single, nodes: [{ host: "localhost", port: 6379 }] }],
		["redis://h:7000/3", { ...single, nodes: [{ host: "h", port: 7000 }], db: 3 }],
		["redis://[::1]:7000", { ...single, nodes: [{ host: "::1", port: 7000 }] }],
		[
			"rediss://:p%40ss@h",
			{ ...single, tls: { mode: "verify-full" }, nodes: [{ host: "h", port: 6379 }], password: "p@ss" },
		],
		["redis://:p@ss:w@h", { ...single, nodes: [{ host: "h", port: 6379 }], password: "p@ss:w" }],
		["redis://h?family=0&db=3", { ...single, nodes: [{ host: "h", port: 6379 }], db: 3, family: 0 }],
		["valkeys://h:1", { ...single, tls: { mode: "verify-full" }, nodes: [{ host: "h", port: 1 }] }],
		["redis://me:secret@h/", { ...single, nodes: [{ host: "h", port: 6379 }], username: "me", password: "secret" }],
		[
			"redis+cluster://a:1,b",
			{
				...single,
				kind: "cluster",
				nodes: [
					{ host: "a", port: 1 },
					{ host: "b", port: 6379 },
				],
			},
		],
		[
			"redis+sentinel://a,b:5/main/2",
			{
				...single,
				kind: "sentinel",
				nodes: [
					{ host: "a", port: 26379 },
					{ host: "b", port: 5 },
				],
				masterName: "main",
				db: 2,
				sentinel: {},
			},
		],
		[
			"rediss+sentinel://me:secret@a/main?sentinelUsername=watch&sentinelPassword=s%26%3D+&sentinelTls=false",
			{
				...single,
				kind: "sentinel",
				tls: { mode: "verify-full" },
				nodes: [{ host: "a", port: 26379 }],
				masterName: "main",
				username: "me",
				password: "secret",
				sentinel: { username: "watch", password: "s&=+" },
			},
		],
		[
			"rediss+sentinel://a/main",
			{
				...single,
				kind: "sentinel",
				tls: { mode: "verify-full" },
				nodes: [{ host: "a", port: 26379 }],
				masterName: "main",
				sentinel: { tls: { mode: "verify-full" } },
			},
		],
	];
	for (const [url, expected] of cases) {
		test(url, () => assert.deepEqual(parseRedisUrl(url), expected));
	}
	for (const url of [
		"",
		"http://h",
		"redis://",
		"redis://h/x",
		"redis://a,b",
		"redis+sentinel://a",
		"redis+cluster://a/1",
		"redis://h:99999",
		"redis://h?sentinelPassword=topsecret",
		"redis+sentinel://a/main?password=topsecret",
		"redis+sentinel://a/main?sentinelTls=topsecret",
		"redis+sentinel://a/main?sentinelUsername=topsecret",
	]) {
		test(`refuses "${url}" without repeating it`, () => {
			assert.throws(
				() => parseRedisUrl(url.replace("://", "://u:topsecret@")),
				(error: Error) => !error.message.includes("topsecret"),
			);
		});
	}
});

test("down at start: fails at once, and reconnects by itself", async () => {
	const port = await freePort();
	const logger = quietLogger();
	const redis = openRedis({ url: `redis://127.0.0.1:${port}`, maxReconnectDelayMs: 50 }, logger);
	for (let n = 0; n < 50; n++) await assert.rejects(redis.probe.check(), isUnavailable);
	await until(() => logger.lines.length > 0);
	const server = await startRedis({ port });
	await untilReady(redis);
	await redis.probe.check();
	assert.deepEqual(
		logger.lines.map((line) => line.level),
		["warn", "info"],
	);
	await redis.close();
	await server.stop();
});

test("killed meanwhile: waiting commands fail, and it reconnects", async () => {
	const first = await startRedis();
	const redis = openRedis({ url: first.url, maxReconnectDelayMs: 50 }, quietLogger());
	await untilReady(redis);
	const blocked = redis.run((client) => client.blpop("nothing", 0));
	await Promise.all([assert.rejects(blocked, isUnavailable), first.stop()]);
	await assert.rejects(redis.probe.check(), isUnavailable);
	const second = await startRedis({ port: first.port });
	await untilReady(redis);
	await redis.probe.check();
	await redis.close();
	await second.stop();
});

test("commands to a frozen server fail within the command timeout, and succeed when it thaws", async () => {
	const server = await startRedis();
	const options = {
		url: server.url,
		commandTimeoutMs: 200,
		maxInFlight: 10,
		maxReconnectDelayMs: 50,
		connectTimeoutMs: 300,
	};
	const redis = openRedis(options, quietLogger());
	await untilReady(redis);
	const thaw = await freeze(server.pid);
	const results = await Promise.allSettled(Array.from({ length: 30 }, () => redis.run((client) => client.get("x"))));
	assert.ok(results.every((result) => result.status === "rejected" && result.reason.code === 13));
	const refusedAtOnce = results.filter((result) => result.status === "rejected" && result.reason.cause === undefined);
	assert.equal(refusedAtOnce.length, 20);
	thaw();
	await until(async () => {
		await redis.probe.check();
		return true;
	});
	await redis.close();
	await server.stop();
});

test("password and database of the URL are used; a wrong password is an outage, not a crash", async () => {
	const server = await startRedis({ args: ["--requirepass", "geheim"] });
	const url = (password: string) => `redis://:${password}@127.0.0.1:${server.port}/5`;
	const redis = openRedis({ url: url("geheim") }, quietLogger());
	await untilReady(redis);
	assert.match(String(await redis.run((client) => client.client("INFO"))), / db=5 /);
	const logger = quietLogger();
	const wrong = openRedis({ url: url("falsch") }, logger);
	await until(() => logger.lines.some((line) => line.level === "warn"));
	await assert.rejects(wrong.probe.check(), isUnavailable);
	await Promise.all([redis.close(), wrong.close()]);
	await server.stop();
});
