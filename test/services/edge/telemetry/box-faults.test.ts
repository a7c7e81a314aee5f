// What subscribers receive of a box that is unreachable, slow or silent, or that announces changes itself.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { DataBatch_Kind, SubscriptionMode } from "../../../../protocol/gen/schema.ts";
import { closeFixtures, fixture, pass, reads, settled, subscribed } from "./fixture.ts";

const { FULL, KEEPALIVE } = DataBatch_Kind;
const { BOTH } = SubscriptionMode;
const UNCERTAIN = 1;
const UNAVAILABLE = 3;

afterEach(closeFixtures);

describe("a box", () => {
	it("that becomes unreachable: its last values are sent once, uncertain, and all values when it is back", async () => {
		const here = fixture();
		here.points.put(1, { 1: 7 });
		const { listener } = await subscribed(here, { dataTypes: [1], keepaliveMs: 3000 });
		const elsewhere = await subscribed(here, { source: "north:comsrv" });
		listener.received();
		here.plant.turn("down");
		assert.deepEqual(
			listener.received().map(({ kind, values }) => [kind, values]),
			[[FULL, { "1.1": [7, UNCERTAIN] }]],
		);
		assert.deepEqual(
			listener.statuses.map(({ source, state, reason }) => [source, state, reason]),
			[["comsrv", 2, "connection refused"]],
		);
		reads(here);
		await pass(here, 2900);
		assert.deepEqual([listener.received(), reads(here)], [[], 0]);
		await pass(here, 1100);
		assert.deepEqual(
			listener.received().map(({ kind }) => kind),
			[KEEPALIVE],
		);
		here.points.put(1, { 1: 8 });
		here.plant.turn("up");
		await pass(here, 1000);
		const [first, ...rest] = listener.received();
		assert.deepEqual([first?.kind, first?.values], [FULL, { "1.1": 8 }]);
		assert.ok(rest.length <= 1);
		assert.deepEqual(elsewhere.listener.statuses, []);
		assert.equal(listener.statuses.length, 2);
	});

	it("that is unreachable accepts subscriptions, is reported as unavailable, and sends values once it is up", async () => {
		const here = fixture();
		here.points.put(1, { 1: 7 });
		here.plant.turn("loading");
		const { listener } = await subscribed(here, { dataTypes: [1] });
		assert.deepEqual(
			listener.received().map(({ values }) => values),
			[{ 1: UNAVAILABLE }],
		);
		here.plant.turn("up");
		await pass(here, 1000);
		assert.deepEqual(listener.received()[0]?.values, { "1.1": 7 });
	});

	it("that flaps leaves nothing behind", async () => {
		const here = fixture();
		here.points.put(1, { 1: 7 });
		const { listener } = await subscribed(here, { dataTypes: [1] });
		for (let i = 0; i < 20; i++) here.plant.turn(i % 2 === 0 ? "down" : "up");
		await pass(here, 2000);
		listener.received();
		await pass(here, 3000);
		assert.deepEqual(
			listener.received().map(({ kind }) => kind),
			[FULL, FULL, FULL],
		);
	});

	it("that answers late is not read twice: ticks are skipped and counted", async () => {
		const here = fixture();
		const { listener } = await subscribed(here, { intervalMs: 100 });
		listener.received();
		let release = () => {};
		here.points.gate = new Promise((resolve) => {
			release = resolve;
		});
		reads(here);
		await pass(here, 1000);
		assert.equal(here.points.requests.length, 1);
		assert.ok(here.telemetry.counters.skippedTicks >= 8);
		here.points.gate = undefined;
		release();
		await pass(here, 200);
		assert.ok(listener.received().length >= 2);
	});

	it("whose writer has stopped is uncertain, whatever the clocks say", async () => {
		const here = fixture({ staleMs: 10_000 });
		const wallMs = here.clock.now();
		const quality = async () => {
			await pass(here, 1000);
			const [value] = Object.values(listener.received().at(-1)?.values ?? {});
			return Array.isArray(value) ? value[1] : 0;
		};
		// An hour behind ours, and in time nevertheless.
		here.points.put(1, { 1: 7 }, wallMs + 3_600_000);
		const { listener } = await subscribed(here, { dataTypes: [1] });
		assert.equal(await quality(), 0);
		await pass(here, 8000);
		assert.equal(await quality(), 0);
		await pass(here, 2000);
		assert.equal(await quality(), UNCERTAIN);
		here.points.put(1, { 1: 8 }, wallMs);
		assert.equal(await quality(), 0, "its clock was set back, so that it writes");
		await pass(here, 12_000);
		assert.equal(await quality(), UNCERTAIN);
		here.points.put(2, { 1: 7 }, wallMs - 60_000);
		const old = await subscribed(here, { channels: [2], dataTypes: [1] });
		assert.deepEqual(old.listener.received()[0]?.values, { "2.1": [7, UNCERTAIN] }, "it had stopped before we looked");
	});

	it("that announces changes is read sooner, and not all the time", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const { listener } = await subscribed(here, { intervalMs: 10_000, mode: BOTH, dataTypes: [1] });
		await pass(here, 100);
		assert.equal(here.points.watched.at(-1)?.length, 1);
		listener.received();
		reads(here);
		for (let value = 2; value <= 20; value++) {
			here.points.put(1, { 1: value });
			here.points.announce(1);
			here.points.announce(999);
			here.clock.advance(5);
			here.telemetry.tick();
			await settled();
		}
		await pass(here, 300);
		assert.equal(listener.received().at(-1)?.values["1.1"], 20);
		assert.ok(reads(here) <= 5);
	});
});
