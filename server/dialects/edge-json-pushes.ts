// Pushes as messages of the older JSON dialect; batches are in `edge-json-batch.ts`. A push for which the dialect has
// no message type is not sent to its front ends.
import type { AnyMessageType } from "../../protocol/contract.ts";
import {
	Alarm,
	AlarmCount,
	CommandStage,
	ControlAck,
	type Envelope,
	SessionRevoked,
	SourceState,
	SourceStatus,
	SubscriptionRevised,
} from "../../protocol/gen/schema.ts";
import { type ChosenCommands, isOwnCommand, messageOfCommand } from "./edge-json-commands.ts";
import { ALARM_EVENTS, isoTime, LEVELS, STATUSES } from "./edge-json-names.ts";
import { alarmTotals, commandAck, write } from "./edge-json-replies.ts";

const NO_BYTES = new Uint8Array(0);

/** @param chosen - the commands that front ends gave with ids of their own. */
export function writePush(
	{ body, channel }: Envelope,
	type: AnyMessageType,
	nowMs: number,
	chosen: ChosenCommands,
): string | undefined {
	const bytes = body ?? NO_BYTES;
	switch (type) {
		case Alarm:
			return writeAlarm(Alarm.decode(bytes), nowMs);
		case AlarmCount:
			return alarmTotals(AlarmCount.decode(bytes).totals, nowMs);
		case ControlAck:
			return writeAck(ControlAck.decode(bytes), channel ?? "", nowMs, chosen);
		case SourceStatus:
			return writeStatus(SourceStatus.decode(bytes), nowMs);
		case SubscriptionRevised:
			return writeRevised(SubscriptionRevised.decode(bytes), nowMs);
		case SessionRevoked:
			return write("error", "", { code: "WS_AUTH_FAILED", message: "the session was ended" }, nowMs);
		default:
			return undefined;
	}
}

function writeAlarm({ alarm, change, box }: Alarm, nowMs: number): string {
	const level = LEVELS[alarm?.level ?? 0];
	const data = {
		event_type: ALARM_EVENTS[change ?? 0],
		alarm_id: alarm?.alarmId ?? "",
		title: alarm?.title ?? "",
		message: alarm?.description || alarm?.title || "",
		level,
		severity: level,
		status: STATUSES[alarm?.status ?? 0],
		source: alarm?.source ?? "",
		box,
		...(alarm?.raisedAtMs ? { triggered_at: isoTime(Number(alarm.raisedAtMs)) } : {}),
		...(alarm?.acknowledgedBy ? { acknowledged_by: alarm.acknowledgedBy } : {}),
	};
	return write("alarm", "", data, nowMs);
}

function writeAck(ack: ControlAck, channel: string, nowMs: number, chosen: ChosenCommands): string | undefined {
	const { commandId: id, stage, actualValue, error } = ack;
	const commandId = id ?? "";
	const messageId = isOwnCommand(commandId) ? messageOfCommand(commandId) : chosen.messageOf(channel, commandId);
	// The front end that gave the command gets that stage in the reply.
	if (messageId !== undefined && stage === CommandStage.ACCEPTED) return undefined;
	return commandAck(messageId ?? "", { commandId, stage: stage ?? 0, actualValue, error }, nowMs);
}

/** The nearest thing that these front ends show. */
function writeStatus({ source, state, reason }: SourceStatus, nowMs: number): string | undefined {
	if (state === SourceState.UP) return undefined;
	const message = `source ${source} does not answer: ${reason}`;
	return write("error", "", { code: "SOURCE_UNAVAILABLE", message }, nowMs);
}

/** Silence would leave the last values on the screen as if they were kept up to date. */
function writeRevised({ ended, reason }: SubscriptionRevised, nowMs: number): string | undefined {
	return ended ? write("error", "", { code: "SUBSCRIPTION_ENDED", message: reason }, nowMs) : undefined;
}
