// What control does regularly: asking for feedback, looking after what was left behind, removing what is old.
import type { Logger } from "../../ports/logger.ts";
import type { CommandSweep } from "./command-sweep.ts";
import type { FeedbackPoll } from "./feedback-poll.ts";

export interface ControlRoundsOptions {
	readonly pollIntervalMs: number;
	readonly sweepIntervalMs: number;
}

const CLEAN_INTERVAL_MS = 3_600_000;

export class ControlRounds {
	private readonly feedback: FeedbackPoll;
	private readonly commands: CommandSweep;
	private readonly expire: () => void;
	private readonly logger: Logger;
	private readonly options: ControlRoundsOptions;
	private readonly timers: NodeJS.Timeout[] = [];
	private polling: Promise<void> | undefined;
	private sweeping: Promise<void> | undefined;
	private cleaning: Promise<void> | undefined;

	/** @param expire - removes selects that have ended. */
	constructor(
		feedback: FeedbackPoll,
		commands: CommandSweep,
		expire: () => void,
		logger: Logger,
		options: ControlRoundsOptions,
	) {
		this.feedback = feedback;
		this.commands = commands;
		this.expire = expire;
		this.logger = logger;
		this.options = options;
	}

	async start(): Promise<void> {
		const { pollIntervalMs, sweepIntervalMs } = this.options;
		this.timers.push(
			setInterval(() => void this.poll(), pollIntervalMs).unref(),
			setInterval(() => void this.sweep(), sweepIntervalMs).unref(),
			setInterval(() => void this.clean(), CLEAN_INTERVAL_MS).unref(),
		);
		await this.sweep();
		void this.clean();
	}

	poll(): Promise<void> {
		this.expire();
		this.polling ??= this.feedback.run().finally(() => {
			this.polling = undefined;
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
		for (const timer of this.timers.splice(0)) clearInterval(timer);
		await Promise.all([this.polling, this.sweeping, this.cleaning]);
	}

	private async quietly(round: () => Promise<unknown>): Promise<void> {
		try {
			await round();
		} catch (error) {
			this.logger.warn({ err: error }, "a round of looking after commands failed; the next one tries again");
		}
	}
}
