// What a field service says of commands, in the hash of a command and on the channel of acknowledgements.
import type { CommandFeedback } from "../boxes/box-commands.ts";
import { cut, numberOf, parseObject, textOf, timeMsOf } from "./box-json.ts";

/** As the gateway gives them; nothing else gets into the name of a key. */
const COMMAND_ID = /^[A-Za-z0-9._:-]{1,64}$/;

export function isCommandId(text: string): boolean {
	return COMMAND_ID.test(text);
}

const STAGES: ReadonlyMap<string, CommandFeedback["stage"]> = new Map([
	["executing", "executing"],
	["running", "executing"],
	["in_progress", "executing"],
	["executed", "executed"],
	["completed", "executed"],
	["success", "executed"],
	["ok", "executed"],
	["failed", "failed"],
	["failure", "failed"],
	["error", "failed"],
	["rejected", "failed"],
	["timeout", "failed"],
]);

const MAX_ERROR_LENGTH = 512;

/** The fields of a command's hash that are read. */
export const FEEDBACK_FIELDS = ["status", "actual_value", "error", "timestamp"] as const;

/** @returns undefined when it does not give the outcome of the command: no status, or an unknown one. */
export function readFeedback(
	commandId: string,
	fields: Readonly<Record<string, unknown>>,
): CommandFeedback | undefined {
	const status = textOf(fields["status"]).trim().toLowerCase();
	const stage = STAGES.get(status);
	if (stage === undefined) return undefined;
	const error = cut(textOf(fields["error"]), MAX_ERROR_LENGTH);
	return {
		commandId,
		stage,
		actualValue: numberOf(fields["actual_value"]),
		error: stage === "failed" && error === "" ? status : error,
		atMs: timeMsOf(fields["timestamp"]),
	};
}

/** A message on the channel of acknowledgements: JSON with what the hash holds, or with the id alone, or the bare id. */
export interface FeedbackNotice {
	readonly commandId: string;
	/** Undefined: the hash has it. */
	readonly feedback: CommandFeedback | undefined;
}

export function readNotice(message: string): FeedbackNotice | undefined {
	const fields = parseObject(message);
	const commandId = fields === undefined ? message.trim() : textOf(fields["command_id"]);
	if (!isCommandId(commandId)) return undefined;
	return { commandId, feedback: fields === undefined ? undefined : readFeedback(commandId, fields) };
}
