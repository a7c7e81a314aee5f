// One contract for the addresses and devices that are known of accounts, in memory and on a real Redis; and what being known is
// good for: wrong passwords from elsewhere lock nobody out who has logged in before.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { digest, KNOWN_MS, type KnownOrigins, MAX_KNOWN, originsOf } from "../../../services/accounts/known-origins.ts";
import { MemoryKnownOrigins } from "../../../services/accounts/known-origins-memory.ts";
import { RedisKnownOrigins } from "../../../services/accounts/known-origins-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { accountServices, registerUser, testDevice } from "../../support/account-services.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { untilReady } from "../../support/until.ts";

interface Backend {
	readonly known: KnownOrigins;
	/** Lets time pass for what is known of an account. */
	pass(account: string, ms: number): Promise<void>;
	stop(): Promise<void>;
}

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const redis = openRedis({ url: server.url }, quietLogger());
	await untilReady(redis);
	return {
		known: new RedisKnownOrigins(redis, quietLogger()),
		// The time is that of Redis: what is known grows older instead.
		pass: (account, ms) =>
			redis.run(async (client) => {
				const key = `${redis.keyPrefix}known:${digest(account)}`;
				const entries = await client.zrange(key, "0", "-1", "WITHSCORES");
				for (let at = 0; at < entries.length; at += 2) {
					await client.zadd(key, String(Number(entries[at + 1]) - ms), entries[at] as string);
				}
			}),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

async function memoryBackend(): Promise<Backend> {
	let nowMs = Date.now();
	const pass = async (_account: string, ms: number): Promise<void> => {
		nowMs += ms;
	};
	return { known: new MemoryKnownOrigins(() => nowMs), pass, stop: async () => {} };
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: memoryBackend,
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`known origins in ${name}`, () => {
		let backend: Backend;
		let accounts = 0;
		before(async () => {
			backend = await start();
		});
		after(() => backend.stop());

		test("are those of the account, in the order in which they were asked", async () => {
			const { known } = backend;
			const account = `account ${accounts++}`;
			await known.record(account, ["b", "a"]);
			assert.deepEqual(await known.among(account, ["a", "c", "b"]), ["a", "b"]);
			assert.deepEqual(await known.among("nobody", ["a"]), []);
			assert.deepEqual(await known.among(account, []), []);
		});

		test("are known for 90 days after the last login", async () => {
			const { known } = backend;
			const account = `account ${accounts++}`;
			await known.record(account, ["a"]);
			// A minute is more than the test takes.
			await backend.pass(account, KNOWN_MS - 60_000);
			assert.deepEqual(await known.among(account, ["a"]), ["a"]);
			await known.record(account, ["b"]);
			await backend.pass(account, 60_000);
			assert.deepEqual(await known.among(account, ["a", "b"]), ["b"]);
		});

		test("are so many: those that were used last", async () => {
			const { known } = backend;
			const account = `account ${accounts++}`;
			const origins = Array.from({ length: MAX_KNOWN + 2 }, (_, n) => `origin ${n}`);
			for (const origin of origins) {
				await backend.pass(account, 1);
				await known.record(account, [origin]);
			}
			assert.deepEqual(await known.among(account, origins), origins.slice(2));
			await backend.pass(account, 1);
			await known.record(account, ["origin 2", "new"]);
			assert.deepEqual(await known.among(account, ["origin 2", "origin 3", "origin 4", "new"]), [
				"origin 2",
				"origin 4",
				"new",
			]);
		});
	});
}

test("without Redis none is known, and a login is no error", async () => {
	const server = await startRedis();
	const redis = openRedis({ url: server.url, commandTimeoutMs: 2000 }, quietLogger());
	await untilReady(redis);
	const known = new RedisKnownOrigins(redis, quietLogger());
	await known.record("ann", ["a"]);
	await server.stop();
	assert.deepEqual(await known.among("ann", ["a"]), []);
	await known.record("ann", ["a"]);
	await redis.close();
});

