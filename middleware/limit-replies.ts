// Refuses calls of a user who has had too many bytes of replies. A page of history costs what its rows cost: the database reads
// them, the gateway decodes and encodes them, the network carries them. The cost of a route is the same for a page with nothing in it.
// Routes with small replies pass at no cost.
import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

/** Token bucket of bytes, by user. What is taken from it is known when the reply is made: a call is refused while it is in debt. */
export function limitReplies(): Middleware {
	return function limitRoute({ name, hasLargeReply }, next) {
		if (!hasLargeReply) return next;
		return function limitedReplies(call) {
			const waitMs = call.replyWaitMs();
			if (waitMs === 0) return next(call);
			throw new GatewayError(ErrorCode.RATE_LIMITED, `too many bytes of replies (${name})`, { retryAfterMs: waitMs });
		};
	};
}
