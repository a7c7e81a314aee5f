// Bringing the schema up to date in databases that others use as well, that cannot hold the data, and after an attempt that was
// interrupted at any statement.
import assert from "node:assert/strict";
import net from "node:net";
import { describe, type TestContext, test } from "node:test";
import { sql } from "kysely";
import mysql from "mysql2/promise";
import pg from "pg";
import { SchemaUpgrade } from "../../server/schema-upgrade.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { migrationsFor } from "../../stores/sql/migrations.ts";
import { tableNames } from "../../stores/sql/schema.ts";
import { SchemaError } from "../../stores/sql/schema-error.ts";
import { startGateway } from "../support/gateway.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";

const steps = Object.keys(await migrationsFor("postgres").getMigrations());

function open(t: TestContext, url: string): Database {
	const database = openDatabase({ url, maxConnections: 2 }, quietLogger());
	t.after(() => database.close());
	return database;
}

/** Tables, columns and indexes, as the server describes them. */
async function schemaOf(admin: mysql.Connection, name: string): Promise<unknown> {
	const columns = `SELECT table_name, column_name, column_type, collation_name, is_nullable, column_default, column_key
		FROM information_schema.columns WHERE table_schema = ? AND table_name <> 'schema_progress'
		ORDER BY table_name, ordinal_position`;
	const indexes = `SELECT table_name, index_name, non_unique, seq_in_index, column_name
		FROM information_schema.statistics WHERE table_schema = ? AND table_name <> 'schema_progress'
		ORDER BY table_name, index_name, seq_in_index`;
	const keys = `SELECT table_name, constraint_name, referenced_table_name, delete_rule
		FROM information_schema.referential_constraints WHERE constraint_schema = ? ORDER BY table_name, constraint_name`;
	return await Promise.all([columns, indexes, keys].map(async (query) => (await admin.query(query, [name]))[0]));
}

/** A statement of the schema, in what a client sends. */
const SCHEMA_STATEMENT = /\b(?:create (?:table|index|unique index)|alter table) .*/i;
/** Runs a prepared statement: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html */
const COM_STMT_EXECUTE = 0x17;

/**
 * A proxy before MariaDB that ends a connection once at each statement of the schema, and at each prepared one that is run between
 * two of them.
 */
