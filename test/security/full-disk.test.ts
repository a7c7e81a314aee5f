// A disk that fills: members are refused first, `/ready` says so, and what is done to the plant goes on and is written down.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createClient } from "../../client/index.ts";
import { CommandStage, DataType } from "../../protocol/gen/schema.ts";
import { SqlAuditTrail } from "../../services/edge/control/store/audit-trail-sql.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { startGateway } from "../support/gateway.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { mayMount, type SmallDisk, smallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";

const PASSWORD = "correct horse";
const DISK_BYTES = 40 * 1_048_576;
const point = { channel: 1001, dataType: DataType.CONTROL, pointId: 100 };

describe("a gateway on a disk that is filled by somebody else", {
	skip: mayMount ? false : "mounting needs root",
}, () => {
	let disk: SmallDisk;
	let gateway: Awaited<ReturnType<typeof startGateway>>;
	let client: ReturnType<typeof createClient>;
	const file = () => join(disk.directory, "framegate.db");
	const ready = async () => {
		const response = await fetch(`${gateway.httpUrl}/ready`);
		const body = (await response.json()) as { checks: { name: string; ok: boolean; error?: string }[] };
		return { status: response.status, sql: body.checks.find(({ name }) => name === "sql") };
	};

	before(async () => {
		disk = smallDisk(DISK_BYTES);
		gateway = await startGateway({
			env: {
				DATABASE_URL: `sqlite:${file()}`,
				FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
				FRAMEGATE_STORAGE_BALLAST_BYTES: String(8 * 1_048_576),
				FRAMEGATE_EDGE_SIMULATOR_ENABLED: "true",
			},
		});
		client = createClient({ url: gateway.url });
		await client.connect();
		await client.auth.register({ username: "operator", password: PASSWORD });
		await client.login({ username: "operator", password: PASSWORD });
	});
	after(async () => {
		client.close();
		await gateway.stop();
		await disk.stop();
	});

	test("is ready while there is room, and holds space for the audit trail", async () => {
		await until(async () => (await ready()).status === 200 && existsSync(`${file()}-reserve`));
	});

	test("is not ready when there is none, and says that it is the database", async () => {
		disk.fill();
		await until(async () => (await ready()).status === 503);
		const { sql } = await ready();
		assert.equal(sql?.ok, false);
		assert.match(sql?.error ?? "", /bytes are free/);
	});

	test("refuses what members would have kept, with a time to wait", async () => {
		const refused = { code: 13, retryAfterMs: 30_000 };
		await assert.rejects(client.chat.createRoom({ name: "room" }), refused);
		await assert.rejects(client.auth.register({ username: "somebody", password: PASSWORD }), refused);
	});

	test("goes on with control, and writes each command down", async () => {
		for (let value = 0; value < 20; value++) {
			const command = await client.edge.write(point, value % 2);
			assert.equal((await command.ended).stage, CommandStage.EXECUTED);
		}
		const database = openDatabase({ url: `sqlite:${file()}` }, quietLogger());
		const entries = await new SqlAuditTrail(database).list({ sinceMs: 0, username: undefined, limit: 100 });
		await database.close();
		assert.equal(entries.filter(({ outcome }) => outcome === "executed").length, 20);
		assert.ok(!existsSync(`${file()}-reserve`), "the space that was held is in use");
	});

	test("names what was wrong in the log, not once for each", () => {
		const lines = gateway.log().split("\n");
		assert.ok(lines.some((line) => /SQLITE_FULL/.test(line)));
		assert.ok(lines.filter((line) => /takes no writes of members/.test(line)).length <= 2);
	});

	test("takes everything again when there is room, and holds the space again", async () => {
		disk.empty();
		await until(async () => (await ready()).status === 200);
		await client.chat.createRoom({ name: "room" });
		await until(async () => (await ready()).status === 200 && existsSync(`${file()}-reserve`));
	});
});
