// Subscriptions to live values: what is read, and what is sent to which subscriber.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataBatch_Kind, type SubscribeRequestProperties, SubscriptionMode } from "../../../../protocol/gen/schema.ts";
import { Listener } from "./fake-plant.ts";
import { closeFixtures, fixture, kinds, pass, reads, refused, settled, subscribed } from "./fixture.ts";

const { FULL, DELTA, KEEPALIVE } = DataBatch_Kind;
const { ON_CHANGE, BOTH } = SubscriptionMode;
const BAD = 2;
const UNAVAILABLE = 3;

afterEach(closeFixtures);

describe("a subscription", () => {
	it("receives everything at once, and then once per interval", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10, 2: 0, 3: "x", 4: true });
		const { listener } = await subscribed(here, { intervalMs: 1000 });
		assert.deepEqual(listener.received(), [
			{ kind: FULL, seq: 0, dropped: 0, values: { "1.1": 10, "1.2": 0, "1.3": "x", "1.4": true, 1: UNAVAILABLE } },
		]);
		here.points.put(1, { 1: 11, 2: 0, 3: "x", 4: true });
		await pass(here, 3000);
		const received = listener.received();
		assert.deepEqual(
			received.map(({ kind, seq }) => [kind, seq]),
			[
				[FULL, 1],
				[FULL, 2],
				[FULL, 3],
			],
		);
		assert.equal(received[0]?.values["1.1"], 11);
	});

	it("on change receives what changed, and keepalives", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10, 2: 20 });
		const { listener } = await subscribed(here, {
			intervalMs: 500,
			mode: ON_CHANGE,
			keepaliveMs: 2000,
			dataTypes: [1],
		});
		listener.received();
		await pass(here, 1000);
		assert.deepEqual(listener.received(), []);
		here.points.put(1, { 1: 10, 2: 21 });
		await pass(here, 500);
		assert.deepEqual(listener.received(), [{ kind: DELTA, seq: 1, dropped: 0, values: { "1.2": 21 } }]);
		await pass(here, 2000);
		assert.deepEqual(listener.received(), [{ kind: KEEPALIVE, seq: 2, dropped: 0, values: {} }]);
		here.points.put(1, { 1: 10 });
		await pass(here, 500);
		assert.deepEqual(listener.received(), [
			{ kind: DELTA, seq: 3, dropped: 0, values: { "1.2": [null, UNAVAILABLE] } },
		]);
		here.points.put(1, undefined);
		await pass(here, 500);
		assert.deepEqual(listener.received()[0]?.values, { "1.1": [null, UNAVAILABLE] });
		here.points.put(1, { 1: 10 });
		await pass(here, 500);
		assert.deepEqual(listener.received()[0]?.values, { "1.1": 10 });
	});

	it("on change receives changes no more often than its interval, with wake-ups and ticks together", async () => {
		const here = fixture();
		here.points.put(1, { 1: 0 });
		const { listener } = await subscribed(here, { intervalMs: 1000, mode: ON_CHANGE, dataTypes: [1] });
		await pass(here, 2350);
		listener.received();
		const receivedAtMs: number[] = [];
		const values: unknown[] = [];
		for (let step = 1; step <= 120; step++) {
			here.points.put(1, { 1: step });
			here.points.announce(1);
			await pass(here, 50);
			for (const { kind, values: changed } of listener.received()) {
				assert.equal(kind, DELTA);
				receivedAtMs.push(here.clock.monotonic());
				values.push(changed["1.1"]);
			}
		}
		const gaps = receivedAtMs.slice(1).map((atMs, index) => atMs - (receivedAtMs[index] ?? 0));
		assert.deepEqual(gaps, Array(gaps.length).fill(1000));
		assert.ok(gaps.length >= 5, String(receivedAtMs));
		await pass(here, 2000);
		const last = listener.received().at(-1)?.values["1.1"] ?? values.at(-1);
		assert.equal(last, 120, "a change within the interval is sent after it");
	});

	it("with a deadband receives changes beyond it, relative to the last sent value, and every change of quality", async () => {
		const here = fixture();
		here.points.put(1, { 1: 100 });
		const absolute = await subscribed(here, {
			intervalMs: 500,
			mode: ON_CHANGE,
			deadband: { absolute: 1 },
			dataTypes: [1],
		});
		const percent = await subscribed(here, {
			intervalMs: 500,
			mode: ON_CHANGE,
			deadband: { percent: 2 },
			dataTypes: [1],
		});
		const values = ({ listener }: typeof absolute) =>
			listener.received().flatMap(({ values: changed }) => Object.values(changed));
		values(absolute);
		values(percent);
		const steps: [number | undefined, unknown[], unknown[]][] = [
			[100.8, [], []],
			[101, [], []],
			[101.5, [101.5], []],
			[102.4, [], [102.4]],
			[undefined, [[null, BAD]], [[null, BAD]]],
			[102.4, [102.4], [102.4]],
		];
		for (const [value, first, second] of steps) {
			here.points.put(1, { 1: value });
			await pass(here, 500);
			assert.deepEqual([values(absolute), values(percent)], [first, second], String(value));
		}
	});

	it("of both modes receives changes between its intervals", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const { listener } = await subscribed(here, { intervalMs: 5000, mode: BOTH, dataTypes: [1] });
		await pass(here, 5000);
		assert.deepEqual(kinds(listener), [FULL, FULL], "the first, and that of the interval");
		here.points.put(1, { 1: 2 });
		await pass(here, 400);
		assert.deepEqual(
			listener.received().map(({ kind, values }) => [kind, values["1.1"]]),
			[[DELTA, 2]],
		);
		await pass(here, 5000);
		assert.deepEqual(kinds(listener), [FULL]);
	});

	it("shows the points that it names, those that are not there as well", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10, 2: 20, 3: 30 });
		const { listener } = await subscribed(here, { pointIds: [3, 1, 7], dataTypes: [1] });
		assert.deepEqual(listener.received()[0]?.values, { "1.1": 10, "1.3": 30, "1.7": [null, UNAVAILABLE] });
	});

	it("continues when one of its channels has an invalid type", async () => {
		const here = fixture();
		here.points.put(1, { 1: 10 });
		here.points.fail(2, "WRONGTYPE");
		const { listener } = await subscribed(here, { channels: [1, 2, 3], dataTypes: [1] });
		assert.deepEqual(listener.received()[0]?.values, { "1.1": 10, 2: BAD, 3: UNAVAILABLE });
	});

	it("is granted an interval of the grid, and refused by name of the field", async () => {
		const here = fixture();
		const listener = new Listener(here.audience);
		const granted = (intervalMs: number) =>
			here.telemetry.subscribe(listener, { channels: [1], intervalMs }).spec.intervalMs;
		assert.deepEqual([0, 1, 120, 999, 1300, 59_999, 1e9].map(granted), [1000, 100, 100, 1000, 1250, 60_000, 60_000]);
		const ask = (request: SubscribeRequestProperties) =>
			refused(() => here.telemetry.subscribe(listener, { channels: [1], ...request }));
		assert.deepEqual(ask({ source: "nowhere" }), [ErrorCode.NOT_FOUND, "source"]);
		assert.deepEqual(ask({ dataTypes: [5] }), [ErrorCode.VALIDATION_FAILED, "data_types"]);
		const endless = { absolute: Number.POSITIVE_INFINITY };
		assert.deepEqual(ask({ deadband: endless }), [ErrorCode.VALIDATION_FAILED, "deadband.absolute"]);
		assert.deepEqual(ask({ deadband: { absolute: 1, percent: 1 } }), [ErrorCode.VALIDATION_FAILED, "deadband"]);
		assert.deepEqual(ask({ channels: Array.from({ length: 600 }, (_, i) => i) }), [
			ErrorCode.VALIDATION_FAILED,
			"channels",
		]);
		assert.deepEqual(ask({ replace: "none" }), [ErrorCode.NOT_FOUND, "replace"]);
		assert.deepEqual(ask({ channels: [9001] }), [ErrorCode.PERMISSION_DENIED, "channels"]);
		const { spec, failed } = here.telemetry.subscribe(listener, { channels: [5, 9001, 5] });
		assert.deepEqual([spec.channels, failed.map(({ channel }) => channel)], [[5], [9001]]);
		await settled();
	});

	it("beyond its limits is refused, beyond those of the process for now", async () => {
		const here = fixture({ maxSubscriptions: 2, maxKeysPerBox: 6, maxViews: 3 });
		const listener = new Listener(here.audience);
		const ask = (channel: number, by = listener) =>
			here.telemetry.subscribe(by, { channels: [channel], dataTypes: [1] });
		ask(1);
		ask(2);
		assert.deepEqual(
			refused(() => ask(3)),
			[ErrorCode.PRECONDITION_FAILED, undefined],
		);
		const other = new Listener(here.audience);
		ask(1, other);
		ask(3, other);
		const third = new Listener(here.audience);
		assert.deepEqual(
			refused(() => ask(4, third)),
			[ErrorCode.RATE_LIMITED, undefined],
		);
		const many = { channels: [10, 11, 12, 13, 14, 15, 16], dataTypes: [1] };
		here.telemetry.onClosed(other);
		assert.deepEqual(
			refused(() => here.telemetry.subscribe(third, many)),
			[ErrorCode.RATE_LIMITED, undefined],
		);
		await settled();
	});

	it("of more points than the limit is ended, and its client is notified", async () => {
		const here = fixture({ maxPointsPerSubscription: 10 });
		here.points.put(1, Object.fromEntries(Array.from({ length: 11 }, (_, id) => [id, id])));
		const { listener, spec } = await subscribed(here);
		assert.deepEqual(listener.received(), []);
		const [revised] = listener.revisions;
		assert.deepEqual([revised?.subId, revised?.ended], [spec.id, true]);
		assert.deepEqual(here.telemetry.sizes, { views: 0, keys: 0, subscriptions: 0 });
	});

	it("too large for one message is split into several", async () => {
		const here = fixture({ maxBatchBytes: 8192 });
		here.points.put(1, Object.fromEntries(Array.from({ length: 3000 }, (_, id) => [id, id + 0.5])));
		const { listener } = await subscribed(here, { dataTypes: [1] });
		assert.ok(listener.batches.length >= 3);
		assert.deepEqual(
			listener.batches.map(({ more }) => more),
			[...listener.batches.slice(1).map(() => true), false],
		);
		assert.equal(Object.keys(Object.assign({}, ...listener.received().map(({ values }) => values))).length, 3000);
		await pass(here, 1000);
		const seqs = listener.received().map(({ seq }) => seq);
		assert.deepEqual(
			seqs,
			seqs.map((_, index) => index + 1),
		);
	});
});

