// Calls that must not be repeated, with a key of the caller's (draft-ietf-httpapi-idempotency-key-header): the first one runs, the
// others get its result. Only HTTP calls have such keys, and only routes that may not be repeated anyway need them.
import type { Middleware, PipelineCall, Step } from "../core/pipeline.ts";
import type { KeyedCalls } from "../messaging/keyed-calls.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";

/** @param calls - which calls with a key are known. */
export function keepResult(calls: KeyedCalls): Middleware {
	return function keepForRoute(route, next) {
		// Who is not logged in has no keys of their own, and the replies of public routes are tokens.
		if (route.idempotent || route.handlesRepeats || route.permission === "public") return next;
		return function kept(call) {
			return call.idempotencyKey === "" ? next(call) : runOnce(calls, route, call, next);
		};
	};
}

async function runOnce(calls: KeyedCalls, route: AnyRouteContract, call: PipelineCall, next: Step): Promise<object> {
	const { userId, key } = call.identity();
	const content = [route.name, route.request.encode(call.request as object).finish()];
	const named = {
		owner: userId,
		isUser: key === undefined,
		key: call.idempotencyKey,
		field: "Idempotency-Key",
		content,
	};
	const codec = {
		encode: (reply: object) => route.reply.encode(reply).finish(),
		decode: (bytes: Uint8Array) => route.reply.decode(bytes) as object,
	};
	return await calls.once(named, codec, async () => await next(call));
}
