// The result of a command as an event for outputs.
import { type GatewayEvent, gatewayEvent } from "../../../messaging/event-sink.ts";
import { CommandStatusResponse } from "../../../protocol/gen/schema.ts";
import { stageName } from "./audit.ts";
import type { CommandRecord } from "./command-store.ts";
import { wireStatus } from "./wire.ts";

/** `command.executed`. @param record - of which the stage is final. */
export function commandEvent(record: CommandRecord, box: string): GatewayEvent {
	const { id, stage, updatedAtMs } = record;
	const head = { id: `command/${id}`, key: box, atMs: updatedAtMs };
	return gatewayEvent({ ...head, kind: `command.${stageName(stage)}` }, CommandStatusResponse, wireStatus(record));
}
