// Many subscriptions at once, at the rate that the gateway accepts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { edgeTelemetryRoutes } from "../../protocol/gen/schema.ts";
import { until } from "../support/until.ts";
import { EdgeFixture, settled, subscribed } from "./edge-fixture.ts";

const { subscribe, unsubscribe } = edgeTelemetryRoutes;

describe("a subscription", () => {
	it("of many is made at the rate that the gateway accepts, the first time and after a reconnect", async () => {
		const fixture = new EdgeFixture();
		let taken = 0;
		let now = 0;
		let most = 0;
		let mostSlowed = 0;
		let isSlowed = false;
		let tokens = 12;
		fixture.answers[subscribe.name] = async () => {
			now++;
			most = Math.max(most, now);
			if (isSlowed) mostSlowed = Math.max(mostSlowed, now);
			await new Promise((resolve) => setImmediate(resolve));
			now--;
			if (tokens-- > 0) return { subId: `v${++taken}` };
			// Like a token bucket: one token for each request that has waited.
			tokens = 1;
			isSlowed = now === 0;
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 2 });
		};
		const subscriptions = await Promise.all(
			Array.from({ length: 40 }, (_, index) => fixture.edge.subscribe({ channels: [index] })),
		);
		assert.equal(taken, 40);
		assert.deepEqual([most, mostSlowed], [8, 1]);
		fixture.signInAgain();
		await until(() => taken === 80);
		await until(() => subscriptions.every(({ subId }) => subId !== ""));
		assert.deepEqual(fixture.errors, []);
	});

	it("that is closed while the client subscribes again is unsubscribed afterwards", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		let answer = (_reply: object): void => {};
		fixture.answers[subscribe.name] = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		fixture.signInAgain();
		await settled();
		await subscription.close();
		assert.deepEqual(fixture.names(), [subscribe.name, subscribe.name]);
		answer({ subId: "v9" });
		await settled();
		assert.deepEqual(fixture.asked.at(-1), { name: unsubscribe.name, properties: { subId: "v9" } });
		fixture.signInAgain();
		await settled();
		assert.equal(fixture.asked.length, 3);
	});

	it("that waits for a slot is not requested once the client is closed", async () => {
		const fixture = new EdgeFixture();
		await subscribed(fixture);
		const pace = { retryAfterMs: 5 };
		fixture.answers[subscribe.name] = () => {
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", pace);
		};
		fixture.signInAgain();
		await until(() => fixture.names().filter((name) => name === subscribe.name).length === 3);
		fixture.close();
		const asked = fixture.names().length;
		await new Promise((resolve) => setTimeout(resolve, pace.retryAfterMs * 4));
		assert.equal(fixture.names().length, asked);
	});

	it("has less time left after each wait", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[subscribe.name] = () => {
			if (fixture.asked.length > 1) return { subId: "v1" };
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 20 });
		};
		await fixture.edge.subscribe({ channels: [1] }, { timeoutMs: 60_000 });
		const [first = 0, second = 0] = fixture.timeoutsMs;
		assert.ok(first <= 60_000 && second <= first - 20, `${first}, ${second}`);
		await fixture.edge.subscribe({ channels: [2] });
		assert.equal(fixture.timeoutsMs[2], undefined);
	});

	it("that waits for a slot ends by timeout or abort, and leaves the slot to others", async () => {
		const fixture = new EdgeFixture();
		const answers: ((reply: object) => void)[] = [];
		fixture.answers[subscribe.name] = () => new Promise((resolve) => answers.push(resolve));
		const busy = Array.from({ length: 8 }, (_, index) => fixture.edge.subscribe({ channels: [index] }));
		await settled();
		const late = fixture.edge.subscribe({ channels: [10] }, { timeoutMs: 20 });
		const abort = new AbortController();
		const unwanted = fixture.edge.subscribe({ channels: [11] }, { signal: abort.signal });
		const patient = fixture.edge.subscribe({ channels: [12] });
		await assert.rejects(late, { code: ErrorCode.TIMEOUT });
		abort.abort(new Error("not wanted any more"));
		await assert.rejects(unwanted, /not wanted any more/);
		await assert.rejects(fixture.edge.subscribe({ channels: [13] }, { signal: abort.signal }), /not wanted/);
		assert.equal(fixture.asked.length, 8);
		answers[0]?.({ subId: "v1" });
		await settled();
		assert.deepEqual(fixture.asked.at(-1)?.properties, { channels: [12] });
		for (const [index, answer] of answers.entries()) answer({ subId: `v${index + 1}` });
		await Promise.all([...busy, patient]);
		assert.equal(fixture.asked.length, 9);
	});

	it("fails with RATE_LIMITED when retryAfterMs is beyond its deadline", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[subscribe.name] = () => {
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 1000 });
		};
		await assert.rejects(fixture.edge.subscribe({ channels: [1] }, { timeoutMs: 500 }), {
			code: ErrorCode.RATE_LIMITED,
		});
		assert.equal(fixture.asked.length, 1);
	});
});