describe("wrong passwords from elsewhere", () => {
	const home = { ...testDevice, ip: "192.0.2.7" };
	const elsewhere = (n: number) => ({ ...testDevice, ip: `198.51.100.${n}` });
	const refusedWith = (expected: ErrorCode) => (error: unknown) =>
		error instanceof GatewayError && error.code === expected;
	const open = async () => {
		const services = await accountServices({ limited: true });
		await registerUser(services, "alice", "alice@example.org");
		const { accounts } = services;
		const guess = async (count: number) => {
			for (let n = 0; n < count; n++) {
				const code = n < 10 ? ErrorCode.UNAUTHENTICATED : ErrorCode.RATE_LIMITED;
				await assert.rejects(accounts.login("alice", "guess", elsewhere(n)), refusedWith(code));
			}
		};
		return { services, accounts, guess };
	};

	test("do not lock an address out that has logged in before, and the reverse", async () => {
		const { services, accounts, guess } = await open();
		await accounts.login("alice", "correct horse", home);
		await guess(20);
		await accounts.login("Alice", "correct horse", home);
		await assert.rejects(accounts.login("alice", "guess", elsewhere(50)), refusedWith(ErrorCode.RATE_LIMITED));
		for (let n = 0; n < 10; n++) {
			await assert.rejects(accounts.login("alice", "typo", home), refusedWith(ErrorCode.UNAUTHENTICATED));
		}
		await assert.rejects(accounts.login("alice", "correct horse", home), refusedWith(ErrorCode.RATE_LIMITED));
		await services.close();
	});

	test("do not lock a device out that has logged in before, wherever it is now", async () => {
		const { services, accounts, guess } = await open();
		const phone = { ...home, deviceId: "a phone" };
		await accounts.login("alice", "correct horse", phone);
		await guess(20);
		await accounts.login("alice", "correct horse", { ...phone, ip: "203.0.113.99" });
		await services.close();
	});

	test("do not use up the attempts of a device by those of its address", async () => {
		const { services, accounts } = await open();
		const phone = { ...home, deviceId: "a phone" };
		await accounts.login("alice", "correct horse", phone);
		for (let n = 0; n < 10; n++) await assert.rejects(accounts.login("alice", "typo", home));
		await assert.rejects(accounts.login("alice", "correct horse", home), refusedWith(ErrorCode.RATE_LIMITED));
		await accounts.login("alice", "correct horse", phone);
		await services.close();
	});

	test("lock out who has never logged in from there: an address is known by its own logins, of this account", async () => {
		const { services, accounts, guess } = await open();
		await registerUser(services, "bobby");
		await accounts.login("bobby", "correct horse", home);
		await guess(10);
		await assert.rejects(accounts.login("alice", "correct horse", home), refusedWith(ErrorCode.RATE_LIMITED));
		await services.close();
	});

	test("nor do requests for reset codes from elsewhere keep a known address from one, by name or by mail address", async () => {
		const { services, accounts } = await open();
		const { reset } = services;
		await accounts.login("alice", "correct horse", home);
		for (const account of ["alice", "alice@example.org"]) {
			for (let n = 0; n < 3; n++) await reset.requestCode(account, elsewhere(n).ip);
			await assert.rejects(reset.requestCode(account, elsewhere(9).ip), refusedWith(ErrorCode.RATE_LIMITED));
			await reset.requestCode(account, home.ip);
		}
		await services.close();
	});

	test("nor do guesses of its code from elsewhere", async () => {
		const services = await accountServices({ limited: true, reset: { codeAttempts: 40 } });
		await registerUser(services, "alice", "alice@example.org");
		await services.accounts.login("alice", "correct horse", home);
		await services.reset.requestCode("alice", home.ip);
		await services.reset.close();
		const [, code = ""] = /Code: (\S+)/.exec(services.notices[0]?.text ?? "") ?? [];
		for (let n = 0; n < 12; n++) {
			const expected = n < 10 ? ErrorCode.UNAUTHENTICATED : ErrorCode.RATE_LIMITED;
			const guess = services.reset.confirm("alice", "00000-00000", "a new password", elsewhere(n).ip);
			await assert.rejects(guess, refusedWith(expected));
		}
		await services.reset.confirm("alice", code, "a new password", home.ip);
		await services.accounts.login("alice", "a new password", home);
		await services.close();
	});
});

test("an origin is an address, and a device if the client names one", () => {
	assert.deepEqual(originsOf("192.0.2.1", ""), ["address 192.0.2.1"]);
	assert.deepEqual(originsOf("192.0.2.1", "d"), ["address 192.0.2.1", "device d"]);
});
