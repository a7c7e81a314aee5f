// Refuses calls whose peer, user, address, route or process is out of tokens, before anything else is spent on them.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { Middleware } from "../server/core/pipeline.ts";

/** Token bucket limits; each call takes its route's `cost`. */
export function rateLimit(): Middleware {
	return function limitRoute(route, next) {
		const { cost, name } = route;
		return function limited(call) {
			const waitMs = call.takeTokens(cost);
			if (waitMs === 0) return next(call);
			throw new GatewayError(ErrorCode.RATE_LIMITED, `too many requests (${name})`, { retryAfterMs: waitMs });
		};
	};
}
