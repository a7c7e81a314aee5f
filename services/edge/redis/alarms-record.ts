// The record of an alarm, in the formats of both writers: fields of a hash; or a JSON text in the field `data`, with some
// of it repeated as fields. Which one it is, and how its times are written, is kept when it is changed.

import { AlarmLevel, AlarmStatus } from "../../../protocol/gen/schema.ts";
import type { AlarmMark, BoxAlarm } from "../boxes/box-alarms.ts";
import { bare, levelOf, spelledLike, statusOf } from "./alarms-words.ts";
import { booleanOf, cut, type JsonObject, numberOf, parseObject, textOf, timeMsOf } from "./box-json.ts";

/** The fields that are read. */
export const ALARM_FIELDS = [
	"title",
	"description",
	"level",
	"status",
	"source",
	"timestamp",
	"created_at",
	"updated_at",
	"acknowledged",
	"acknowledged_by",
	"acknowledged_at",
	"acknowledge_comment",
	"resolved_by",
	"resolved_at",
	"resolution",
	"priority",
	"data",
] as const;
type AlarmField = (typeof ALARM_FIELDS)[number];

export interface AlarmRecord {
	readonly alarm: BoxAlarm;
	/** Field → text; "" for those that are not there. */
	readonly fields: Readonly<Record<AlarmField, string>>;
	/** The object in `data`; undefined with the writer that has no such field. */
	readonly data: JsonObject | undefined;
	/** The status as it is written. */
	readonly statusText: string;
}

const MAX_TEXT_LENGTH = 2048;

/** @param values - of ALARM_FIELDS, in their order. @returns undefined when this is no alarm. */
export function readAlarm(id: string, values: readonly (string | null)[]): AlarmRecord | undefined {
	const fields = Object.fromEntries(ALARM_FIELDS.map((field, index) => [field, values[index] ?? ""])) as Record<
		AlarmField,
		string
	>;
	const data = parseObject(fields.data);
	if (fields.data !== "" && data === undefined) return undefined;
	const raw = (field: AlarmField) => (fields[field] === "" ? textOf(data?.[field]) : fields[field]);
	if (raw("title") === "" && raw("level") === "" && raw("status") === "") return undefined;
	const text = (field: AlarmField) => cut(raw(field), MAX_TEXT_LENGTH);
	const status = statusFrom(raw("status"), booleanOf(raw("acknowledged")));
	const raisedAtMs = timeMsOf(raw("timestamp")) || timeMsOf(raw("created_at"));
	const acknowledgedAtMs = timeMsOf(raw("acknowledged_at"));
	const resolvedAtMs = timeMsOf(raw("resolved_at"));
	const alarm: BoxAlarm = {
		id,
		title: text("title"),
		description: text("description"),
		level: raw("level") === "" ? AlarmLevel.UNSPECIFIED : levelOf(raw("level")),
		status,
		source: text("source"),
		raisedAtMs,
		updatedAtMs: timeMsOf(raw("updated_at")) || Math.max(raisedAtMs, acknowledgedAtMs, resolvedAtMs),
		acknowledgedBy: text("acknowledged_by"),
		acknowledgedAtMs,
		resolvedBy: text("resolved_by"),
		resolvedAtMs,
		comment: text("resolution") || text("acknowledge_comment"),
	};
	return { alarm, fields, data, statusText: raw("status") };
}

/** An alarm of an unknown state is shown as active, so that an operator checks it. */
function statusFrom(text: string, isAcknowledged: boolean | undefined): AlarmStatus {
	const status = statusOf(text) ?? AlarmStatus.ACTIVE;
	return status === AlarmStatus.ACTIVE && isAcknowledged === true ? AlarmStatus.ACKNOWLEDGED : status;
}

export type AlarmStep = "acknowledged" | "resolved";

/** What to write. */
export interface AlarmEdit {
	/** Field → text. */
	readonly fields: Readonly<Record<string, string>>;
	/** As in the names of indexes. */
	readonly status: string;
}

/** The next state of a record, in its own format. */
export function editAlarm(record: AlarmRecord, step: AlarmStep, mark: AlarmMark): AlarmEdit {
	const { fields, data } = record;
	const status = spelledLike(record.statusText, step);
	const inData = textOf(data?.["created_at"]) || textOf(data?.["timestamp"]);
	const at = timeLike(fields.timestamp || fields.created_at || inData, mark.atMs);
	if (data === undefined) {
		const changes: Record<string, string> = { status, ...marked(step, mark, at) };
		if (step === "acknowledged") changes["acknowledged"] = "true";
		if (fields.updated_at !== "") changes["updated_at"] = at;
		return { fields: changes, status: bare(status) };
	}
	const dataAt = timeLike(inData || at, mark.atMs);
	const members: Record<string, string | boolean> = {
		status: bare(status),
		...marked(step, mark, dataAt),
		updated_at: dataAt,
	};
	if (step === "acknowledged" && "acknowledged" in data) members["acknowledged"] = true;
	return { fields: { data: editJson(fields.data, members), status, updated_at: at }, status: bare(status) };
}

/** User, time and comment; an empty comment is left out. */
function marked(step: AlarmStep, { by, comment }: AlarmMark, at: string): Record<string, string> {
	if (step === "acknowledged") {
		return { acknowledged_by: by, acknowledged_at: at, ...(comment !== "" && { acknowledge_comment: comment }) };
	}
	return { resolved_by: by, resolved_at: at, ...(comment !== "" && { resolution: comment }) };
}

/** A time as its writer writes times: seconds, milliseconds, or ISO 8601. */
function timeLike(written: string, atMs: number): string {
	const number = numberOf(written);
	if (written === "" || (number !== undefined && number < 1e11)) return String(Math.floor(atMs / 1000));
	return number === undefined ? new Date(atMs).toISOString() : String(Math.floor(atMs));
}

/** Changes members of a JSON object. Numbers that are left alone keep their digits, however many they are. */
function editJson(text: string, changes: Readonly<Record<string, string | boolean>>): string {
	const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown };
	const digits = (_key: string, value: unknown, context?: { source?: string }) =>
		typeof value === "number" && context?.source !== undefined ? rawJSON(context.source) : value;
	const object = JSON.parse(text, digits) as Record<string, unknown>;
	const before = JSON.parse(text) as Record<string, unknown>;
	for (const [name, change] of Object.entries(changes)) {
		// A member that is a number stays a number.
		const isTime = name.endsWith("_at") && usesNumbers(before);
		object[name] = isTime ? (numberOf(change) ?? change) : change;
	}
	return JSON.stringify(object);
}

function usesNumbers(data: JsonObject): boolean {
	return typeof (data["created_at"] ?? data["timestamp"]) === "number";
}
