// One contract for the account store, run on SQLite and on real PostgreSQL and MariaDB servers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Kysely } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { SqlUserStore } from "../../../services/accounts/store/user-store-sql.ts";
import type { UserRecord, UserStore } from "../../../services/accounts/user-store.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { nameSkeletonsStep } from "../../../stores/sql/migration-0006-name-skeletons.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { passDatabaseTime } from "../../support/database-time.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPooledPostgres } from "../../support/pgbouncer.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { dataDirectory } from "../../support/real-server.ts";
import { tied } from "../../support/tied-process.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const sqliteFile = async (): Promise<Backend> => {
	const directory = dataDirectory("sqlite");
	return {
		url: `sqlite:${path.join(directory, "accounts.db")}`,
		stop: async () => rmSync(directory, { recursive: true }),
	};
};

const backends: Record<string, () => Promise<Backend>> = {
	"SQLite in memory": async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	"SQLite file": sqliteFile,
	PostgreSQL: startPostgres,
	PgBouncer: startPooledPostgres,
	MariaDB: startMariadb,
};

let count = 0;
function user(fields: Partial<UserRecord> = {}): UserRecord {
	const name = fields.username ?? `user${count++}`;
	return {
		id: uuidv7(),
		username: name,
		usernameKey: name.toLowerCase(),
		email: "",
		nickname: "",
		passwordHash: "$argon2id$x",
		roles: ["player"],
		status: "active",
		createdAtMs: 1_767_225_600_123,
		updatedAtMs: 1_767_225_600_123,
		avatarUrl: "",
		metadata: {},
		version: 1,
		...fields,
	};
}

