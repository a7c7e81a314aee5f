// Deletion in rounds: when it ends.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deleteInRounds } from "../../common/bounded-deletion.ts";

/** A table with so many rows. */
function table(rows: number) {
	const rounds: number[] = [];
	return {
		rounds,
		deleteSome: async (limit: number) => {
			const count = Math.min(limit, rows);
			rows -= count;
			rounds.push(count);
			return count;
		},
	};
}

describe("deletion in rounds", () => {
	it("ends with the round that finds less than it may delete", async () => {
		const { rounds, deleteSome } = table(25);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 20 }, deleteSome), 25);
		assert.deepEqual(rounds, [10, 10, 5]);
	});

	it("asks once more when the last round was full, and once when there is nothing", async () => {
		const full = table(20);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 20 }, full.deleteSome), 20);
		assert.deepEqual(full.rounds, [10, 10, 0]);
		const empty = table(0);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 20 }, empty.deleteSome), 0);
		assert.deepEqual(empty.rounds, [0]);
	});

	it("leaves the rest when its rounds are used up", async () => {
		const { rounds, deleteSome } = table(1000);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 3 }, deleteSome), 30);
		assert.equal(rounds.length, 3);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 0 }, deleteSome), 0);
		assert.equal(rounds.length, 3);
	});

	it("ends behind the round in progress when it is aborted", async () => {
		const { rounds, deleteSome } = table(1000);
		const abort = new AbortController();
		const { signal } = abort;
		const aborting = async (limit: number) => {
			if (rounds.length === 1) abort.abort();
			return await deleteSome(limit);
		};
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 20, signal }, aborting), 20);
		assert.equal(await deleteInRounds({ rows: 10, maxRounds: 20, signal }, deleteSome), 0);
		assert.equal(rounds.length, 2);
	});

	it("ends with the error of a round", async () => {
		const failing = async () => {
			throw new Error("unreachable");
		};
		await assert.rejects(deleteInRounds({ rows: 10, maxRounds: 20 }, failing), /unreachable/);
	});
});
