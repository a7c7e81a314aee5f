// The rules of gomoku, against a checker that looks at every line of the board.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { GameResult, GomokuMove, GomokuState } from "../../../protocol/gen/schema.ts";
import { CELLS, isWinning, SIZE } from "../../../services/games/gomoku-board.ts";
import { gomoku } from "../../../services/games/module-gomoku.ts";

const SETUP = { names: new Map<string, string>(), metadata: {} };

/** Whether any five cells in a row, anywhere, hold this colour. */
function naiveWin(board: Uint8Array, colour: number): boolean {
	const at = (row: number, column: number) =>
		row >= 0 && row < SIZE && column >= 0 && column < SIZE ? board[row * SIZE + column] : undefined;
	for (let row = 0; row < SIZE; row++) {
		for (let column = 0; column < SIZE; column++) {
			for (const [down, right] of [
				[0, 1],
				[1, 0],
				[1, 1],
				[1, -1],
			] as const) {
				if ([0, 1, 2, 3, 4].every((step) => at(row + down * step, column + right * step) === colour)) return true;
			}
		}
	}
	return false;
}

const move = (row: number, column: number) => GomokuMove.encode({ row, column }).finish();

function codeOf(call: () => unknown): ErrorCode {
	try {
		call();
	} catch (error) {
		return GatewayError.from(error).code;
	}
	return ErrorCode.OK;
}

