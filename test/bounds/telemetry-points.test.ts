// Live values are bounded by the points that they show and by points a second, for a connection, a user and the process.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import fc from "fast-check";
import { ErrorCode } from "../../protocol/codes.ts";
import type { GatewayError } from "../../protocol/error.ts";
import { DataType, type SubscribeRequestProperties, SubscriptionMode } from "../../protocol/gen/schema.ts";
import type { TelemetryOptions } from "../../services/edge/telemetry/options.ts";
import { Listener } from "../services/edge/telemetry/fake-plant.ts";
import { closeFixtures, type Fixture, fixture, pass, settled } from "../services/edge/telemetry/fixture.ts";

const TELEMETRY = DataType.TELEMETRY;

afterEach(closeFixtures);

/** A plant of so many channels, from 1 on, with so many points each. */
function plant(channels: number, points: number, options: Partial<TelemetryOptions> = {}): Fixture {
	const here = fixture(options);
	for (let channel = 1; channel <= channels; channel++) put(here, channel, points);
	return here;
}

function put(here: Fixture, channel: number, points: number, value = 0.5): void {
	here.points.put(channel, Object.fromEntries(Array.from({ length: points }, (_, id) => [id, id + value])));
}

function ask(here: Fixture, listener: Listener, channels: readonly number[], more: SubscribeRequestProperties = {}) {
	return here.telemetry.subscribe(listener, { channels: [...channels], dataTypes: [TELEMETRY], ...more });
}

/** Subscribes another client for the whole test, so that it is known how many points the channels have. */
async function watched(here: Fixture, channels: readonly number[]): Promise<void> {
	for (const channel of channels) {
		ask(here, new Listener(here.audience, `watcher-${channel}`), [channel], { intervalMs: 60_000 });
	}
	await settled();
}

function rejection(call: () => unknown): GatewayError {
	try {
		call();
	} catch (error) {
		return error as GatewayError;
	}
	assert.fail("was not refused");
}

