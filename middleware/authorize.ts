// Lets a call through when its peer is logged in, its token still good and its roles, or its API key, grant the route's permission.
import { isPermitted } from "../common/identity.ts";
import type { RejectionObserver } from "../common/rejection-observer.ts";
import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

/**
 * Enforces the `permission` of each route; public routes pass untouched.
 *
 * @param observer - is notified of every call that is refused because its user lacks the permission.
 */
export function authorize(observer?: RejectionObserver): Middleware {
	return function authorizeRoute(route, next) {
		const { permission } = route;
		if (permission === "public") return next;
		return function authorized(call) {
			const identity = call.identity();
			if (call.tokenExpired) {
				throw new GatewayError(ErrorCode.TOKEN_EXPIRED, "the access token has expired; refresh it");
			}
			if (isPermitted(identity, permission)) return next(call);
			observer?.refused(route, identity, call.peer.ip);
			const isUsersOnly = permission === "session";
			const reason = isUsersOnly ? "this is for users; an API key is none" : `the permission ${permission} is required`;
			throw new GatewayError(ErrorCode.PERMISSION_DENIED, reason);
		};
	};
}
