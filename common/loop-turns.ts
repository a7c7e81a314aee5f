// A share of each turn of the event loop for work that comes in pieces, such as parsing many documents: sockets and timers are
// served between the turns, however much of it there is.

interface Piece {
	readonly cost: number;
	readonly start: () => void;
}

export class LoopTurns {
	private readonly perTurn: number;
	private left: number;
	private isScheduled = false;
	/** In the order in which they asked. */
	private readonly waiting: Piece[] = [];

	/** @param perTurn - what the pieces of one turn may cost together, in a unit of the caller's, such as bytes; more than 0. */
	constructor(perTurn: number) {
		this.perTurn = perTurn;
		this.left = perTurn;
	}

	/**
	 * To be awaited before a piece of work. A piece that costs more than a turn has one for itself.
	 *
	 * @returns undefined when there is room in this turn; otherwise a promise of the turn in which the piece has its place.
	 */
	take(cost: number): Promise<void> | undefined {
		this.schedule();
		if (this.left > 0 && this.waiting.length === 0) {
			this.left -= cost;
			return undefined;
		}
		return new Promise((start) => this.waiting.push({ cost, start }));
	}

	private schedule(): void {
		if (this.isScheduled) return;
		this.isScheduled = true;
		setImmediate(() => this.turn());
	}

	private turn(): void {
		this.isScheduled = false;
		this.left = this.perTurn;
		while (this.left > 0) {
			const piece = this.waiting.shift();
			if (piece === undefined) return;
			this.left -= piece.cost;
			piece.start();
		}
		this.schedule();
	}
}
