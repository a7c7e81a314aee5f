// Calls to a service: where they go, when they are repeated, and what a client gets when nothing helps.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { Status } from "../../upstreams/endpoint-transport.ts";
import { rejectionOf } from "../support/rejection.ts";
import { type ScriptedEndpoint, type ScriptedService, scriptedService, settle } from "./scripted-endpoints.ts";

const FIVE = [1, 2, 3, 4, 5].map((index) => `10.0.0.${index}:50051`);

/** Calls at a rate, and what became of them. */
async function load({ call, script }: ScriptedService, ms: number, perMs: number) {
	let failed = 0;
	const calls: Promise<void>[] = [];
	for (let at = 0; at < ms; at++) {
		for (let index = 0; index < perMs; index++) {
			calls.push(
				call().then(
					() => {},
					() => {
						failed++;
					},
				),
			);
		}
		await script.advance(1);
	}
	await script.advance(15_000);
	await Promise.all(calls);
	return { failed, total: calls.length };
}

/** An endpoint that takes its time. */
function answersAfter({ script }: ScriptedService, endpoint: ScriptedEndpoint, delayMs: number): void {
	endpoint.answer = (call) => void script.after(delayMs, () => call.succeed());
}

describe("upstream service", () => {
	it("gives a slow, a failing and a silent endpoint hardly any calls, and clients no errors", async () => {
		const fixture = scriptedService(FIVE);
		const [slow, failing, silent, ...good] = FIVE.map((address) => fixture.script.of(address));
		for (const endpoint of good) answersAfter(fixture, endpoint, 5);
		answersAfter(fixture, slow as ScriptedEndpoint, 50);
		(failing as ScriptedEndpoint).answer = (call) => call.fail(Status.INTERNAL);
		const { failed, total } = await load(fixture, 2000, 2);
		assert.equal(failed, 0);
		assert.ok((failing as ScriptedEndpoint).calls < total * 0.01, `failing: ${failing?.calls}`);
		assert.ok((silent as ScriptedEndpoint).calls < total * 0.02, `silent: ${silent?.calls}`);
		assert.ok((slow as ScriptedEndpoint).calls < total * 0.01, `slow: ${slow?.calls}`);
		assert.ok(fixture.service.figures.attempts <= total * 1.05);
	});

	it("spreads calls evenly over endpoints that are alike", async () => {
		const fixture = scriptedService(FIVE);
		for (const address of FIVE) answersAfter(fixture, fixture.script.of(address), 5);
		const { total } = await load(fixture, 1000, 5);
		for (const address of FIVE) {
			const { calls } = fixture.script.of(address);
			assert.ok(Math.abs(calls - total / 5) < total / 25, `${address}: ${calls} of ${total}`);
		}
	});

	it("makes at most a fifth more attempts than calls when every endpoint fails, and then refuses at once", async () => {
		const fixture = scriptedService(FIVE);
		for (const address of FIVE) fixture.script.of(address).answer = (call) => call.fail(Status.UNAVAILABLE);
		const { failed, total } = await load(fixture, 2000, 2);
		assert.equal(failed, total);
		assert.ok(fixture.service.figures.attempts <= total * 1.2, `${fixture.service.figures.attempts} of ${total}`);
		assert.ok(fixture.service.figures.refused > total / 2);
		for (const address of FIVE) fixture.script.of(address).answer = (call) => call.fail(Status.UNAVAILABLE);
		await load(fixture, 200, 2);
		const refused = (await rejectionOf(fixture.call())) as { code: number; retryAfterMs: number };
		assert.equal(refused.code, ErrorCode.UNAVAILABLE);
		assert.ok(refused.retryAfterMs > 0);
	});

	it("that has failed as a whole is hardly called, and called again within seconds of being well", async () => {
		const fixture = scriptedService(FIVE);
		const answers = (answer: ScriptedEndpoint["answer"]) => {
			for (const address of FIVE) fixture.script.of(address).answer = answer;
		};
		const attempts = () => FIVE.reduce((sum, address) => sum + fixture.script.of(address).calls, 0);
		/** A call every 10 ms. @returns how many were not answered. */
		const callFor = async (ms: number): Promise<number> => {
			let failed = 0;
			for (let at = 0; at < ms; at += 10) {
				fixture.call().catch(() => failed++);
				await fixture.script.advance(10);
			}
			return failed;
		};
		answers((call) => call.fail(Status.UNAVAILABLE));
		await callFor(10_000);
		const before = attempts();
		await callFor(30_000);
		assert.ok(attempts() - before < 300, `${attempts() - before} attempts of 3000 calls`);
		answers((call) => call.succeed());
		await callFor(3000);
		assert.equal(await callFor(1000), 0);
	});

	it("does not repeat a call that may have had an effect, and repeats one that never left", async () => {
		const fixture = scriptedService(FIVE.slice(0, 2));
		const [first, second] = FIVE.slice(0, 2).map((address) => fixture.script.of(address)) as [
			ScriptedEndpoint,
			ScriptedEndpoint,
		];
		for (const endpoint of [first, second]) endpoint.answer = (call) => call.fail(Status.UNAVAILABLE);
		const lost = (await rejectionOf(fixture.call(false))) as { code: number };
		assert.equal(lost.code, ErrorCode.UNAVAILABLE);
		assert.equal(first.calls + second.calls, 1);
		for (const endpoint of [first, second]) {
			endpoint.answer = (call) =>
				first.calls + second.calls === 2 ? call.fail(Status.UNAVAILABLE, true) : call.succeed();
		}
		await fixture.call(false);
		assert.equal(first.calls + second.calls, 3);
		assert.ok(first.calls > 0 && second.calls > 0, "the repeat went elsewhere");
	});

	it("gives an attempt its own time only where the call may be repeated", async () => {
		const fixture = scriptedService(FIVE.slice(0, 1), { maxAttempts: 1 });
		const endpoint = fixture.script.of(FIVE[0] as string);
		void fixture.call(true, { timeoutMs: 4000 }).catch(() => {});
		void fixture.call(false, { timeoutMs: 4000 }).catch(() => {});
		await settle();
		assert.deepEqual(
			endpoint.pending.map(({ timeoutMs }) => timeoutMs),
			[1000, 4000],
		);
	});

	it("opens no breaker and ejects nothing for deadlines that clients chose", async () => {
		const fixture = scriptedService(FIVE.slice(0, 2), { maxAttempts: 1 });
		const calls = Array.from({ length: 100 }, () => rejectionOf(fixture.call(true, { timeoutMs: 100 })));
		await fixture.script.advance(200);
		const codes = (await Promise.all(calls)).map((error) => (error as { code: number }).code);
		assert.ok(codes.every((code) => code === ErrorCode.TIMEOUT));
		assert.deepEqual(
			[...fixture.service.census()].filter(([, count]) => count > 0),
			[["available", 2]],
		);
		// The operator's own limit is another thing.
		const slow = Array.from({ length: 100 }, () => rejectionOf(fixture.call(true, { timeoutMs: 9000 })));
		await fixture.script.advance(1500);
		await Promise.all(slow);
		assert.equal(fixture.service.census().get("available"), 0);
	});

	it("has calls wait for an endpoint, so many and so long, and serves the oldest first", async () => {
		const fixture = scriptedService(FIVE.slice(0, 1), { maxInFlight: 1, maxWaiting: 2 });
		const endpoint = fixture.script.of(FIVE[0] as string);
		const order: string[] = [];
		const running = fixture.call().then(() => order.push("first"));
		const waiting = ["second", "third"].map((name) => fixture.call().then(() => order.push(name)));
		const refused = (await rejectionOf(fixture.call())) as { code: number; retryAfterMs: number };
		assert.deepEqual([refused.code, refused.retryAfterMs], [ErrorCode.UNAVAILABLE, 1000]);
		assert.equal(fixture.service.waitingCount, 2);
		for (const promise of [running, ...waiting]) {
			endpoint.pending[0]?.succeed();
			await promise;
		}
		assert.deepEqual(order, ["first", "second", "third"]);
		endpoint.isReady = false;
		const late = rejectionOf(fixture.call());
		await fixture.script.advance(499);
		assert.equal(fixture.service.waitingCount, 1);
		await fixture.script.advance(1);
		assert.equal(((await late) as { code: number }).code, ErrorCode.UNAVAILABLE);
		const soon = fixture.call();
		endpoint.answer = (call) => call.succeed();
		endpoint.setReady(true);
		await soon;
	});

	it("keeps calls of one key on one endpoint, and moves them when that is gone", async () => {
		const fixture = scriptedService(FIVE);
		for (const address of FIVE) fixture.script.of(address).answer = (call) => call.succeed();
		const used = () => FIVE.filter((address) => fixture.script.of(address).calls > 0);
		for (let index = 0; index < 20; index++) await fixture.call(true, { stickyKey: "user-7" });
		const [owner] = used();
		assert.equal(used().length, 1);
		fixture.script.of(owner as string).setReady(false);
		for (let index = 0; index < 20; index++) await fixture.call(true, { stickyKey: "user-7" });
		assert.equal(used().length, 2);
	});

	it("lets calls of an endpoint that is drained end, and closes it after them", async () => {
		const fixture = scriptedService(FIVE);
		const calls = Array.from({ length: 20 }, () => fixture.call());
		await settle();
		const leaving = fixture.script.of(FIVE[0] as string);
		assert.ok(leaving.pending.length > 0);
		fixture.update(...FIVE.slice(1));
		assert.equal(leaving.isClosed, false);
		const before = leaving.calls;
		for (const address of FIVE) for (const call of [...fixture.script.of(address).pending]) call.succeed();
		await Promise.all(calls);
		assert.equal(leaving.isClosed, true);
		const more = Array.from({ length: 20 }, () => fixture.call());
		await settle();
		assert.equal(leaving.calls, before);
		for (const address of FIVE) for (const call of [...fixture.script.of(address).pending]) call.succeed();
		await Promise.all(more);
	});

	it("gives a new endpoint its share little by little", async () => {
		const fixture = scriptedService(FIVE.slice(0, 4), { slowStartMs: 1000 });
		const answerAll = () => {
			for (const endpoint of fixture.script.endpoints.values()) answersAfter(fixture, endpoint, 5);
		};
		answerAll();
		await load(fixture, 1100, 2);
		fixture.update(...FIVE);
		answerAll();
		const added = fixture.script.of(FIVE[4] as string);
		const early = added.calls;
		await load(fixture, 100, 5);
		assert.ok(added.calls - early < 60, `${added.calls - early} of 500 in its first 100 ms`);
	});

	it("fails what waits, and what comes, once it is closed", async () => {
		const fixture = scriptedService([]);
		const waiting = rejectionOf(fixture.call());
		await settle();
		await fixture.service.close();
		assert.equal(((await waiting) as { code: number }).code, ErrorCode.UNAVAILABLE);
		assert.equal(((await rejectionOf(fixture.call())) as { code: number }).code, ErrorCode.UNAVAILABLE);
	});
});