describe("gomoku", () => {
	test("random games end exactly when the naive checker sees five, or with a full board", () => {
		const order = fc.shuffledSubarray([...Array(CELLS).keys()], { minLength: CELLS });
		fc.assert(
			fc.property(order, (cells) => {
				let state = gomoku.start(["b", "w"], 0, SETUP);
				for (const [index, cell] of cells.entries()) {
					const mover = index % 2 === 0 ? "b" : "w";
					const step = gomoku.act(state, mover, move(Math.floor(cell / SIZE), cell % SIZE));
					state = step.state;
					const { board, isOver, winnerUserId } = GomokuState.decode(state);
					const won = naiveWin(board, (index % 2) + 1);
					assert.equal(isOver, won || index === CELLS - 1);
					assert.equal(winnerUserId, won ? mover : "");
					assert.equal(step.results?.get(mover), won ? GameResult.WON : isOver ? GameResult.DRAWN : undefined);
					if (isOver) break;
				}
			}),
			{ numRuns: 60 },
		);
	});

	test("a line of any length, place and direction wins from five on, whichever stone was last", () => {
		const lines = fc.record({
			row: fc.integer({ min: 0, max: SIZE - 1 }),
			column: fc.integer({ min: 0, max: SIZE - 1 }),
			direction: fc.constantFrom([0, 1], [1, 0], [1, 1], [1, -1]),
			length: fc.integer({ min: 1, max: 9 }),
			last: fc.nat(),
			others: fc.array(fc.nat({ max: CELLS - 1 }), { maxLength: 40 }),
		});
		fc.assert(
			fc.property(lines, ({ row, column, direction, length, last, others }) => {
				const [down = 0, right = 0] = direction;
				const board = new Uint8Array(CELLS);
				for (const cell of others) board[cell] = 2;
				const cells = [...Array(length).keys()]
					.map((step) => [row + down * step, column + right * step] as const)
					.filter(([y, x]) => y < SIZE && x >= 0 && x < SIZE);
				for (const [y, x] of cells) board[y * SIZE + x] = 1;
				const [y, x] = cells[last % cells.length] as readonly [number, number];
				assert.equal(isWinning(board, y, x), naiveWin(board, 1));
			}),
			{ numRuns: 2000 },
		);
	});

	test("a full board without five is a draw", () => {
		// Pairs of columns in turn, each row the reverse of the one before: no more than two in a row anywhere.
		const black: number[] = [];
		const white: number[] = [];
		for (let cell = 0; cell < CELLS; cell++) {
			const isBlack = (((cell % SIZE) >> 1) + Math.floor(cell / SIZE)) % 2 === 0;
			(isBlack ? black : white).push(cell);
		}
		let state = gomoku.start(["b", "w"], 0, SETUP);
		let results: unknown;
		for (let index = 0; index < CELLS; index++) {
			const cell = (index % 2 === 0 ? black : white)[Math.floor(index / 2)] as number;
			const step = gomoku.act(state, index % 2 === 0 ? "b" : "w", move(Math.floor(cell / SIZE), cell % SIZE));
			state = step.state;
			results = step.results;
			if (results !== undefined) assert.equal(index, CELLS - 1, "somebody won");
		}
		assert.deepEqual(
			results,
			new Map([
				["b", GameResult.DRAWN],
				["w", GameResult.DRAWN],
			]),
		);
		const { isOver, winnerUserId, moves } = GomokuState.decode(state);
		assert.deepEqual([isOver, winnerUserId, moves], [true, "", CELLS]);
	});

	test("illegal moves are refused", () => {
		const start = gomoku.start(["b", "w"], 0, SETUP);
		const { state } = gomoku.act(start, "b", move(7, 7));
		assert.equal(
			codeOf(() => gomoku.act(start, "w", move(0, 0))),
			ErrorCode.PRECONDITION_FAILED,
		);
		assert.equal(
			codeOf(() => gomoku.act(state, "b", move(0, 0))),
			ErrorCode.PRECONDITION_FAILED,
		);
		assert.equal(
			codeOf(() => gomoku.act(state, "w", move(7, 7))),
			ErrorCode.PRECONDITION_FAILED,
		);
		assert.equal(
			codeOf(() => gomoku.act(state, "x", move(0, 0))),
			ErrorCode.PRECONDITION_FAILED,
		);
		for (const [row, column] of [
			[15, 0],
			[0, 15],
			[4_294_967_295, 0],
		] as const) {
			assert.equal(
				codeOf(() => gomoku.act(state, "w", move(row, column))),
				ErrorCode.VALIDATION_FAILED,
			);
		}
		assert.equal(
			codeOf(() => gomoku.act(state, "w", Uint8Array.of(255, 255, 255))),
			ErrorCode.VALIDATION_FAILED,
		);
	});

	test("a move that was forgotten is none: the payload needs a coordinate, and a corner is written with its zeros", () => {
		const start = gomoku.start(["b", "w"], 0, SETUP);
		// Empty; a message without either field; an unknown field.
		for (const payload of [new Uint8Array(0), GomokuMove.encode({}).finish(), Uint8Array.of(0x18, 5)]) {
			assert.throws(() => gomoku.act(start, "b", payload), {
				code: ErrorCode.VALIDATION_FAILED,
				message: /^payload must be a GomokuMove with row and column below 15/,
			});
		}
		const [event = new Uint8Array(0)] = gomoku.act(start, "b", Uint8Array.of(0x08, 0, 0x10, 0)).events;
		assert.deepEqual([...event], [0x08, 0, 0x10, 0]);
		// What clients write that were generated before the fields had presence.
		const [partial = new Uint8Array(0)] = gomoku.act(start, "b", Uint8Array.of(0x10, 5)).events;
		assert.deepEqual([...partial], [0x08, 0, 0x10, 5]);
	});

	test("a player that leaves loses, and colours change with the rounds", () => {
		const first = GomokuState.decode(gomoku.start(["a", "b"], 0, SETUP));
		const second = GomokuState.decode(gomoku.start(["a", "b"], 1, SETUP));
		assert.deepEqual([first.blackUserId, first.turnUserId], ["a", "a"]);
		assert.deepEqual([second.blackUserId, second.turnUserId], ["b", "b"]);
		const step = gomoku.leave(gomoku.start(["a", "b"], 0, SETUP), "a", ["b"]);
		assert.deepEqual(step.results, new Map([["b", GameResult.WON]]));
		assert.equal(
			codeOf(() => gomoku.act(step.state, "b", move(0, 0))),
			ErrorCode.PRECONDITION_FAILED,
		);
	});
});