for (const [name, start] of Object.entries(backends)) {
	describe(`user store on ${name}`, () => {
		let backend: Backend;
		let database: Database;
		let store: UserStore;

		before(async () => {
			backend = await start();
			database = openDatabase({ url: backend.url }, quietLogger());
			assert.equal((await database.migrate())[0], "0001_accounts");
			store = new SqlUserStore(database);
		});
		after(async () => {
			await database.close();
			await backend.stop();
		});

		test("of two names that look alike the second is not created, and accounts from before the looks keep theirs", async () => {
			assert.equal(await store.create(user({ username: "coco" })), true);
			assert.equal(await store.hasLookAlike("сосо"), true);
			assert.equal(await store.create(user({ username: "сосо" })), false);
			assert.equal(await store.byUsername("сосо"), undefined, "nothing is left of it");
			assert.equal(await store.hasLookAlike("somebody else"), false);
			const old = [user({ username: "modern" }), user({ username: "modem" })];
			await database.run(async (db) => {
				for (const { id, username, usernameKey } of old) {
					const times = { created_at_ms: 1, updated_at_ms: 1 };
					const rest = { email: "", email_key: "", nickname: "", password_hash: "", roles: "[]", status: "active" };
					await db
						.insertInto("users")
						.values({ id, username, username_key: usernameKey, ...rest, ...times })
						.execute();
				}
				// Twice: a step that stopped anywhere is taken up again.
				const { up } = nameSkeletonsStep(database.dialect);
				await up(db);
				await up(db);
			});
			for (const { id, usernameKey } of old) assert.equal((await store.byUsername(usernameKey))?.id, id);
			assert.equal(await store.create(user({ username: "rnodern" })), false);
		});

		test("migrating again changes nothing", async () => {
			assert.deepEqual(await database.migrate(), []);
		});

		test("the probe succeeds", async () => {
			await database.probe.check();
		});

		test("what was created is found by id, name and address", async () => {
			const created = user({ username: "Zoë.Ωmega", email: "Zoe@Example.org", nickname: "Zoë 🎮", roles: ["a", "b"] });
			assert.equal(await store.create(created), true);
			assert.deepEqual(await store.byId(created.id), created);
			assert.deepEqual(await store.byUsername(created.usernameKey), created);
			assert.deepEqual(await store.byEmail("zoe@example.ORG", 5), [created]);
			assert.equal(await store.byId(uuidv7()), undefined);
			assert.equal(await store.byUsername("nobody"), undefined);
			assert.deepEqual(await store.byEmail("nobody@example.org", 5), []);
		});

		test("a name or id with spaces behind it is another one, and finds nobody", async () => {
			const created = user({ email: "padded@example.org" });
			await store.create(created);
			await store.putResetCode({ userId: created.id, codeHash: "h", ttlMs: 60_000, attemptsLeft: 3 });
			const padded = `${created.id} `;
			assert.equal(await store.byUsername(`${created.usernameKey}   `), undefined);
			assert.equal(await store.byId(padded), undefined);
			assert.equal(await store.setPassword(padded, "x", 0), false);
			assert.equal(await store.replacePasswordHash(padded, created.passwordHash, "x"), false);
			assert.equal(await store.consumeResetAttempt(padded), undefined);
			assert.equal(await store.deleteResetCode(padded, "h"), false);
			assert.deepEqual(await store.byId(created.id), created);
			assert.equal(await store.deleteResetCode(created.id, "h"), true);
		});

		test("a text that no database can hold matches no account", async () => {
			const nul = "a\0b";
			assert.equal(await store.byUsername(nul), undefined);
			assert.equal(await store.byId(nul), undefined);
			assert.deepEqual(await store.byEmail(`${nul}@example.org`, 5), []);
			assert.deepEqual(await store.list({ after: nul, limit: 5 }), { users: [], nextCursor: undefined });
			assert.equal(await store.setPassword(nul, "x", 0), false);
			assert.equal(await store.replacePasswordHash(nul, "x", "y"), false);
			assert.equal(await store.consumeResetAttempt(nul), undefined);
			assert.equal(await store.deleteResetCode(nul, "x"), false);
		});

		test("an attempt at a code costs the same statements whether there is one or not", async () => {
			const [without, withCode] = [user(), user()];
			await store.create(without);
			await store.create(withCode);
			await store.putResetCode({ userId: withCode.id, codeHash: "h", ttlMs: 60_000, attemptsLeft: 1 });
			const statements: string[] = [];
			const watched = new SqlUserStore(spied(statements));
			const kinds: string[][] = [];
			for (const id of [withCode.id, withCode.id, without.id, "nobody"]) {
				await watched.consumeResetAttempt(id);
				kinds.push(statements.splice(0));
			}
			assert.deepEqual(kinds, Array(4).fill(["UpdateQueryNode", "SelectQueryNode"]));
		});

		/** The database, with the kinds of its statements written down. */
		const spied = (statements: string[]) => ({
			dialect: database.dialect,
			storage: database.storage,
			probe: database.probe,
			longReads: database.longReads,
			migrate: () => database.migrate(),
			alter: <T>(changes: (db: Kysely<Tables>) => Promise<T>) => database.alter(changes),
			close: () => database.close(),
			run: <T>(queries: (db: Kysely<Tables>) => Promise<T>) =>
				database.run((db) =>
					queries(
						db.withPlugin({
							transformQuery: ({ node }) => {
								statements.push(node.kind);
								return node;
							},
							transformResult: async ({ result }) => result,
						}),
					),
				),
		});

		test("an empty address matches no account", async () => {
			await store.create(user());
			assert.deepEqual(await store.byEmail("", 5), []);
		});

		test("addresses may be shared", async () => {
			const [first, second] = [user({ email: "shared@example.org" }), user({ email: "Shared@example.org" })];
			assert.equal(await store.create(first), true);
			assert.equal(await store.create(second), true);
			assert.deepEqual((await store.byEmail("shared@example.org", 5)).length, 2);
			assert.deepEqual((await store.byEmail("shared@example.org", 1)).length, 1);
		});

		test("names are unique, accents count as differences", async () => {
			assert.equal(await store.create(user({ username: "renee" })), true);
			assert.equal(await store.create(user({ username: "renée" })), true);
			assert.equal(await store.create(user({ username: "renee" })), false);
		});

		test("of concurrent creations of one name one wins", async () => {
			const results = await Promise.all(Array.from({ length: 8 }, () => store.create(user({ username: "race" }))));
			assert.equal(results.filter(Boolean).length, 1);
		});

		test("changes are stored and return whether the user exists", async () => {
			const created = user();
			await store.create(created);
			const atMs = created.createdAtMs + 5;
			assert.equal(await store.setPassword(created.id, "$argon2id$y", atMs), true);
			const changed = { passwordHash: "$argon2id$y", updatedAtMs: atMs, version: 2 };
			assert.deepEqual(await store.byId(created.id), { ...created, ...changed });
			assert.equal(await store.setPassword(uuidv7(), "x", atMs), false);
			assert.equal(await store.replacePasswordHash(created.id, "$argon2id$x", "$argon2id$z"), false);
			assert.equal(await store.replacePasswordHash(created.id, "$argon2id$y", "$argon2id$z"), true);
			assert.equal((await store.byId(created.id))?.passwordHash, "$argon2id$z");
		});

		test("the list comes in pages without gaps or repeats", async () => {
			const seen: string[] = [];
			let after: string | undefined;
			do {
				const page = await store.list({ after, limit: 3 });
				assert.ok(page.users.length <= 3);
				seen.push(...page.users.map((entry) => entry.id));
				after = page.nextCursor;
			} while (after !== undefined);
			assert.equal(new Set(seen).size, seen.length);
			assert.deepEqual(seen, [...seen].sort());
			const whole = await store.list({ limit: 1000 });
			assert.deepEqual(
				whole.users.map((entry) => entry.id),
				seen,
			);
			assert.equal(whole.nextCursor, undefined);
		});

		test("a reset code can be tried as often as it says, then never again", async () => {
			const created = user();
			await store.create(created);
			const code = { userId: created.id, codeHash: "hash1", ttlMs: 60_000, attemptsLeft: 3 };
			await store.putResetCode(code);
			const tries = await Promise.all(Array.from({ length: 6 }, () => store.consumeResetAttempt(created.id)));
			assert.deepEqual(tries.filter((hash) => hash === "hash1").length, 3);
			assert.equal(await store.consumeResetAttempt(created.id), undefined);
			await store.putResetCode({ ...code, codeHash: "hash2" });
			assert.equal(await store.consumeResetAttempt(created.id), "hash2");
			await passDatabaseTime(database, 60_000);
			assert.equal(await store.consumeResetAttempt(created.id), undefined, "expired");
			assert.equal(await store.deleteResetCode(created.id, "hash1"), false);
			const deletions = await Promise.all([1, 2, 3].map(() => store.deleteResetCode(created.id, "hash2")));
			assert.equal(deletions.filter(Boolean).length, 1);
		});

		test("outdated reset codes are swept", async () => {
			const created = user();
			await store.create(created);
			await store.putResetCode({ userId: created.id, codeHash: "h", ttlMs: 60_000, attemptsLeft: 1 });
			await store.deleteExpiredResetCodes(1000);
			assert.equal(await store.consumeResetAttempt(created.id), "h");
			await passDatabaseTime(database, 60_000);
			const another = user();
			await store.create(another);
			await store.putResetCode({ userId: another.id, codeHash: "h", ttlMs: 0, attemptsLeft: 1 });
			assert.equal(await store.deleteExpiredResetCodes(1), 1, "no more than asked for");
			assert.ok((await store.deleteExpiredResetCodes(1000)) >= 1);
			assert.equal(await store.deleteResetCode(created.id, "h"), false);
		});

		// Each opener has a database in memory of its own.
		if (name === "SQLite in memory") return;
		test("several openers migrate and write at once", async () => {
			const openers = Array.from({ length: 4 }, () => openDatabase({ url: backend.url }, quietLogger()));
			const results = await Promise.all(
				openers.map(async (opener, index) => {
					await opener.migrate();
					const stores = new SqlUserStore(opener);
					const names = Array.from({ length: 10 }, (_, n) => `opener${index}.${n}`);
					return await Promise.all(names.map((username) => stores.create(user({ username }))));
				}),
			);
			assert.ok(results.flat().every(Boolean));
			await Promise.all(openers.map((opener) => opener.close()));
		});
	});
}

