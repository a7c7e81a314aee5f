// The board of gomoku: 15 × 15 cells by rows.

export const SIZE = 15;
export const CELLS = SIZE * SIZE;

export const Cell = { EMPTY: 0, BLACK: 1, WHITE: 2 } as const;
export type Cell = (typeof Cell)[keyof typeof Cell];

/** How many in a row win; more than that win too. */
const WINNING = 5;

/** Row and column steps of the four lines through a cell. */
const directions = [
	[0, 1],
	[1, 0],
	[1, 1],
	[1, -1],
] as const;

/** Whether the stone at a cell is part of five or more in a row. */
export function isWinning(board: Uint8Array, row: number, column: number): boolean {
	return directions.some(([down, right]) => {
		return 1 + run(board, row, column, down, right) + run(board, row, column, -down, -right) >= WINNING;
	});
}

/** How many adjacent stones of the cell's colour there are in one direction. */
function run(board: Uint8Array, row: number, column: number, down: number, right: number): number {
	const colour = board[row * SIZE + column];
	for (let count = 0; ; count++) {
		const y = row + down * (count + 1);
		const x = column + right * (count + 1);
		const isOnBoard = y >= 0 && y < SIZE && x >= 0 && x < SIZE;
		if (!isOnBoard || board[y * SIZE + x] !== colour) return count;
	}
}
