// Events on their way to disk: bounds, a store that fails, and what becomes of those who wait.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../common/clock.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { EventWriter, type PendingBound } from "../../../services/outputs/event-writer.ts";
import { deferred } from "../../support/deferred.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";
import { event, openStore } from "./relay-fixture.ts";

async function setUp(bound: PendingBound) {
	const { database, store } = await openStore();
	const logger = quietLogger();
	const appended: string[] = [];
	const services = { store, clock: systemClock, logger, onAppended: (output: string) => appended.push(output) };
	const writer = new EventWriter(services, new Map([["hook", bound]]));
	const ids = async () => (await store.pending("hook", 0, 1000)).map(({ id }) => id);
	return { database, store, writer, logger, appended, ids };
}

describe("events on their way to disk", () => {
	it("are there when the promise says so, in order, those of one turn in one transaction", async () => {
		const { database, writer, appended, ids } = await setUp({ maxEvents: 100, maxBytes: 1000 });
		await Promise.all(["1", "2", "3"].map((id) => writer.keep([event(id, "k")])));
		assert.deepEqual(await ids(), ["1", "2", "3"]);
		assert.deepEqual(appended, ["hook"]);
		writer.offer([event("4", "k")]);
		await writer.close();
		assert.deepEqual(await ids(), ["1", "2", "3", "4"], "what was offered is written before the end");
		await database.close();
	});

	it("are dropped and counted beyond the number and the bytes that an output may have pending", async () => {
		for (const bound of [
			{ maxEvents: 3, maxBytes: 1000 },
			{ maxEvents: 100, maxBytes: 3 },
		]) {
			const { database, writer, logger, ids } = await setUp(bound);
			for (const id of ["1", "2", "3", "4", "5"]) await writer.keep([event(id, "k")]);
			assert.deepEqual(await ids(), ["1", "2", "3"]);
			assert.equal(writer.dropped.get("hook"), 2);
			assert.equal(logger.lines.filter(({ level }) => level === "error").length, 1, "one line, not one for each");
			await database.close();
		}
	});

	it("take the place of the oldest disposable ones, and of no others", async () => {
		const { database, writer, ids } = await setUp({ maxEvents: 4, maxBytes: 1000, disposable: "telemetry" });
		const value = (id: string) => event(id, "t", { kind: "telemetry" });
		for (const one of [value("t1"), event("a1", "a"), value("t2"), event("a2", "a")]) await writer.keep([one]);
		await writer.keep([event("a3", "a")]);
		assert.deepEqual(await ids(), ["a1", "t2", "a2", "a3"]);
		for (const id of ["a4", "a5"]) await writer.keep([event(id, "a")]);
		assert.deepEqual(await ids(), ["a1", "a2", "a3", "a4"]);
		assert.equal(writer.dropped.get("hook"), 3);
		await database.close();
	});

	it("while the store fails, those that are kept are refused to their producers, and those that are offered wait", async () => {
		const { database, store, writer, ids } = await setUp({ maxEvents: 100, maxBytes: 1000 });
		const append = store.append.bind(store);
		store.append = async () => {
			throw new Error("the store is unreachable");
		};
		writer.offer([event("1", "k")]);
		await assert.rejects(writer.keep([event("2", "k")]), /unreachable/);
		writer.offer([event("3", "k")]);
		store.append = append;
		await until(async () => (await ids()).length === 2);
		assert.deepEqual(await ids(), ["1", "3"]);
		await database.close();
	});

	it("wait in bounded memory; beyond it producers that repeat are refused, and others lose events", async () => {
		const { database, store, writer } = await setUp({ maxEvents: 100_000, maxBytes: 1e9 });
		const begun = deferred<void>();
		store.append = () => {
			begun.resolve();
			return new Promise(() => undefined);
		};
		const body = Buffer.alloc(131_072);
		for (let n = 0; n < 200; n++) writer.offer([event(`${n}`, "k", { body })]);
		assert.equal(writer.dropped.get("hook"), 200 - Math.floor(16_777_216 / (131_072 + 512)));
		await assert.rejects(writer.keep([event("more", "k", { body })]), { code: ErrorCode.UNAVAILABLE });
		// Until then it reads, and would go on trying after the database is closed.
		await begun.promise;
		await database.close();
	});
});
