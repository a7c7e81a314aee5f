// What the older JSON dialect calls things.
import { Alarm_Change, AlarmLevel, AlarmStatus, CommandStage, DataType, ErrorCode } from "../../protocol/gen/schema.ts";

/** Letters of data types, as proto3 JSON wants them. */
export const DATA_TYPES: ReadonlyMap<string, string> = new Map([
	["T", "DATA_TYPE_TELEMETRY"],
	["S", "DATA_TYPE_SIGNAL"],
	["C", "DATA_TYPE_CONTROL"],
	["A", "DATA_TYPE_ADJUSTMENT"],
	["M", "DATA_TYPE_MEASUREMENT"],
]);

export const DATA_TYPE_LETTERS: Readonly<Record<DataType, string>> = {
	[DataType.UNSPECIFIED]: "",
	[DataType.TELEMETRY]: "T",
	[DataType.SIGNAL]: "S",
	[DataType.CONTROL]: "C",
	[DataType.ADJUSTMENT]: "A",
	[DataType.MEASUREMENT]: "M",
	// As the boxes name it: `inst:{id}:A`.
	[DataType.ACTION]: "A",
};

export const STAGES: Readonly<Record<CommandStage, string>> = {
	[CommandStage.UNSPECIFIED]: "unknown",
	[CommandStage.ACCEPTED]: "accepted",
	[CommandStage.EXECUTING]: "executing",
	[CommandStage.EXECUTED]: "executed",
	[CommandStage.FAILED]: "failed",
	[CommandStage.TIMEOUT]: "timeout",
	[CommandStage.UNKNOWN]: "unknown",
};

export const LEVELS: Readonly<Record<AlarmLevel, string>> = {
	[AlarmLevel.UNSPECIFIED]: "",
	[AlarmLevel.LOW]: "low",
	[AlarmLevel.MEDIUM]: "medium",
	[AlarmLevel.HIGH]: "high",
	[AlarmLevel.CRITICAL]: "critical",
};

export const STATUSES: Readonly<Record<AlarmStatus, string>> = {
	[AlarmStatus.UNSPECIFIED]: "",
	[AlarmStatus.ACTIVE]: "active",
	[AlarmStatus.ACKNOWLEDGED]: "acknowledged",
	[AlarmStatus.RESOLVED]: "resolved",
};

export const ALARM_EVENTS: Readonly<Record<Alarm_Change, string>> = {
	[Alarm_Change.UNSPECIFIED]: "updated",
	[Alarm_Change.RAISED]: "triggered",
	[Alarm_Change.ACKNOWLEDGED]: "acknowledged",
	[Alarm_Change.RESOLVED]: "cleared",
	[Alarm_Change.UPDATED]: "updated",
	[Alarm_Change.REMOVED]: "removed",
};

/** Codes of errors that the dialect has a name for; the others keep the protocol's. */
export const ERROR_NAMES: ReadonlyMap<number, string> = new Map([
	[ErrorCode.UNAUTHENTICATED, "WS_AUTH_FAILED"],
	[ErrorCode.TOKEN_EXPIRED, "WS_AUTH_FAILED"],
	[ErrorCode.PERMISSION_DENIED, "WS_PERMISSION_DENIED"],
	[ErrorCode.RATE_LIMITED, "WS_RATE_LIMIT"],
	[ErrorCode.BAD_REQUEST, "WS_INVALID_MESSAGE"],
	[ErrorCode.VALIDATION_FAILED, "WS_INVALID_MESSAGE"],
	[ErrorCode.NOT_FOUND, "WS_CHANNEL_NOT_FOUND"],
]);

/** ISO 8601 in UTC. @param ms - Unix milliseconds. */
export function isoTime(ms: number): string {
	return new Date(ms).toISOString();
}
