// Leaves a node that is about to stop: waits as long as the server asked, lets requests in flight finish, then moves.
import { housekeeping, type Timer } from "../timers.ts";

/** How long requests in flight may hold up the move. */
const GRACE_MS = 5000;

export interface Move {
	/** Hold new requests back. */
	hold(): void;
	inFlightCount(): number;
	/** Change connections. */
	go(): void;
}

export class NodeMigration {
	private readonly move: Move;
	private timer: Timer | undefined;
	private holding = false;

	constructor(move: Move) {
		this.move = move;
	}

	announce(delayMs: number): void {
		this.cancel();
		this.timer = housekeeping(() => {
			this.holding = true;
			this.move.hold();
			this.timer = housekeeping(() => this.go(), GRACE_MS);
			this.onSettled();
		}, delayMs);
	}

	/** A request in flight has ended. */
	onSettled(): void {
		if (this.holding && this.move.inFlightCount() === 0) this.go();
	}

	cancel(): void {
		clearTimeout(this.timer);
		this.holding = false;
	}

	private go(): void {
		this.cancel();
		this.move.go();
	}
}
