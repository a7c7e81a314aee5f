// Events for outputs in SQL: one contract on SQLite, PostgreSQL and MariaDB.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { NewOutputEvent } from "../../../services/outputs/output-store.ts";
import { SqlOutputStore } from "../../../services/outputs/store/output-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";

function event(output: string, id: string, change: Partial<NewOutputEvent> = {}): NewOutputEvent {
	return {
		output,
		id,
		key: "k",
		kind: "message.sent",
		body: Uint8Array.of(0, 255, 10),
		atMs: 1_754_530_782_000,
		...change,
	};
}

/** What died before a time is old. */
const old = (beforeMs: number) => ({ keptMs: 0, nowMs: beforeMs });

function contract(open: () => Promise<{ readonly url: string; readonly server?: RealServer }>): void {
	let database: Database;
	let server: RealServer | undefined;
	let store: SqlOutputStore;
	const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);
	before(async () => {
		const opened = await open();
		server = opened.server;
		database = openDatabase({ url: opened.url }, quietLogger());
		await database.migrate();
		store = new SqlOutputStore(database);
	});
	after(async () => {
		await database.close();
		await server?.stop();
	});

	it("gives back what it was given, in order, and each id once", async () => {
		const body = Buffer.alloc(131_072, 7);
		await store.append([event("order", "a"), event("order", "b", { key: "ü/é", body }), event("other", "a")]);
		await store.append([event("order", "b"), event("order", "c")]);
		const pending = await store.pending("order", 0, 10);
		assert.deepEqual(idsOf(pending), ["a", "b", "c"]);
		const [first, second] = pending;
		assert.deepEqual(
			{ ...first, body: [...(first?.body ?? [])] },
			{ ...event("order", "a"), body: [0, 255, 10], number: first?.number, attempts: 0 },
		);
		assert.deepEqual([second?.key, second?.body.length], ["ü/é", 131_072]);
		assert.deepEqual(idsOf(await store.pending("order", first?.number ?? 0, 1)), ["b"]);
		assert.deepEqual(idsOf(await store.pendingOfKey("order", "k", 10)), ["a", "c"]);
		await store.remove("order", [first?.number ?? 0]);
		await store.remove("order", []);
		assert.deepEqual(idsOf(await store.pendingOfKey("order", "k", 10)), ["c"]);
		assert.deepEqual(idsOf(await store.pending("other", 0, 10)), ["a"], "of another output");
		const { pending: count, pendingBytes, oldestAtMs, deadLetters } = await store.usage("order");
		assert.deepEqual([count, pendingBytes, oldestAtMs, deadLetters], [2, 131_075, 1_754_530_782_000, 0]);
		assert.deepEqual(await store.usage("none"), { pending: 0, pendingBytes: 0, oldestAtMs: 0, deadLetters: 0 });
	});

	it("keeps dead letters until they are replayed, discarded or too old", async () => {
		await store.append(["a", "b", "c", "d"].map((id) => event("dead", id)));
		const numbers = (await store.pending("dead", 0, 10)).map(({ number }) => number);
		await store.recordFailure("dead", numbers[0] as number, 3, "the answer is 500");
		assert.equal((await store.pending("dead", 0, 1))[0]?.attempts, 3);
		for (const [index, number] of numbers.entries())
			await store.bury("dead", number, 20, "e".repeat(600), 1000 + index);
		assert.deepEqual(idsOf(await store.pending("dead", 0, 10)), []);
		const letters = await store.deadLetters("dead", 0, 3);
		assert.deepEqual(idsOf(letters), ["d", "c", "b"], "the latest first");
		const { attempts, diedAtMs, error } = letters[0] ?? { attempts: 0, diedAtMs: 0, error: "" };
		assert.deepEqual([attempts, diedAtMs, error.length], [20, 1003, 512]);
		assert.deepEqual(idsOf(await store.deadLetters("dead", letters[2]?.number ?? 0, 3)), ["a"]);
		await store.append([event("dead", "a")]);
		assert.deepEqual(idsOf(await store.pending("dead", 0, 10)), [], "a repeat of one is not taken");

		assert.equal(await store.replay({ output: "dead", ids: ["b", "nothing"] }, 10), 1);
		assert.deepEqual(
			(await store.pending("dead", 0, 10)).map(({ id, attempts: tried }) => [id, tried]),
			[["b", 0]],
		);
		assert.equal(await store.replay({ output: "dead", ids: [] }, 10), 0);
		assert.equal(await store.discard({ output: "dead", ids: ["b", "c"] }, 10), 1, "one that is pending stays");
		assert.equal(await store.deleteDead("dead", old(1000), 100, 10), 0, "before, not at");
		assert.equal(await store.deleteDead("dead", old(1001), 100, 10), 1);
		assert.deepEqual(idsOf(await store.deadLetters("dead", 0, 10)), ["d"]);
		assert.equal(await store.discard({ output: "dead" }, 10), 1);
		assert.deepEqual(idsOf(await store.pending("dead", 0, 10)), ["b"]);
	});

	it("removes the oldest dead letters beyond a number, and the oldest pending ones of a kind", async () => {
		await store.append(["a", "b", "c", "d"].map((id) => event("many", id)));
		for (const { number } of await store.pending("many", 0, 10)) await store.bury("many", number, 1, "", 5000);
		assert.equal(await store.deleteDead("many", old(0), 3, 10), 1);
		assert.equal(await store.deleteDead("many", old(0), 1, 1), 1, "no more than asked");
		assert.deepEqual(idsOf(await store.deadLetters("many", 0, 10)), ["d", "c"]);
		assert.equal(await store.deleteDead("many", old(0), 0, 10), 2);
		const kinds = [
			["1", "telemetry"],
			["2", "alarm.raised"],
			["3", "telemetry"],
			["4", "telemetry"],
		] as const;
		await store.append(kinds.map(([id, kind]) => event("many", id, { kind })));
		assert.equal(await store.dropOldest("many", "telemetry", 2), 2);
		assert.deepEqual(idsOf(await store.pending("many", 0, 10)), ["2", "4"]);
	});
}

describe("events for outputs in SQLite", () => contract(async () => ({ url: "sqlite::memory:" })));

describe("events for outputs in PostgreSQL", () => {
	contract(async () => {
		const server = await startPostgres();
		return { url: server.url, server };
	});
});

describe("events for outputs in MariaDB", () => {
	contract(async () => {
		const server = await startMariadb();
		return { url: server.url, server };
	});
});
