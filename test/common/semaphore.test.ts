// So many at a time, in order, and what happens to those beyond.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Semaphore, type SemaphoreOptions } from "../../common/semaphore.ts";

/** Work that begins when the semaphore lets it, and ends when the test says so. */
function fixture(options: SemaphoreOptions) {
	const semaphore = new Semaphore(options);
	const begun: string[] = [];
	const ends = new Map<string, (error?: Error) => void>();
	const run = (name: string): Promise<string> =>
		semaphore.run(() => {
			begun.push(name);
			return new Promise((resolve, reject) => {
				ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
			});
		});
	return { run, begun, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

describe("semaphore", () => {
	it("runs as many as it has places for, the others in the order in which they came", async () => {
		const { run, begun, end } = fixture({ maxRunning: 2 });
		const all = ["a", "b", "c", "d"].map(run);
		assert.deepEqual(begun, ["a", "b"]);
		end("b");
		assert.equal(await all[1], "b");
		assert.deepEqual(begun, ["a", "b", "c"]);
		end("a");
		await all[0];
		assert.deepEqual(begun, ["a", "b", "c", "d"]);
		end("c");
		end("d");
		assert.deepEqual(await Promise.all(all), ["a", "b", "c", "d"]);
	});

	it("gives a place that was free to the next one that comes", async () => {
		const { run, begun, end } = fixture({ maxRunning: 1 });
		for (const name of ["a", "b", "c"]) {
			const work = run(name);
			end(name);
			await work;
		}
		assert.deepEqual(begun, ["a", "b", "c"]);
	});

	it("lets no newcomer pass those who wait", async () => {
		const { run, begun, end } = fixture({ maxRunning: 1 });
		const [first, second] = [run("first"), run("second")];
		end("first");
		await first;
		const newcomer = run("newcomer");
		assert.deepEqual(begun, ["first", "second"]);
		end("second");
		await second;
		end("newcomer");
		await newcomer;
	});

	it("counts work by its weight, of which no piece has more than there is room for", async () => {
		const semaphore = new Semaphore({ maxRunning: 10 });
		const begun: string[] = [];
		const ends: (() => void)[] = [];
		const run = (name: string, weight: number) =>
			semaphore.run(() => {
				begun.push(name);
				return new Promise<void>((resolve) => ends.push(resolve));
			}, weight);
		const all = [run("six", 6), run("four", 4), run("huge", 99), run("one", 1), run("other", 1)];
		assert.deepEqual(begun, ["six", "four"]);
		ends[0]?.();
		await all[0];
		// One would have room, and does not pass.
		assert.deepEqual(begun, ["six", "four"]);
		ends[1]?.();
		await all[1];
		assert.deepEqual(begun, ["six", "four", "huge"]);
		ends[2]?.();
		await all[2];
		assert.deepEqual(begun, ["six", "four", "huge", "one", "other"]);
		for (const end of ends) end();
		await Promise.all(all);
	});

	it("passes the place on after an error, also one that is thrown at once", async () => {
		const { run, begun, end } = fixture({ maxRunning: 1 });
		const semaphore = new Semaphore({ maxRunning: 1 });
		const fails = (): Promise<never> => {
			throw new Error("at once");
		};
		await assert.rejects(semaphore.run(fails), /at once/);
		assert.equal(await semaphore.run(async () => 1), 1);
		const [failing, waiting] = [run("failing"), run("waiting")];
		end("failing", new Error("later"));
		await assert.rejects(failing, /later/);
		assert.deepEqual(begun, ["failing", "waiting"]);
		end("waiting");
		await waiting;
	});

	it("refuses what comes beyond those that may wait, and takes more when there is room", async () => {
		const { run, end } = fixture({ maxRunning: 1, maxWaiting: 1, rejection: () => new Error("full") });
		const [first, second] = [run("first"), run("second")];
		await assert.rejects(run("third"), /full/);
		end("first");
		await first;
		const fourth = run("fourth");
		end("second");
		await second;
		end("fourth");
		assert.equal(await fourth, "fourth");
	});

	it("lets nobody wait if none may", async () => {
		const { run, end } = fixture({ maxRunning: 1, maxWaiting: 0 });
		const first = run("first");
		await assert.rejects(run("second"), /too many wait/);
		end("first");
		await first;
	});
});
