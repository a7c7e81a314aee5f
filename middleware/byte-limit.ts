// Refuses calls of a user who has sent too many bytes. The cost of a route bounds how many requests come, not how large they
// are, and what most large requests carry is published, logged or stored: for every one of its receivers and for a while. All
// routes count, so that none can be forgotten.

import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

/** Bodies up to this size are bounded by the cost of their requests. Most are smaller, and pay a comparison here. */
export const FREE_BYTES = 512;

/** Token bucket of bytes, by user. Runs behind `decode`, when the body of a text frame has its size as Protocol Buffers too. */
export function byteLimit(): Middleware {
	return function limitRoute({ name }, next) {
		return function limitedBytes(call) {
			const size = call.bodyEnd - call.bodyStart;
			if (size <= FREE_BYTES) return next(call);
			const waitMs = call.takeBytes(size);
			if (waitMs === 0) return next(call);
			throw new GatewayError(ErrorCode.RATE_LIMITED, `too many bytes (${name})`, { retryAfterMs: waitMs });
		};
	};
}
