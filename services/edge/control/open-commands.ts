// Commands of this process whose final stage is not known yet. Stages of a command are put in order, written to the
// store, and only then published. A stage that the store does not take, because another process was first, is not
// published again.

import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { userChannel } from "../../../common/user-channels.ts";
import type { EventSink } from "../../../messaging/event-sink.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { CommandStage, pushes } from "../../../protocol/gen/schema.ts";
import type { CommandFeedback } from "../boxes/box-commands.ts";
import type { NamedSource } from "../boxes/boxes.ts";
import { commandEntry, stageName } from "./audit.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { commandEvent } from "./command-event.ts";
import type { CommandRecord, CommandStore } from "./command-store.ts";
import type { FeedbackWatch } from "./feedback-points.ts";
import { LateFeedback } from "./late-feedback.ts";
import { isFinal, wireAck } from "./wire.ts";

export interface OpenCommandServices {
	readonly commands: CommandStore;
	readonly audit: AuditTrail;
	readonly publisher: Publisher;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Called for each stage that was written to the store, with the milliseconds since the command was requested. */
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
	/** Whether the outcome of the hand-over is known; nothing is published before. */
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
	/** Commands with stages that are being published, one after the other. */
	private readonly publishing = new Map<string, Promise<void>>();

	/** @param begun - called when there is an open command. */
	constructor(services: OpenCommandServices, options: OpenCommandOptions, begun: () => void) {
		this.services = services;
		this.begun = begun;
		this.options = options;
		this.late = new LateFeedback(services);
	}

	get size(): number {
		return this.open.size;
	}

	/** Whether this process handles it: its final stage is awaited, or being published. */
	has(id: string): boolean {
		return this.open.has(id) || this.publishing.has(id);
	}

	/** Those whose feedback is awaited. */
	awaited(): OpenCommand[] {
		return [...this.open.values()].filter(({ isHandedOver, changes }) => isHandedOver && !changes.some(endsIt));
	}

	/** Commands with stages that could not be written when last tried. */
	unwritten(): OpenCommand[] {
		return [...this.open.values()].filter(({ isHandedOver, changes }) => isHandedOver && changes.length > 0);
	}

	/** Adds a command before it is written to the store. @throws GatewayError RATE_LIMITED when there are too many. */
	add(record: CommandRecord, named: NamedSource, watch: FeedbackWatch | undefined, askedAtMs: number): OpenCommand {
		const { maxOpen, maxOpenPerUser } = this.options;
		const ofUser = this.perUser.get(record.userId) ?? 0;
		// Publishing must keep up as well.
		if (Math.max(this.open.size, this.publishing.size) >= maxOpen || ofUser >= maxOpenPerUser) {
			const many = ofUser >= maxOpenPerUser ? `${maxOpenPerUser} commands of yours` : "too many commands";
			throw new GatewayError(ErrorCode.RATE_LIMITED, `${many} are in flight`, { retryAfterMs: RETRY_AFTER_MS });
		}
		const command: OpenCommand = {
			record,
			named,
			watch,
			askedAtMs,
			deadlineMs: Number.POSITIVE_INFINITY,
			changes: [],
			isHandedOver: false,
			isWriting: false,
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
	 * The outcome of the hand-over is known: ACCEPTED, FAILED or UNKNOWN. From now on feedback is written to the store.
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
		for (const { stage: late, ...rest } of alreadyReceived)
			this.late.onFeedback(command.record.id, stageName(late), rest);
	}

	/** Feedback of the box, for a command of this process or not. */
	onFeedback({ commandId, stage, actualValue, error }: CommandFeedback): void {
		const command = this.open.get(commandId);
		if (command === undefined) {
			this.late.onFeedback(commandId, stage, { actualValue, error });
			return;
		}
		this.change(command, { stage: stages[stage], actualValue, error, atMs: this.services.clock.now() });
	}

	/** A further stage. A stage that the command has reached or passed already is ignored. */
	change(command: OpenCommand, change: StageChange): void {
		const last = command.changes.at(-1)?.stage ?? command.record.stage;
		if (isFinal(last) || change.stage <= last) return;
		command.changes.push(change);
		void this.write(command);
	}

	/** Writes pending stages to the store, in order. Never throws. */
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

	/** Resolves when all stages that were written have been published, as far as possible. */
	async flush(): Promise<void> {
		await Promise.all(this.publishing.values());
	}

	private async writeOne(command: OpenCommand, change: StageChange): Promise<void> {
		const { commands } = this.services;
		const { id, deadlineMs } = command.record;
		const { stage, actualValue, error, atMs } = change;
		// A final stage that is not published soon is published by the process that sweeps next.
		const awaitedMs = isFinal(stage) ? 0 : Math.max(0, command.deadlineMs - this.services.clock.monotonic());
		const dueInMs = awaitedMs + this.options.orphanMs;
		const entry = commandEntry(command.record, atMs, { outcome: stageName(stage), detail: detailOf(change) });
		const isChange = await commands.advance(id, { stage, actualValue, error, atMs, deadlineMs, dueInMs }, entry);
		const present = isChange ? { ...command.record, ...change, updatedAtMs: atMs } : await commands.get(id);
		command.changes.shift();
		if (present === undefined) {
			this.remove(command);
			throw new Error("the record of a command is gone");
		}
		command.record = present;
		// Written before, by a statement whose answer was lost.
		const isOurs = isChange || (present.stage === stage && present.updatedAtMs === atMs);
		if (isOurs) this.publish(command, change);
		if (isFinal(present.stage)) this.end(command, present.stage);
	}

	private publish(command: OpenCommand, change: StageChange): void {
		const { commands, publisher, events, clock, logger, onStage } = this.services;
		const { record, named } = command;
		const { id, userId } = record;
		onStage?.(change.stage, clock.monotonic() - command.askedAtMs);
		const before = this.publishing.get(id) ?? Promise.resolve();
		const published = before.then(async () => {
			try {
				await publisher.publish(userChannel(userId), pushes.controlAck, wireAck({ id, ...change }));
				if (isFinal(change.stage)) {
					if (events?.wants("command")) await events.keep(commandEvent(record, named.box.name));
					await commands.settle(id);
				}
			} catch (error) {
				logger.debug({ err: error, commandId: id }, "publishing a command's stage failed");
			}
			if (this.publishing.get(id) === published) this.publishing.delete(id);
		});
		this.publishing.set(id, published);
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
