// Closes what other processes left behind: commands whose owner is gone, final stages that were not published, and
// records older than the retention time. Every process does it; the store gives each command to one of them.

import { deleteInRounds } from "../../../common/bounded-deletion.ts";
import { userChannel } from "../../../common/user-channels.ts";
import { CommandStage, pushes } from "../../../protocol/gen/schema.ts";
import type { Boxes } from "../boxes/boxes.ts";
import { commandEntry, stageName } from "./audit.ts";
import { commandEvent } from "./command-event.ts";
import type { CommandRecord } from "./command-store.ts";
import type { OpenCommandServices, OpenCommands, StageChange } from "./open-commands.ts";
import type { ControlOptions } from "./options.ts";
import { isFinal, wireAck } from "./wire.ts";

export interface CommandSweepServices extends OpenCommandServices {
	readonly boxes: Boxes;
	readonly open: OpenCommands;
}

const BATCH = 100;
/** Rows deleted in one transaction, and transactions of one sweep. */
const REMOVAL = { rows: 1000, maxRounds: 20 } as const;

export class CommandSweep {
	private readonly services: CommandSweepServices;
	private readonly options: ControlOptions;

	constructor(services: CommandSweepServices, options: ControlOptions) {
		this.services = services;
		this.options = options;
	}

	/** @returns how many commands were taken over. @throws GatewayError UNAVAILABLE. */
	async orphans(): Promise<number> {
		const { commands, open, logger } = this.services;
		// Should this process stop in the middle, another one takes over.
		const due = await commands.claimDue(2 * this.options.orphanMs, BATCH);
		const orphans = due.filter(({ id }) => !open.has(id));
		for (const record of orphans) {
			try {
				await this.close(record);
			} catch (error) {
				logger.warn({ err: error, commandId: record.id }, "a command that was left behind was not closed yet");
			}
		}
		return orphans.length;
	}

	/** Removes what is old, in batches of bounded number and size. @throws GatewayError UNAVAILABLE. */
	async old(signal?: AbortSignal): Promise<void> {
		const { audit, commands, clock } = this.services;
		const { auditKeptMs, commandsKeptMs } = this.options;
		const nowMs = clock.now();
		const bounds = { ...REMOVAL, signal };
		await deleteInRounds(bounds, (rows) => audit.deleteOld({ keptMs: auditKeptMs, nowMs }, rows));
		await deleteInRounds(bounds, (rows) => commands.deleteOld({ keptMs: commandsKeptMs, nowMs }, rows));
	}

	private async close(record: CommandRecord): Promise<void> {
		const { commands, open } = this.services;
		if (isFinal(record.stage)) {
			await this.publish(record);
			return;
		}
		const change = await this.endOf(record);
		const { stage, error, atMs } = change;
		const dueInMs = this.options.orphanMs;
		const entry = commandEntry(record, atMs, { outcome: stageName(stage), detail: error });
		const { deadlineMs } = record;
		if (!(await commands.advance(record.id, { ...change, deadlineMs, dueInMs }, entry))) return;
		const closed = { ...record, ...change, updatedAtMs: atMs };
		open.late.expect(closed, stage);
		await this.publish(closed);
	}

	private async endOf(record: CommandRecord): Promise<StageChange> {
		const common = { actualValue: undefined, atMs: this.services.clock.now() };
		if (record.stage === CommandStage.UNSPECIFIED) {
			// It may have been handed over just before its owner stopped. It never is now.
			return { ...common, stage: CommandStage.UNKNOWN, error: "the gateway stopped while it was handed over" };
		}
		const feedback = await this.feedback(record).catch(() => undefined);
		if (feedback === undefined || feedback.stage === "executing") {
			return { ...common, stage: CommandStage.TIMEOUT, error: "no feedback in time" };
		}
		const stage = feedback.stage === "executed" ? CommandStage.EXECUTED : CommandStage.FAILED;
		return { ...common, stage, actualValue: feedback.actualValue, error: feedback.error };
	}

	/** @throws GatewayError NOT_FOUND when the source is no longer there, UNAVAILABLE. */
	private async feedback({ source, id }: CommandRecord) {
		const { commands } = this.services.boxes.source(source).box;
		return commands.hasFeedback ? await commands.feedback(id) : undefined;
	}

	/** Of a source that is configured no more, its own name. */
	private boxOf({ source }: CommandRecord): string {
		const named = this.services.boxes.sources.find(({ name }) => name === source);
		return named?.box.name ?? source;
	}

	private async publish(record: CommandRecord): Promise<void> {
		const { publisher, commands, events } = this.services;
		const ack = wireAck({ ...record, atMs: record.updatedAtMs });
		await publisher.publish(userChannel(record.userId), pushes.controlAck, ack);
		if (events?.wants("command")) await events.keep(commandEvent(record, this.boxOf(record)));
		await commands.settle(record.id);
	}
}
