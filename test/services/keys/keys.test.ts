// API keys: what a maker can grant, what a presented text becomes, and how a key ends.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Identity, isPermitted } from "../../../common/identity.ts";
import { coversScope } from "../../../common/key-scope.ts";
import type { NodeEvent } from "../../../messaging/node-bus.ts";
import { MemoryNodeBus } from "../../../messaging/node-bus-memory.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { GatewayError } from "../../../protocol/error.ts";
import type { CredentialKind } from "../../../services/accounts/credentials.ts";
import { databaseKeys, fixedKeys } from "../../../services/keys/key-credentials.ts";
import { hashSecret, parseKey } from "../../../services/keys/key-text.ts";
import { Keys, keySessionId, type NewKey } from "../../../services/keys/keys.ts";
import { keysDefaults } from "../../../services/keys/options.ts";
import { SqlKeyStore } from "../../../services/keys/store/key-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

const DAY_MS = 86_400_000;
const wanted: NewKey = {
	...{ name: "billing", permissions: ["server.publish"], channels: ["orders:"] },
	...{ expiresAtMs: 0, perSecond: 0, burst: 0 },
};

describe("API keys", () => {
	const clock = handClock();
	const events: NodeEvent[] = [];
	let database: Database;
	let keys: Keys;
	let kind: CredentialKind;
	let store: SqlKeyStore;
	before(async () => {
		database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
		await database.migrate();
		store = new SqlKeyStore(database);
		const bus = new MemoryNodeBus();
		bus.subscribe((event) => events.push(event));
		const permissions = new Set(["server.publish", "server.presence", "keys.manage"]);
		const services = { store, bus, clock, logger: quietLogger(), permissions };
		keys = new Keys(services, { ...keysDefaults, maxKeys: 20 });
		kind = databaseKeys(store, clock, { perSecond: 50, burst: 60 });
	});
	after(() => database.close());

	const resumed = async (text: string): Promise<Identity> => {
		assert.equal(kind.accepts(text), true);
		return (await kind.resume(text)).identity;
	};

	it("a key is an identity with the key's permissions, channels and rate, and is no user", async () => {
		const { key, text } = await keys.create(undefined, { ...wanted, perSecond: 7, burst: 9 });
		const identity = await resumed(text);
		assert.deepEqual(identity.key, { id: key.id, channels: ["orders:"], rate: { perSecond: 7, burst: 9 } });
		assert.equal(identity.sessionId, keySessionId(key.id));
		const answers = ["server.publish", "authenticated", "server.presence", "session", "*"].map((permission) =>
			isPermitted(identity, permission),
		);
		assert.deepEqual(answers, [true, true, false, false, false]);
		const unrated = await keys.create(undefined, wanted);
		assert.deepEqual((await resumed(unrated.text)).key?.rate, { perSecond: 50, burst: 60 });
	});

	it("a key with every permission still is no user", async () => {
		const { text } = await keys.create(undefined, { ...wanted, permissions: ["*"] });
		const identity = await resumed(text);
		assert.deepEqual(
			["server.publish", "edge.write", "session"].map((permission) => isPermitted(identity, permission)),
			[true, true, false],
		);
	});

	it("the secret is stored nowhere, and one that differs is not taken", async () => {
		const { key, text } = await keys.create(undefined, wanted);
		const secret = parseKey(text)?.secret ?? "";
		assert.equal(secret.length, 43);
		const stored = await store.byId(key.id);
		assert.equal(stored?.secretHash, hashSecret(secret));
		assert.ok(!JSON.stringify(stored).includes(secret));
		const other = `${text.slice(0, -1)}${text.endsWith("A") ? "E" : "A"}`;
		await assert.rejects(kind.resume(other), { code: ErrorCode.UNAUTHENTICATED, message: "the API key is not valid" });
		const unknown = `fgk_${"0".repeat(16)}_${secret}`;
		await assert.rejects(kind.resume(unknown), {
			code: ErrorCode.UNAUTHENTICATED,
			message: "the API key is not valid",
		});
		for (const text of ["fgk_", "fgk_0_1", `x${other}`, `${other}x`, "eyJhbGciOiJIUzI1NiJ9.e30.x"]) {
			assert.equal(kind.accepts(text), false, text);
		}
	});

	it("a key that a key makes has no higher rate", async () => {
		const permissions = ["keys.manage", "server.publish"];
		const maker = await keys.create(undefined, { ...wanted, permissions, perSecond: 7, burst: 9 });
		const identity = await resumed(maker.text);
		for (const [rate, field] of [
			[{ perSecond: 8, burst: 9 }, "per_second"],
			[{ perSecond: 7, burst: 10 }, "burst"],
		] as const) {
			await assert.rejects(keys.create(identity, { ...wanted, ...rate }), (error: GatewayError) => {
				assert.deepEqual([error.code, error.violations[0]?.field], [ErrorCode.PERMISSION_DENIED, field]);
				return true;
			});
		}
		const { text } = await keys.create(identity, wanted);
		assert.deepEqual((await resumed(text)).key?.rate, { perSecond: 7, burst: 9 });
		const slower = await keys.create(identity, { ...wanted, perSecond: 2, burst: 3 });
		assert.deepEqual((await resumed(slower.text)).key?.rate, { perSecond: 2, burst: 3 });
	});

	it("a revoked key ends: it is not taken, all processes are notified, and its use finds it out", async () => {
		const { key, text } = await keys.create(undefined, wanted);
		const session = keySessionId(key.id);
		assert.deepEqual(await kind.touch([session], () => {}), []);
		assert.equal((await store.byId(key.id))?.lastUsedAtMs, clock.now());
		assert.equal(await keys.revoke(key.id), true);
		assert.deepEqual(events.at(-1), { type: "sessions-revoked", sessionIds: [session], reason: "administrative" });
		await assert.rejects(kind.resume(text), { code: ErrorCode.UNAUTHENTICATED });
		assert.deepEqual(await kind.touch([session], () => {}), [session]);
		assert.equal(await keys.revoke(key.id), false);
		await assert.rejects(keys.revoke("0".repeat(16)), { code: ErrorCode.NOT_FOUND });
	});

	it("a key expires, and is removed some time after", async () => {
		const expiresAtMs = clock.now() + 1000;
		const { key, text } = await keys.create(undefined, { ...wanted, expiresAtMs });
		assert.equal((await resumed(text)).expiresAtMs, expiresAtMs);
		clock.advance(1000);
		await assert.rejects(kind.resume(text), { code: ErrorCode.UNAUTHENTICATED, message: "the API key has expired" });
		await keys.sweep();
		assert.notEqual(await store.byId(key.id), undefined);
		clock.advance(keysDefaults.keptMs + DAY_MS);
		await keys.sweep();
		assert.equal(await store.byId(key.id), undefined);
	});

	it("a maker grants no more than it has", async () => {
		const maker = await keys.create(undefined, {
			...wanted,
			permissions: ["keys.manage", "server.publish"],
			expiresAtMs: clock.now() + DAY_MS,
		});
		const identity = await resumed(maker.text);
		const denied = { code: ErrorCode.PERMISSION_DENIED };
		const bounded = { ...wanted, expiresAtMs: identity.expiresAtMs };
		await assert.rejects(keys.create(identity, { ...bounded, permissions: ["server.presence"] }), denied);
		await assert.rejects(keys.create(identity, { ...bounded, permissions: ["*"] }), denied);
		for (const channel of ["*", "order", "user:"]) {
			await assert.rejects(keys.create(identity, { ...bounded, channels: ["orders:x", channel] }), denied, channel);
		}
		await assert.rejects(keys.create(identity, wanted), denied, "one without an end outlives it");
		await assert.rejects(keys.create(identity, { ...bounded, expiresAtMs: identity.expiresAtMs + 1 }), denied);
		const { key } = await keys.create(identity, { ...bounded, channels: ["orders:sport:"] });
		assert.equal(key.createdBy, identity.userId);
	});

	it("what is wrong with a request is named", async () => {
		const field = async (change: Partial<NewKey>): Promise<unknown> => {
			const error = await keys.create(undefined, { ...wanted, ...change }).catch((thrown) => thrown);
			return error.violations?.[0]?.field;
		};
		assert.equal(await field({ name: "" }), "name");
		assert.equal(await field({ name: "a\u202eb" }), "name");
		assert.equal(await field({ permissions: [] }), "permissions");
		assert.equal(await field({ permissions: ["server.publsih"] }), "permissions");
		assert.equal(await field({ permissions: ["shop.orders"] }), undefined, "of a module");
		assert.equal(await field({ channels: [] }), "channels");
		assert.equal(await field({ channels: ["a b"] }), "channels");
		assert.equal(await field({ channels: ["orders:*"] }), "channels");
		assert.equal(await field({ expiresAtMs: clock.now() }), "expires_at_ms");
		assert.equal(await field({ perSecond: 5 }), "burst");
	});

	it("there are so many and no more", async () => {
		const many = async () => {
			for (;;) await keys.create(undefined, wanted);
		};
		await assert.rejects(many(), { code: ErrorCode.PRECONDITION_FAILED });
	});
});

