// How far a partition is done, and work that keeps its order by key.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { KeyLanes } from "../../../services/kafka/key-lanes.ts";
import { PartitionProgress } from "../../../services/kafka/partition-progress.ts";
import { deferred } from "../../support/deferred.ts";

test("what may be committed is the offset up to which all are done, whatever the order and the gaps", () => {
	const runs = fc.record({
		gaps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 60 }),
		seed: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
	});
	fc.assert(
		fc.property(runs, ({ gaps, seed }) => {
			const progress = new PartitionProgress("t", 0);
			let offset = 100n;
			const offsets = gaps.map((gap) => (offset += BigInt(gap)));
			for (const each of offsets) assert.ok(progress.add(each, 3));
			const order = offsets.map((each, index) => [each, seed[index] ?? 0] as const).sort((a, b) => a[1] - b[1]);
			const done = new Set<bigint>();
			let committed = 0n;
			for (const [each] of order) {
				done.add(each);
				progress.done(each);
				const taken = progress.takeCommittable();
				if (taken !== undefined) committed = taken.offset;
				const firstOpen = offsets.find((candidate) => !done.has(candidate));
				const before = offsets.filter((candidate) => firstOpen === undefined || candidate < firstOpen).at(-1);
				assert.equal(committed, before === undefined ? 0n : before + 1n);
				assert.equal(progress.size, offsets.filter((candidate) => candidate >= committed).length);
			}
		}),
		{ numRuns: 50 },
	);
});

test("a record that is read twice is one", () => {
	const progress = new PartitionProgress("t", 0);
	assert.deepEqual(
		[5n, 6n, 5n, 6n, 9n, 8n].map((offset) => progress.add(offset, 0)),
		[true, true, false, false, true, false],
	);
});

test("an offset that was not committed is given back, unless more is done", () => {
	const progress = new PartitionProgress("t", 0);
	for (const offset of [1n, 2n]) progress.add(offset, 7);
	progress.done(1n);
	assert.deepEqual(progress.takeCommittable(), { offset: 2n, leaderEpoch: 7 });
	assert.equal(progress.takeCommittable(), undefined);
	progress.giveBack(2n, 7);
	assert.deepEqual(progress.takeCommittable(), { offset: 2n, leaderEpoch: 7 });
	progress.done(2n);
	progress.giveBack(2n, 7);
	assert.deepEqual(progress.takeCommittable(), { offset: 3n, leaderEpoch: 7 });
});

test("of one key one piece runs at a time and in order; one key does not hold up others; not more at once than allowed", async () => {
	const log: string[] = [];
	let running = 0;
	let most = 0;
	const gate = deferred<void>();
	const lanes = new KeyLanes<() => Promise<void>>({
		maxRunning: 3,
		pieceSize: () => 1,
		run: async ([work]) => await work?.(),
	});
	const add = (key: string, number: number, wait: Promise<void> = new Promise((resolve) => setImmediate(resolve))) =>
		lanes.add(key, async () => {
			running++;
			most = Math.max(most, running);
			await wait;
			running--;
			log.push(`${key}${number}`);
		});
	add("a", 1, gate.promise);
	add("a", 2);
	for (let number = 1; number <= 5; number++) for (const key of ["b", "c", "d"]) add(key, number);
	for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
	for (const key of ["b", "c", "d"]) {
		assert.deepEqual(
			log.filter((entry) => entry.startsWith(key)),
			[1, 2, 3, 4, 5].map((number) => `${key}${number}`),
		);
	}
	assert.ok(!log.includes("a1"));
	assert.equal(most, 3);
	gate.resolve();
	await lanes.settled();
	assert.deepEqual(log.slice(-2), ["a1", "a2"]);
	await lanes.settled();
});

test("what waits for a key is one piece, as large as its size says", async () => {
	const pieces: number[][] = [];
	const gate = deferred<void>();
	const lanes = new KeyLanes<number>({
		maxRunning: 1,
		pieceSize: (waiting) => Math.min(waiting.length, 3),
		run: async (items) => {
			pieces.push([...items]);
			await gate.promise;
		},
	});
	for (const item of [1, 2, 3, 4, 5, 6]) lanes.add("a", item);
	gate.resolve();
	await lanes.settled();
	assert.deepEqual(pieces, [[1], [2, 3, 4], [5, 6]]);
});