describe("points that subscriptions show", () => {
	it("are limited for a connection, and for a user whatever the connection; the error says which it is", async () => {
		const here = plant(4, 100, { maxPointsPerConnection: 200, maxPointsPerUser: 300 });
		await watched(here, [1, 2, 3, 4]);
		const first = new Listener(here.audience, "ada");
		ask(here, first, [1]);
		ask(here, first, [2]);
		const onConnection = rejection(() => ask(here, first, [3]));
		assert.equal(onConnection.code, ErrorCode.PRECONDITION_FAILED);
		assert.match(onConnection.message, /more than 200 points in the subscriptions of one connection/);
		const second = new Listener(here.audience, "ada");
		ask(here, second, [3]);
		const ofUser = rejection(() => ask(here, second, [4]));
		assert.equal(ofUser.code, ErrorCode.PRECONDITION_FAILED);
		assert.match(ofUser.message, /more than 300 points in the subscriptions of one user/);
		ask(here, new Listener(here.audience, "bert"), [4]);
		// What is given back may be had again.
		here.telemetry.onClosed(first);
		ask(here, second, [4]);
		assert.deepEqual(here.telemetry.counters.refused, { connection: 1, user: 1, process: 0, box: 0, reads: 0 });
		await settled();
	});

	it("are limited for the process, where the same subscription counts once", async () => {
		const here = plant(4, 100, { maxPoints: 500 });
		await watched(here, [1, 2, 3, 4]);
		ask(here, new Listener(here.audience, "ada"), [1]);
		for (let user = 0; user < 20; user++) ask(here, new Listener(here.audience, `user-${user}`), [1]);
		const { code, retryAfterMs } = rejection(() => ask(here, new Listener(here.audience, "bert"), [2]));
		assert.equal(code, ErrorCode.RATE_LIMITED);
		assert.ok(retryAfterMs > 0);
		await settled();
	});

	it("count at least as the channels that they are in: empty ones are read as well", async () => {
		const here = plant(0, 0, { maxPointsPerConnection: 100 });
		const listener = new Listener(here.audience, "ada");
		ask(here, listener, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		assert.equal(rejection(() => ask(here, listener, [11])).code, ErrorCode.PRECONDITION_FAILED);
		await settled();
	});

	it("that turn out to be too many end the subscription when they are read, before all of them are", async () => {
		const here = plant(500, 1000, { maxPointsPerConnection: 50_000, maxPointsPerSubscription: 10_000_000 });
		const listener = new Listener(here.audience, "ada");
		const channels = Array.from({ length: 500 }, (_, index) => index + 1);
		const { spec } = ask(here, listener, channels, { intervalMs: 60_000 });
		await pass(here, 1000);
		assert.deepEqual(listener.batches, []);
		assert.deepEqual(
			listener.revisions.map(({ subId, ended, reason }) => [subId, ended, reason]),
			[[spec.id, true, "more than 50000 points in the subscriptions of one connection"]],
		);
		assert.ok(here.points.requests.flat().length < 200, String(here.points.requests.flat().length));
		assert.deepEqual(here.telemetry.sizes, { views: 0, keys: 0, subscriptions: 0 });
		assert.deepEqual(here.telemetry.loads, { points: 0, pointsPerSecond: 0, boxPoints: 0, snapshotBytes: 0 });
	});

	it("of a box that was unreachable are not too many when it is back either", async () => {
		const here = plant(100, 1000, { maxPoints: 20_000, maxPointsPerSubscription: 10_000_000 });
		here.plant.turn("down");
		for (let user = 0; user < 100; user++) {
			ask(here, new Listener(here.audience, `user-${user}`), [user + 1], { intervalMs: 60_000 });
		}
		await settled();
		here.plant.turn("up");
		await pass(here, 3000);
		const { points } = here.telemetry.loads;
		assert.ok(points > 10_000 && points <= 20_000, String(points));
		assert.ok(here.telemetry.counters.ended >= 80);
	});

	it("of one box that are kept are limited, however few of them are shown", async () => {
		const here = plant(100, 1000, { maxPointsPerBox: 30_000 });
		const listeners = Array.from({ length: 100 }, (_, user) => new Listener(here.audience, `user-${user}`));
		for (const [index, listener] of listeners.entries()) {
			try {
				ask(here, listener, [index + 1], { pointIds: [7] });
			} catch (error) {
				assert.equal((error as GatewayError).code, ErrorCode.RATE_LIMITED);
			}
			await settled();
		}
		const { boxPoints } = here.telemetry.loads;
		assert.ok(boxPoints > 20_000 && boxPoints <= 31_000, String(boxPoints));
	});
});

describe("points a second", () => {
	it("that would be too many make the interval longer, and the reply says so", async () => {
		const here = plant(2, 1000, { maxPointsPerSecondPerConnection: 2000 });
		await watched(here, [1, 2]);
		const listener = new Listener(here.audience, "ada");
		assert.equal(ask(here, listener, [1], { intervalMs: 1000 }).spec.intervalMs, 1000);
		// A thousand a second are left.
		assert.equal(ask(here, listener, [2], { intervalMs: 100 }).spec.intervalMs, 1000);
		const { code, message } = rejection(() => ask(here, listener, [1, 2], { intervalMs: 100 }));
		assert.equal(code, ErrorCode.PRECONDITION_FAILED);
		assert.match(message, /more than 2000 points a second in the subscriptions of one connection/);
		assert.equal(here.telemetry.counters.slowed, 1);
		await pass(here, 3000);
		// The first data of both, and what three seconds brought.
		assert.equal(listener.batches.length, 2 + 3 * 2);
	});

	it("of both kinds make looks for changes rarer first", async () => {
		const here = plant(1, 1000, { maxPointsPerSecondPerConnection: 3000 });
		await watched(here, [1]);
		const { BOTH } = SubscriptionMode;
		const { spec } = ask(here, new Listener(here.audience, "ada"), [1], { intervalMs: 1000, mode: BOTH });
		assert.deepEqual([spec.intervalMs, spec.sampleMs], [1000, 500]);
		const tight = plant(1, 1000, { maxPointsPerSecondPerConnection: 500 });
		await watched(tight, [1]);
		const slow = ask(tight, new Listener(tight.audience, "ada"), [1], { intervalMs: 1000, mode: BOTH }).spec;
		assert.ok(slow.intervalMs >= 4000 && 1e6 / slow.intervalMs + 1e6 / slow.sampleMs <= 500, JSON.stringify(slow));
		await settled();
	});

	it("are limited for a user and for the process", async () => {
		const here = plant(3, 1000, { maxPointsPerSecondPerUser: 1500, maxPointsPerSecond: 3050 });
		await watched(here, [1, 2, 3]);
		ask(here, new Listener(here.audience, "ada"), [1]);
		assert.equal(ask(here, new Listener(here.audience, "ada"), [2]).spec.intervalMs, 2000);
		ask(here, new Listener(here.audience, "bert"), [2]);
		// Only some 500 are left for all.
		assert.ok(ask(here, new Listener(here.audience, "cleo"), [3]).spec.intervalMs > 1900);
		assert.ok(here.telemetry.loads.pointsPerSecond <= 3050.001, String(here.telemetry.loads.pointsPerSecond));
		await settled();
	});
});

describe("what requests touch", () => {
	it("is taken from the user's allowance: Resync and Subscribe are refused in debt, with the time to wait", async () => {
		const here = plant(1, 1000, { readPointsPerSecond: 1000, readPointsBurst: 2000 });
		const listener = new Listener(here.audience, "ada");
		const { spec } = ask(here, listener, [1], { intervalMs: 60_000 });
		await settled();
		await here.telemetry.resync(listener, spec.id);
		await here.telemetry.resync(listener, spec.id);
		await assert.rejects(here.telemetry.resync(listener, spec.id), {
			...{ code: ErrorCode.RATE_LIMITED, retryAfterMs: 1000 },
		});
		assert.equal(rejection(() => ask(here, listener, [1], { intervalMs: 60_000 })).code, ErrorCode.RATE_LIMITED);
		await assert.rejects(here.reader.readNow("ada", { channels: [1] }), { code: ErrorCode.RATE_LIMITED });
		await assert.rejects(here.reader.channels("ada", "", "", 0), { code: ErrorCode.RATE_LIMITED });
		assert.equal(here.telemetry.meter.refused, 4);
		// Others are not held up by it.
		await here.reader.readNow("bert", { channels: [1] });
		here.clock.advance(1000);
		await here.telemetry.resync(listener, spec.id);
	});

	it("is what remains when channels are taken out, too; whole subscriptions may always end", async () => {
		const here = plant(20, 100, { readPointsPerSecond: 1000, readPointsBurst: 3000 });
		const listener = new Listener(here.audience, "ada");
		const channels = Array.from({ length: 20 }, (_, index) => index + 1);
		ask(here, listener, channels, { intervalMs: 60_000 });
		await settled();
		here.telemetry.unsubscribe(listener, "", [1]);
		await settled();
		assert.equal(rejection(() => here.telemetry.unsubscribe(listener, "", [2])).code, ErrorCode.RATE_LIMITED);
		assert.equal(here.telemetry.unsubscribe(listener, "", []).ended, 1);
	});

	it("counts by what is read, not by what is shown", async () => {
		const here = plant(100, 1000, { readPointsPerSecond: 1000, readPointsBurst: 5000 });
		const channels = Array.from({ length: 100 }, (_, index) => index + 1);
		await here.reader.readNow("ada", { channels, dataTypes: [TELEMETRY], pointIds: [1] });
		await assert.rejects(here.reader.readNow("ada", { channels: [1] }), { code: ErrorCode.RATE_LIMITED });
	});
});

describe("batches for further clients", () => {
	it("are kept within their bytes", async () => {
		const maxSnapshotBytes = 400_000;
		const here = plant(50, 100, { maxSnapshotBytes });
		for (let channel = 1; channel <= 50; channel++) {
			ask(here, new Listener(here.audience, `user-${channel}`), [channel], { intervalMs: 60_000 });
			await settled();
			assert.ok(here.telemetry.loads.snapshotBytes <= maxSnapshotBytes);
		}
		assert.ok(here.telemetry.loads.snapshotBytes > maxSnapshotBytes / 2);
	});
});

describe("what is counted", () => {
	it("is what there is, whatever comes and goes", async () => {
		const anyStep = fc.oneof(
			fc.record({
				kind: fc.constant("subscribe" as const),
				by: fc.nat({ max: 3 }),
				channels: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
				mode: fc.constantFrom(1, 2, 3),
				intervalMs: fc.constantFrom(200, 1000, 5000),
				pointIds: fc.constantFrom([], [1, 2]),
				exclusive: fc.boolean(),
				replaces: fc.boolean(),
			}),
			fc.record({ kind: fc.constant("unsubscribe" as const), by: fc.nat({ max: 3 }), channel: fc.nat({ max: 6 }) }),
			fc.record({ kind: fc.constant("leave" as const), by: fc.nat({ max: 3 }) }),
			fc.record({
				kind: fc.constant("grow" as const),
				channel: fc.integer({ min: 1, max: 6 }),
				to: fc.nat({ max: 80 }),
			}),
			fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(100, 1000) }),
			fc.record({ kind: fc.constant("turn" as const), state: fc.constantFrom("up" as const, "down" as const) }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
				const here = plant(6, 20, {
					...{ maxPointsPerConnection: 150, maxPointsPerUser: 250, maxPoints: 400 },
					...{ maxPointsPerSecondPerConnection: 300, maxPointsPerSecond: 800 },
				});
				const listeners = ["ada", "ada", "bert", "cleo"].map((user) => new Listener(here.audience, user));
				for (const step of steps) await take(here, listeners, step);
				const views = new Map(
					listeners.flatMap((listener) => here.telemetry.list(listener).map(({ view }) => [view.spec.id, view])),
				);
				const points = [...views.values()].reduce((sum, view) => sum + view.load.points, 0);
				assert.equal(here.telemetry.loads.points, points);
				assert.ok(points <= 400);
				for (const listener of listeners) here.telemetry.onClosed(listener);
				const { pointsPerSecond, ...rest } = here.telemetry.loads;
				assert.deepEqual(rest, { points: 0, boxPoints: 0, snapshotBytes: 0 });
				assert.ok(Math.abs(pointsPerSecond) < 1e-6);
				assert.deepEqual(here.telemetry.sizes, { views: 0, keys: 0, subscriptions: 0 });
				here.telemetry.close();
			}),
			{ numRuns: 60 },
		);
	});
});

