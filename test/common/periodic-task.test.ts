// Work by the clock: one run at a time, errors, and the end while a run is in flight.
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { PeriodicTask } from "../../common/periodic-task.ts";

/** Lets what waits for promises go on. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** A task of a second on a clock that the test drives; its runs end when the test says so. */
function fixture(t: TestContext) {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const runs: { readonly signal: AbortSignal; readonly end: (error?: Error) => void }[] = [];
	const errors: unknown[] = [];
	const task = new PeriodicTask({
		intervalMs: 1000,
		run: (signal) =>
			new Promise<void>((resolve, reject) => {
				runs.push({ signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
			}),
		onError: (error) => errors.push(error),
	});
	/** A timer may be armed for up to a millisecond more than an interval. */
	const pass = async () => {
		t.mock.timers.tick(1002);
		await settle();
	};
	return { task, runs, errors, pass };
}

describe("periodic task", () => {
	it("runs by the clock from its start on, and at once when it is asked to", async (t) => {
		const { task, runs, pass } = fixture(t);
		await pass();
		assert.equal(runs.length, 0);
		task.start();
		task.start();
		await pass();
		assert.equal(runs.length, 1);
		runs[0]?.end();
		await settle();
		const asked = task.run();
		assert.equal(runs.length, 2);
		runs[1]?.end();
		await asked;
		await task.close();
	});

	it("leaves out the runs that come while one is in flight", async (t) => {
		const { task, runs, pass } = fixture(t);
		task.start();
		await pass();
		await pass();
		await pass();
		assert.equal(runs.length, 1);
		runs[0]?.end();
		await settle();
		await pass();
		assert.equal(runs.length, 2);
		runs[1]?.end();
		await task.close();
	});

	it("reports an error, rejects for nobody, and runs again", async (t) => {
		const { task, runs, errors, pass } = fixture(t);
		task.start();
		const asked = task.run();
		const failure = new Error("failed");
		runs[0]?.end(failure);
		await asked;
		assert.deepEqual(errors, [failure]);
		await pass();
		assert.equal(runs.length, 2);
		runs[1]?.end();
		await task.close();
	});

	it("reports an error that is thrown before the first await", async () => {
		const errors: unknown[] = [];
		const run = () => {
			throw new Error("at once");
		};
		const task = new PeriodicTask({ intervalMs: 1000, run, onError: (error) => errors.push(error) });
		await task.run();
		await task.run();
		assert.equal(errors.length, 2);
	});

	it("aborts the run in flight when it is closed, and waits for it", async (t) => {
		const { task, runs, errors, pass } = fixture(t);
		task.start();
		await pass();
		let isClosed = false;
		const closed = task.close().then(() => {
			isClosed = true;
		});
		await settle();
		assert.equal(runs[0]?.signal.aborted, true);
		assert.equal(isClosed, false);
		runs[0]?.end(new Error("aborted"));
		await closed;
		assert.equal(errors.length, 1);
		await pass();
		assert.equal(runs.length, 1);
	});

	it("is not started again after its end, and may be run once more by hand", async (t) => {
		const { task, runs, pass } = fixture(t);
		await task.close();
		task.start();
		await pass();
		assert.equal(runs.length, 0);
		const last = task.run();
		assert.equal(runs.length, 1);
		runs[0]?.end();
		await last;
	});

	it("begins another run behind the one in flight for those who have changed something", async (t) => {
		const { task, runs } = fixture(t);
		const first = task.run();
		const again = Promise.all([task.runAgain(), task.runAgain()]);
		runs[0]?.end();
		await first;
		await settle();
		assert.equal(runs.length, 2);
		runs[1]?.end();
		await again;
		assert.equal(runs.length, 2);
	});

	it("has no interval of zero, and none that a timer cannot count", () => {
		for (const intervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
			const task = new PeriodicTask({ intervalMs, run: () => {}, onError: () => {} });
			assert.throws(() => task.start(), RangeError, String(intervalMs));
		}
	});
});
