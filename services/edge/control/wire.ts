// Commands as clients see them.

import {
	CommandStage,
	type CommandStatusResponseProperties,
	type ControlAckProperties,
} from "../../../protocol/gen/schema.ts";
import type { CommandRecord } from "./command-store.ts";

export function isFinal(stage: CommandStage): boolean {
	return stage >= CommandStage.EXECUTED;
}

type AckFields = Pick<CommandRecord, "id" | "stage" | "actualValue" | "error"> & { readonly atMs: number };

export function wireAck({ id, stage, actualValue, error, atMs }: AckFields): ControlAckProperties {
	return {
		commandId: id,
		stage,
		isFinal: isFinal(stage),
		error,
		atMs,
		...(actualValue !== undefined && { actualValue }),
	};
}

export function wireStatus(record: CommandRecord): CommandStatusResponseProperties {
	const { source, channel, type, pointId, value, username, requestedAtMs, updatedAtMs } = record;
	return {
		command: wireAck({ ...record, atMs: updatedAtMs }),
		target: { source, channel, dataType: type, pointId },
		value,
		username,
		requestedAtMs,
	};
}
