// One run at a time for each key, and no more at once than permitted.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyedWork } from "../../common/keyed-work.ts";

/** Work whose runs end when the test says so. */
function setUp(maxRunning: number) {
	const started: string[] = [];
	const ends = new Map<string, () => void>();
	const work = new KeyedWork<string>(maxRunning, (key) => {
		started.push(key);
		return new Promise((resolve) => ends.set(key, resolve));
	});
	return { work, started, end: (key: string) => ends.get(key)?.() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("work for keys", () => {
	it("runs so many at once, and each key that is due once", async () => {
		const { work, started, end } = setUp(2);
		for (const key of ["a", "b", "c", "c"]) work.add(key);
		assert.deepEqual(started, ["a", "b"]);
		end("b");
		await settle();
		assert.deepEqual(started, ["a", "b", "c"]);
		end("a");
		end("c");
		await work.settled();
		assert.deepEqual(started, ["a", "b", "c"]);
	});

	it("runs again for a key that was added during its run, after it", async () => {
		const { work, started, end } = setUp(2);
		work.add("a");
		work.add("a");
		work.add("b");
		assert.deepEqual(started, ["a", "b"]);
		end("a");
		await settle();
		assert.deepEqual(started, ["a", "b", "a"]);
	});
});
