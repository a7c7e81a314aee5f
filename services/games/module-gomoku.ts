// Gomoku, free style: 15 × 15, black first, five or more in a row win, a full board is a draw. Who was white plays black in
// the room's next game. State and moves are GomokuState and GomokuMove, which hide nothing.

import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { GameResult, GomokuMove, GomokuState, type GomokuStateProperties } from "../../protocol/gen/schema.ts";
import type { GameModule, GameResults, GameStep } from "./game-module.ts";
import { CELLS, Cell, isWinning, SIZE } from "./gomoku-board.ts";
import { invalid } from "./room-errors.ts";

export const gomoku: GameModule = {
	name: "gomoku",
	minPlayers: 2,
	maxPlayers: 2,

	start(players, round) {
		const [first = "", second = ""] = players;
		const [black, white] = round % 2 === 0 ? [first, second] : [second, first];
		return encode({
			board: new Uint8Array(CELLS),
			blackUserId: black,
			whiteUserId: white,
			turnUserId: black,
		});
	},

	act(encoded, userId, payload) {
		const state = GomokuState.decode(encoded);
		if (userId !== state.blackUserId && userId !== state.whiteUserId) throw refused("you do not play in this game");
		if (state.isOver) throw refused("the game is over");
		if (userId !== state.turnUserId) throw refused("it is not your turn");
		const { row, column } = decodeMove(payload);
		if (state.board[row * SIZE + column] !== Cell.EMPTY) throw refused("there is a stone already");
		return place(state, userId, row, column);
	},

	leave(encoded, userId) {
		const state = GomokuState.decode(encoded);
		const winner = userId === state.blackUserId ? state.whiteUserId : state.blackUserId;
		return {
			state: encode({ ...state, isOver: true, turnUserId: "", winnerUserId: winner }),
			events: [],
			results: new Map([[winner, GameResult.WON]]),
		};
	},

	view: (state) => state,
};

function place(state: GomokuState, userId: string, row: number, column: number): GameStep {
	const isBlack = userId === state.blackUserId;
	const opponent = isBlack ? state.whiteUserId : state.blackUserId;
	const board = Uint8Array.from(state.board);
	board[row * SIZE + column] = isBlack ? Cell.BLACK : Cell.WHITE;
	const moves = state.moves + 1;
	const hasWon = isWinning(board, row, column);
	const isOver = hasWon || moves === CELLS;
	const after: GomokuStateProperties = {
		...state,
		board,
		moves,
		isOver,
		turnUserId: isOver ? "" : opponent,
		winnerUserId: hasWon ? userId : "",
	};
	const step = { state: encode(after), events: [GomokuMove.encode({ row, column }).finish()] };
	return isOver ? { ...step, results: results(userId, opponent, hasWon) } : step;
}

function results(userId: string, opponent: string, hasWon: boolean): GameResults {
	return new Map([
		[userId, hasWon ? GameResult.WON : GameResult.DRAWN],
		[opponent, hasWon ? GameResult.LOST : GameResult.DRAWN],
	]);
}

/**
 * A payload with neither field, such as an empty one, is a move that its author forgot: with proto3's defaults it would be one
 * to the corner. Both fields have presence, so that a client writes its zeros; one alone is taken, the other being 0, from
 * clients that were generated before they had.
 */
function decodeMove(payload: Uint8Array): { readonly row: number; readonly column: number } {
	let move: Partial<GomokuMove> = {};
	try {
		move = GomokuMove.decode(payload);
	} catch {
		// Reported below.
	}
	const row = move.row ?? undefined;
	const column = move.column ?? undefined;
	if (row === undefined && column === undefined) throw invalid("payload", `must be ${MOVE}; it has neither`);
	if ((row ?? 0) >= SIZE || (column ?? 0) >= SIZE) throw invalid("payload", `must be ${MOVE}`);
	return { row: row ?? 0, column: column ?? 0 };
}

const MOVE = `a GomokuMove with row and column below ${SIZE}`;

function encode(state: GomokuStateProperties): Uint8Array {
	return GomokuState.encode(state).finish();
}

function refused(message: string): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
}