/** Migrates the database that it is given, and makes fifty users. */
const writer = fileURLToPath(new URL("fixtures/sqlite-writer.ts", import.meta.url));

test("several processes migrate one new SQLite file and write to it", async () => {
	const backend = await sqliteFile();
	const codes = await Promise.all(
		[1, 2, 3, 4].map(
			() =>
				new Promise((resolve) => {
					spawn(...tied(process.execPath, [writer, backend.url]), { stdio: ["ignore", "inherit", "inherit"] }).once(
						"exit",
						resolve,
					);
				}),
		),
	);
	assert.deepEqual(codes, [0, 0, 0, 0]);
	const database = openDatabase({ url: backend.url }, quietLogger());
	const { users } = await new SqlUserStore(database).list({ limit: 1000 });
	assert.equal(users.length, 200);
	await database.close();
	await backend.stop();
});

test("a SQLite transaction holds the write lock from its first statement, which only reads", async () => {
	const backend = await sqliteFile();
	const [one, other] = [3000, 1000].map((statementTimeoutMs) =>
		openDatabase({ url: backend.url, statementTimeoutMs }, quietLogger()),
	);
	assert.ok(one && other);
	await one.migrate();
	await other.migrate();
	const users = (k: Kysely<Tables>) => k.selectFrom("users").selectAll().execute();
	const read = (db: typeof one) => db.run((k) => k.transaction().execute(users));
	await one.run((kysely) =>
		kysely.transaction().execute(async (trx) => {
			await users(trx);
			await assert.rejects(read(other), { code: 13 });
		}),
	);
	assert.deepEqual(await read(other), []);
	await Promise.all([one.close(), other.close()]);
	await backend.stop();
});
