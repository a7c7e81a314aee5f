// Work that is done again and again by the clock, one run at a time, until it is closed.
import { AlignedInterval } from "./aligned-interval.ts";
import { SingleFlight } from "./single-flight.ts";

export interface PeriodicTaskOptions {
	/** Milliseconds between two runs, above 0. While a run takes longer, the ones that would come meanwhile are left out. */
	readonly intervalMs: number;
	/** @param signal - aborted when the task is closed: a run that works in parts ends after the one in progress. */
	readonly run: (signal: AbortSignal) => unknown;
	/** Called with what a run threw; the next one comes at its time. Must not throw. */
	readonly onError: (error: unknown) => void;
}

export class PeriodicTask {
	private readonly options: PeriodicTaskOptions;
	private readonly flight: SingleFlight;
	private readonly closing = new AbortController();
	private interval: AlignedInterval | undefined;

	constructor(options: PeriodicTaskOptions) {
		this.options = options;
		this.flight = new SingleFlight(() => this.attempt());
	}

	/** The first run by the clock is up to an interval away: `run` begins one at once. Without effect after `close`. */
	start(): void {
		if (this.closing.signal.aborted) return;
		this.interval ??= new AlignedInterval(() => void this.run(), this.options.intervalMs);
	}

	/** The run in flight, or a new one; also before `start` and after `close`. Never rejects. */
	run(): Promise<void> {
		return this.flight.run();
	}

	/** A run that begins after the call. Never rejects. */
	runAgain(): Promise<void> {
		return this.flight.runAgain();
	}

	/** No more runs by the clock. Resolves when the run in flight is over. */
	async close(): Promise<void> {
		this.interval?.stop();
		this.closing.abort();
		await this.flight.settled();
	}

	private async attempt(): Promise<void> {
		try {
			await this.options.run(this.closing.signal);
		} catch (error) {
			this.options.onError(error);
		}
	}
}
