// One contract for the store of identities, run on SQLite and on real PostgreSQL and MariaDB servers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import {
	type IdentityRecord,
	type IdentityStore,
	identityKey,
	issuerIdentityKey,
} from "../../../services/accounts/identity-store.ts";
import { SqlIdentityStore } from "../../../services/accounts/store/identity-store-sql.ts";
import { SqlUserStore } from "../../../services/accounts/store/user-store-sql.ts";
import type { UserRecord, UserStore } from "../../../services/accounts/user-store.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

const backends: Record<string, () => Promise<{ readonly url: string; stop(): Promise<void> }>> = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const nowMs = 1_767_225_600_123;
let count = 0;

function user(fields: Partial<UserRecord> = {}): UserRecord {
	const username = fields.username ?? `someone${count++}`;
	const times = { createdAtMs: nowMs, updatedAtMs: nowMs, avatarUrl: "", metadata: {}, version: 1 };
	const named = { username, usernameKey: username.toLowerCase(), email: "", nickname: "", passwordHash: "" };
	return { id: uuidv7(), ...named, roles: ["guest"], status: "active", ...times, ...fields };
}

function identity(userId: string, fields: Partial<IdentityRecord> = {}): IdentityRecord {
	const key = identityKey("device", uuidv7());
	return { key, kind: "device", issuer: "", subject: "", userId, createdAtMs: nowMs, ...fields };
}

function issued(userId: string, issuer: string, subject: string): IdentityRecord {
	return identity(userId, { key: issuerIdentityKey(issuer, subject), kind: "issuer", issuer, subject });
}

const credentials = (username: string) => {
	const named = { username, usernameKey: username.toLowerCase(), email: "Ada@example.org", nickname: "Ada" };
	return { ...named, passwordHash: "$argon2id$x" };
};

test("the parts of a key cannot run into each other", () => {
	const keys = [
		issuerIdentityKey("a", "bc"),
		issuerIdentityKey("ab", "c"),
		issuerIdentityKey("a1:b", "c"),
		issuerIdentityKey("a", "1:bc"),
		identityKey("issuer", "abc"),
		identityKey("device", "abc"),
	];
	assert.equal(new Set(keys).size, keys.length);
	for (const key of keys) assert.match(key, /^[\w-]{43}$/);
});

