// Pushes as messages of the older JSON dialect. Of what its front ends have no word for, they hear nothing.
import type { AnyMessageType } from "../../protocol/contract.ts";
import {
	Alarm,
	AlarmCount,
	CommandStage,
	ControlAck,
	DataBatch,
	DataBatch_Kind,
	type DataType,
	type Envelope,
	Quality,
	SessionRevoked,
	SourceState,
	SourceStatus,
} from "../../protocol/gen/schema.ts";
import { type ChosenCommands, isOwnCommand, messageOfCommand } from "./edge-json-commands.ts";
import { ALARM_EVENTS, DATA_TYPE_LETTERS, isoTime, LEVELS, STATUSES } from "./edge-json-names.ts";
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
		case DataBatch:
			return writeBatch(DataBatch.decode(bytes), nowMs);
		case Alarm:
			return writeAlarm(Alarm.decode(bytes), nowMs);
		case AlarmCount:
			return alarmTotals(AlarmCount.decode(bytes).totals, nowMs);
		case ControlAck:
			return writeAck(ControlAck.decode(bytes), channel ?? "", nowMs, chosen);
		case SourceStatus:
			return writeStatus(SourceStatus.decode(bytes), nowMs);
		case SessionRevoked:
			return write("error", "", { code: "WS_AUTH_FAILED", message: "the session was ended" }, nowMs);
		default:
			return undefined;
	}
}

/**
 * All points of a subscription are a `data_batch`, what changed in one channel is a `data_update`. Channels without data are
 * told as well: silence would leave their old values on the screen as good ones.
 */
function writeBatch(batch: DataBatch, nowMs: number): string | undefined {
	const updates = (batch.updates ?? []).map(writeUpdate);
	const [only] = updates;
	if (only === undefined) return undefined;
	const id = `${batch.subId}_${batch.seq}`;
	if (batch.kind === DataBatch_Kind.DELTA && updates.length === 1) return write("data_update", id, only, nowMs);
	const total = updates.reduce((sum, { values }) => sum + Object.keys(values).length, 0);
	return write("data_batch", id, { updates, total_points: total }, nowMs);
}

/** What is told of a point, as decoding gives it. */
interface Point {
	readonly pointId?: number;
	readonly num?: number | null;
	readonly str?: string | null;
	readonly bool?: boolean | null;
	readonly quality?: Quality;
	readonly sourceTsMs?: number;
}

interface Update {
	readonly source?: string;
	readonly channelId?: number;
	readonly dataType?: DataType;
	readonly points?: readonly Point[];
	readonly quality?: Quality;
	readonly reason?: string;
}

const QUALITIES: Readonly<Record<Quality, string>> = {
	[Quality.GOOD]: "good",
	[Quality.UNCERTAIN]: "uncertain",
	[Quality.BAD]: "bad",
	[Quality.UNAVAILABLE]: "unavailable",
};

function writeUpdate({ source, channelId, dataType, points, quality: ofChannel, reason }: Update) {
	const values: Record<string, number | string | boolean | null> = {};
	const ts: Record<string, number> = {};
	const quality: Record<string, string> = {};
	for (const point of points ?? []) {
		const id = String(point.pointId ?? 0);
		values[id] = plainValue(point);
		if (point.sourceTsMs) ts[id] = Number(point.sourceTsMs);
		if (point.quality) quality[id] = QUALITIES[point.quality];
	}
	return {
		source,
		channel_id: channelId,
		data_type: DATA_TYPE_LETTERS[dataType ?? 0],
		values,
		...(Object.keys(ts).length > 0 ? { ts } : {}),
		// Whatever is not named here is good.
		...(Object.keys(quality).length > 0 ? { quality } : {}),
		// No point of the channel is good, those that are named by none of the above included.
		...(ofChannel ? { channel_quality: QUALITIES[ofChannel], reason } : {}),
	};
}

function plainValue({ num, str, bool }: Point): number | string | boolean | null {
	return num ?? str ?? bool ?? null;
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
	// The front end that gave it is told that by the reply.
	if (messageId !== undefined && stage === CommandStage.ACCEPTED) return undefined;
	return commandAck(messageId ?? "", { commandId, stage: stage ?? 0, actualValue, error }, nowMs);
}

/** The nearest thing that these front ends show. */
function writeStatus({ source, state, reason }: SourceStatus, nowMs: number): string | undefined {
	if (state === SourceState.UP) return undefined;
	const message = `source ${source} does not answer: ${reason}`;
	return write("error", "", { code: "SOURCE_UNAVAILABLE", message }, nowMs);
}
