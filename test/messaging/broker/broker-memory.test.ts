// The bounds of the broker in memory, with a clock that the test advances.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBroker } from "../../../messaging/broker-memory.ts";
import { handClock } from "../../support/hand-clock.ts";
import { frameOf, kept, ListeningNode, publishMany } from "./listening-node.ts";

test("beyond its bound, evicts channels without subscribers, the longest silent first", async () => {
	const broker = new MemoryBroker(handClock().monotonic, { maxChannels: 3 });
	await broker.subscribe("a");
	for (const name of ["a", "b", "c", "b", "d"]) await publishMany(broker, name, 1);
	const held = await broker.positions(["a", "b", "c", "d"]);
	assert.deepEqual(
		held.map((position) => position?.offset),
		[1, 2, undefined, 1],
	);
	assert.equal(broker.size, 3);
});

test("keeps all subscribed channels", async () => {
	const broker = new MemoryBroker(handClock().monotonic, { maxChannels: 2 });
	for (const name of ["a", "b", "c", "d"]) {
		await broker.subscribe(name);
		await publishMany(broker, name, 1);
	}
	assert.equal(broker.size, 4);
	await publishMany(broker, "e", 1);
	assert.deepEqual(
		(await broker.positions(["a", "d", "e"])).map((position) => position?.offset),
		[1, 1, 1],
	);
});

test("sweeps expired channels while others are published on; a log expires before its position", async () => {
	const clock = handClock();
	const broker = new MemoryBroker(clock.monotonic, { positionKeptMs: 1000 });
	const brief = { historySize: 5, historyBytes: 1_000_000, historyTtlMs: 1000 };
	const first = await broker.publish("a", frameOf("a", "1"), brief);
	clock.advance(1000);
	assert.equal((await broker.history("a", { ...first, offset: 0 }, 5)).isComplete, false);
	assert.deepEqual(await broker.publish("a", frameOf("a", "2"), brief), { offset: 2, epoch: first.epoch });
	clock.advance(1999);
	assert.equal((await broker.history("a", { ...first, offset: 2 }, 5)).isComplete, true);
	assert.equal(broker.size, 1);
	clock.advance(60_000);
	await publishMany(broker, "b", 1);
	assert.equal(broker.size, 1);
	assert.notEqual((await broker.publish("a", frameOf("a", "3"), kept)).epoch, first.epoch);
});

test("history returns the kept part of a long log, and nothing arrives after close", async () => {
	const node = new ListeningNode(new MemoryBroker(handClock().monotonic));
	const { broker } = node;
	await broker.subscribe("a");
	let epoch = "";
	for (let n = 0; n < 1000; n++) {
		({ epoch } = await broker.publish("a", frameOf("a", `${n}`), {
			historySize: 7,
			historyBytes: 1_000_000,
			historyTtlMs: 1000,
		}));
	}
	const { publications } = await broker.history("a", { offset: 0, epoch }, 1000);
	assert.deepEqual(
		publications.map(({ offset }) => offset),
		[994, 995, 996, 997, 998, 999, 1000],
	);
	await node.untilGot("a", 1000);
	const last = broker.publish("a", frameOf("a", "last"), kept);
	await Promise.all([last, broker.close()]);
	assert.equal(node.on("a").length, 1000);
});