async function startInterruptingProxy(t: TestContext, port: number) {
	const sockets = new Set<net.Socket>();
	const interrupted = new Set<string>();
	const state = { isAnswered: false, interrupted };
	const server = net.createServer((client) => {
		const upstream = net.connect(port, "127.0.0.1");
		let isEnding = false;
		let last = "";
		let since = 0;
		for (const socket of [client, upstream]) {
			sockets.add(socket);
			socket.on("error", () => undefined);
			socket.on("close", () => {
				sockets.delete(socket);
				client.destroy();
				upstream.destroy();
			});
		}
		// One statement is sent at a time, in one write: the answer comes before the next.
		client.on("data", (data) => {
			const statement = SCHEMA_STATEMENT.exec(data.toString("latin1"))?.[0];
			if (statement !== undefined) [last, since] = [statement, 0];
			else if (data[4] === COM_STMT_EXECUTE) since++;
			else return upstream.write(data);
			const place = `${since} after ${last}`;
			isEnding = !interrupted.has(place);
			interrupted.add(place);
			return isEnding && !state.isAnswered ? client.destroy() : upstream.write(data);
		});
		// Carried out, with no answer.
		upstream.on("data", (data) => (isEnding ? client.destroy() : client.write(data)));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(async () => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	});
	return { port: (server.address() as net.AddressInfo).port, state };
}

describe("MariaDB", () => {
	test("an attempt that is interrupted at any statement is continued by the next one", async (t) => {
		const server = await startMariadb();
		t.after(() => server.stop());
		const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
		t.after(() => admin.end());
		await open(t, server.url).migrate();
		const expected = await schemaOf(admin, "framegate");
		for (const isAnswered of [false, true]) {
			await admin.query("DROP DATABASE framegate");
			await admin.query("CREATE DATABASE framegate CHARACTER SET utf8mb4");
			const proxy = await startInterruptingProxy(t, server.port);
			proxy.state.isAnswered = isAnswered;
			const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
			await until(async () => {
				const database = openDatabase({ url, maxConnections: 1 }, quietLogger());
				try {
					await database.migrate();
					return true;
				} finally {
					await database.close();
				}
			});
			assert.ok(proxy.state.interrupted.size > 80, String(proxy.state.interrupted.size));
			assert.deepEqual(await schemaOf(admin, "framegate"), expected);
			const database = open(t, server.url);
			assert.deepEqual(await database.migrate(), []);
			const left = await database.run((db) => sql`select * from schema_progress`.execute(db));
			assert.deepEqual(left.rows, []);
		}
	});

	test("a table that something else has made is never taken over; once it is gone, the step goes on", async (t) => {
		const server = await startMariadb();
		t.after(() => server.stop());
		const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
		t.after(() => admin.end());
		await admin.query("CREATE TABLE framegate.chat_members (theirs int)");
		const database = open(t, server.url);
		for (let attempt = 0; attempt < 3; attempt++) {
			await assert.rejects(database.migrate(), (error) => {
				assert.ok(error instanceof SchemaError, String(error));
				assert.match(
					error.message,
					/^step 0002_chat: Table 'chat_members' already exists; .*use a database of its own/,
				);
				assert.equal(error.step, "0002_chat");
				return true;
			});
		}
		await admin.query("DROP TABLE framegate.chat_members");
		assert.equal((await database.migrate()).at(0), "0002_chat");
	});

	test("tables that cannot hold every text are refused, with what mends them", async (t) => {
		const server = await startMariadb();
		t.after(() => server.stop());
		const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
		t.after(() => admin.end());
		const database = open(t, server.url);
		await database.migrate();
		const mend = "ALTER TABLE notifications CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
		for (const collation of ["utf8mb3_bin", "utf8mb4_general_ci"]) {
			const charset = collation.slice(0, 7);
			await admin.query(`ALTER TABLE framegate.notifications CONVERT TO CHARACTER SET ${charset} COLLATE ${collation}`);
			await assert.rejects(database.migrate(), (error) => {
				assert.ok(error instanceof SchemaError && error.isUnsuitable, String(error));
				assert.ok(error.message.startsWith(`the column notifications.id has the collation ${collation}, `));
				assert.ok(error.message.endsWith(mend));
				return true;
			});
			await admin.query(mend.replace("TABLE ", "TABLE framegate."));
		}
		assert.deepEqual(await database.migrate(), []);
		// Of others in the same database.
		await admin.query("CREATE TABLE framegate.theirs (a varchar(9)) CHARACTER SET latin1");
		assert.deepEqual(await database.migrate(), []);
	});
});

describe("PostgreSQL", () => {
	async function adminOf(t: TestContext) {
		const server = await startPostgres();
		const admin = new pg.Client({ connectionString: server.url });
		admin.on("error", () => {});
		await admin.connect();
		t.after(async () => {
			await admin.end();
			await server.stop();
		});
		return { server, admin, urlOf: (name: string) => server.url.replace(/\/postgres$/, `/${name}`) };
	}

	test("tables of kysely in another schema are another product's", async (t) => {
		const { server, admin } = await adminOf(t);
		await admin.query("create schema other");
		await admin.query(
			"create table other.kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)",
		);
		await admin.query(
			"create table other.kysely_migration_lock (id varchar(255) primary key, is_locked integer not null)",
		);
		await admin.query("insert into other.kysely_migration values ('0001_theirs', '2020')");
		const database = open(t, server.url);
		assert.equal((await database.migrate()).length, steps.length);
		assert.deepEqual(await database.migrate(), []);
		const { rows } = await admin.query("select count(*)::int as count from pg_tables where schemaname = 'public'");
		assert.equal(rows[0].count, tableNames.length + 2);
	});

	test("a schema of the role's own is found by every connection, and a missing one is named", async (t) => {
		const { server, admin, urlOf } = await adminOf(t);
		await admin.query("create role plant login");
		await admin.query("alter role plant set search_path = plant");
		const database = open(t, urlOf("postgres").replace("postgres@", "plant@"));
		await assert.rejects(database.migrate(), /no schema of the search_path exists/);
		await admin.query("create schema plant authorization plant");
		assert.equal((await database.migrate()).length, steps.length);
		assert.equal((await open(t, server.url).migrate()).length, steps.length);
	});

	test("a table that something else has made, and a right that is missing, are named with their step", async (t) => {
		const { admin, urlOf } = await adminOf(t);
		await admin.query("create table users (theirs int)");
		const taken = /: step 0001_accounts: relation "users" already exists; /;
		await assert.rejects(open(t, urlOf("postgres")).migrate(), taken);
		await admin.query("drop table users");
		await admin.query("create role reader login");
		await admin.query("revoke create on schema public from public");
		const reader = open(t, urlOf("postgres").replace("postgres@", "reader@"));
		await assert.rejects(
			reader.migrate(),
			/permission denied for .*; the database needs a schema of its own, whose owner/,
		);
	});

	for (const encoding of ["SQL_ASCII", "LATIN1"]) {
		test(`a database in ${encoding} is refused at the start, in one line`, async (t) => {
			const { admin, urlOf } = await adminOf(t);
			await admin.query(`create database narrow encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`);
			const line = new RegExp(
				`^framegate: the database has the encoding ${encoding}, which cannot hold every text; create`,
				"m",
			);
			await assert.rejects(startGateway({ env: { DATABASE_URL: urlOf("narrow") } }), line);
		});
	}
});

test("readiness and the log name the step and the way out, and the process goes on when it is mended", async (t) => {
	const server = await startPostgres();
	t.after(() => server.stop());
	const database = openDatabase({ url: server.url }, quietLogger());
	t.after(() => database.close());
	await database.run((db) => sql`create table users (theirs int)`.execute(db));
	const logger = quietLogger();
	const upgrade = new SchemaUpgrade(database, logger);
	t.after(() => upgrade.close());
	await upgrade.begin();
	const named = /step 0001_accounts: relation "users" already exists; the database needs a schema of its own/;
	await assert.rejects(upgrade.probe.check(), named);
	const errors = () => logger.lines.filter(({ level }) => level === "error");
	assert.match(errors()[0]?.message ?? "", /could not be brought up to date/);
	await database.run((db) => sql`drop table users`.execute(db));
	await until(async () => {
		await upgrade.probe.check();
		return true;
	});
	assert.equal(errors().length, 1, "said once, however often it was tried");
});
