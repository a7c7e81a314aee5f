// Commands of this process whose end is not known yet. What is heard of one is put in order, written down, and only then
// told: a stage that the record does not take, because another process was first, is not told again.

import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { userChannel } from "../../../common/user-channels.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { CommandStage, pushes } from "../../../protocol/gen/schema.ts";
import type { CommandFeedback } from "../boxes/box-commands.ts";
import type { NamedSource } from "../boxes/boxes.ts";
import { commandEntry, stageName } from "./audit.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { CommandRecord, CommandStore } from "./command-store.ts";
import type { FeedbackWatch } from "./feedback-points.ts";
import { LateFeedback } from "./late-feedback.ts";
import { isFinal, wireAck } from "./wire.ts";

export interface OpenCommandServices {
	readonly commands: CommandStore;
	readonly audit: AuditTrail;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Told of each stage that was written down, with the milliseconds since the command was asked for. */
	readonly onStage?: ((stage: CommandStage, elapsedMs: number) => void) | undefined;
}

export interface StageChange {
	readonly stage: CommandStage;
	readonly actualValue: number | undefined;
	readonly error: string;
	/** Unix milliseconds. */
	readonly atMs: number;
}

export interface OpenCommand {
	readonly named: NamedSource;
	readonly watch: FeedbackWatch | undefined;
	/** On the monotonic clock. */
	readonly askedAtMs: number;
	/** As it is written down. */
	record: CommandRecord;
	/** On the monotonic clock; infinite until it is handed over. */
	deadlineMs: number;
	/** What is not written down yet, in order. */
	readonly changes: StageChange[];
	/** Whether it is known what became of the hand-over; nothing is told before. */
	isHandedOver: boolean;
	isWriting: boolean;
}

export interface OpenCommandOptions {
	readonly maxOpen: number;
	readonly maxOpenPerUser: number;
	readonly orphanMs: number;
}

const RETRY_AFTER_MS = 1000;

export class OpenCommands {
	readonly late: LateFeedback;
	private readonly services: OpenCommandServices;
	private readonly options: OpenCommandOptions;
	private readonly begun: () => void;
	private readonly open = new Map<string, OpenCommand>();
	private readonly perUser = new Map<string, number>();
	/** Commands with stages that are being told, one after the other. */
	private readonly telling = new Map<string, Promise<void>>();

	/** @param begun - told that there is something to look after. */
	constructor(services: OpenCommandServices, options: OpenCommandOptions, begun: () => void) {
		this.services = services;
		this.begun = begun;
		this.options = options;
		this.late = new LateFeedback(services);
	}

	get size(): number {
		return this.open.size;
	}

	/** Whether it is looked after: its end is awaited, or being told. */
	has(id: string): boolean {
		return this.open.has(id) || this.telling.has(id);
	}

	/** Those whose feedback is awaited. */
	awaited(): OpenCommand[] {
		return [...this.open.values()].filter(({ isHandedOver, changes }) => isHandedOver && !changes.some(endsIt));
	}

	/** Those with something to write down that was not, when last tried. */
	unwritten(): OpenCommand[] {
		return [...this.open.values()].filter(({ isHandedOver, changes }) => isHandedOver && changes.length > 0);
	}

	/** Takes a command in before it is written down. @throws GatewayError RATE_LIMITED when there are too many. */
	add(record: CommandRecord, named: NamedSource, watch: FeedbackWatch | undefined, askedAtMs: number): OpenCommand {
		const { maxOpen, maxOpenPerUser } = this.options;
		const ofUser = this.perUser.get(record.userId) ?? 0;
		// Whoever tells must keep up as well.
		if (Math.max(this.open.size, this.telling.size) >= maxOpen || ofUser >= maxOpenPerUser) {
			const many = ofUser >= maxOpenPerUser ? `${maxOpenPerUser} commands of yours` : "too many commands";
			throw new GatewayError(ErrorCode.RATE_LIMITED, `${many} are under way`, { retryAfterMs: RETRY_AFTER_MS });
		}
		const command: OpenCommand = {
			...{ record, named, watch, askedAtMs, deadlineMs: Number.POSITIVE_INFINITY, changes: [] },
			...{ isHandedOver: false, isWriting: false },
		};
		this.open.set(record.id, command);
		this.begun();
		this.perUser.set(record.userId, ofUser + 1);
		return command;
	}

	/** Nothing was written down, or it is over. */
	remove(command: OpenCommand): void {
		const { id, userId } = command.record;
		if (this.open.get(id) !== command) return;
		this.open.delete(id);
		const left = (this.perUser.get(userId) ?? 1) - 1;
		if (left > 0) this.perUser.set(userId, left);
		else this.perUser.delete(userId);
	}

