// Deliveries of an output: order by key, attempts, dead letters, receivers that are down, one node of several.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { systemClock } from "../../../common/clock.ts";
import { MemoryLeaseStore } from "../../../messaging/lease-store-memory.ts";
import type { OutputStore } from "../../../services/outputs/output-store.ts";
import { SqlOutputStore } from "../../../services/outputs/store/output-store-sql.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { until } from "../../support/until.ts";
import { event, openRelay, openStore } from "./relay-fixture.ts";

describe("the relay of an output", () => {
	let database: Database;
	let store: OutputStore;
	before(async () => {
		({ database, store } = await openStore());
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.run((db) => db.deleteFrom("output_events").execute());
	});

	const isEmpty = async () => (await store.usage("hook")).pending === 0;

	it("delivers every event once, those of a key in order and one at a time, several keys at once", async () => {
		const { relay, delivery } = openRelay(store);
		const keys = ["a", "b", "c", "d", "e", "f"];
		await relay.start();
		for (let n = 0; n < 60; n++) {
			await store.append(keys.map((key) => event(`${key}${n}`, key)));
			relay.onAppended();
		}
		await until(isEmpty);
		assert.equal(new Set(delivery.begun).size, 360);
		assert.equal(delivery.begun.length, 360);
		for (const key of keys) {
			const ofKey = delivery.taken.filter((id) => id.startsWith(key));
			assert.deepEqual(
				ofKey,
				Array.from({ length: 60 }, (_, n) => `${key}${n}`),
			);
		}
		assert.ok(!delivery.overlapped && delivery.mostAtOnce > 1 && delivery.mostAtOnce <= 4, `${delivery.mostAtOnce}`);
		assert.deepEqual(relay.counters, { delivered: 360, failed: 0, buried: 0 });
		await until(() => relay.isDrained);
		await relay.close();
	});

	it("tries an event again, others of its key behind it, while other keys go on; then it is a dead letter", async () => {
		const { relay, delivery, logger } = openRelay(store);
		delivery.answer = ({ id }) =>
			id === "bad" ? { outcome: "failed", error: "the answer is 500" } : { outcome: "delivered" };
		await store.append([event("bad", "k"), event("behind", "k"), event("other", "o")]);
		await relay.start();
		await until(isEmpty);
		assert.deepEqual(delivery.taken, ["other", "behind"]);
		assert.equal(delivery.begun.filter((id) => id === "bad").length, 3);
		const [letter] = await store.deadLetters("hook", 0, 10);
		assert.deepEqual([letter?.id, letter?.attempts, letter?.error], ["bad", 3, "the answer is 500"]);
		assert.deepEqual(relay.counters, { delivered: 2, failed: 3, buried: 1 });
		assert.ok(
			logger.lines.some(({ level, message }) => level === "warn" && message.includes("could not be delivered")),
		);
		delivery.answer = () => ({ outcome: "delivered" });
		assert.equal(await store.replay({ output: "hook" }, 10), 1);
		await until(() => delivery.taken.includes("bad"));
		await relay.close();
	});

	it("gives up an event at once that the receiver never takes, and keeps none of a disposable kind", async () => {
		const { relay, delivery } = openRelay(store, { disposable: "telemetry" });
		delivery.answer = ({ id }) =>
			id === "last" ? { outcome: "delivered" } : { outcome: "rejected", error: "the answer is 400" };
		await store.append([event("bad", "k"), event("value", "k", { kind: "telemetry" }), event("last", "k")]);
		await relay.start();
		await until(isEmpty);
		assert.deepEqual(delivery.begun, ["bad", "value", "last"]);
		assert.deepEqual(
			(await store.deadLetters("hook", 0, 10)).map(({ id }) => id),
			["bad"],
		);
		await relay.close();
	});

	it("tries a receiver that is down by one event at a time, and goes on when it is back", async () => {
		const { relay, delivery, logger } = openRelay(store, { maxAttempts: 1000 });
		let atOnce = 0;
		let mostWhileDown = 0;
		let isDown = true;
		delivery.answer = async () => {
			if (!isDown) return { outcome: "delivered" };
			atOnce++;
			if (!relay.isUp) mostWhileDown = Math.max(mostWhileDown, atOnce);
			await new Promise((resolve) => setImmediate(resolve));
			atOnce--;
			return { outcome: "failed", error: "no answer: ECONNREFUSED" };
		};
		const ids = Array.from({ length: 50 }, (_, n) => `e${n}`);
		await store.append(ids.map((id) => event(id, `key of ${id}`)));
		await relay.start();
		await until(() => delivery.begun.length > 20);
		assert.equal(relay.isUp, false);
		assert.equal(mostWhileDown, 1);
		isDown = false;
		await until(isEmpty);
		assert.deepEqual(delivery.taken.toSorted(), ids.toSorted());
		assert.equal(relay.isUp, true);
		const lines = logger.lines.filter(({ message }) => message.includes("receiver of an output"));
		assert.deepEqual(
			lines.map(({ level }) => level),
			["warn", "info"],
		);
		await relay.close();
	});

	it("holds nothing against an event that no event reaches the receiver, and goes on at once when it is woken", async () => {
		const { relay, delivery } = openRelay(store, { maxAttempts: 1, firstRetryMs: 600_000, maxRetryMs: 600_000 });
		let isConnected = false;
		delivery.answer = () => ({ outcome: isConnected ? "delivered" : "unavailable" });
		await store.append([event("1", "k"), event("2", "k"), event("3", "l")]);
		await relay.start();
		await until(() => delivery.begun.length > 0 && !relay.isUp);
		isConnected = true;
		relay.wake();
		await until(isEmpty);
		assert.deepEqual(delivery.taken.toSorted(), ["1", "2", "3"]);
		assert.deepEqual(relay.counters, { delivered: 3, failed: 0, buried: 0 });
		await relay.close();
	});

	it("finds an event whose number is lower than one that was read, as its transaction was committed later", async () => {
		const hiding = new SqlOutputStore(database);
		let hidden: string | undefined = "late";
		const pending = hiding.pending.bind(hiding);
		hiding.pending = async (...query) => (await pending(...query)).filter(({ id }) => id !== hidden);
		const { relay, delivery } = openRelay(hiding, { rescanIntervalMs: 50 });
		await store.append([event("late", "l"), event("early", "e")]);
		await relay.start();
		await until(() => delivery.taken.includes("early"));
		hidden = undefined;
		await until(isEmpty);
		assert.deepEqual(delivery.taken, ["early", "late"]);
		await relay.close();
	});

	it("is done by one node, and taken over by another one when that ends", async () => {
		const leases = new MemoryLeaseStore(systemClock.monotonic);
		const one = openRelay(store, { leaseMs: 4000 }, leases);
		const two = openRelay(store, { leaseMs: 4000 }, leases);
		await one.relay.start();
		await two.relay.start();
		assert.deepEqual([one.relay.isHeld, two.relay.isHeld], [true, false]);
		await store.append([event("1", "k"), event("2", "k")]);
		await until(isEmpty);
		assert.deepEqual([one.delivery.taken, two.delivery.taken], [["1", "2"], []]);
		await one.relay.close();
		await store.append([event("3", "k")]);
		await until(isEmpty);
		assert.deepEqual(two.delivery.taken, ["3"]);
		await two.relay.close();
	});

	it("delivers again what it could not remove, and nothing is lost, while the store fails", async () => {
		const failing = new SqlOutputStore(database);
		let fails = true;
		const remove = failing.remove.bind(failing);
		failing.remove = async (output, numbers) => {
			if (fails) throw new Error("the store is unreachable");
			await remove(output, numbers);
		};
		const { relay, delivery } = openRelay(failing);
		await store.append([event("1", "k"), event("2", "k"), event("3", "l")]);
		await relay.start();
		await until(() => delivery.taken.length === 3);
		assert.equal((await store.usage("hook")).pending, 3);
		fails = false;
		await until(isEmpty);
		assert.deepEqual(delivery.begun.length, 3, "the same process knows what it has delivered");
		await relay.close();
	});
});