describe("subscriptions that ask for the same", () => {
	it("share everything: a thousand that come at once are one read and one encoding, and later ticks one more", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const listeners = Array.from({ length: 1000 }, () => new Listener(here.audience));
		for (const listener of listeners) here.telemetry.subscribe(listener, { channels: [1, 2], dataTypes: [1] });
		await settled();
		assert.equal(reads(here), 2);
		const [first] = listeners;
		for (const listener of listeners) assert.deepEqual(listener.frames, first?.frames);
		assert.equal(here.audience.published.length, 0);
		await pass(here, 1000);
		assert.equal(reads(here), 2);
		assert.equal(here.audience.published.length, 1);
		for (const listener of listeners) assert.equal(listener.frames.length, 2);
		assert.deepEqual(here.telemetry.sizes, { views: 1, keys: 2, subscriptions: 1000 });
	});

	it("that overlap share the reads of the common keys", async () => {
		const here = fixture();
		await subscribed(here, { channels: [1, 2], dataTypes: [1] });
		await subscribed(here, { channels: [2, 3], dataTypes: [1] });
		await subscribed(here, { channels: [2], dataTypes: [1], pointIds: [5] });
		reads(here);
		await pass(here, 1000);
		assert.equal(reads(here), 3);
	});

	it("keep their view till the last has gone, and nothing of it afterwards", async () => {
		const here = fixture();
		const one = await subscribed(here);
		const two = await subscribed(here);
		assert.equal(one.spec.id, two.spec.id);
		one.listener.received();
		two.listener.received();
		here.telemetry.onClosed(one.listener);
		await pass(here, 1000);
		assert.deepEqual([one.listener.received().length, two.listener.received().length], [0, 1]);
		assert.equal(here.telemetry.unsubscribe(two.listener, two.spec.id, []).ended, 1);
		reads(here);
		await pass(here, 2000);
		assert.equal(reads(here), 0);
		assert.deepEqual(here.telemetry.sizes, { views: 0, keys: 0, subscriptions: 0 });
	});
});

