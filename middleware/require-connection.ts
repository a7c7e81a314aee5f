// Refuses calls of routes that are about the calling connection where there is none: an HTTP request cannot be pushed to.

import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export function requireConnection(): Middleware {
	return function requireForRoute(route, next) {
		if (!route.needsConnection) return next;
		return function required(call) {
			if (call.peer.takesPushes) return next(call);
			throw new GatewayError(ErrorCode.PRECONDITION_FAILED, `${route.name} needs a WebSocket connection`);
		};
	};
}
