// The steps that every request passes, in their order, whichever way it came.
import { randomBytes } from "node:crypto";
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

export interface RequestChainParts {
	readonly keyedCalls: KeyedCalls;
	readonly rejections: RejectionObserver;
	readonly logger: Logger;
	readonly pace: ReplyPace;
	readonly log: Config["log"];
}

export function requestChain({ rejections, logger, pace, keyedCalls, log }: RequestChainParts): readonly Middleware[] {
	const hide = createRedaction(log.redact);
	const lines = log.requests ? [requestLines(logger, { ...log, hide, now: systemClock.monotonic })] : [];
	return [
		...lines,
		authorize(rejections),
		requireConnection(),
		decode(),
		byteLimit(),
		limitReplies(),
		requestLog(logger),
		validate(),
		keepResult(keyedCalls),
		holdReplies(pace),
	];
}

/** What gives a request that came without one a trace id: "" while tracing is off. */
export function newTraceId({ tracing }: Config): () => string {
	return tracing.enabled ? () => randomBytes(16).toString("hex") : () => "";
}
