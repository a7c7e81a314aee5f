// Many subscriptions at once: at the pace that the gateway bears.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { edgeTelemetryRoutes } from "../../protocol/gen/schema.ts";
import { until } from "../support/until.ts";
import { Stage, settled, subscribed } from "./edge-stage.ts";

const { subscribe, unsubscribe } = edgeTelemetryRoutes;

describe("a subscription", () => {
	it("of many is begun at the pace that the gateway bears, the first time and again", async () => {
		const stage = new Stage();
		let taken = 0;
		let now = 0;
		let most = 0;
		let mostSlowed = 0;
		let isSlowed = false;
		let tokens = 12;
		stage.answers[subscribe.name] = async () => {
			now++;
			most = Math.max(most, now);
			if (isSlowed) mostSlowed = Math.max(mostSlowed, now);
			await new Promise((resolve) => setImmediate(resolve));
			now--;
			if (tokens-- > 0) return { subId: `v${++taken}` };
			// As a bucket does: one more for each that has waited.
			tokens = 1;
			isSlowed = now === 0;
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 2 });
		};
		const subscriptions = await Promise.all(
			Array.from({ length: 40 }, (_, index) => stage.edge.subscribe({ channels: [index] })),
		);
		assert.equal(taken, 40);
		assert.deepEqual([most, mostSlowed], [8, 1]);
		stage.signInAgain();
		await until(() => taken === 80);
		await until(() => subscriptions.every(({ subId }) => subId !== ""));
		assert.deepEqual(stage.errors, []);
	});

	it("that is closed while it begins again is unsubscribed from once it has", async () => {
		const stage = new Stage();
		const subscription = await subscribed(stage);
		let answer = (_reply: object): void => {};
		stage.answers[subscribe.name] = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		stage.signInAgain();
		await settled();
		await subscription.close();
		assert.deepEqual(stage.names(), [subscribe.name, subscribe.name]);
		answer({ subId: "v9" });
		await settled();
		assert.deepEqual(stage.asked.at(-1), { name: unsubscribe.name, properties: { subId: "v9" } });
		stage.signInAgain();
		await settled();
		assert.equal(stage.asked.length, 3);
	});

	it("that waits for its turn is asked for no more once the client is closed", async () => {
		const stage = new Stage();
		await subscribed(stage);
		const pace = { retryAfterMs: 5 };
		stage.answers[subscribe.name] = () => {
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", pace);
		};
		stage.signInAgain();
		await until(() => stage.names().filter((name) => name === subscribe.name).length === 3);
		stage.close();
		const asked = stage.names().length;
		await new Promise((resolve) => setTimeout(resolve, pace.retryAfterMs * 4));
		assert.equal(stage.names().length, asked);
	});

	it("has less time left after each wait", async () => {
		const stage = new Stage();
		stage.answers[subscribe.name] = () => {
			if (stage.asked.length > 1) return { subId: "v1" };
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 20 });
		};
		await stage.edge.subscribe({ channels: [1] }, { timeoutMs: 60_000 });
		const [first = 0, second = 0] = stage.timeoutsMs;
		assert.ok(first <= 60_000 && second <= first - 20, `${first}, ${second}`);
		await stage.edge.subscribe({ channels: [2] });
		assert.equal(stage.timeoutsMs[2], undefined);
	});

	it("that waits for its turn gives up when it is told to, and leaves the turn to others", async () => {
		const stage = new Stage();
		const answers: ((reply: object) => void)[] = [];
		stage.answers[subscribe.name] = () => new Promise((resolve) => answers.push(resolve));
		const busy = Array.from({ length: 8 }, (_, index) => stage.edge.subscribe({ channels: [index] }));
		await settled();
		const late = stage.edge.subscribe({ channels: [10] }, { timeoutMs: 20 });
		const abort = new AbortController();
		const unwanted = stage.edge.subscribe({ channels: [11] }, { signal: abort.signal });
		const patient = stage.edge.subscribe({ channels: [12] });
		await assert.rejects(late, { code: ErrorCode.TIMEOUT });
		abort.abort(new Error("not wanted any more"));
		await assert.rejects(unwanted, /not wanted any more/);
		await assert.rejects(stage.edge.subscribe({ channels: [13] }, { signal: abort.signal }), /not wanted/);
		assert.equal(stage.asked.length, 8);
		answers[0]?.({ subId: "v1" });
		await settled();
		assert.deepEqual(stage.asked.at(-1)?.properties, { channels: [12] });
		for (const [index, answer] of answers.entries()) answer({ subId: `v${index + 1}` });
		await Promise.all([...busy, patient]);
		assert.equal(stage.asked.length, 9);
	});

	it("is refused for its rate when that outlasts its deadline", async () => {
		const stage = new Stage();
		stage.answers[subscribe.name] = () => {
			throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: 1000 });
		};
		await assert.rejects(stage.edge.subscribe({ channels: [1] }, { timeoutMs: 500 }), { code: ErrorCode.RATE_LIMITED });
		assert.equal(stage.asked.length, 1);
	});
});
