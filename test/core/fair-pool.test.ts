// Which item is evicted when a shared bound is reached.
import assert from "node:assert/strict";
import { it } from "node:test";
import { FairPool } from "../../core/fair-pool.ts";

const never = () => false;

it("evicts the oldest item of the owner with the most items", () => {
	const pool = new FairPool<number>();
	pool.add("a", 1);
	pool.add("b", 2);
	assert.equal(pool.victim(never), 1);
	pool.add("b", 3);
	assert.equal(pool.victim(never), 2);
	pool.delete("b", 2);
	assert.equal(pool.victim(never), 1, "of equals, the owner who has had as many for longest");
	pool.delete("a", 1);
	pool.delete("b", 3);
	assert.deepEqual([pool.size, pool.victim(never), pool.count("a")], [0, undefined, 0]);
});

it("skips items in use, as long as another is near", () => {
	const pool = new FairPool<number>();
	for (let item = 0; item < 20; item++) pool.add("a", item);
	assert.equal(
		pool.victim((item) => item < 3),
		3,
	);
	assert.equal(
		pool.victim(() => true),
		0,
	);
});

it("never evicts from an owner with fewer items than another", () => {
	const pool = new FairPool<number>();
	const model = new Map<string, number[]>();
	let seed = 7;
	const random = (below: number) => {
		seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
		return seed % below;
	};
	for (let step = 0; step < 20_000; step++) {
		const owner = `o${random(9)}`;
		const items = model.get(owner) ?? [];
		model.set(owner, items);
		if (random(2) === 0) {
			items.push(step);
			pool.add(owner, step);
		} else {
			const [item = -1] = items.splice(random(items.length + 1), 1);
			pool.delete(owner, item);
		}
		const most = Math.max(...[...model.values()].map(({ length }) => length));
		const victim = pool.victim(never);
		const [, held] = [...model].find(([, own]) => own[0] === victim && own.length > 0) ?? [];
		assert.equal(held?.length ?? 0, most);
		assert.equal(
			pool.size,
			[...model.values()].reduce((sum, { length }) => sum + length, 0),
		);
	}
});
