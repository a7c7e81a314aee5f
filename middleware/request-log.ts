// One log line per request, for debugging: only composed into the chain while the log level is debug, so that it costs
// nothing otherwise. Slow and failed requests are logged at every level, by request-stats.ts.
import type { Logger } from "../common/logger.ts";
import type { Call } from "../core/call.ts";
import type { HttpCall } from "../core/http-call.ts";
import type { Middleware, StepResult } from "../core/pipeline.ts";
import type { AnyMessageType } from "../protocol/contract.ts";
import { messageTypes } from "../protocol/gen/schema.ts";

const HIDDEN = "[redacted]";
/** Longer strings and lists are cut: a log is no archive. */
const MAX_SHOWN = 200;

export function requestLog(logger: Logger): Middleware {
	if (!logger.isLevelEnabled("debug")) return (_route, next) => next;
	return function logRoute(route, next) {
		const redact = redactor(route.request, MAX_SHOWN);
		return function logged(call): StepResult {
			logger.debug({ ...fieldsOf(call), request: redact(call.request) }, `request ${route.name}`);
			return next(call);
		};
	};
}

/** One log line per reply to a call over HTTP, while the log level is debug. @param now - monotonic milliseconds. */
export function answerLog(logger: Logger, now: () => number): (call: HttpCall, status: number) => void {
	return (call, status) => {
		if (!logger.isLevelEnabled("debug")) return;
		const { method, path } = call.head;
		const durationMs = Math.round((now() - call.receivedAtMs) * 1000) / 1000;
		const fields = { ...fieldsOf(call), method, path: path.slice(0, MAX_SHOWN), status, durationMs };
		logger.debug(fields, `answered ${call.contract.name}`);
	};
}

/** What identifies a call in a log line. */
export function fieldsOf(call: Call) {
	const { identity } = call.peer;
	return {
		protocol: call.contract.number,
		route: call.contract.name,
		// Behind an HTTP request there is no connection.
		...(call.peer.takesPushes ? { seq: call.seq, connection: call.peer.id } : {}),
		...(call.requestId === undefined ? {} : { requestId: call.requestId, style: call.style }),
		ip: call.peer.ip,
		...(identity === undefined ? {} : { userId: identity.userId, sessionId: identity.sessionId }),
		...(call.traceId === "" ? {} : { traceId: call.traceId }),
		...(call.trace === undefined ? {} : { spanId: call.trace.context.spanId }),
		...(call.servedBy === undefined ? {} : { module: call.servedBy.module }),
		...(call.servedBy?.generation ? { generation: call.servedBy.generation } : {}),
	};
}

/** Copies a message for the log, without its secret fields at any depth. @param maxShown - characters of a text, items of a list. */
export function redactor(type: AnyMessageType, maxShown: number): (message: object | undefined) => unknown {
	const secret = new Set<string>();
	collectSecrets(type, secret, new Set());
	return (message) => message && show(message, secret, maxShown);
}

/** Property names that are secret anywhere inside the type. */
function collectSecrets(type: AnyMessageType, secret: Set<string>, seen: Set<AnyMessageType>): void {
	if (seen.has(type)) return;
	seen.add(type);
	for (const rule of type.rules) {
		if (rule.secret) secret.add(rule.property);
		const nested = rule.shape === "message" ? (rule.type ?? messageTypes.get(rule.typeName ?? "")) : undefined;
		if (nested) collectSecrets(nested, secret, seen);
	}
}

function show(value: unknown, secret: ReadonlySet<string>, maxShown: number): unknown {
	if (typeof value === "string") return value.length > maxShown ? `${value.slice(0, maxShown)}…` : value;
	if (value instanceof Uint8Array) return `${value.length} bytes`;
	if (Array.isArray(value)) return value.slice(0, maxShown).map((item) => show(item, secret, maxShown));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, item]) => [key, secret.has(key) ? HIDDEN : show(item, secret, maxShown)]),
	);
}
