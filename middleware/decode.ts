// Decodes the body into the route's request message. Runs after the checks that need no body, so that nobody can make
// the process decode what it is going to refuse.

import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export function decode(): Middleware {
	return function decodeRoute(route, next) {
		const { typeName } = route.request;
		return function decoded(call) {
			try {
				call.request = call.decode();
			} catch (error) {
				if (error instanceof GatewayError) throw error;
				throw new GatewayError(ErrorCode.BAD_REQUEST, `body is not a ${typeName}`);
			}
			return next(call);
		};
	};
}