describe("keys of the configuration", () => {
	const token = "a-token-of-a-business-that-is-long-enough";
	const kind = fixedKeys([{ name: "business", secret: token, permissions: ["server.publish"], channels: ["*"] }], {
		perSecond: 5,
		burst: 6,
	});

	it("are found by the whole text", async () => {
		assert.deepEqual([kind.accepts(token), kind.accepts(`${token} `), kind.accepts("")], [true, false, false]);
		const { identity } = await kind.resume(token);
		assert.deepEqual(identity.key?.rate, { perSecond: 5, burst: 6 });
		assert.equal(kind.owns(identity.sessionId), true);
		assert.equal(databaseKeys({} as never, handClock(), { perSecond: 1, burst: 1 }).owns(identity.sessionId), false);
		// An audit trail keeps 36 characters of a user's id.
		assert.ok(identity.userId.length <= 36);
	});
});

it("a scope includes the channels that begin with one of its prefixes", () => {
	const cases: readonly [readonly string[], string, boolean][] = [
		[["*"], "anything", true],
		[["*"], "*", true],
		[["orders:"], "orders:today", true],
		[["orders:"], "orders", false],
		[["orders:"], "*", false],
		[["a", "orders:"], "orders:", true],
		[[], "orders:", false],
	];
	for (const [scope, channel, expected] of cases) assert.equal(coversScope(scope, channel), expected, channel);
});
