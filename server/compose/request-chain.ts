// The steps that every request passes, in their order, whichever way it came.
import { systemClock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { RejectionObserver } from "../../common/rejection-observer.ts";
import type { Middleware } from "../../core/pipeline.ts";
import type { ReplyPace } from "../../core/reply-pace.ts";
import type { KeyedCalls } from "../../messaging/keyed-calls.ts";
import { authorize } from "../../middleware/authorize.ts";
import { byteLimit } from "../../middleware/byte-limit.ts";
import { decode } from "../../middleware/decode.ts";
import { holdReplies } from "../../middleware/hold-replies.ts";
import { keepResult } from "../../middleware/keep-result.ts";
import { limitReplies } from "../../middleware/limit-replies.ts";
import { requestLines } from "../../middleware/request-lines.ts";
import { requestLog } from "../../middleware/request-log.ts";
import { requireConnection } from "../../middleware/require-connection.ts";
import { validate } from "../../middleware/validate.ts";
import type { Config } from "../config/config.ts";
import { createRedaction } from "../logging/redaction.ts";
import type { FrameTracing } from "../tracing/frame-tracing.ts";

export interface RequestChainParts {
	readonly keyedCalls: KeyedCalls;
	readonly rejections: RejectionObserver;
	readonly logger: Logger;
	readonly pace: ReplyPace;
	readonly log: Config["log"];
	/** Undefined where tracing is off: the chain has no step more then. */
	readonly tracing: FrameTracing | undefined;
}

export function requestChain(parts: RequestChainParts): readonly Middleware[] {
	const { rejections, logger, pace, keyedCalls, log, tracing } = parts;
	const hide = createRedaction(log.redact);
	const lines: NamedStep[] = log.requests
		? [["requestLines", requestLines(logger, { ...log, hide, now: systemClock.monotonic })]]
		: [];
	const steps: NamedStep[] = [
		...lines,
		["authorize", authorize(rejections)],
		["requireConnection", requireConnection()],
		["decode", decode()],
		["byteLimit", byteLimit()],
		["limitReplies", limitReplies()],
		["requestLog", requestLog(logger)],
		["validate", validate()],
		["keepResult", keepResult(keyedCalls)],
		["holdReplies", holdReplies(pace)],
	];
	return tracing === undefined ? steps.map(([, middleware]) => middleware) : tracing.chain(steps);
}

/** A step, and what a trace calls it. */
type NamedStep = readonly [name: string, middleware: Middleware];
