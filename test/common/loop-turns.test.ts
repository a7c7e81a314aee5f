// Work that comes in pieces, in turns of the event loop.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopTurns } from "../../common/loop-turns.ts";

/** Counts the turns of the event loop until `stop`. */
function countTurns() {
	const counter = { turns: 0, isCounting: true };
	const count = () => {
		counter.turns++;
		if (counter.isCounting) setImmediate(count);
	};
	setImmediate(count);
	return counter;
}

describe("turns of the event loop", () => {
	it("no turn takes more than its share, and the first pieces wait for nothing", async () => {
		const turns = new LoopTurns(100);
		const counter = countTurns();
		assert.equal(turns.take(60), undefined);
		assert.equal(turns.take(60), undefined, "there was room when it asked");
		const inTurn: number[] = [];
		for (let piece = 0; piece < 6; piece++) {
			await turns.take(50);
			inTurn.push(counter.turns);
		}
		counter.isCounting = false;
		const shares = new Map<number, number>();
		for (const turn of inTurn) shares.set(turn, (shares.get(turn) ?? 0) + 1);
		assert.deepEqual([...shares.values()], [2, 2, 2]);
	});

	it("those who wait get their turn in order, and a large piece has one for itself", async () => {
		const turns = new LoopTurns(100);
		assert.equal(turns.take(100), undefined);
		const order: string[] = [];
		const work = async (name: string, cost: number, times: number) => {
			for (let time = 0; time < times; time++) {
				await turns.take(cost);
				order.push(name);
			}
		};
		await Promise.all([work("long", 1000, 3), work("a", 100, 2), work("b", 100, 2)]);
		assert.deepEqual(order, ["long", "a", "b", "long", "a", "b", "long"]);
	});
});
