// Asks boxes for the outcome of commands, and gives up commands without feedback in time.

import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import type { Pauses } from "../../../common/pause-monitor.ts";
import { CommandStage } from "../../../protocol/gen/schema.ts";
import type { Box } from "../boxes/box.ts";
import type { FeedbackPoints, FeedbackWatch } from "./feedback-points.ts";
import type { OpenCommand, OpenCommands } from "./open-commands.ts";

export interface FeedbackPollServices {
	readonly open: OpenCommands;
	readonly feedbackPoints: FeedbackPoints;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly pauses: Pauses;
}

/** Feedback queries to a box in flight at once. */
const CONCURRENCY = 32;

export class FeedbackPoll {
	private readonly services: FeedbackPollServices;

	constructor(services: FeedbackPollServices) {
		this.services = services;
	}

	/** One round. Never throws. */
	async run(): Promise<void> {
		const { open, clock, pauses } = this.services;
		// Before anything is asked, so that what is due now has its last chance in this round.
		const nowMs = clock.monotonic();
		const byBox = new Map<Box, OpenCommand[]>();
		for (const command of open.awaited()) {
			const { box } = command.named;
			const commands = byBox.get(box);
			if (commands === undefined) byBox.set(box, [command]);
			else commands.push(command);
		}
		// The feedback of what is due may wait unread.
		const isRecovering = pauses.isRecovering;
		await Promise.all([...byBox].map(([box, commands]) => this.ask(box, commands)));
		if (!isRecovering)
			for (const command of open.awaited()) {
				if (command.deadlineMs > nowMs) continue;
				const error = "no feedback in time";
				open.change(command, { stage: CommandStage.TIMEOUT, actualValue: undefined, error, atMs: clock.now() });
			}
		await Promise.all(open.unwritten().map((command) => open.write(command)));
	}

	private async ask(box: Box, commands: readonly OpenCommand[]): Promise<void> {
		try {
			await Promise.all([this.askFeedback(box, commands), this.readPoints(box, commands)]);
		} catch (error) {
			this.services.logger.debug({ err: error, box: box.name }, "feedback of commands could not be asked for");
		}
	}

	private async askFeedback(box: Box, commands: readonly OpenCommand[]): Promise<void> {
		if (!box.commands.hasFeedback) return;
		for (const some of batches(commands, CONCURRENCY)) {
			const replies = await Promise.all(some.map(({ record }) => box.commands.feedback(record.id)));
			for (const feedback of replies) if (feedback !== undefined) this.services.open.onFeedback(feedback);
		}
	}

	private async readPoints(box: Box, commands: readonly OpenCommand[]): Promise<void> {
		const watching = commands.flatMap((command) => {
			const { watch, record } = command;
			return watch === undefined ? [] : [{ command, watch, value: record.value } satisfies Watching];
		});
		if (watching.length === 0) return;
		const { feedbackPoints, open, clock } = this.services;
		for (const [{ command }, actualValue] of await feedbackPoints.shown(box, watching)) {
			open.change(command, { stage: CommandStage.EXECUTED, actualValue, error: "", atMs: clock.now() });
		}
	}
}

interface Watching {
	readonly command: OpenCommand;
	readonly watch: FeedbackWatch;
	readonly value: number;
}