for (const [name, start] of Object.entries(backends)) {
	describe(`identities in ${name}`, () => {
		let server: { stop(): Promise<void> };
		let database: Database;
		let users: UserStore;
		let store: IdentityStore;
		before(async () => {
			const backend = await start();
			server = backend;
			database = openDatabase({ url: backend.url }, quietLogger());
			await database.migrate();
			users = new SqlUserStore(database);
			store = new SqlIdentityStore(database, users);
		});
		after(async () => {
			await database.close();
			await server.stop();
		});

		async function guest(): Promise<{ owner: UserRecord; device: IdentityRecord }> {
			const owner = user();
			const device = identity(owner.id);
			assert.equal(await store.createUser(owner, device), "created");
			return { owner, device };
		}

		test("a user and its identity are there together, and found by exactly the pair", async () => {
			const owner = user();
			const record = issued(owner.id, "https://id.example.org", "Ünï-1");
			assert.equal(await store.createUser(owner, record), "created");
			assert.deepEqual(await store.find(record.key), record);
			assert.deepEqual(await users.byId(owner.id), owner);
			assert.deepEqual(await store.ofUser(owner.id, 10), [record]);
			for (const [issuer, subject] of [
				["https://id.example.org", "ünï-1"],
				["https://id.example.org", "Ünï-1 "],
				["https://id.example.org/", "Ünï-1"],
				["https://ID.example.org", "Ünï-1"],
			] as const) {
				assert.equal(await store.find(issuerIdentityKey(issuer, subject)), undefined, subject);
			}
			assert.deepEqual(await store.ofUser(`${owner.id} `, 10), []);
		});

		test("of several that create one identity at once, one does, and nothing is left of the others", async () => {
			const records = Array.from({ length: 8 }, () => {
				const owner = user();
				return { owner, record: issued(owner.id, "https://id.example.org", "racer") };
			});
			const results = await Promise.all(records.map(({ owner, record }) => store.createUser(owner, record)));
			assert.deepEqual(results.toSorted(), ["created", ...Array.from({ length: 7 }, () => "identity-taken")]);
			const found = await store.find(issuerIdentityKey("https://id.example.org", "racer"));
			const there = await Promise.all(records.map(({ owner }) => users.byId(owner.id)));
			assert.deepEqual(
				there.filter((one) => one !== undefined).map(({ id }) => id),
				[found?.userId],
			);
		});

		test("a name that is taken, or looks like one, is refused as such", async () => {
			const { owner } = await guest();
			const other = user({ username: owner.username });
			assert.equal(await store.createUser(other, identity(other.id)), "name-taken");
			assert.equal(await users.byId(other.id), undefined);
		});

		test("a guest becomes an account with a name and a password, under the same id", async () => {
			const { owner, device } = await guest();
			const change = {
				credentials: credentials(`Ada${count++}`),
				roles: ["user"],
				guestRole: "guest",
				atMs: nowMs + 1,
			};
			assert.equal(await store.joinAccount(owner.id, change), "joined");
			const joined = await users.byId(owner.id);
			assert.deepEqual(joined, {
				...owner,
				...change.credentials,
				roles: ["user"],
				updatedAtMs: nowMs + 1,
				version: 2,
			});
			assert.deepEqual(
				(await users.byEmail("ada@EXAMPLE.org", 100)).some(({ id }) => id === owner.id),
				true,
			);
			assert.equal((await store.find(device.key))?.kind, "joined");
			// The name that was made up is free again, and the new one is not.
			assert.equal(await users.hasLookAlike(owner.username), false);
			assert.equal(await users.hasLookAlike(change.credentials.username), true);
			assert.equal(
				await store.joinAccount(owner.id, { roles: ["admin"], guestRole: "guest", atMs: nowMs }),
				"no-guest",
			);
			assert.deepEqual((await users.byId(owner.id))?.roles, ["user"]);
		});

		test("or the user of an identity; one that has a user is refused, and the guest stays one", async () => {
			const { owner, device } = await guest();
			const taken = issued(owner.id, "https://id.example.org", "racer");
			const refused = { identity: taken, roles: ["user"], guestRole: "guest", atMs: nowMs };
			assert.equal(await store.joinAccount(owner.id, refused), "identity-taken");
			assert.equal((await store.find(device.key))?.kind, "device");
			assert.deepEqual(await users.byId(owner.id), owner);
			const own = issued(owner.id, "https://id.example.org", `own${count++}`);
			assert.equal(
				await store.joinAccount(owner.id, { identity: own, roles: ["user"], guestRole: "guest", atMs: nowMs + 1 }),
				"joined",
			);
			assert.equal((await store.find(own.key))?.userId, owner.id);
			assert.deepEqual(await users.byId(owner.id), { ...owner, roles: ["user"], updatedAtMs: nowMs + 1, version: 2 });
		});

		test("a role that was granted to a guest stays, and is found", async () => {
			const owner = user({ roles: ["guest", "engineer"] });
			await store.createUser(owner, identity(owner.id));
			const change = {
				credentials: credentials(`granted${count++}`),
				roles: ["user"],
				guestRole: "guest",
				atMs: nowMs,
			};
			assert.equal(await store.joinAccount(owner.id, change), "joined");
			assert.deepEqual((await users.byId(owner.id))?.roles, ["user", "engineer"]);
			const rows = await database.run((db) => {
				return db.selectFrom("user_roles").select("role").where("user_id", "=", owner.id).orderBy("role").execute();
			});
			assert.deepEqual(
				rows.map(({ role }) => role),
				["engineer", "user"],
			);
		});

		test("a name that is taken leaves the guest as it was", async () => {
			const [{ owner, device }, other] = await Promise.all([guest(), guest()]);
			const change = {
				credentials: credentials(other.owner.username),
				roles: ["user"],
				guestRole: "guest",
				atMs: nowMs + 1,
			};
			assert.equal(await store.joinAccount(owner.id, change), "name-taken");
			assert.deepEqual(await users.byId(owner.id), owner);
			assert.equal((await store.find(device.key))?.kind, "device");
			assert.equal(await users.hasLookAlike(owner.username), true);
		});

		test("of several joins at once, one does", async () => {
			const { owner } = await guest();
			const names = Array.from({ length: 5 }, () => `joiner${count++}`);
			const results = await Promise.all(
				names.map((username) =>
					store.joinAccount(owner.id, {
						credentials: credentials(username),
						roles: ["user"],
						guestRole: "guest",
						atMs: nowMs,
					}),
				),
			);
			assert.deepEqual(results.toSorted(), ["joined", "no-guest", "no-guest", "no-guest", "no-guest"]);
			assert.equal((await users.byId(owner.id))?.username, names[results.indexOf("joined")]);
		});

		test("identities end with their user", async () => {
			const { owner, device } = await guest();
			await database.run((db) => db.deleteFrom("users").where("id", "=", owner.id).execute());
			assert.equal(await store.find(device.key), undefined);
		});
	});
}
