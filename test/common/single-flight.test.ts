// At most one run in flight: what calls share, what an error leaves behind, and what begins afterwards.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SingleFlight } from "../../common/single-flight.ts";

/** Runs that end when the test says so. */
function fixture() {
	const ends: ((result: number | Error) => void)[] = [];
	let runs = 0;
	const flight = new SingleFlight<number>(() => {
		runs++;
		return new Promise((resolve, reject) => {
			ends.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
		});
	});
	return { flight, runs: () => runs, end: (result: number | Error) => ends.shift()?.(result) };
}

describe("single flight", () => {
	it("gives callers at the same time one run, and a later caller another one", async () => {
		const { flight, runs, end } = fixture();
		const both = Promise.all([flight.run(), flight.run()]);
		assert.equal(flight.isRunning, true);
		end(1);
		assert.deepEqual(await both, [1, 1]);
		assert.equal(flight.isRunning, false);
		const later = flight.run();
		end(2);
		assert.equal(await later, 2);
		assert.equal(runs(), 2);
	});

	it("begins at once", () => {
		const { flight, runs } = fixture();
		void flight.run();
		assert.equal(runs(), 1);
	});

	it("rejects for every caller of a run that fails, and runs again", async () => {
		const { flight, end } = fixture();
		const both = Promise.allSettled([flight.run(), flight.run()]);
		end(new Error("failed"));
		assert.deepEqual(
			(await both).map(({ status }) => status),
			["rejected", "rejected"],
		);
		const later = flight.run();
		end(3);
		assert.equal(await later, 3);
	});

	it("runs again after work that threw before its first await", async () => {
		let fails = true;
		const flight = new SingleFlight<string>(() => {
			if (fails) throw new Error("at once");
			return "done";
		});
		await assert.rejects(flight.run(), /at once/);
		fails = false;
		assert.equal(await flight.run(), "done");
	});

	it("begins one more run for all who ask for another one while one is in flight", async () => {
		const { flight, runs, end } = fixture();
		const first = flight.run();
		const again = Promise.all([flight.runAgain(), flight.runAgain()]);
		end(new Error("failed"));
		await assert.rejects(first, /failed/);
		await new Promise(setImmediate);
		end(2);
		assert.deepEqual(await again, [2, 2]);
		assert.equal(runs(), 2);
	});

	it("settles at once when nothing is in flight, and without the error of a run that fails", async () => {
		const { flight, end } = fixture();
		await flight.settled();
		const run = flight.run();
		const settled = flight.settled();
		end(new Error("failed"));
		await settled;
		assert.equal(flight.isRunning, false);
		await assert.rejects(run, /failed/);
	});
});
