// Letting go of several conversations takes their locks in the order in which appending takes them: otherwise the two wait
// for each other, and PostgreSQL takes a second to find out.
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { SqlChatMessageStore } from "../../../services/chat/store/chat-message-store-sql.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { until } from "../../support/until.ts";
import { chatFixture } from "./fixture.ts";

test("conversations are released in the order of their ids", async (t) => {
	const server = await startPostgres();
	const fixture = await chatFixture({ url: server.url });
	const client = new pg.Client({ connectionString: server.url });
	const observer = new pg.Client({ connectionString: server.url });
	await Promise.all([client.connect(), observer.connect()]);
	t.after(async () => {
		await Promise.all([client.end(), observer.end(), fixture.close()]);
		await server.stop();
	});
	const owner = await fixture.user("owner");
	const ids = [await fixture.room(owner), await fixture.room(owner)].sort() as [string, string];
	// The row of the first id is written last, so that it is found last.
	await client.query("update chat_conversations set publisher = 'p', last_sequence = 1 where id = $1", [ids[1]]);
	await client.query("update chat_conversations set publisher = 'p', last_sequence = 1 where id = $1", [ids[0]]);
	await client.query("begin");
	await client.query("select id from chat_conversations where id = $1 for update", [ids[0]]);
	const store = new SqlChatMessageStore(fixture.database);
	const claim = { publisher: "p", ttlMs: 1 };
	const released = store.release(new Map(ids.map((id) => [id, 1])), claim);
	await until(async () => {
		const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'";
		return (await observer.query(waiting)).rowCount === 1;
	});
	// It waits for the first one, and holds nothing that who has the first may want next.
	await client.query("select id from chat_conversations where id = $1 for update nowait", [ids[1]]);
	await client.query("commit");
	assert.deepEqual(await released, []);
});
