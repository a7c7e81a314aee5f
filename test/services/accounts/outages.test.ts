// What needs SQL or Redis while a real server is killed and comes back: refused in time, retryable, and back by itself.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, test } from "node:test";
import { RedisNodeBus } from "../../../messaging/node-bus-redis.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { RedisSessionStore } from "../../../services/accounts/session-store-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { type AccountServices, accountServices, registerUser, testDevice } from "../../support/account-services.ts";
import { freeze } from "../../support/freeze.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

function assertUnavailable(error: unknown): void {
	assert.ok(error instanceof GatewayError, String(error));
	assert.equal(error.code, 13);
	assert.ok(error.retryable && error.retryAfterMs > 0);
	assert.ok(error.cause instanceof Error, "the cause is kept for the log");
	assert.doesNotMatch(error.message, /ECONN|127\.0\.0\.1/, "and kept from the client");
}

const refused = async (call: Promise<unknown>) =>
	assertUnavailable(
		await call.then(
			() => assert.fail("was not refused"),
			(error: unknown) => error,
		),
	);

/** A server that stands still is given up after this. */
const databaseTimeouts = { connectTimeoutMs: 1000, statementTimeoutMs: 1000 };

describe("SQL down", () => {
	const servers = { PostgreSQL: startPostgres, MariaDB: startMariadb };
	for (const [name, start] of Object.entries(servers)) {
		test(`${name} killed: refused, sessions go on, and back after a restart`, { timeout: 60_000 }, async () => {
			const first = await start({ keepData: true });
			const services = await accountServices({ databaseUrl: first.url, databaseTimeouts });
			await registerUser(services);
			const { tokens } = await services.accounts.login("alice", "correct horse", testDevice);
			await first.stop();
			await everyCallIsRefused(services);
			await services.sessions.resume(tokens.accessToken);
			await refused(services.sessions.refresh(tokens.refreshToken));
			const second = await start({ resume: { directory: first.directory, port: first.port } });
			await until(async () => {
				await services.database.probe.check();
				return true;
			});
			await services.accounts.login("alice", "correct horse", testDevice);
			await services.sessions.refresh(tokens.refreshToken);
			await services.close();
			await second.stop();
			rmSync(first.directory, { recursive: true, force: true });
		});

		test(`${name} frozen: given up in time, and used again when it thaws`, { timeout: 60_000 }, async (context) => {
			const server = await start();
			const services = await accountServices({ databaseUrl: server.url, databaseTimeouts });
			await registerUser(services);
			// PostgreSQL serves each connection by a process of its own, so the whole group has to stop.
			const thaw = await freeze(server.pid);
			context.after(async () => {
				thaw();
				await services.close();
				await server.stop();
			});
			await Promise.all(Array.from({ length: 30 }, () => refused(services.accounts.findUser("alice"))));
			thaw();
			await until(async () => (await services.accounts.findUser("alice")) !== undefined);
		});
	}
});

async function everyCallIsRefused(services: AccountServices): Promise<void> {
	await refused(services.database.probe.check());
	await refused(services.database.migrate());
	await refused(services.accounts.login("alice", "correct horse", testDevice));
	await refused(registerUser(services, "bobby"));
	await refused(services.reset.confirm("alice", "00000-00000", "new password", testDevice.ip));
	await refused(services.accounts.list({ limit: 1 }));
	// Asking for a code answers alike whatever happens; the failure is logged.
	await services.reset.requestCode("alice", testDevice.ip);
	await services.reset.close();
	assert.ok(services.logger.lines.some((line) => line.level === "error"));
}

test("Redis killed: everything about sessions is refused, nothing is half done, and back after a restart", async () => {
	const first = await startRedis();
	const redis = openRedis({ url: first.url, maxReconnectDelayMs: 50 }, quietLogger());
	await untilReady(redis);
	const services = await accountServices({
		sessionStore: new RedisSessionStore(redis),
		bus: new RedisNodeBus(redis, quietLogger()),
		sessions: { refreshTokenTtlMs: 20 * 365 * 86_400_000 },
	});
	const user = await registerUser(services, "alice", "a@example.org");
	const { identity, tokens } = await services.accounts.login("alice", "correct horse", testDevice);
	await services.reset.requestCode("alice", testDevice.ip);
	await services.reset.close();
	const code = /Code: (\S+)/.exec(services.notices[0]?.text ?? "")?.[1] as string;
	await first.stop();
	await refused(services.sessions.resume(tokens.accessToken));
	await refused(services.sessions.refresh(tokens.refreshToken));
	await refused(services.sessions.logout(identity, false, () => assert.fail("let go of a session that did not end")));
	await refused(services.accounts.login("alice", "correct horse", testDevice));
	await refused(services.reset.confirm("alice", code, "new password", testDevice.ip));
	const second = await startRedis({ port: first.port });
	await untilReady(redis);
	// The old password still holds and the code still works: the refused reset changed nothing.
	await services.accounts.login("alice", "correct horse", testDevice);
	await services.reset.confirm("alice", code, "new password", testDevice.ip);
	assert.deepEqual(await services.store.listByUser(user.id), []);
	await services.accounts.login("alice", "new password", testDevice);
	await services.close();
	await redis.close();
	await second.stop();
});

test("sessions survive the process that opened them", async () => {
	const server = await startRedis();
	const product = async () => {
		const redis = openRedis({ url: server.url }, quietLogger());
		await untilReady(redis);
		const sessionStore = new RedisSessionStore(redis);
		const sessions = { refreshTokenTtlMs: 20 * 365 * 86_400_000 };
		return { redis, services: await accountServices({ sessionStore, sessions }) };
	};
	const one = await product();
	await registerUser(one.services);
	const { identity, tokens } = await one.services.accounts.login("alice", "correct horse", testDevice);
	await one.services.close();
	await one.redis.close();
	const other = await product();
	assert.deepEqual((await other.services.sessions.resume(tokens.accessToken)).identity, identity);
	await other.services.close();
	await other.redis.close();
	await server.stop();
});
