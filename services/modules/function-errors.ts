// What callers of a module are answered when its code refuses, or when what they sent is not what it declares.
import type { CallError } from "../../module/index.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import type { ValueIssue } from "./loaded-function.ts";

/** @throws Error when it is none that a caller could be given: JavaScript is not held to the types. */
export function gatewayError({ code, message, field, retryAfterMs, cause }: CallError): GatewayError {
	const number = ErrorCode[code] as ErrorCode | undefined;
	if (!number) throw new Error(`CallError: ${code} is no code of an error`);
	if (field !== undefined && typeof field !== "string") throw new Error("CallError: field must be a string");
	if (!Number.isFinite(retryAfterMs)) throw new Error("CallError: retryAfterMs must be a number of milliseconds");
	if (field !== undefined) return fieldError(field, message, { code: number, message, retryAfterMs });
	return new GatewayError(number, message, { retryAfterMs, ...(cause === undefined ? {} : { cause }) });
}

const MAX_VIOLATIONS = 20;
const MAX_NAME = 64;

/** The fields that an input breaks its schema with. @param within - the field that the input is in. */
export function invalidInput(issues: readonly ValueIssue[], within: readonly string[] = []): GatewayError {
	const violations = issues
		.flatMap((issue) => {
			if (issue.code !== "unrecognized_keys")
				return [{ field: pathOf([...within, ...issue.path]), description: issue.message }];
			const names = (issue.keys ?? []).map((key) => key.slice(0, MAX_NAME));
			return names.map((name) => ({ field: pathOf([...within, ...issue.path, name]), description: "is unknown" }));
		})
		.slice(0, MAX_VIOLATIONS);
	const text = violations.map(({ field, description }) => `${field || "the input"}: ${description}`).join("; ");
	return new GatewayError(ErrorCode.VALIDATION_FAILED, text, { violations });
}

/** `items[0].name` */
export function pathOf(path: readonly PropertyKey[]): string {
	return path
		.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
		.join("");
}
