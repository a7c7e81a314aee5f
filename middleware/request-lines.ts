// One log line for each request, when its reply is known: only composed into the chain when it is wanted, so that it costs nothing
// otherwise. See docs/decisions/029-log-files.md.
import type { Logger } from "../common/logger.ts";
import type { Middleware, PipelineCall, StepResult } from "../core/pipeline.ts";
import { replyCode } from "../protocol/codes.ts";
import type { AnyMessageType } from "../protocol/contract.ts";
import { GatewayError } from "../protocol/error.ts";
import { fieldsOf, redactor } from "./request-log.ts";

export interface RequestLinesOptions {
	readonly requestBodies: boolean;
	readonly replyBodies: boolean;
	/** Of each body, as JSON. */
	readonly maxBodyCharacters: number;
	/** Hides what is secret by its name: of routes that a program has added, the contract does not say it. */
	readonly hide: (fields: object) => object;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Areas of routes whose lines belong to the log of accounts, sessions, keys and permissions. */
const AUTH_AREAS: ReadonlySet<string> = new Set(["auth", "identity", "user", "key"]);

/** @param logger - its lines are at info. */
export function requestLines(logger: Logger, options: RequestLinesOptions): Middleware {
	const requests = logger.child({ category: "request" });
	const accounts = logger.child({ category: "auth" });
	const body = (isWanted: boolean, type: AnyMessageType): ((message: object | undefined) => string | undefined) => {
		if (!isWanted) return () => undefined;
		const { hide, maxBodyCharacters } = options;
		const redact = redactor(type, maxBodyCharacters);
		return (message) => {
			const shown = redact(message);
			if (shown === undefined) return undefined;
			// Bytes that the gateway does not read are shown by their number.
			return cut(typeof shown === "string" ? shown : JSON.stringify(hide(shown as object)), maxBodyCharacters);
		};
	};
	return function logRoute(route, next) {
		const lines = AUTH_AREAS.has(route.name.split(".")[0] ?? "") ? accounts : requests;
		const requestOf = body(options.requestBodies, route.request);
		const replyOf = body(options.replyBodies, route.reply);
		const log = (call: PipelineCall, reply: object | undefined, error: unknown): void => {
			if (!lines.isLevelEnabled("info")) return;
			const [request, answer] = [requestOf(call.request), replyOf(reply)];
			const fields = {
				...fieldsOf(call),
				code: call.settled ? "TIMEOUT" : codeOf(error),
				durationMs: Math.round((options.now() - call.receivedAtMs) * 1000) / 1000,
				...(error instanceof GatewayError ? { reason: error.message } : {}),
				...(request === undefined ? {} : { request }),
				...(answer === undefined ? {} : { reply: answer }),
			};
			lines.info(fields, `request ${route.name}`);
		};
		return function logged(call) {
			let result: StepResult;
			try {
				result = next(call);
			} catch (error) {
				log(call, undefined, error);
				throw error;
			}
			if (!(result instanceof Promise)) {
				log(call, result, undefined);
				return result;
			}
			return result.then(
				(reply) => {
					log(call, reply, undefined);
					return reply;
				},
				(error: unknown) => {
					log(call, undefined, error);
					throw error;
				},
			);
		};
	};
}

function codeOf(error: unknown): string {
	if (error === undefined) return "OK";
	return error instanceof GatewayError ? replyCode(error.code).name : "INTERNAL";
}

function cut(text: string, length: number): string {
	return text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;
}
