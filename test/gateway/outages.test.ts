// Redis and SQL going away and coming back, under a real gateway process: refused in time, live, not ready, and back
// without help.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { freeze } from "../support/freeze.ts";
import { startGateway } from "../support/gateway.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { freePort } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { heartbeat, login, connect, refreshToken } = authRoutes;
const OK = ErrorCode.OK;

async function ready(httpUrl: string): Promise<boolean> {
	return (await fetch(`${httpUrl}/ready`)).ok;
}

async function failing(httpUrl: string): Promise<string[]> {
	const report = (await (await fetch(`${httpUrl}/ready`)).json()) as { checks: { name: string; ok: boolean }[] };
	return report.checks.filter((check) => !check.ok).map((check) => check.name);
}

describe("Redis", () => {
	it("down at boot: live, not ready, refused with a time to wait; serves as soon as Redis is there", async () => {
		const port = await freePort();
		const gateway = await startGateway({ env: { REDIS_URL: `redis://127.0.0.1:${port}` }, untilLive: true });
		after(() => gateway.kill9());
		assert.deepEqual(await failing(gateway.httpUrl), ["redis", "redis-subscriptions", "redis-bus", "redis-rpc"]);
		const client = await WireClient.open(gateway.url);
		await client.ask(authRoutes.register, { username: "ann", password: PASSWORD });
		const refused = await client.ask(login, { username: "ann", password: PASSWORD });
		assert.equal(refused.code, ErrorCode.UNAVAILABLE);
		assert.equal(refused.error?.retryable, true);
		assert.ok((refused.error?.retryAfterMs ?? 0) > 0);
		const redis = await startRedis({ port });
		after(() => redis.stop());
		await until(() => ready(gateway.httpUrl));
		await client.login("ann");
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, OK);
		await client.close();
	});

	it("lost mid-way: sessions go on, what needs Redis is refused in time, and all is well when it is back", async () => {
		const first = await startRedis();
		const port = Number(new URL(first.url).port);
		const gateway = await startGateway({ env: { REDIS_URL: first.url } });
		after(() => gateway.kill9());
		const { client, login: session } = await WireClient.member(gateway.url, "ann");
		await first.stop();
		await until(async () => !(await ready(gateway.httpUrl)));
		assert.equal((await fetch(`${gateway.httpUrl}/health`)).status, 200);
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, OK);
		const other = await WireClient.open(gateway.url);
		const accessToken = session.tokens?.accessToken ?? "";
		assert.equal((await other.ask(connect, { accessToken })).code, ErrorCode.UNAVAILABLE);
		const refresh = { refreshToken: session.tokens?.refreshToken ?? "" };
		assert.equal((await other.ask(refreshToken, refresh)).code, ErrorCode.UNAVAILABLE);
		const second = await startRedis({ port });
		after(() => second.stop());
		await until(() => ready(gateway.httpUrl));
		// The Redis that came back is empty, and says so: the session is gone, and a login makes a new one.
		assert.equal((await other.ask(connect, { accessToken })).code, ErrorCode.UNAUTHENTICATED);
		await other.login("ann");
		assert.equal((await other.ask(heartbeat, {})).code ?? 0, OK);
		await Promise.all([client.close(), other.close()]);
	});

	it("stopped like a paused machine: requests are refused within the command timeout, then served", async () => {
		const redis = await startRedis();
		after(() => redis.stop());
		const gateway = await startGateway({ env: { REDIS_URL: redis.url, FRAMEGATE_REDIS_COMMAND_TIMEOUT_MS: "200" } });
		after(() => gateway.kill9());
		const { client, login: session } = await WireClient.member(gateway.url, "ann");
		const thaw = await freeze(redis.pid);
		after(thaw);
		const accessToken = session.tokens?.accessToken ?? "";
		const other = await WireClient.open(gateway.url);
		const refused = await other.ask(connect, { accessToken });
		assert.equal(refused.code, ErrorCode.UNAVAILABLE);
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, OK);
		thaw();
		await until(async () => ((await other.ask(connect, { accessToken })).code ?? 0) === OK);
		await Promise.all([client.close(), other.close()]);
	});
});

describe("SQL", () => {
	it("down at boot and mid-way: live, not ready, refused in time, and back by itself", async () => {
		const initial = await startPostgres({ keepData: true });
		const resume = { directory: initial.directory, port: Number(new URL(initial.url).port) };
		await initial.stop();
		const env = { DATABASE_URL: initial.url, FRAMEGATE_DATABASE_TIMEOUT_MS: "1000" };
		const gateway = await startGateway({ env, untilLive: true });
		after(() => gateway.kill9());
		assert.deepEqual(await failing(gateway.httpUrl), ["sql", "schema"]);
		const client = await WireClient.open(gateway.url);
		const register = { username: "ann", password: PASSWORD };
		assert.equal((await client.ask(authRoutes.register, register)).code, ErrorCode.UNAVAILABLE);
		const first = await startPostgres({ resume, keepData: true });
		await until(() => ready(gateway.httpUrl));
		assert.equal((await client.ask(authRoutes.register, register)).code ?? 0, OK);
		await client.login("ann");
		await first.stop();
		await until(async () => !(await ready(gateway.httpUrl)));
		assert.equal((await client.ask(authRoutes.getUserInfo, {})).code, ErrorCode.UNAVAILABLE);
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, OK);
		const second = await startPostgres({ resume });
		after(() => second.stop());
		await until(() => ready(gateway.httpUrl));
		// The test's server keeps no durable log, so the account itself may be gone; the service is not.
		await client.ask(authRoutes.register, register);
		await client.login("ann");
		await client.close();
	});
});
