// Has calls wait whose replies may be pages, while the client has not read what was sent before. Comes last: what waits is
// decoded, checked and paid for. Routes with small replies pass at no cost.

import type { Middleware, PipelineCall, Step, StepResult } from "../core/pipeline.ts";
import type { ReplyPace } from "../core/reply-pace.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export function holdReplies(pace: ReplyPace): Middleware {
	return function holdRoute(route, next) {
		if (!route.hasLargeReply) return next;
		return function held(call) {
			return pace.hasRoom(call.peer) ? run(pace, call, next) : runLater(pace, call, next);
		};
	};
}

async function runLater(pace: ReplyPace, call: PipelineCall, next: Step): Promise<object> {
	const isThere = await pace.room(call.peer);
	// It may have gone in the very turn in which there was room.
	if (!isThere || !call.peer.isReachable)
		throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the client left or is another user");
	// Those that wait behind it look again once this reply is sent, if it ends at once.
	setImmediate(() => pace.onDrained(call.peer));
	if (!call.settled) return await run(pace, call, next);
	// Answered with TIMEOUT already.
	throw new GatewayError(ErrorCode.TIMEOUT, "the request was not finished in time");
}

function run(pace: ReplyPace, call: PipelineCall, next: Step): StepResult {
	const { peer } = call;
	const result = next(call);
	if (!(result instanceof Promise)) return result;
	pace.begun(peer);
	// Once the reply is sent, which is in the turns of microtasks after this.
	const ended = () => void setImmediate(() => pace.ended(peer));
	result.then(ended, ended);
	return result;
}
