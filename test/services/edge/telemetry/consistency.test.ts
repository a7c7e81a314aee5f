// Every subscriber has the values of the box, while other subscribers join, lag or leave.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataBatch_Kind, type SubscribeRequestProperties, SubscriptionMode } from "../../../../protocol/gen/schema.ts";
import type { KeyReading, KeyRequest } from "../../../../services/edge/boxes/box-points.ts";
import { Ticker } from "../../../../services/edge/telemetry/ticker.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { Listener } from "./fake-plant.ts";
import { closeFixtures, type Fixture, fixture, pass, settled } from "./fixture.ts";

const { FULL } = DataBatch_Kind;
const { ON_CHANGE, BOTH } = SubscriptionMode;
const UNCERTAIN = 1;

afterEach(closeFixtures);

async function watching(
	here: Fixture,
	request: SubscribeRequestProperties = {},
	listener = new Listener(here.audience),
) {
	here.telemetry.subscribe(listener, { channels: [1], dataTypes: [1], ...request });
	await settled();
	return listener;
}

/** What a client that applies every batch believes. */
class Belief {
	readonly values: Record<string, unknown> = {};

	take(listener: Listener): this {
		for (const { values } of listener.received()) Object.assign(this.values, values);
		return this;
	}
}

/** Like a Redis that asks for named points only: a reading holds what was wanted. */
function readsOnlyWhatIsWanted(here: Fixture): void {
	const all = here.points.read.bind(here.points);
	here.points.read = async (requests: readonly KeyRequest[]): Promise<readonly KeyReading[]> => {
		const readings = await all(requests);
		return readings.map((reading, index) => {
			const { points: wanted, isWhole } = requests[index] as KeyRequest;
			if (wanted === undefined || isWhole) return reading;
			return { ...reading, points: reading.points.filter(({ pointId }) => wanted.has(pointId)) };
		});
	};
}

describe("a batch to one subscriber does not change what the others receive", () => {
	for (const mode of [ON_CHANGE, BOTH]) {
		const name = mode === BOTH ? "of both kinds" : "on change";

		it(`${name}: one that catches up in a tick`, async () => {
			const here = fixture({ lagBytes: 1000 });
			here.points.put(1, { 1: 0 });
			const [slow, quick] = [await watching(here, { mode }), await watching(here, { mode })];
			slow.buffered = 1001;
			here.points.put(1, { 1: 1 });
			await pass(here, 1000);
			slow.buffered = 0;
			here.points.put(1, { 1: 2 });
			await pass(here, 250);
			await pass(here, 750);
			const belief = new Belief().take(quick).values;
			assert.deepEqual(belief, { "1.1": 2 });
			assert.deepEqual(new Belief().take(slow).values, { "1.1": 2 });
		});

		it(`${name}: one that catches up when others' reads have brought something new`, async () => {
			const here = fixture({ lagBytes: 1000 });
			here.points.put(1, { 1: 0 });
			await watching(here, { intervalMs: 100 });
			const slowly = { mode, intervalMs: 10_000 };
			const [slow, quick] = [await watching(here, slowly), await watching(here, slowly)];
			slow.buffered = 1001;
			here.points.put(1, { 1: 1 });
			await pass(here, 10_000);
			here.points.put(1, { 1: 2 });
			await pass(here, 100);
			slow.buffered = 0;
			here.telemetry.onDrained(slow);
			await pass(here, 9000);
			assert.deepEqual(new Belief().take(quick).values, { "1.1": 2 });
			const [caughtUp] = slow.received().slice(-1);
			assert.equal(caughtUp?.values["1.1"], 2);
		});
	}

	it("a client that subscribes between ticks receives a value that returns to what the others have", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10 });
		await watching(here, { intervalMs: 100 });
		const slowly = { mode: ON_CHANGE, intervalMs: 10_000 };
		const first = await watching(here, slowly);
		here.points.put(1, { 1: 11 });
		await pass(here, 100);
		const second = await watching(here, slowly);
		here.points.put(1, { 1: 10 });
		await pass(here, 20_000);
		assert.deepEqual(new Belief().take(first).values, { "1.1": 10 });
		assert.deepEqual(new Belief().take(second).values, { "1.1": 10 });
	});

	it("a client that subscribes within a deadband never differs by more than the deadband", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10 });
		await watching(here, { intervalMs: 100 });
		const slowly = { mode: ON_CHANGE, intervalMs: 10_000, deadband: { absolute: 1 } };
		await watching(here, slowly);
		here.points.put(1, { 1: 11 });
		await pass(here, 100);
		const second = await watching(here, slowly);
		here.points.put(1, { 1: 9.5 });
		await pass(here, 20_000);
		assert.deepEqual(new Belief().take(second).values, { "1.1": 9.5 });
	});

	it("sequence numbers rise by one for existing subscribers while others join", async () => {
		const here = fixture();
		here.points.put(1, { 1: 0 });
		await watching(here, { intervalMs: 100 });
		const stays = await watching(here, { mode: ON_CHANGE });
		for (let value = 1; value < 10; value++) {
			here.points.put(1, { 1: value });
			await pass(here, 150);
			await watching(here, { mode: ON_CHANGE });
		}
		const seqs = stays.received().map(({ seq }) => seq);
		assert.ok(seqs.length >= 2);
		assert.deepEqual(
			seqs,
			seqs.map((_, index) => index),
		);
	});
});

