// The words that field services have for levels and states of alarms, in all their spellings.
import { AlarmLevel, AlarmStatus } from "../../../protocol/gen/schema.ts";

const LEVELS: ReadonlyMap<string, AlarmLevel> = new Map([
	["low", AlarmLevel.LOW],
	["info", AlarmLevel.LOW],
	["1", AlarmLevel.LOW],
	["medium", AlarmLevel.MEDIUM],
	["warning", AlarmLevel.MEDIUM],
	["minor", AlarmLevel.MEDIUM],
	["2", AlarmLevel.MEDIUM],
	["high", AlarmLevel.HIGH],
	["major", AlarmLevel.HIGH],
	["3", AlarmLevel.HIGH],
	["critical", AlarmLevel.CRITICAL],
	["4", AlarmLevel.CRITICAL],
]);

const STATUSES: ReadonlyMap<string, AlarmStatus> = new Map([
	["active", AlarmStatus.ACTIVE],
	["new", AlarmStatus.ACTIVE],
	["acknowledged", AlarmStatus.ACKNOWLEDGED],
	["acked", AlarmStatus.ACKNOWLEDGED],
	["resolved", AlarmStatus.RESOLVED],
	["cleared", AlarmStatus.RESOLVED],
	["closed", AlarmStatus.RESOLVED],
]);

/** Every spelling of a state that may be in the name of an index. */
export const STATUS_SPELLINGS: readonly string[] = [...STATUSES.keys()].flatMap((word) => [word, titleCase(word)]);

/** A word as it is: some writers put it into quotation marks. */
export function bare(text: string): string {
	const trimmed = text.trim();
	return trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"') ? trimmed.slice(1, -1) : trimmed;
}

export function levelOf(text: string): AlarmLevel {
	return LEVELS.get(bare(text).toLowerCase()) ?? AlarmLevel.UNSPECIFIED;
}

/** @returns undefined for an unknown word. */
export function statusOf(text: string): AlarmStatus | undefined {
	return STATUSES.get(bare(text).toLowerCase());
}

/** A new state, spelled like the one before: `acknowledged`, `Acknowledged`, `"Acknowledged"`. */
export function spelledLike(before: string, status: "acknowledged" | "resolved"): string {
	const word = bare(before);
	const isLower = word !== "" && word === word.toLowerCase();
	const spelled = isLower ? status : titleCase(status);
	return before.trim() === word ? spelled : `"${spelled}"`;
}

function titleCase(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}
