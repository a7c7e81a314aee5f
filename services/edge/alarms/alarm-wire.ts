// Alarms as clients get them, and the mark that identifies the published state of an alarm.
import { createHash } from "node:crypto";
import {
	Alarm_Change,
	AlarmLevel,
	type AlarmRecordProperties,
	AlarmStatus,
	type AlarmTotalsProperties,
} from "../../../protocol/gen/schema.ts";
import type { BoxAlarm } from "../boxes/box-alarms.ts";

/** The recoverable channel of a box's alarms. */
export function alarmChannel(box: string): string {
	return `alarms:${box}`;
}

export function wireAlarm(alarm: BoxAlarm): AlarmRecordProperties {
	const { id, ...same } = alarm;
	return { alarmId: id, ...same };
}

/** Status, and a digest of all fields: enough to derive the kind of a change. */
export function alarmMark(alarm: BoxAlarm): string {
	const digest = createHash("sha256").update(JSON.stringify(Object.entries(alarm).sort(byName)));
	return `${alarm.status}:${digest.digest("base64url").slice(0, 16)}`;
}

/** The change of an alarm since its published mark; undefined when it has not changed. */
export function changeOf(published: string | undefined, alarm: BoxAlarm | undefined): Alarm_Change | undefined {
	if (alarm === undefined) return published === undefined ? undefined : Alarm_Change.REMOVED;
	if (published === alarmMark(alarm)) return undefined;
	if (published?.startsWith(`${alarm.status}:`)) return Alarm_Change.UPDATED;
	switch (alarm.status) {
		case AlarmStatus.ACKNOWLEDGED:
			return Alarm_Change.ACKNOWLEDGED;
		case AlarmStatus.RESOLVED:
			return Alarm_Change.RESOLVED;
		default:
			return Alarm_Change.RAISED;
	}
}

const LEVEL_NAMES = new Map<AlarmLevel, "low" | "medium" | "high" | "critical">([
	[AlarmLevel.LOW, "low"],
	[AlarmLevel.MEDIUM, "medium"],
	[AlarmLevel.HIGH, "high"],
	[AlarmLevel.CRITICAL, "critical"],
]);

export function totalsOf(alarms: readonly BoxAlarm[]): Required<Omit<AlarmTotalsProperties, "$unknowns">> {
	const totals = { active: 0, acknowledged: 0, resolved: 0, low: 0, medium: 0, high: 0, critical: 0 };
	for (const { status, level } of alarms) {
		if (status === AlarmStatus.RESOLVED) {
			totals.resolved++;
			continue;
		}
		if (status === AlarmStatus.ACKNOWLEDGED) totals.acknowledged++;
		else totals.active++;
		const name = LEVEL_NAMES.get(level);
		if (name !== undefined) totals[name]++;
	}
	return totals;
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