	/**
	 * It is known what became of the hand-over: ACCEPTED, FAILED or UNKNOWN. From now on feedback is written down.
	 *
	 * @param timeoutMs - how long feedback is awaited.
	 * @returns when the record has it, or could not be written: then that is tried again with each tick.
	 */
	async handedOver(command: OpenCommand, stage: CommandStage, error: string, timeoutMs: number): Promise<void> {
		const { clock } = this.services;
		const atMs = clock.now();
		command.deadlineMs = clock.monotonic() + timeoutMs;
		command.record = { ...command.record, deadlineMs: atMs + timeoutMs };
		const alreadyReceived = command.changes.splice(0);
		command.changes.push({ stage, actualValue: undefined, error, atMs });
		if (!isFinal(stage)) command.changes.push(...alreadyReceived);
		command.isHandedOver = true;
		await this.write(command);
		if (!isFinal(stage)) return;
		for (const { stage: heard, ...rest } of alreadyReceived) this.late.heard(command.record.id, stageName(heard), rest);
	}

	/** Feedback of the box, for a command of this process or not. */
	heard({ commandId, stage, actualValue, error }: CommandFeedback): void {
		const command = this.open.get(commandId);
		if (command === undefined) {
			this.late.heard(commandId, stage, { actualValue, error });
			return;
		}
		this.change(command, { stage: stages[stage], actualValue, error, atMs: this.services.clock.now() });
	}

	/** A further stage. One that it has come to, or has passed, is nothing. */
	change(command: OpenCommand, change: StageChange): void {
		const last = command.changes.at(-1)?.stage ?? command.record.stage;
		if (isFinal(last) || change.stage <= last) return;
		command.changes.push(change);
		void this.write(command);
	}

	/** Writes down what is to be written, in order. Never throws. */
	async write(command: OpenCommand): Promise<void> {
		if (command.isWriting || !command.isHandedOver) return;
		command.isWriting = true;
		try {
			for (let change = command.changes[0]; change !== undefined; change = command.changes[0]) {
				await this.writeOne(command, change);
			}
		} catch (error) {
			const { id } = command.record;
			this.services.logger.warn({ err: error, commandId: id }, "a command's stage was not written; it is tried again");
		} finally {
			command.isWriting = false;
		}
	}

	/** Resolves when everything that was written down has been told, as far as possible. */
	async told(): Promise<void> {
		await Promise.all(this.telling.values());
	}

	private async writeOne(command: OpenCommand, change: StageChange): Promise<void> {
		const { commands } = this.services;
		const { id, deadlineMs } = command.record;
		const { stage, actualValue, error, atMs } = change;
		// A final stage that is not told soon is told by whoever sweeps next.
		const dueAtMs = (isFinal(stage) ? this.services.clock.now() : deadlineMs) + this.options.orphanMs;
		const entry = commandEntry(command.record, atMs, { outcome: stageName(stage), detail: detailOf(change) });
		const isChange = await commands.advance(id, { stage, actualValue, error, atMs, deadlineMs, dueAtMs }, entry);
		const present = isChange ? { ...command.record, ...change, updatedAtMs: atMs } : await commands.get(id);
		command.changes.shift();
		if (present === undefined) {
			this.remove(command);
			throw new Error("the record of a command is gone");
		}
		command.record = present;
		// Written before, by a statement whose answer was lost.
		const isOurs = isChange || (present.stage === stage && present.updatedAtMs === atMs);
		if (isOurs) this.tell(command, change);
		if (isFinal(present.stage)) this.end(command, present.stage);
	}

	private tell(command: OpenCommand, change: StageChange): void {
		const { commands, publisher, clock, logger, onStage } = this.services;
		const { id, userId } = command.record;
		onStage?.(change.stage, clock.monotonic() - command.askedAtMs);
		const before = this.telling.get(id) ?? Promise.resolve();
		const told = before.then(async () => {
			try {
				await publisher.publish(userChannel(userId), pushes.controlAck, wireAck({ id, ...change }));
				if (isFinal(change.stage)) await commands.settle(id);
			} catch (error) {
				logger.debug({ err: error, commandId: id }, "the stage of a command was not told");
			}
			if (this.telling.get(id) === told) this.telling.delete(id);
		});
		this.telling.set(id, told);
	}

	private end(command: OpenCommand, stage: CommandStage): void {
		this.remove(command);
		command.changes.length = 0;
		this.late.expect(command.record, stage);
	}
}

const stages = {
	executing: CommandStage.EXECUTING,
	executed: CommandStage.EXECUTED,
	failed: CommandStage.FAILED,
} as const;

function endsIt({ stage }: StageChange): boolean {
	return isFinal(stage);
}

function detailOf({ actualValue, error }: StageChange): string {
	const actual = actualValue === undefined ? "" : `actual value ${actualValue}`;
	return [actual, error].filter((text) => text !== "").join("; ");
}
