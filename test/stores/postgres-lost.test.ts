// A PostgreSQL that becomes unreachable in the middle of a transaction fails that transaction, and nothing else.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { sql } from "kysely";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";

test("a connection that breaks between two statements fails its transaction only", { timeout: 120_000 }, async () => {
	const first = await startPostgres({ keepData: true });
	const database = openDatabase({ url: first.url }, quietLogger());
	after(() => database.close());
	// An uncaught error fails the test by itself.
	const broken = database.run((db) =>
		db.transaction().execute(async (transaction) => {
			await sql`select 1`.execute(transaction);
			const exited = once(first.process, "close");
			await first.stop();
			await exited;
			await assert.rejects(sql`select 1`.execute(transaction));
		}),
	);
	await assert.rejects(broken, (error) => error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE);
	const second = await startPostgres({ resume: { directory: first.directory, port: first.port } });
	after(() => second.stop());
	await until(async () => {
		await database.probe.check();
		return true;
	});
});