describe("points by name", () => {
	it("that had no subscriber yet are read before they are sent", async () => {
		const here = fixture();
		readsOnlyWhatIsWanted(here);
		here.points.put(1, { 1: 1, 2: 2, 3: 3 });
		await watching(here, { pointIds: [1] });
		const two = await watching(here, { pointIds: [2] });
		assert.deepEqual(new Belief().take(two).values, { "1.2": 2 });
		const all = await watching(here);
		assert.deepEqual(new Belief().take(all).values, { "1.1": 1, "1.2": 2, "1.3": 3 });
	});

	it("that are subscribed while a read without them is in flight are read after it", async () => {
		const here = fixture();
		readsOnlyWhatIsWanted(here);
		here.points.put(1, { 1: 1, 2: 2 });
		let open = () => {};
		here.points.gate = new Promise((resolve) => {
			open = resolve;
		});
		await watching(here, { pointIds: [1] });
		const two = await watching(here, { pointIds: [2] });
		open();
		await settled();
		assert.deepEqual(new Belief().take(two).values, { "1.2": 2 });
	});

	it("are rejected at once when they and their channels exceed the limit", async () => {
		const here = fixture({ maxPointsPerSubscription: 100 });
		const request = {
			channels: Array.from({ length: 11 }, (_, id) => id),
			dataTypes: [1] as const,
			pointIds: Array.from({ length: 10 }, (_, id) => id),
		};
		const listener = new Listener(here.audience);
		const rejection = await rejectionOf(
			(async () => here.telemetry.subscribe(listener, { ...request, dataTypes: [1] }))(),
		);
		assert.equal((rejection as { code: number }).code, ErrorCode.VALIDATION_FAILED);
		assert.equal((rejection as { violations: { field: string }[] }).violations[0]?.field, "point_ids");
		assert.equal(here.points.requests.length, 0);
	});
});

