// The state of a lease in the process that holds it: until when, and whether another process may have held it meanwhile.
import type { Clock } from "../common/clock.ts";
import { LeaseTerm } from "../common/lease-term.ts";
import { SingleFlight } from "../common/single-flight.ts";

/**
 * What the store answered: the lease was in force and is extended; it had ended or was not known, and is taken; or another
 * holder has it.
 */
export type LeaseOutcome = "extended" | "taken" | "refused";

export interface HeldLeaseOptions {
	readonly ttlMs: number;
	readonly clock: Clock;
	/** Takes or extends it for `ttlMs`. A store that does not distinguish the two returns "extended". */
	readonly take: () => Promise<LeaseOutcome>;
	readonly release: () => Promise<unknown>;
}

export class HeldLease {
	/** Counted up whenever others may have had the lease, or what it covers, since it was last extended. */
	generation = 0;
	private readonly options: HeldLeaseOptions;
	private readonly takenListeners: (() => void)[] = [];
	private term: LeaseTerm | undefined;
	private readonly renewal = new SingleFlight(() => this.request());

	constructor(options: HeldLeaseOptions) {
		this.options = options;
	}

	/** No other process has it. The time to live is counted from before the request, so that it ends here first. */
	get isHeld(): boolean {
		return this.term !== undefined && !this.term.isOver;
	}

	/** Called when this process has the lease and had it not before. Must not throw. */
	onTaken(listener: () => void): void {
		this.takenListeners.push(listener);
	}

	/**
	 * Takes or extends it; a call while another one waits for the store is that one.
	 *
	 * @returns whether it has been held all the time since it was last extended; otherwise the generation is another one.
	 * @throws what the store throws; it is held until its time is over then.
	 */
	renew(): Promise<boolean> {
		return this.renewal.run();
	}

	/** Gives it back: from the call on it is not held. @throws what the store throws; it ends by itself then. */
	async release(): Promise<void> {
		this.term = undefined;
		await this.renewal.settled();
		this.term = undefined;
		await this.options.release();
	}

	private async request(): Promise<boolean> {
		const term = new LeaseTerm(this.options.clock, this.options.ttlMs);
		const outcome = await this.options.take();
		// Asked only now: a lease that ended meanwhile may have ended before the store extended it.
		const wasHeld = this.isHeld;
		this.term = outcome === "refused" ? undefined : term;
		const isUnbroken = wasHeld && outcome === "extended";
		if (!isUnbroken) this.generation++;
		if (!wasHeld && this.isHeld) for (const listener of this.takenListeners) listener();
		return isUnbroken;
	}
}
