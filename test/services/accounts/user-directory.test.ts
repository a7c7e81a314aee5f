// One contract for finding, changing and deleting accounts, run on SQLite and on real PostgreSQL and MariaDB servers. Two nodes are
// two pools of connections.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { SqlUserDeletionStore } from "../../../services/accounts/store/user-deletion-store-sql.ts";
import { SqlUserDirectory } from "../../../services/accounts/store/user-directory-sql.ts";
import { SqlUserStore } from "../../../services/accounts/store/user-store-sql.ts";
import type { UserDeletion } from "../../../services/accounts/user-deletions.ts";
import { placeOf, type UserQuery } from "../../../services/accounts/user-directory.ts";
import type { UserRecord } from "../../../services/accounts/user-store.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { usersStep } from "../../../stores/sql/migration-0008-users.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { dataDirectory } from "../../support/real-server.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => {
		const directory = dataDirectory("sqlite");
		return {
			url: `sqlite:${path.join(directory, "accounts.db")}`,
			stop: async () => rmSync(directory, { recursive: true }),
		};
	},
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const atMs = 1_767_225_700_000;

function user(username: string, fields: Partial<UserRecord> = {}): UserRecord {
	return {
		id: uuidv7(),
		username,
		usernameKey: username.toLowerCase(),
		email: "",
		nickname: "",
		passwordHash: "$argon2id$x",
		roles: ["user"],
		status: "active",
		createdAtMs: 1_767_225_600_000,
		updatedAtMs: 1_767_225_600_000,
		avatarUrl: "",
		metadata: {},
		version: 1,
		...fields,
	};
}

