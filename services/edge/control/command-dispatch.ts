// How a command gets to a box: lock, record and audit entry, then the box, each only after the one before.

import { LeaseTerm } from "../../../common/lease-term.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { CommandStage, DataType } from "../../../protocol/gen/schema.ts";
import { BoxState } from "../boxes/box.ts";
import { SendOutcome } from "../boxes/box-commands.ts";
import { commandEntry } from "./audit.ts";
import type { CommandRecord } from "./command-store.ts";
import type { FeedbackPoints } from "./feedback-points.ts";
import type { OpenCommand, OpenCommandServices, OpenCommands } from "./open-commands.ts";
import type { ControlOptions } from "./options.ts";
import type { PointLocks } from "./point-locks.ts";
import type { Target } from "./targets.ts";

/** A command that is not written down yet. */
export interface Draft {
	readonly record: CommandRecord;
	readonly target: Target;
	/** Of the lease of the point. */
	readonly holder: string;
	readonly ip: string;
	/** On the monotonic clock. */
	readonly askedAtMs: number;
}

export interface HandOverServices extends OpenCommandServices {
	readonly locks: PointLocks;
	readonly open: OpenCommands;
	readonly feedbackPoints: FeedbackPoints;
}

/** Longer than a hand-over can take, with stores that answer at the last moment. */
const LOCK_MS = 15_000;
/**
 * How long a record may stay in its first stage, beyond `handOverMs`, before another process sets the stage to UNKNOWN.
 */
const UNSENT_MS = 10_000;
const RETRY_AFTER_MS = 1000;

export class CommandDispatch {
	private readonly services: HandOverServices;
	private readonly options: ControlOptions;

	constructor(services: HandOverServices, options: ControlOptions) {
		this.services = services;
		this.options = options;
	}

	/**
	 * Hands a command over, once.
	 *
	 * @returns the command as it is then; undefined when its id was taken meanwhile, and nothing was done.
	 * @throws GatewayError when it was certainly not handed over: UNAVAILABLE, CONFLICT (the point is another's),
	 *   RATE_LIMITED, PRECONDITION_FAILED (the box refuses it).
	 */
	async run(draft: Draft): Promise<CommandRecord | undefined> {
		const { locks, open, feedbackPoints } = this.services;
		const { record, target, holder, askedAtMs } = draft;
		const { condition } = target.named.box;
		if (condition.state !== BoxState.UP) throw unavailable("the box", RETRY_AFTER_MS);
		const lock = new LeaseTerm(this.services.clock, LOCK_MS);
		await locks.take(target.leaseName, holder, LOCK_MS);
		let isLocked = true;
		try {
			// Under the lock, so that a change at the feedback point is not the effect of another command.
			const watch = await feedbackPoints.begin(target);
			const command = open.add(record, target.named, watch, askedAtMs);
			if (!(await this.begin(draft, command))) {
				// The same command, handed over by another process, which releases the lock.
				isLocked = false;
				return undefined;
			}
			await this.send(draft, command, lock);
			return command.record;
		} finally {
			if (isLocked) await locks.release(target.leaseName, holder);
		}
	}

	private async begin({ record, ip }: Draft, command: OpenCommand): Promise<boolean> {
		const { commands, open } = this.services;
		try {
			const entry = commandEntry(record, record.requestedAtMs, { outcome: "requested", ip });
			const isNew = await commands.begin(record, this.options.handOverMs + UNSENT_MS, entry);
			if (!isNew) open.remove(command);
			return isNew;
		} catch (error) {
			// If it was written down after all, a sweep closes it.
			open.remove(command);
			throw error;
		}
	}

	/** The command is written down: whatever happens, its record gets a stage. */
	private async send({ record, target, askedAtMs }: Draft, command: OpenCommand, lock: LeaseTerm): Promise<void> {
		const { open, clock, logger } = this.services;
		const { id, username, value, requestedAtMs } = record;
		const timeoutMs = this.timeoutMs(record.type);
		try {
			const elapsedMs = clock.monotonic() - askedAtMs;
			// Also when the process was paused meanwhile: another one may have the point by now.
			const isLate = elapsedMs > this.options.handOverMs || lock.isOver;
			if (isLate) throw unavailable("what is needed in time", RETRY_AFTER_MS);
			const { commands } = target.named.box;
			const boxCommand = { commandId: id, target: target.command, value, operator: username, atMs: requestedAtMs };
			const outcome = await commands.send(boxCommand);
			if (outcome === SendOutcome.SENT) await open.handedOver(command, CommandStage.ACCEPTED, "", timeoutMs);
			else await open.handedOver(command, CommandStage.UNKNOWN, "the box broke off before it answered", 0);
		} catch (error) {
			if (error instanceof GatewayError) {
				await open.handedOver(command, CommandStage.FAILED, error.message, 0);
				throw error;
			}
			// Only a GatewayError proves that nothing was handed over.
			logger.error({ err: error, commandId: id }, "handing a command over failed");
			await open.handedOver(command, CommandStage.UNKNOWN, "handing it over failed in the middle", 0);
		}
		// The stage is not written to the store yet, but it is known.
		if (command.record.stage === CommandStage.UNSPECIFIED) {
			const stage = command.changes[0]?.stage ?? CommandStage.ACCEPTED;
			command.record = { ...command.record, stage };
		}
	}

	private timeoutMs(type: DataType): number {
		const { controlTimeoutMs, adjustmentTimeoutMs } = this.options;
		return type === DataType.CONTROL ? controlTimeoutMs : adjustmentTimeoutMs;
	}
}