describe("the subscriptions of a connection", () => {
	it("replace one another without a gap", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const { listener, spec } = await subscribed(here);
		let release = () => {};
		here.points.gate = new Promise((resolve) => {
			release = resolve;
		});
		const next = here.telemetry.subscribe(listener, { channels: [1, 2], replace: spec.id });
		await settled();
		assert.deepEqual(
			here.telemetry.list(listener).map(({ view }) => view.spec.id),
			[spec.id, next.spec.id],
		);
		release();
		await settled();
		assert.deepEqual(
			here.telemetry.list(listener).map(({ view }) => view.spec.id),
			[next.spec.id],
		);
	});

	it("give their channels to one that wants them for itself, and nothing to one that is refused", async () => {
		const here = fixture();
		const { listener, spec } = await subscribed(here, { channels: [1, 2] });
		const elsewhere = here.telemetry.subscribe(listener, { source: "north:comsrv", channels: [2] });
		refused(() => here.telemetry.subscribe(listener, { channels: [2], source: "nowhere", exclusive: true }));
		assert.equal(here.telemetry.list(listener)[0]?.view.spec.id, spec.id);
		const own = here.telemetry.subscribe(listener, { channels: [2], intervalMs: 5000, exclusive: true });
		await settled();
		const channels = here.telemetry.list(listener).map(({ view }) => [view.spec.id, view.spec.channels]);
		assert.deepEqual(new Map(channels as [string, unknown][]).get(own.spec.id), [2]);
		assert.deepEqual(new Map(channels as [string, unknown][]).get(elsewhere.spec.id), [2]);
		assert.deepEqual(channels.map(([, of]) => of).sort(), [[1], [2], [2]]);
	});

	it("lose channels, one or all of them at once", async () => {
		const here = fixture();
		const { listener, spec } = await subscribed(here, { channels: [1, 2] });
		here.telemetry.subscribe(listener, { channels: [2], intervalMs: 5000 });
		await settled();
		const { ended, remaining } = here.telemetry.unsubscribe(listener, "", [2]);
		assert.equal(ended, 2);
		assert.deepEqual(
			remaining.map(({ channels }) => channels),
			[[1]],
		);
		await settled();
		assert.notEqual(remaining[0]?.id, spec.id);
		assert.deepEqual(
			here.telemetry.list(listener).map(({ view }) => view.spec.channels),
			[[1]],
		);
		assert.deepEqual(
			refused(() => here.telemetry.unsubscribe(listener, spec.id, [])),
			[ErrorCode.NOT_FOUND, "sub_id"],
		);
	});

	it("are sent everything again on a resync, before the reply", async () => {
		const here = fixture();
		here.points.put(1, { 1: 1 });
		const { listener, spec } = await subscribed(here, { mode: ON_CHANGE, intervalMs: 60_000 });
		listener.received();
		assert.deepEqual(await here.telemetry.resync(listener, spec.id), [spec.id]);
		assert.deepEqual(
			listener.received().map(({ kind }) => kind),
			[FULL],
		);
		await assert.rejects(here.telemetry.resync(listener, "other"), { code: ErrorCode.NOT_FOUND });
	});

	it("that reads too slowly skips what it would not have read, and gets the newest when it has", async () => {
		const here = fixture({ lagBytes: 1000 });
		here.points.put(1, { 1: 0 });
		const slow = await subscribed(here, { dataTypes: [1] });
		const quick = await subscribed(here, { dataTypes: [1] });
		slow.listener.received();
		quick.listener.received();
		slow.listener.buffered = 1001;
		for (let value = 1; value <= 5; value++) {
			here.points.put(1, { 1: value });
			await pass(here, 1000);
		}
		assert.deepEqual(slow.listener.received(), []);
		assert.deepEqual(
			quick.listener.received().map(({ values }) => values["1.1"]),
			[1, 2, 3, 4, 5],
		);
		assert.equal(here.telemetry.list(slow.listener)[0]?.dropped, 5);
		slow.listener.buffered = 600;
		here.telemetry.onDrained(slow.listener);
		assert.deepEqual(slow.listener.received(), []);
		slow.listener.buffered = 400;
		here.telemetry.onDrained(slow.listener);
		assert.deepEqual(slow.listener.received(), [{ kind: FULL, seq: 5, dropped: 5, values: { "1.1": 5 } }]);
		here.points.put(1, { 1: 6 });
		await pass(here, 1000);
		assert.deepEqual(slow.listener.received(), [{ kind: FULL, seq: 6, dropped: 0, values: { "1.1": 6 } }]);
		assert.equal(here.telemetry.counters.conflated, 5);
	});
});