for (const [name, start] of Object.entries(backends)) {
	describe(`user directory on ${name}`, () => {
		let backend: Backend;
		let databases: [Database, Database];
		let users: SqlUserStore;
		let nodes: [SqlUserDirectory, SqlUserDirectory];

		before(async () => {
			backend = await start();
			const open = () => openDatabase({ url: backend.url }, quietLogger());
			databases = [open(), open()];
			await databases[0].migrate();
			users = new SqlUserStore(databases[0]);
			nodes = databases.map((database) => new SqlUserDirectory(database, ["admin", "root"])) as typeof nodes;
		});
		after(async () => {
			for (const database of databases) await database.close();
			await backend.stop();
		});

		/** All pages of a list. */
		async function all(query: Partial<UserQuery>): Promise<string[]> {
			const names: string[] = [];
			let after: string | undefined = "";
			while (after !== undefined) {
				const full: UserQuery = { by: { all: true }, role: "", status: undefined, limit: 3, ...query, after };
				const page = await nodes[0].find(full);
				assert.ok(page.users.length <= 3);
				names.push(...page.users.map(({ username }) => username));
				const last = page.users.at(-1);
				if (page.nextCursor !== undefined && last !== undefined && page.users.length === 3) {
					assert.equal(page.nextCursor, placeOf(last, full));
				}
				after = page.nextCursor;
			}
			return names;
		}

		test("users are found by the beginning of the name, the address, role and status, in pages", async () => {
			const made = [
				...["Zeta", "beta1", "beta.2", "beta_3", "Beta-4", "bet", "beta5", "betß"].map((username) => user(username)),
				user("gamma", { email: "G@example.org", roles: ["user", "engineer"], status: "disabled" }),
				user("delta", { email: "g@EXAMPLE.org", roles: ["engineer"] }),
			];
			for (const one of made) assert.equal(await users.create(one), true, one.username);
			assert.deepEqual(
				await all({}),
				made.map(({ username }) => username),
			);
			// In the order of the bytes of their names.
			const betas = ["beta-4", "beta.2", "beta1", "beta5", "beta_3"];
			assert.deepEqual(
				(await all({ by: { namePrefix: "beta" } })).map((found) => found.toLowerCase()),
				betas,
			);
			assert.deepEqual(await all({ by: { namePrefix: "b%" } }), []);
			assert.deepEqual(await all({ by: { namePrefix: "betß" } }), ["betß"]);
			assert.deepEqual(await all({ by: { email: "g@example.org" } }), ["gamma", "delta"]);
			assert.deepEqual(await all({ role: "engineer" }), ["gamma", "delta"]);
			assert.deepEqual(await all({ role: "engineer", status: "active" }), ["delta"]);
			assert.deepEqual(await all({ status: "disabled" }), ["gamma"]);
			assert.deepEqual(await all({ by: { namePrefix: "g" }, role: "user", status: "disabled" }), ["gamma"]);
			assert.deepEqual(await all({ by: { namePrefix: "d" }, role: "user" }), []);
			assert.deepEqual(await all({ by: { namePrefix: "a\0" } }), []);
			assert.deepEqual(await all({ role: "user " }), []);
		});

		test("a page looks at a bounded number of accounts, and the next one goes on behind them", async () => {
			const rows = Array.from({ length: 1500 }, (_, index) => user(`many${String(index).padStart(4, "0")}`));
			await databases[0].run(async (db) => {
				for (const one of rows) {
					const times = { created_at_ms: 1, updated_at_ms: 1 };
					const rest = { email: "", email_key: "", nickname: "", password_hash: "", roles: "[]", status: "active" };
					const row = { id: one.id, username: one.username, username_key: one.usernameKey, ...rest, ...times };
					await db.insertInto("users").values(row).execute();
				}
			});
			const query: UserQuery = { by: { namePrefix: "many" }, role: "", status: "disabled", after: "", limit: 3 };
			const first = await nodes[0].find(query);
			assert.deepEqual([first.users, first.nextCursor], [[], "many0999"]);
			assert.deepEqual(await nodes[0].find({ ...query, after: "many0999" }), { users: [], nextCursor: undefined });
		});

		test("a change counts the version up, and one with another version changes nothing", async () => {
			const created = user("epsilon", { metadata: { a: "1" } });
			await users.create(created);
			const [directory, other] = nodes;
			const changed = {
				nickname: "Eps",
				email: "E@x.org",
				avatarUrl: "https://x.org/e",
				metadata: { b: "ü" },
				roles: ["x"],
			};
			const result = await directory.change(created.id, () => changed, { expectedVersion: 1, atMs });
			assert.deepEqual(result, {
				kind: "changed",
				before: created,
				user: { ...created, ...changed, updatedAtMs: atMs, version: 2 },
			});
			assert.deepEqual(await users.byId(created.id), "user" in result && result.user);
			assert.deepEqual(
				(await users.byEmail("e@x.org", 2)).map(({ id }) => id),
				[created.id],
			);
			assert.deepEqual(await all({ role: "x" }), ["epsilon"]);
			const late = await other.change(created.id, () => ({ nickname: "" }), { expectedVersion: 1, atMs });
			assert.deepEqual(late, { kind: "conflict" });
			const same = await other.change(created.id, () => ({}), { atMs: atMs + 1 });
			assert.equal(same.kind === "changed" && same.user.version, 2);
			assert.deepEqual(await other.change(uuidv7(), () => ({}), { atMs }), { kind: "missing" });
			assert.deepEqual(await other.change(`${created.id} `, () => ({}), { atMs }), { kind: "missing" });
			const refuse = () => {
				throw new GatewayError(ErrorCode.PERMISSION_DENIED, "no");
			};
			await assert.rejects(directory.change(created.id, refuse, { atMs }), { code: ErrorCode.PERMISSION_DENIED });
			// Of changes at once each sees the one before.
			const appended = (node: SqlUserDirectory, key: string) =>
				node.change(created.id, ({ metadata }) => ({ metadata: { ...metadata, [key]: key } }), { atMs });
			await Promise.all(
				Array.from({ length: 10 }, (_, index) => appended(nodes[index % 2] as SqlUserDirectory, `k${index}`)),
			);
			const latest = await users.byId(created.id);
			assert.deepEqual([Object.keys(latest?.metadata ?? {}).length, latest?.version], [11, 12]);
		});

		test("a new address or password makes the code that was sent void", async () => {
			const created = user("codes");
			await users.create(created);
			await users.putResetCode({ userId: created.id, codeHash: "h", ttlMs: 60_000, attemptsLeft: 3 });
			await nodes[0].change(created.id, () => ({ nickname: "C" }), { atMs });
			assert.equal(await users.consumeResetAttempt(created.id), "h");
			await nodes[0].change(created.id, () => ({ email: "other@example.org" }), { atMs });
			assert.equal(await users.consumeResetAttempt(created.id), undefined);
		});

		test("the last active administrator is not demoted, disabled or deleted, also when two nodes race", async () => {
			const directory = nodes[0];
			const roots = [user("root1", { roles: ["admin"] }), user("root2", { roles: ["root", "user"] })];
			const disabled = user("root3", { roles: ["admin"], status: "disabled" });
			for (const one of [...roots, disabled]) await users.create(one);
			const [one, two] = roots as [UserRecord, UserRecord];
			const demote = () => ({ roles: ["user"] });
			const acts = {
				demote: (node: SqlUserDirectory, id: string) => node.change(id, demote, { atMs }),
				disable: (node: SqlUserDirectory, id: string) => node.change(id, () => ({ status: "disabled" }), { atMs }),
			};
			const restore = async () => {
				for (const { id, roles } of roots) {
					await directory.change(id, () => ({ roles, status: "active" }), { atMs });
				}
			};
			for (let round = 0; round < 10; round++) {
				const [first, second] = round % 2 === 0 ? [acts.demote, acts.disable] : [acts.disable, acts.demote];
				const results = await Promise.all([first(nodes[0], one.id), second(nodes[1], two.id)]);
				assert.deepEqual(results.map(({ kind }) => kind).sort(), ["changed", "last-administrator"]);
				await restore();
			}
			assert.equal((await acts.demote(directory, one.id)).kind, "changed");
			assert.equal((await directory.remove(two.id, { atMs })).kind, "last-administrator");
			assert.equal((await users.byId(two.id))?.status, "active");
			await directory.change(one.id, () => ({ roles: ["admin"] }), { atMs });
			const removals = await Promise.all([nodes[0].remove(one.id, { atMs }), nodes[1].remove(two.id, { atMs })]);
			assert.deepEqual(removals.map(({ kind }) => kind).sort(), ["last-administrator", "removed"]);
			// The one that is disabled is no administrator, and may go.
			assert.equal((await directory.remove(disabled.id, { atMs })).kind, "removed");
		});

		test("a removed account leaves a deletion that one process at a time takes", async () => {
			const created = user("omega", { email: "O@example.org" });
			await users.create(created);
			const [directory, other] = nodes;
			assert.equal((await directory.remove(created.id, { expectedVersion: 9, atMs })).kind, "conflict");
			assert.equal((await directory.remove(created.id, { expectedVersion: 1, atMs })).kind, "removed");
			assert.equal((await other.remove(created.id, { atMs })).kind, "missing");
			assert.equal(await users.byId(created.id), undefined);
			assert.equal(await users.hasLookAlike("omega"), false, "the name is free again");
			assert.deepEqual(await directory.existing([created.id, uuidv7()]), new Set());
			const stores = databases.map((database) => new SqlUserDeletionStore(database));
			const [one, two] = stores as [SqlUserDeletionStore, SqlUserDeletionStore];
			const taken: UserDeletion[] = [];
			for (let deletion = await one.acquire("a", 60_000); deletion; deletion = await one.acquire("a", 60_000)) {
				taken.push(deletion);
			}
			const own = taken.find(({ userId }) => userId === created.id);
			const expected = { userId: created.id, usernameKey: "omega", emailKey: "o@example.org", round: 1, place: "" };
			assert.deepEqual(own, expected);
			assert.equal(await two.acquire("b", 60_000), undefined);
			assert.equal(await two.renew(expected, "b", 60_000), false);
			assert.equal(await one.renew({ ...expected, place: "chat:x" }, "a", 60_000), true);
			await one.postpone({ ...expected, round: 2, place: "" }, "a", -1000);
			assert.deepEqual(await two.acquire("b", 60_000), { ...expected, round: 2 });
			await one.finish(created.id, "a");
			assert.equal(await two.renew(expected, "b", 60_000), true, "only its holder finishes it");
			await two.finish(created.id, "b");
			assert.equal(await two.renew(expected, "b", 60_000), false);
		});

		test("the step of the migration may be taken up again at any statement", async () => {
			const created = user("again", { roles: ["user", "engineer"] });
			await users.create(created);
			await databases[0].run((db) => db.deleteFrom("user_roles").where("user_id", "=", created.id).execute());
			const { fillAgain } = usersStep(databases[0].dialect);
			await databases[0].run((db) => fillAgain(db));
			await databases[0].run((db) => fillAgain(db));
			assert.ok((await all({ role: "engineer" })).includes("again"));
		});
	});
}