type Step =
	| {
			readonly kind: "subscribe";
			readonly by: number;
			readonly channels: readonly number[];
			readonly mode: number;
			readonly intervalMs: number;
			readonly pointIds: readonly number[];
			readonly exclusive: boolean;
			readonly replaces: boolean;
	  }
	| { readonly kind: "unsubscribe"; readonly by: number; readonly channel: number }
	| { readonly kind: "leave"; readonly by: number }
	| { readonly kind: "grow"; readonly channel: number; readonly to: number }
	| { readonly kind: "pass"; readonly ms: number }
	| { readonly kind: "turn"; readonly state: "up" | "down" };

async function take(here: Fixture, listeners: readonly Listener[], step: Step): Promise<void> {
	const listener = listeners["by" in step ? step.by : 0] as Listener;
	try {
		if (step.kind === "subscribe") {
			const replace = step.replaces ? (here.telemetry.list(listener)[0]?.view.spec.id ?? "") : "";
			const { channels, intervalMs, pointIds, exclusive } = step;
			const mode = step.mode as SubscriptionMode;
			ask(here, listener, channels, { mode, intervalMs, pointIds: [...pointIds], exclusive, replace });
		} else if (step.kind === "unsubscribe")
			here.telemetry.unsubscribe(listener, "", step.channel ? [step.channel] : []);
		else if (step.kind === "leave") here.telemetry.onClosed(listener);
		else if (step.kind === "grow") put(here, step.channel, step.to, Math.random());
		else if (step.kind === "turn") here.plant.turn(step.state);
		else await pass(here, step.ms);
	} catch (error) {
		const { code } = error as GatewayError;
		assert.ok(code === ErrorCode.PRECONDITION_FAILED || code === ErrorCode.RATE_LIMITED, String(error));
	}
	await settled();
}
