// Feedback for commands that were given up: kept in the audit trail, and not published, since their end was published.

import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { CommandStage } from "../../../protocol/gen/schema.ts";
import type { CommandFeedback } from "../boxes/box-commands.ts";
import { commandEntry } from "./audit.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { CommandRecord } from "./command-store.ts";

/** Commands for which late feedback is awaited; beyond this the oldest are dropped. */
const MAX_AWAITED = 1000;

export interface LateFeedbackServices {
	readonly audit: AuditTrail;
	readonly clock: Clock;
	readonly logger: Logger;
}

export class LateFeedback {
	private readonly services: LateFeedbackServices;
	/** Oldest first. */
	private readonly awaited = new Map<string, { readonly record: CommandRecord; readonly stages: Set<string> }>();

	constructor(services: LateFeedbackServices) {
		this.services = services;
	}

	/** Begins to expect late feedback; only where the final stage is a guess. */
	expect(record: CommandRecord, stage: CommandStage): void {
		if (stage !== CommandStage.TIMEOUT && stage !== CommandStage.UNKNOWN) return;
		this.awaited.set(record.id, { record, stages: new Set() });
		const [oldest] = this.awaited.keys();
		if (this.awaited.size > MAX_AWAITED && oldest !== undefined) this.awaited.delete(oldest);
	}

	onFeedback(id: string, stage: string, { actualValue, error }: Pick<CommandFeedback, "actualValue" | "error">): void {
		const awaited = this.awaited.get(id);
		if (awaited === undefined || awaited.stages.has(stage)) return;
		awaited.stages.add(stage);
		const { audit, clock, logger } = this.services;
		const actual = actualValue === undefined ? "" : `actual value ${actualValue} `;
		const entry = { outcome: `late ${stage}`, detail: `${actual}${error}`.trim() };
		audit.record(commandEntry(awaited.record, clock.now(), entry)).catch((failure: unknown) => {
			// If the box reports it again, it is recorded again.
			awaited.stages.delete(stage);
			logger.warn({ err: failure, commandId: id, ...entry }, "late feedback is not in the audit trail");
		});
	}
}
