// Entries of the audit trail.
import { v7 as uuidv7 } from "uuid";
import type { Identity } from "../../../common/identity.ts";
import type { LiveSubscriber } from "../../../messaging/live-audience.ts";
import { CommandStage } from "../../../protocol/gen/schema.ts";
import type { AuditEntry, AuditTrail } from "./audit-trail.ts";
import type { CommandRecord } from "./command-store.ts";
import { pointText } from "./point-text.ts";

/** The user who requests an operation, and the connection. */
export interface Operator {
	readonly identity: Identity;
	readonly peer: Pick<LiveSubscriber, "id" | "isOpen"> & { readonly ip: string };
}

export type ControlOperation = "control.write" | "control.select" | "control.operate" | "control.cancel";

type EntryFields = Pick<AuditEntry, "operation" | "target" | "outcome"> & Partial<AuditEntry>;

const blank = { ip: "", value: undefined, commandId: "", reason: "", detail: "" };

export function auditEntry(
	{ userId, username }: Pick<Identity, "userId" | "username">,
	atMs: number,
	fields: EntryFields,
) {
	return { ...blank, id: uuidv7(), atMs, userId, username, ...fields } satisfies AuditEntry;
}

const stageNames: Readonly<Record<CommandStage, string>> = {
	[CommandStage.UNSPECIFIED]: "requested",
	[CommandStage.ACCEPTED]: "accepted",
	[CommandStage.EXECUTING]: "executing",
	[CommandStage.EXECUTED]: "executed",
	[CommandStage.FAILED]: "failed",
	[CommandStage.TIMEOUT]: "timeout",
	[CommandStage.UNKNOWN]: "unknown",
};

export function stageName(stage: CommandStage): string {
	return stageNames[stage] ?? String(stage);
}

/** The outcome of a command. */
export function commandEntry(
	record: CommandRecord,
	atMs: number,
	fields: Pick<AuditEntry, "outcome"> & Partial<AuditEntry>,
): AuditEntry {
	return auditEntry(record, atMs, {
		operation: record.selectId === "" ? "control.write" : "control.operate",
		target: pointText(record),
		value: record.value,
		commandId: record.id,
		reason: record.reason,
		...fields,
	});
}

/** The audit function that `Alarms` needs for its operations. */
export function alarmAudit(trail: AuditTrail) {
	return (alarmOperation: {
		readonly operation: string;
		readonly identity: Identity;
		readonly ip: string;
		readonly box: string;
		readonly alarmId: string;
		readonly comment: string;
		readonly outcome: string;
		readonly detail: string;
		readonly atMs: number;
	}): Promise<void> => {
		const { operation, identity, ip, box, alarmId, comment, outcome, detail, atMs } = alarmOperation;
		const target = box === "" ? alarmId : `${box}:${alarmId}`;
		return trail.record(auditEntry(identity, atMs, { operation, target, ip, reason: comment, outcome, detail }));
	};
}
