// What a connection settles with its Redis comes before everything else: a refused or unanswered SELECT, AUTH, HELLO or
// CLIENT SETNAME leaves no connection, and nothing is read from or written into another database.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Redis } from "ioredis";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import { GatewayError } from "../../protocol/error.ts";
import { DataType } from "../../protocol/gen/schema.ts";
import { RedisBox } from "../../services/edge/redis/box-redis.ts";
import { DialectName } from "../../services/edge/redis/dialect.ts";
import { openRedis, type RedisOptions } from "../../stores/redis/connection.ts";
import { parseRedisUrl } from "../../stores/redis/redis-url.ts";
import { startGateway } from "../support/gateway.ts";
import { startHostileProxy } from "../support/hostile-proxy.ts";
import { type QuietLogger, quietLogger } from "../support/quiet-logger.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const timing = { commandTimeoutMs: 300, connectTimeoutMs: 1000, maxReconnectDelayMs: 50 };

function reasons(logger: QuietLogger): string {
	return logger.lines.map(({ fields }) => String((fields as { err?: Error }).err?.message ?? "")).join("\n");
}

/** A Redis with a user `node` that has all rights but these, and a client that has all. */
async function stage(t: TestContext, ...rules: readonly string[]) {
	const server = await startRedis({ args: ["--databases", "8"] });
	t.after(() => server.stop());
	const admin = new Redis(server.port);
	t.after(() => admin.disconnect());
	await admin.call("ACL", "SETUSER", "node", "on", ">secret", "~*", "&*", "+@all", ...rules);
	const allow = (...more: readonly string[]) => admin.call("ACL", "SETUSER", "node", ...more);
	const url = (db: number | string, port = server.port) => `redis://node:secret@127.0.0.1:${port}/${db}`;
	return { server, admin, allow, url };
}

function open(t: TestContext, options: RedisOptions) {
	const logger = quietLogger();
	const redis = openRedis({ ...timing, ...options }, logger);
	t.after(() => redis.close());
	return { redis, logger };
}

const isUnavailable = (error: unknown) => error instanceof GatewayError && error.code === 13;

async function boxOn(t: TestContext, url: string) {
	const logger = quietLogger();
	const link = { name: "", url, recheckMs: 50, heartbeatMs: 100, ...timing };
	const box = new RedisBox({ link, dialect: DialectName.V1 }, logger);
	t.after(() => box.close());
	const target = { family: "comsrv", channel: 1001, type: DataType.CONTROL, pointId: 5 };
	const command = { target, value: 1, commandId: "c1", operator: "ada", atMs: Date.now() };
	return { box, logger, send: () => box.commands.send(command) };
}

describe("a step of connecting that the server refuses", () => {
	const steps = [
		["SELECT", ["-select"], "+select", /SELECT 5 refused: NOPERM/],
		["CLIENT SETNAME", ["-client|setname"], "+client", /CLIENT SETNAME refused: NOPERM/],
		["AUTH", ["resetpass", ">other"], ">secret", /HELLO 3 refused: WRONGPASS/],
	] as const;
	for (const waitsForLoading of [true, false]) {
		for (const [step, without, back, reason] of steps) {
			test(`${step}: no connection, ${waitsForLoading ? "a gateway's" : "a box'"}, until it is allowed`, async (t) => {
				const { admin, allow, url } = await stage(t, ...without);
				const { redis, logger } = open(t, { url: url(5), keyPrefix: "", waitsForLoading });
				await until(() => reason.test(reasons(logger)));
				assert.equal(redis.isReady, false);
				await assert.rejects(
					redis.run((client) => client.set("stray", "1")),
					isUnavailable,
				);
				await assert.rejects(redis.probe.check(), isUnavailable);
				assert.ok(!reasons(logger).includes("secret"));
				await allow(back);
				await untilReady(redis);
				await redis.run((client) => client.set("kept", "1"));
				assert.deepEqual(await admin.keys("*"), []);
				await admin.select(5);
				assert.deepEqual(await admin.keys("*"), ["kept"]);
				// However often it tried.
				assert.ok(logger.lines.filter(({ level }) => level === "warn").length <= 2);
			});

			test(`${step}: refused at a reconnect of ${waitsForLoading ? "a gateway" : "a box"}`, async (t) => {
				const { admin, allow, url } = await stage(t);
				const { redis, logger } = open(t, { url: url(5), keyPrefix: "", waitsForLoading });
				await untilReady(redis);
				await allow(...without);
				await admin.call("CLIENT", "KILL", "USER", "node");
				await until(() => reason.test(reasons(logger)));
				await assert.rejects(
					redis.run((client) => client.set("stray", "1")),
					isUnavailable,
				);
				await allow(back);
				await untilReady(redis);
				assert.deepEqual(await admin.keys("*"), []);
			});
		}
	}

	test("HELLO", async (t) => {
		const { server, url } = await stage(t);
		const proxy = await startHostileProxy(server.port);
		t.after(() => proxy.close());
		proxy.refused.set("hello", "-NOPERM this user has no permissions to run the 'hello' command");
		const { redis, logger } = open(t, { url: url(5, proxy.port), waitsForLoading: false });
		await until(() => /HELLO 3 refused: NOPERM/.test(reasons(logger)));
		assert.equal(redis.isReady, false);
		proxy.refused.clear();
		await untilReady(redis);
	});

	test("a database that there is not", async (t) => {
		const { url } = await stage(t);
		const { redis, logger } = open(t, { url: url(99) });
		await until(() => /SELECT 99 refused: ERR DB index is out of range/.test(reasons(logger)));
		assert.equal(redis.isReady, false);
	});

	test("INFO, by which a gateway sees that the data is loaded", async (t) => {
		const { allow, url } = await stage(t, "-info");
		const { redis, logger } = open(t, { url: url(0) });
		await until(() => /INFO refused: NOPERM/.test(reasons(logger)));
		await allow("+info");
		await untilReady(redis);
	});
});

