// Rules and their executions as the rule services write them.
import type { BoxExecution, BoxRule } from "../boxes/box-models.ts";
import { isBoxId } from "./box-ids.ts";
import { asObject, booleanOf, cut, type JsonObject, numberOf, parseObject, textOf, timeMsOf } from "./box-json.ts";

const MAX_NAME_LENGTH = 256;
const MAX_DETAIL_LENGTH = 1024;
const MAX_INT32 = 0x7fff_ffff;

/**
 * @param isListedActive - whether the box lists it among the active ones; undefined when it keeps no such list.
 * @returns undefined when the text is no rule.
 */
export function readRule(id: string, text: string, isListedActive: boolean | undefined): BoxRule | undefined {
	const rule = parseObject(text);
	if (rule === undefined) return undefined;
	const priority = Math.trunc(numberOf(rule["priority"]) ?? 0);
	return {
		id,
		name: cut(textOf(rule["name"]), MAX_NAME_LENGTH) || id,
		isActive: isListedActive ?? booleanOf(rule["enabled"]) ?? false,
		priority: Math.max(-MAX_INT32, Math.min(MAX_INT32, priority)),
		definitionJson: text,
	};
}

/** A rule of which the box keeps nothing here but its executions. */
export function ruleOfExecution(id: string, fields: JsonObject): BoxRule {
	const name = cut(textOf(fields["rule_name"]), MAX_NAME_LENGTH) || id;
	return { id, name, isActive: true, priority: 0, definitionJson: "" };
}

/** What is published when a rule ran. @returns undefined when it does not name a rule. */
export function readExecutedEvent(message: string, nowMs: number): BoxExecution | undefined {
	const event = parseObject(message);
	const ruleId = textOf(event?.["rule_id"]);
	if (event === undefined || !isBoxId(ruleId)) return undefined;
	const error = textOf(event["error"]);
	const results = event["action_results"];
	return {
		ruleId,
		atMs: timeMsOf(event["timestamp"]) || nowMs,
		succeeded: error === "" && booleanOf(event["success"] ?? event["executed"]) !== false && !hasFailed(results),
		detail: cut(
			error || textOf(event["detail"]) || (results == null ? "" : JSON.stringify(results)),
			MAX_DETAIL_LENGTH,
		),
	};
}

function hasFailed(results: unknown): boolean {
	const list = Array.isArray(results) ? results : [];
	return list.some((result) => {
		const fields = asObject(result);
		return fields !== undefined && (booleanOf(fields["success"]) === false || textOf(fields["error"]) !== "");
	});
}

/** What the box keeps of an execution: fields of a hash, or JSON. @returns undefined when it has no time. */
export function readExecution(ruleId: string, fields: JsonObject): BoxExecution | undefined {
	const atMs = timeMsOf(fields["timestamp"]);
	if (atMs === 0) return undefined;
	const error = textOf(fields["error"]);
	const path = fields["execution_path"];
	return {
		ruleId,
		atMs,
		succeeded: error === "" && booleanOf(fields["success"]) !== false,
		detail: cut(error || (path == null ? "" : textOf(path) || JSON.stringify(path)), MAX_DETAIL_LENGTH),
	};
}
