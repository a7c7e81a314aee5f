// Errors of the databases themselves: what a repeat cannot mend is not UNAVAILABLE, and what it can is.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import mysql from "mysql2/promise";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { insertBatches } from "../../stores/sql/insert-batches.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { type QuietLogger, quietLogger } from "../support/quiet-logger.ts";

const backends = {
	SQLite: async () => ({ url: "sqlite::memory:", port: 0, stop: async () => {} }),
	PostgreSQL: () => startPostgres(),
	MariaDB: () => startMariadb(),
};
const PACKET_BYTES = 1_048_576;

for (const [name, start] of Object.entries(backends)) {
	describe(name, () => {
		let server: { readonly url: string; readonly port: number; stop(): Promise<void> };
		let database: Database;
		let logger: QuietLogger;
		before(async () => {
			server = await start();
			if (name === "MariaDB") {
				const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
				await admin.query(`SET GLOBAL max_allowed_packet = ${PACKET_BYTES}`);
				await admin.end();
			}
			logger = quietLogger();
			database = openDatabase({ url: server.url }, logger);
			await database.migrate();
		});
		after(async () => {
			await database.close();
			await server.stop();
		});

		const rejectsWith = async (code: ErrorCode, work: Promise<unknown>) => {
			await assert.rejects(work, (error) => {
				assert.ok(error instanceof GatewayError && error.cause instanceof Error, String(error));
				assert.equal(error.code, code, `${error.cause.message}`);
				assert.equal(error.retryable, code === ErrorCode.UNAVAILABLE);
				return true;
			});
		};
		const probe = (slot: unknown, filler: Uint8Array = Buffer.alloc(0)) =>
			database.run((db) =>
				db
					.insertInto("storage_probes")
					.values({ slot: slot as number, at_ms: 1, filler })
					.execute(),
			);

		test("a key that is taken is a conflict", async () => {
			await probe(1);
			await rejectsWith(ErrorCode.CONFLICT, probe(1));
			assert.equal(logger.lines.filter(({ message }) => message.includes("refused what a request asked")).length, 1);
		});

		test("a row that refers to none is a conflict", async () => {
			const reset = { user_id: "nobody", code_hash: "", expires_at_ms: 1, attempts_left: 1 };
			await rejectsWith(
				ErrorCode.CONFLICT,
				database.run((db) => db.insertInto("password_resets").values(reset).execute()),
			);
		});

		test("a table that is missing, and syntax, are the database's state", async () => {
			for (const query of [sql`select * from nothing_of_this_name`, sql`selct 1`]) {
				await rejectsWith(
					ErrorCode.UNAVAILABLE,
					database.run((db) => query.execute(db)),
				);
			}
		});

		test("a fault of the caller's own code is neither", async () => {
			const fault = new TypeError("ours");
			await assert.rejects(
				database.run(async () => {
					throw fault;
				}),
				fault,
			);
		});

		if (name !== "SQLite") {
			test("a value that no column takes is the request's fault", async () => {
				await rejectsWith(ErrorCode.VALIDATION_FAILED, probe(2 ** 40));
				const user = { id: "x".repeat(37), username: "a", username_key: "a", email: "", email_key: "", nickname: "" };
				const rest = { password_hash: "", roles: "", status: "", created_at_ms: 1, updated_at_ms: 1 };
				await rejectsWith(
					ErrorCode.VALIDATION_FAILED,
					database.run((db) =>
						db
							.insertInto("users")
							.values({ ...user, ...rest })
							.execute(),
					),
				);
			});
		}

		if (name === "MariaDB") {
			test("a statement that is larger than the server takes is refused before it costs the connection", async () => {
				const idOf = async () => {
					const query = sql<{ id: number }>`select connection_id() as id`;
					return (await database.run((db) => query.execute(db))).rows[0]?.id;
				};
				const before = await idOf();
				await rejectsWith(ErrorCode.PAYLOAD_TOO_LARGE, probe(3, Buffer.alloc(PACKET_BYTES)));
				assert.equal(await idOf(), before);
			});
		}

		test("many large rows go in several statements, whatever their sum", async () => {
			const rows = Array.from({ length: 60 }, (_, index) => ({
				slot: 5000 + index,
				at_ms: 1,
				filler: Buffer.alloc(60_000, index),
			}));
			await database.run(async (db) => {
				for (const batch of insertBatches(rows)) await db.insertInto("storage_probes").values(batch).execute();
				const query = db.selectFrom("storage_probes").select("filler").where("slot", ">=", 5000).orderBy("slot");
				const stored = await query.execute();
				assert.deepEqual(
					stored.map(({ filler }) => [filler.length, filler[59_999]]),
					rows.map((_, index) => [60_000, index]),
				);
			});
		});
	});
}