describe("a box whose connection flaps", () => {
	it("is reported once however it flaps, and not again when only the reason changes", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const listener = await watching(here, { mode: ON_CHANGE, intervalMs: 60_000 });
		listener.received();
		here.plant.turn("down");
		here.plant.turn("loading");
		here.plant.turn("down");
		assert.deepEqual(
			listener.received().map(({ kind, values }) => [kind, values]),
			[[FULL, { "1.1": [1, UNCERTAIN] }]],
		);
		here.plant.turn("up");
		here.plant.turn("down");
		here.plant.turn("up");
		await pass(here, 2000);
		assert.deepEqual(
			listener.received().map(({ kind, values }) => [kind, values]),
			[[FULL, { "1.1": 1 }]],
		);
	});

	it("is reported as unreachable to clients that subscribe meanwhile", async () => {
		const here = fixture();
		here.plant.turn("down");
		const listener = await watching(here);
		assert.deepEqual(
			listener.statuses.map(({ source, state }) => [source, state]),
			[["comsrv", 2]],
		);
	});

	it("that is up but cannot be read makes values without times uncertain", async () => {
		const here = fixture({ staleMs: 5000 });
		here.points.put(1, { 1: 1 });
		const listener = await watching(here);
		here.points.isAway = true;
		await pass(here, 7000);
		const last = new Belief().take(listener).values;
		assert.deepEqual(last, { "1.1": [1, UNCERTAIN] });
	});

	it("whose clock was never set is not stale because of it", async () => {
		const here = fixture({ staleMs: 5000 });
		here.points.put(1, { 1: 1 }, 100_000);
		const listener = await watching(here);
		assert.deepEqual(new Belief().take(listener).values, { "1.1": 1 });
		await pass(here, 7000);
		assert.deepEqual(new Belief().take(listener).values, { "1.1": [1, UNCERTAIN] });
	});
});

/** Never reads: what it is sent waits. */
class StuckListener extends Listener {
	override take(bytes: Uint8Array): void {
		this.buffered += bytes.length;
		super.take(bytes);
	}
}

