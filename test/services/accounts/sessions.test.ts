// Sessions: opened, resumed, refreshed, replaced, ended. In memory and on a real Redis.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { RedisNodeBus } from "../../../messaging/node-bus-redis.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { RedisSessionStore } from "../../../services/accounts/session-store-redis.ts";
import type { Device, GrantedSession } from "../../../services/accounts/sessions.ts";
import type { UserRecord } from "../../../services/accounts/user-store.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import {
	type AccountServices,
	type AccountServicesOptions,
	accountServices,
	registerUser,
	testDevice,
} from "../../support/account-services.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { untilReady } from "../../support/until.ts";

const refused = (code: number) => (error: unknown) => error instanceof GatewayError && error.code === code;
const unauthenticated = refused(2);

const on = (deviceId: string): Device => ({ ...testDevice, deviceId });

let server: RealServer;
let redis: RedisConnection;
before(async () => {
	server = await startRedis();
	redis = openRedis({ url: server.url }, quietLogger());
	await untilReady(redis);
});
after(async () => {
	await redis.close();
	await server.stop();
});

const stores: Record<string, () => AccountServicesOptions> = {
	memory: () => ({}),
	Redis: () => ({
		// Expiry in Redis goes by real time, which the clock of the services is not; only its order matters here.
		sessionStore: new RedisSessionStore(redis),
		bus: new RedisNodeBus(redis, quietLogger()),
		sessions: { refreshTokenTtlMs: 20 * 365 * 86_400_000 },
	}),
};

