// Periodic work of control: polling feedback, closing commands that other processes left behind, removing old records.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Logger } from "../../../common/logger.ts";
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

const CLEAN_INTERVAL_MS = 3_600_000;

export class ControlRounds {
	private readonly feedback: FeedbackPoll;
	private readonly commands: CommandSweep;
	private readonly work: UnfinishedWork;
	private readonly logger: Logger;
	private readonly options: ControlRoundsOptions;
	private readonly rounds: AlignedInterval[] = [];
	/** Only while something is unfinished: most boxes are switched now and then. */
	private polls: AlignedInterval | undefined;
	private isRunning = false;
	private polling: Promise<void> | undefined;
	private sweeping: Promise<void> | undefined;
	private cleaning: Promise<void> | undefined;

	constructor(
		feedback: FeedbackPoll,
		commands: CommandSweep,
		work: UnfinishedWork,
		logger: Logger,
		options: ControlRoundsOptions,
	) {
		this.feedback = feedback;
		this.commands = commands;
		this.work = work;
		this.logger = logger;
		this.options = options;
	}

	async start(): Promise<void> {
		this.isRunning = true;
		if (!this.work.isEmpty()) this.begin();
		this.rounds.push(
			new AlignedInterval(() => void this.sweep(), this.options.sweepIntervalMs),
			new AlignedInterval(() => void this.clean(), CLEAN_INTERVAL_MS),
		);
		await this.sweep();
		void this.clean();
	}

	/** Something is unfinished from now on. */
	begin(): void {
		if (this.isRunning) this.polls ??= new AlignedInterval(() => void this.poll(), this.options.pollIntervalMs);
	}

	poll(): Promise<void> {
		this.work.expire();
		this.polling ??= this.feedback.run().finally(() => {
			this.polling = undefined;
			if (this.work.isEmpty()) this.stopPolling();
		});
		return this.polling;
	}

	sweep(): Promise<void> {
		this.sweeping ??= this.quietly(() => this.commands.orphans()).finally(() => {
			this.sweeping = undefined;
		});
		return this.sweeping;
	}

	clean(): Promise<void> {
		this.cleaning ??= this.quietly(() => this.commands.old()).finally(() => {
			this.cleaning = undefined;
		});
		return this.cleaning;
	}

	async close(): Promise<void> {
		this.isRunning = false;
		this.stopPolling();
		for (const rounds of this.rounds.splice(0)) rounds.stop();
		await Promise.all([this.polling, this.sweeping, this.cleaning]);
	}

	private stopPolling(): void {
		this.polls?.stop();
		this.polls = undefined;
	}

	private async quietly(round: () => Promise<unknown>): Promise<void> {
		try {
			await round();
		} catch (error) {
			this.logger.warn({ err: error }, "a round of looking after commands failed; the next one tries again");
		}
	}
}