describe("bounds", () => {
	it("messages of long texts stay below their size", async () => {
		const here = fixture({ maxBatchBytes: 48_000 });
		here.points.put(1, Object.fromEntries(Array.from({ length: 2000 }, (_, id) => [id, "x".repeat(250)])));
		const listener = await watching(here);
		assert.ok(listener.frames.length > 1);
		for (const frame of listener.frames) assert.ok(frame.length < 49_000, String(frame.length));
	});

	it("a client that does not read is sent nothing more, neither for a new subscription nor for asking again", async () => {
		const here = fixture({ lagBytes: 1000 });
		here.points.put(1, { 1: 1 });
		const listener = await watching(here);
		listener.received();
		listener.buffered = 5000;
		assert.deepEqual(await here.telemetry.resync(listener, ""), []);
		await watching(here, { intervalMs: 2000 }, listener);
		assert.deepEqual(listener.received(), []);
		listener.buffered = 0;
		here.telemetry.onDrained(listener);
		assert.deepEqual(
			listener.received().map(({ kind }) => kind),
			[FULL],
		);
	});

	it("a client is asked what it has waiting after a quarter of what it may have was published, by whatever view", async () => {
		const here = fixture({ lagBytes: 4000 });
		here.points.put(1, { 1: 0 });
		here.points.put(2, { 1: 0 });
		const listener = await watching(here);
		await watching(here, { channels: [2] });
		listener.looks = 0;
		let unseenBytes = Number.POSITIVE_INFINITY;
		let published = 0;
		let looks = 0;
		for (let value = 1; value <= 100; value++) {
			here.points.put(1, { 1: value });
			await pass(here, 1000);
			const bytes = here.audience.published.slice(published).reduce((sum, frame) => sum + frame.bytes.length, 0);
			published = here.audience.published.length;
			assert.equal(listener.looks > looks, unseenBytes >= 1000, `after ${unseenBytes} bytes`);
			unseenBytes = (listener.looks > looks ? 0 : unseenBytes) + bytes;
			looks = listener.looks;
		}
		assert.ok(looks > 5 && looks < 50, `${looks} looks`);
		listener.buffered = 4001;
		for (let value = 1; value <= 20; value++) {
			here.points.put(1, { 1: -value });
			await pass(here, 1000);
		}
		assert.ok((here.telemetry.list(listener)[0]?.dropped ?? 0) > 0, "found sooner or later");
	});

	it("a client that never reads is held to them, whatever number of boxes it watches", async () => {
		const names = Array.from({ length: 16 }, (_, index) => `box${index}`);
		const here = fixture({ lagBytes: 20_000 }, names);
		const values = Object.fromEntries(Array.from({ length: 20 }, (_, id) => [id, 0]));
		const stuck = new StuckListener(here.audience);
		for (const { points } of here.more) points.put(1, values);
		for (const name of names) await watching(here, { source: `${name}:comsrv` }, stuck);
		for (let second = 0; second < 20; second++) await pass(here, 1000);
		assert.ok(stuck.buffered > 20_000, `${stuck.buffered} bytes`);
		assert.ok(stuck.buffered < 26_000, `${stuck.buffered} bytes`);
		assert.ok(here.telemetry.list(stuck).every(({ dropped }) => dropped > 0));
	});

	it("a channel without points is sent as well", async () => {
		const here = fixture();
		here.points.put(1, {});
		const listener = await watching(here);
		const [batch] = listener.batches;
		assert.deepEqual(
			batch?.updates?.map(({ channelId, points, quality }) => [channelId, points?.length, quality]),
			[[1, 0, 0]],
		);
	});

	it("reading now requests no more than the reply can carry", async () => {
		const here = fixture();
		for (let channel = 0; channel < 100; channel++) {
			here.points.put(channel, Object.fromEntries(Array.from({ length: 2000 }, (_, id) => [id, id])));
		}
		const channels = Array.from({ length: 100 }, (_, id) => id);
		const { isTruncated, updates } = await here.reader.readNow("u", { channels, dataTypes: [1] });
		assert.equal(isTruncated, true);
		assert.ok(here.points.requests.flat().length < 30);
		assert.equal(updates.at(0)?.points?.length, 2000);
	});

	it("a client that is closed before the first data costs no read", async () => {
		const here = fixture();
		const listener = new Listener(here.audience);
		here.telemetry.subscribe(listener, { channels: [1] });
		here.telemetry.onClosed(listener);
		await settled();
		assert.equal(here.points.requests.length, 0);
	});

	it("a closed ticker stays closed, and one callback's failure stops no other", () => {
		const clock = handClock();
		let failures = 0;
		const ticker = new Ticker(clock, () => failures++);
		let calls = 0;
		ticker.every(100, 0, () => {
			throw new Error("broken");
		});
		ticker.every(100, 0, () => calls++);
		clock.advance(100);
		ticker.run();
		clock.advance(100);
		ticker.run();
		assert.deepEqual([calls, failures], [2, 2]);
		ticker.close();
		ticker.after(10, () => calls++);
		clock.advance(1000);
		ticker.run();
		assert.equal(calls, 2);
	});
});

describe("a channel of a hundred thousand points", () => {
	it("comes in messages of bounded size, from one read", async () => {
		const here = fixture({
			...{ maxPointsPerSubscription: 200_000, maxPointsPerConnection: 200_000 },
			maxPointsPerSecondPerConnection: 200_000,
		});
		const count = 100_000;
		here.points.put(1, Object.fromEntries(Array.from({ length: count }, (_, id) => [id, id + 0.5])), here.clock.now());
		const listener = await watching(here, { mode: ON_CHANGE });
		assert.equal(here.points.requests.length, 1);
		for (const frame of listener.frames) assert.ok(frame.length < 49_500, String(frame.length));
		assert.equal(Object.keys(new Belief().take(listener).values).length, count);
		here.points.put(1, Object.fromEntries(Array.from({ length: count }, (_, id) => [id, id === 7 ? 0 : id + 0.5])));
		await pass(here, 1000);
		assert.deepEqual(new Belief().take(listener).values, { "1.7": 0 });
	});
});
