// Work of which at most one run is in flight.

export class SingleFlight<Result = void> {
	private readonly work: () => Result | Promise<Result>;
	private inFlight: Promise<Result> | undefined;

	constructor(work: () => Result | Promise<Result>) {
		this.work = work;
	}

	get isRunning(): boolean {
		return this.inFlight !== undefined;
	}

	/** The run in flight, or a new one. @throws what the work throws; a later call begins a new run. */
	run(): Promise<Result> {
		this.inFlight ??= this.begin().finally(() => {
			this.inFlight = undefined;
		});
		return this.inFlight;
	}

	/** A run that begins after the call: the run in flight may have passed what the caller has just changed. */
	async runAgain(): Promise<Result> {
		await this.settled();
		return await this.run();
	}

	/** Resolves when the run in flight is over, whatever came of it. */
	async settled(): Promise<void> {
		await this.inFlight?.then(ignore, ignore);
	}

	/** What throws before its first await rejects as well. */
	private async begin(): Promise<Result> {
		return await this.work();
	}
}

function ignore(): void {}
