// Periodic work of control: polling feedback, closing commands that other processes left behind, removing old records.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Logger } from "../../../common/logger.ts";
import { PeriodicTask } from "../../../common/periodic-task.ts";
import { SingleFlight } from "../../../common/single-flight.ts";
import type { CommandSweep } from "./command-sweep.ts";
import type { FeedbackPoll } from "./feedback-poll.ts";

export interface ControlRoundsOptions {
	readonly pollIntervalMs: number;
	readonly sweepIntervalMs: number;
}

/** Commands whose end is awaited, and selects. */
export interface UnfinishedWork {
	readonly isEmpty: () => boolean;
	/** Removes selects that have ended. */
	readonly expire: () => void;
}

export interface ControlRoundsParts {
	readonly feedback: FeedbackPoll;
	readonly commands: CommandSweep;
	readonly work: UnfinishedWork;
	readonly logger: Logger;
}

const CLEAN_INTERVAL_MS = 3_600_000;

export class ControlRounds {
	private readonly work: UnfinishedWork;
	private readonly options: ControlRoundsOptions;
	private readonly sweeps: PeriodicTask;
	private readonly cleans: PeriodicTask;
	private readonly feedback: SingleFlight;
	/** Only while something is unfinished: most boxes are switched now and then. */
	private polls: AlignedInterval | undefined;
	private isRunning = false;

	constructor({ feedback, commands, work, logger }: ControlRoundsParts, options: ControlRoundsOptions) {
		this.work = work;
		this.options = options;
		// Of one outage, the first round says so.
		let isFailing = false;
		const onError = (error: unknown): void => {
			const text = "a round of looking after commands failed; the next one tries again";
			logger[isFailing ? "debug" : "warn"]({ err: error }, text);
			isFailing = true;
		};
		const sweep = async (): Promise<void> => {
			await commands.orphans();
			isFailing = false;
		};
		this.sweeps = new PeriodicTask({ intervalMs: options.sweepIntervalMs, run: sweep, onError });
		this.cleans = new PeriodicTask({ intervalMs: CLEAN_INTERVAL_MS, run: (signal) => commands.old(signal), onError });
		this.feedback = new SingleFlight(async () => {
			await feedback.run();
			if (work.isEmpty()) this.stopPolling();
		});
	}

	async start(): Promise<void> {
		this.isRunning = true;
		if (!this.work.isEmpty()) this.begin();
		this.sweeps.start();
		this.cleans.start();
		await this.sweep();
		void this.clean();
	}

	/** Something is unfinished from now on. */
	begin(): void {
		if (this.isRunning) this.polls ??= new AlignedInterval(() => void this.poll(), this.options.pollIntervalMs);
	}

	poll(): Promise<void> {
		this.work.expire();
		return this.feedback.run();
	}

	sweep(): Promise<void> {
		return this.sweeps.run();
	}

	clean(): Promise<void> {
		return this.cleans.run();
	}

	async close(): Promise<void> {
		this.isRunning = false;
		this.stopPolling();
		await Promise.all([this.feedback.settled(), this.sweeps.close(), this.cleans.close()]);
	}

	private stopPolling(): void {
		this.polls?.stop();
		this.polls = undefined;
	}
}