for (const [name, options] of Object.entries(stores)) {
	describe(`sessions in ${name}`, () => {
		let services: AccountServices;
		let user: UserRecord;
		const setUp = async (sessions: AccountServicesOptions["sessions"] = {}) => {
			const base = options();
			services = await accountServices({ ...base, sessions: { ...base.sessions, ...sessions } });
			user = await registerUser(services);
		};
		beforeEach(async () => {
			await setUp();
		});
		/** Lets time pass for when a session was rotated, which is judged by the clock of its store. */
		const passSinceRotation = async (sessionId: string, ms: number) => {
			services.clock.advance(ms);
			if (name === "memory") return;
			await redis.run(async (client) => {
				await client.hincrby(`${redis.keyPrefix}session:${sessionId}`, "rotatedAtMs", -ms);
			});
		};
		const isAlive = async (token: string) =>
			services.sessions.resume(token).then(
				() => true,
				(error) => {
					assert.ok(unauthenticated(error), String(error));
					return false;
				},
			);

		test("an opened session resumes as the same identity", async () => {
			const { identity, tokens } = await services.sessions.open(user, on("d1"));
			assert.equal(identity.username, "alice");
			assert.deepEqual([...identity.permissions], ["game.play"]);
			assert.equal(identity.expiresAtMs, tokens.accessExpiresAtMs);
			const { nickname, email, avatarUrl, roles, version, createdAtMs: registeredAtMs } = user;
			const profile = { nickname, email, avatarUrl, roles, version, registeredAtMs };
			assert.deepEqual(await services.sessions.resume(tokens.accessToken), { identity, profile });
			await services.close();
		});

		test("tokens of one second differ: a refresh right after the login gives another access token", async () => {
			const { tokens } = await services.sessions.open(user, on("d1"));
			const next = await services.sessions.refresh(tokens.refreshToken);
			assert.equal(next.tokens.accessExpiresAtMs, tokens.accessExpiresAtMs, "the clock has not moved");
			assert.notEqual(next.tokens.accessToken, tokens.accessToken);
			assert.notEqual(next.tokens.refreshToken, tokens.refreshToken);
			await services.close();
		});

		test("a session that ended does not resume, however good its token", async () => {
			const { identity, tokens } = await services.sessions.open(user, on("d1"));
			await services.sessions.revokeAll(user.id, "administrative");
			assert.equal(await isAlive(tokens.accessToken), false);
			await assert.rejects(services.sessions.refresh(tokens.refreshToken), unauthenticated);
			assert.deepEqual(services.events, [
				{ type: "sessions-revoked", sessionIds: [identity.sessionId], reason: "administrative" },
			]);
			await services.close();
		});

		test("refreshing gives a new pair, and takes up new roles", async () => {
			const { identity, tokens } = await services.sessions.open(user, on("d1"));
			await services.accounts.setRoles(user.id, ["player", "admin"]);
			services.clock.advance(1000);
			const next = await services.sessions.refresh(tokens.refreshToken);
			assert.equal(next.identity.sessionId, identity.sessionId);
			assert.deepEqual(next.identity.roles, ["player", "admin"]);
			assert.equal(next.tokens.refreshExpiresAtMs, tokens.refreshExpiresAtMs + 1000);
			const third = await services.sessions.refresh(next.tokens.refreshToken);
			assert.equal(await isAlive(third.tokens.accessToken), true);
			assert.deepEqual(services.events, []);
			await services.close();
		});

		test("a replayed refresh token ends the session for thief and victim", async () => {
			const { identity, tokens } = await services.sessions.open(user, on("d1"));
			const other = await services.sessions.open(user, on("d2"));
			const next = await services.sessions.refresh(tokens.refreshToken);
			await assert.rejects(services.sessions.refresh(tokens.refreshToken), unauthenticated);
			await assert.rejects(services.sessions.refresh(next.tokens.refreshToken), unauthenticated);
			assert.equal(await isAlive(next.tokens.accessToken), false);
			assert.equal(await isAlive(other.tokens.accessToken), true, "other sessions of the user stay");
			assert.deepEqual(services.events, [
				{ type: "sessions-revoked", sessionIds: [identity.sessionId], reason: "token-reused" },
			]);
			await services.close();
		});

		test("of concurrent uses of one refresh token exactly one wins", async () => {
			const { tokens } = await services.sessions.open(user, on("d1"));
			const calls = Array.from({ length: 10 }, () => services.sessions.refresh(tokens.refreshToken));
			const results = await Promise.allSettled(calls);
			assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
			for (const result of results) assert.ok(result.status === "fulfilled" || unauthenticated(result.reason));
			await services.close();
		});

		test("with leeway, the token before works again for a while and gives the same generation", async () => {
			await services.close();
			await setUp({ refreshReuseLeewayMs: 5000 });
			const { tokens, identity } = await services.sessions.open(user, on("d1"));
			const first = await services.sessions.refresh(tokens.refreshToken);
			await passSinceRotation(identity.sessionId, 4000);
			const retry = await services.sessions.refresh(tokens.refreshToken);
			assert.equal(await isAlive(retry.tokens.accessToken), true);
			const second = await services.sessions.refresh(retry.tokens.refreshToken);
			await services.sessions.refresh(first.tokens.refreshToken);
			await passSinceRotation(identity.sessionId, 5001);
			await assert.rejects(services.sessions.refresh(retry.tokens.refreshToken), unauthenticated);
			assert.equal(await isAlive(second.tokens.accessToken), false);
			await services.close();
		});

		test("a login on the same device replaces its older session", async () => {
			const first = await services.sessions.open(user, on("phone"));
			const laptop = await services.sessions.open(user, on("laptop"));
			const second = await services.sessions.open(user, on("phone"));
			assert.deepEqual(
				[await isAlive(first.tokens.accessToken), await isAlive(laptop.tokens.accessToken)],
				[false, true],
			);
			assert.equal(await isAlive(second.tokens.accessToken), true);
			assert.deepEqual(services.events, [
				{ type: "sessions-revoked", sessionIds: [first.identity.sessionId], reason: "replaced" },
			]);
			await services.close();
		});

		test("concurrent logins on one device leave exactly one session", async () => {
			await Promise.all(Array.from({ length: 8 }, () => services.sessions.open(user, on("phone"))));
			assert.equal((await services.store.listByUser(user.id)).length, 1);
			await services.close();
		});

		test("logins without a device do not replace each other, but the oldest goes at the limit", async () => {
			await services.close();
			await setUp({ maxSessionsPerUser: 3 });
			const opened: GrantedSession[] = [];
			for (let n = 0; n < 5; n++) opened.push(await services.sessions.open(user, testDevice));
			const alive = await Promise.all(opened.map(({ tokens }) => isAlive(tokens.accessToken)));
			assert.deepEqual(alive, [false, false, true, true, true]);
			await services.close();
		});

		test("logging out ends one session or all of them, and calls back before events are published", async () => {
			const [one, two, three] = [
				await services.sessions.open(user, on("1")),
				await services.sessions.open(user, on("2")),
				await services.sessions.open(user, on("3")),
			];
			const eventsBeforeRelease: number[] = [];
			const release = () => void eventsBeforeRelease.push(services.events.length);
			assert.equal(await services.sessions.logout(one.identity, false, release), 1);
			assert.equal(await isAlive(two.tokens.accessToken), true);
			assert.equal(await services.sessions.logout(two.identity, true, release), 2);
			assert.equal(await isAlive(three.tokens.accessToken), false);
			assert.equal(await services.sessions.logout(three.identity, false, release), 0, "it was gone already");
			assert.deepEqual(eventsBeforeRelease, [0, 1, 2]);
			assert.ok(services.events.every((event) => event.reason === "logged-out"));
			await services.close();
		});

		test("touching says when a session was last used", async () => {
			const { identity } = await services.sessions.open(user, on("1"));
			services.clock.advance(7000);
			await services.sessions.touch([identity.sessionId]);
			assert.equal((await services.store.listByUser(user.id))[0]?.lastSeenAtMs, services.clock.now());
			await services.close();
		});

		test("a refresh, or a login, that read the account before its roles changed grants the new ones", async () => {
			const { tokens } = await services.sessions.open(user, on("d1"));
			const { users } = services;
			const read = users.byId.bind(users);
			/** The next read of the account comes just before a change of its roles. */
			const changeBehindNextRead = (roles: readonly string[]) => {
				users.byId = async (id) => {
					users.byId = read;
					const before = await read(id);
					await services.accounts.setRoles(user.id, roles);
					return before;
				};
			};
			changeBehindNextRead(["player", "admin"]);
			const refreshed = await services.sessions.refresh(tokens.refreshToken);
			assert.deepEqual(refreshed.identity.roles, ["player", "admin"]);
			const byUsername = users.byUsername.bind(users);
			await services.accounts.createUser({
				...{ username: "root", password: "correct horse", email: "", nickname: "", roles: ["admin"] },
			});
			users.byUsername = async (key) => {
				const before = await byUsername(key);
				await services.accounts.setRoles(user.id, ["player"]);
				return before;
			};
			const granted = await services.accounts.login("alice", "correct horse", on("d2"));
			assert.deepEqual([granted.identity.roles, granted.identity.permissions.has("*")], [["player"], false]);
			const resumed = await services.sessions.resume(granted.tokens.accessToken);
			assert.deepEqual(resumed.identity.roles, ["player"]);
			await services.close();
		});

		test("a disabled user cannot refresh even if a session was left", async () => {
			const { tokens } = await services.sessions.open(user, on("1"));
			await services.directory.change(user.id, () => ({ status: "disabled" }), { atMs: 0 });
			await assert.rejects(services.sessions.refresh(tokens.refreshToken), unauthenticated);
			assert.equal(await isAlive(tokens.accessToken), false);
			await services.close();
		});
	});
}

test("a session ends unused after the refresh life, and used after the longest life", async () => {
	const hourMs = 3_600_000;
	const services = await accountServices({ sessions: { refreshTokenTtlMs: hourMs, maxSessionMs: 2.5 * hourMs } });
	const user = await registerUser(services);
	const unused = await services.sessions.open(user, on("unused"));
	let used = await services.sessions.open(user, on("used"));
	for (let n = 0; n < 4; n++) {
		services.clock.advance(0.6 * hourMs);
		used = await services.sessions.refresh(used.tokens.refreshToken);
	}
	await assert.rejects(services.sessions.refresh(unused.tokens.refreshToken), unauthenticated);
	assert.ok(used.tokens.accessExpiresAtMs <= used.tokens.refreshExpiresAtMs);
	services.clock.advance(0.11 * hourMs);
	await assert.rejects(services.sessions.refresh(used.tokens.refreshToken), unauthenticated);
	await services.close();
});

test("resuming does not query SQL", async () => {
	const services = await accountServices();
	const { tokens } = await services.sessions.open(await registerUser(services), on("1"));
	await services.database.close();
	await services.sessions.resume(tokens.accessToken);
	await services.store.close();
});
