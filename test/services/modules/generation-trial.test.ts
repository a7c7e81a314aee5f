// When a new generation is found worse than the one before, and when not.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { CallLedger } from "../../../services/modules/call-ledger.ts";
import { GenerationTrial } from "../../../services/modules/generation-trial.ts";
import { ModuleFixture, moduleSource } from "./module-fixture.ts";

const OPTIONS = { calls: 200, minCalls: 50, maxErrorIncrease: 0.05, maxSlowdown: 3 };
const FAULT = new GatewayError(ErrorCode.INTERNAL, "");
const REFUSED = new GatewayError(ErrorCode.NOT_FOUND, "");

/** @param calls - of `durationMs`, of which the first `faults` fail. */
function ledger(calls: number, durationMs: number, faults = 0): CallLedger {
	const made = new CallLedger();
	for (let index = 0; index < calls; index++) made.add(durationMs, index < faults ? FAULT : undefined);
	return made;
}

/** What a trial says first. */
function judged(
	before: CallLedger,
	durationOf: (call: number) => number,
	errorOf: (call: number) => unknown = () => undefined,
) {
	const trial = new GenerationTrial(before, OPTIONS);
	for (let call = 0; call < OPTIONS.calls; call++) {
		trial.ledger.add(durationOf(call), errorOf(call));
		const result = trial.judge();
		if (result !== undefined) return { result, calls: trial.ledger.calls };
	}
	throw new Error("no judgement");
}

describe("the trial of a generation", () => {
	it("passes when it does as well", () => {
		assert.deepEqual(
			judged(ledger(500, 2), () => 2),
			{ result: "passed", calls: 200 },
		);
		assert.equal(
			judged(
				ledger(500, 2, 50),
				() => 2,
				(call) => (call % 10 === 0 ? FAULT : undefined),
			).result,
			"passed",
		);
	});

	it("finds more errors, as soon as there are calls enough; those of callers are none", () => {
		const { result, calls } = judged(
			ledger(500, 2),
			() => 2,
			(call) => (call % 5 === 0 ? FAULT : undefined),
		);
		assert.deepEqual(result, { worse: "20.0 % of 50 calls failed, before it were 0.0 %" });
		assert.equal(calls, 50);
		assert.equal(
			judged(
				ledger(500, 2),
				() => 2,
				() => REFUSED,
			).result,
			"passed",
		);
		assert.equal(
			judged(
				ledger(500, 2),
				() => 2,
				(call) => (call < 2 ? FAULT : undefined),
			).result,
			"passed",
			"two are no rate",
		);
	});

	it("finds a p99 that is several times as long, not one that differs by noise, and not without a measure before", () => {
		const { result } = judged(ledger(500, 5), (call) => (call % 20 === 0 ? 80 : 5));
		assert.match((result as { worse: string }).worse, /^p99 of 50 calls is (?:8|9)\d\.\d ms, before it was 5\.\d ms$/);
		assert.equal(judged(ledger(500, 0.2), () => 5).result, "passed");
		assert.equal(judged(ledger(500, 5), () => 12).result, "passed");
		assert.equal(judged(ledger(10, 5), () => 80).result, "passed");
	});

	it("a ledger forgets slowly", () => {
		const long = ledger(150_000, 1);
		assert.ok(long.calls <= 100_000);
		for (let index = 0; index < 2000; index++) long.add(50, FAULT);
		assert.ok(long.faultShare > 0.01 && long.p99Ms > 40);
	});
});

describe("generations on trial", () => {
	let fixture: ModuleFixture;
	afterEach(() => fixture.close());

	it("report once that they do worse; what is rolled back to is not judged", async () => {
		fixture = new ModuleFixture({ trial: { ...OPTIONS, minCalls: 10, calls: 40 } });
		const call = () => (fixture.call("shop.get") as Promise<object>).catch(() => {});
		fixture.write("shop.ts", moduleSource());
		await fixture.reload({ origin: "start" });
		for (let index = 0; index < 100; index++) await call();
		fixture.write("shop.ts", moduleSource({ run: 'throw new Error("worse");' }));
		await fixture.reload();
		for (let index = 0; index < 100; index++) await call();
		assert.deepEqual(fixture.worse, [["shop", "100.0 % of 10 calls failed, before it were 0.0 %"]]);
		await fixture.rollback("shop");
		for (let index = 0; index < 100; index++) await call();
		fixture.write("shop.ts", moduleSource({ run: "return { version: 3 };" }));
		await fixture.reload();
		for (let index = 0; index < 100; index++) await call();
		assert.equal(fixture.worse.length, 1);
		assert.equal(
			fixture.lines.filter(({ message }) => /first calls of a generation are as good/.test(message)).length,
			1,
		);
	});
});