test("a SELECT without an answer is none", async (t) => {
	const { server, admin, url } = await stage(t);
	const proxy = await startHostileProxy(server.port);
	t.after(() => proxy.close());
	proxy.refused.set("select", "");
	const { redis, logger } = open(t, { url: url(5, proxy.port), keyPrefix: "", waitsForLoading: false });
	await until(() => /SELECT 5 refused: Command timed out/.test(reasons(logger)));
	await assert.rejects(
		redis.run((client) => client.set("stray", "1")),
		isUnavailable,
	);
	assert.deepEqual(await admin.keys("*"), []);
	proxy.refused.clear();
	await untilReady(redis);
});

test("a server that is loading is waited for, and one that knows no RESP3 is spoken to in RESP2", async (t) => {
	const { server, admin, allow } = await stage(t, "-select");
	const proxy = await startHostileProxy(server.port);
	t.after(() => proxy.close());
	proxy.refused.set("hello", "-ERR unknown command 'HELLO'");
	const loading = "# Persistence\r\nloading:1\r\n";
	proxy.refused.set("info", `$${loading.length}\r\n${loading}`);
	const url = `redis://node:secret@127.0.0.1:${proxy.port}/5`;
	const { redis, logger } = open(t, { url });
	await until(() => /SELECT 5 refused/.test(reasons(logger)));
	await allow("+select");
	await proxy.untilRefused("info", 3);
	assert.equal(redis.isReady, false);
	proxy.refused.delete("info");
	await untilReady(redis);
	const bus = new RedisNodeBus(redis, logger);
	t.after(() => bus.close());
	await until(async () => {
		await bus.probe.check();
		return true;
	});
	await redis.run((client) => client.set("kept", "1"));
	assert.deepEqual(await admin.keys("kept"), []);
});

test("a password where none is asked for is used no further, and said so", async (t) => {
	const { server } = await stage(t);
	const proxy = await startHostileProxy(server.port);
	t.after(() => proxy.close());
	proxy.refused.set("hello", "-ERR unknown command 'HELLO'");
	const { redis, logger } = open(t, { url: `redis://:unasked@127.0.0.1:${proxy.port}/5` });
	await untilReady(redis);
	assert.equal(logger.lines.filter(({ message }) => message.includes("needs no password")).length, 1);
});

test("no device command, value or subscription goes into a database that nobody named", async (t) => {
	const { admin, allow, url } = await stage(t, "-select");
	await admin.hset("comsrv:1001:T", "1", "99");
	const { box, logger, send } = await boxOn(t, url(5));
	await until(() => /SELECT 5 refused/.test(reasons(logger)) && box.condition.reason !== "not connected yet");
	await assert.rejects(send(), isUnavailable);
	const key = { family: "comsrv", channel: 1001, type: DataType.TELEMETRY };
	await assert.rejects(box.points.read([{ key, points: undefined }]), isUnavailable);
	await assert.rejects(box.probe.check(), isUnavailable);
	assert.equal(box.condition.reason, "it refuses the gateway's credentials");
	assert.deepEqual(await admin.keys("*"), ["comsrv:1001:T"]);
	await allow("+select");
	await until(async () => (await send()) === "sent");
	assert.deepEqual(await admin.keys("*"), ["comsrv:1001:T"]);
	await admin.select(5);
	assert.equal(await admin.llen("comsrv:trigger:1001:C"), 1);
});

test("behind Sentinels", async (t) => {
	const { server, admin, allow } = await stage(t, "-select");
	const port = await freePort();
	const sentinel = await startRedis({ port, sentinel: `sentinel monitor main 127.0.0.1 ${server.port} 1` });
	t.after(() => sentinel.stop());
	const { redis, logger } = open(t, { url: `redis+sentinel://node:secret@127.0.0.1:${port}/main/5` });
	await until(() => /SELECT 5 refused/.test(reasons(logger)));
	await allow("+select");
	await untilReady(redis);
	await redis.run((client) => client.set("kept", "1"));
	assert.deepEqual(await admin.keys("*"), []);
});

test("a Cluster has database 0 only; another one is an error at the start", () => {
	for (const url of ["redis+cluster://a/5", "rediss+cluster://a,b/1"])
		assert.throws(() => parseRedisUrl(url), /database 0 only/);
});

test("a gateway is not ready, writes nothing, names the cause, and is ready by itself", async (t) => {
	const { admin, allow, url } = await stage(t, "-select");
	const env = { REDIS_URL: url(4), EDGE_REDIS_URL: url(5), FRAMEGATE_LOG_LEVEL: "info" };
	const gateway = await startGateway({ env, untilLive: true });
	t.after(() => gateway.kill9());
	const ready = async () => (await fetch(`${gateway.httpUrl}/ready`)).status;
	await until(() => /SELECT 4 refused/.test(gateway.log()) && /SELECT 5 refused/.test(gateway.log()));
	assert.equal(await ready(), 503);
	assert.deepEqual(await admin.keys("*"), []);
	await allow("+select");
	await until(async () => (await ready()) === 200);
	assert.deepEqual(await admin.keys("*"), []);
});
