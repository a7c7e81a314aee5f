// Commands to a simulated plant: carried out after a short delay, with feedback as some field services give it.

import { setLast } from "../../../common/bounded-map.ts";
import type { Clock } from "../../../common/clock.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import { DataType } from "../../../protocol/gen/schema.ts";
import { type BoxCommand, type BoxCommands, type CommandFeedback, SendOutcome } from "../boxes/box-commands.ts";
import { SIMULATED_FAMILY, type SimulatedPlant } from "./points-plant.ts";

export interface SimulatorBoxCommandsOptions {
	/** From the command to the device's beginning, and from there to its end. */
	readonly delayMs: number;
	/** Commands that may wait; beyond it they are refused. */
	readonly maxWaiting: number;
	/** Commands whose outcome is kept. */
	readonly maxRemembered: number;
}

export const simulatorBoxCommandsDefaults: SimulatorBoxCommandsOptions = {
	delayMs: 100,
	maxWaiting: 1000,
	maxRemembered: 10_000,
};

const RETRY_AFTER_MS = 1000;

export class SimulatorBoxCommands implements BoxCommands {
	readonly hasFeedback = true;
	private readonly plant: SimulatedPlant;
	private readonly clock: Pick<Clock, "now">;
	private readonly options: SimulatorBoxCommandsOptions;
	/** By command, oldest first; undefined until the device begins. */
	private readonly outcomes = new Map<string, CommandFeedback | undefined>();
	private readonly timers = new Set<NodeJS.Timeout>();
	private listener: ((feedback: CommandFeedback) => void) | undefined;

	constructor(plant: SimulatedPlant, clock: Pick<Clock, "now">, options: Partial<SimulatorBoxCommandsOptions> = {}) {
		this.plant = plant;
		this.clock = clock;
		this.options = { ...simulatorBoxCommandsDefaults, ...options };
	}

	async send(command: BoxCommand): Promise<SendOutcome> {
		const { family, type } = command.target;
		if (!Number.isFinite(command.value)) throw fieldError("value", "must be a finite number");
		if (family !== SIMULATED_FAMILY || (type !== DataType.CONTROL && type !== DataType.ADJUSTMENT)) {
			throw fieldError("target.data_type", "cannot be written in this source");
		}
		if (this.timers.size >= this.options.maxWaiting) {
			const text = "too many commands wait for this box";
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, text, { retryAfterMs: RETRY_AFTER_MS });
		}
		this.remember(command.commandId, undefined);
		this.later(() => this.begin(command));
		return SendOutcome.SENT;
	}

	async feedback(commandId: string): Promise<CommandFeedback | undefined> {
		return this.outcomes.get(commandId);
	}

	onFeedback(listener: (feedback: CommandFeedback) => void): void {
		this.listener = listener;
	}

	/** Commands that were not carried out yet are not carried out any more. */
	close(): void {
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
		this.listener = undefined;
	}

	private begin(command: BoxCommand): void {
		this.report(command, { stage: "executing", actualValue: undefined, error: "" });
		this.later(() => {
			const error = this.plant.write(command.target, command.value);
			if (error === "") this.report(command, { stage: "executed", actualValue: command.value, error });
			else this.report(command, { stage: "failed", actualValue: undefined, error });
		});
	}

	private report({ commandId }: BoxCommand, outcome: Pick<CommandFeedback, "stage" | "actualValue" | "error">): void {
		const feedback = { commandId, ...outcome, atMs: this.clock.now() };
		this.remember(commandId, feedback);
		this.listener?.(feedback);
	}

	private remember(commandId: string, feedback: CommandFeedback | undefined): void {
		setLast(this.outcomes, commandId, feedback, this.options.maxRemembered);
	}

	private later(work: () => void): void {
		const timer = setTimeout(() => {
			this.timers.delete(timer);
			work();
		}, this.options.delayMs).unref();
		this.timers.add(timer);
	}
}
