// After a fail-over the connections of a pool lead to a server that only reads, and are as good as ever to the driver. Once one
// of them has said so, all that were made before are closed instead of lent out again.

/** A database that stays read-only would otherwise make the pool connect again with every write. */
const MIN_INTERVAL_MS = 5000;

export class PoolGenerations<Connection extends object> {
	private readonly now: () => number;
	private readonly born = new WeakMap<Connection, number>();
	private current = 0;
	private endedAtMs = Number.NEGATIVE_INFINITY;

	/** @param now - monotonic milliseconds. */
	constructor(now: () => number = () => performance.now()) {
		this.now = now;
	}

	/** Call with each connection that is made. */
	add(connection: Connection): void {
		this.born.set(connection, this.current);
	}

	/** Whether it was made after the last sign of a fail-over. */
	isCurrent(connection: Connection): boolean {
		return this.born.get(connection) === this.current;
	}

	/** A connection has said that its server only reads. */
	end(connection: Connection): void {
		const nowMs = this.now();
		// The others of its generation are known to be as old.
		if (!this.isCurrent(connection) || nowMs - this.endedAtMs < MIN_INTERVAL_MS) return;
		this.endedAtMs = nowMs;
		this.current++;
	}
}
