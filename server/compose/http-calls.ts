// Calls of routes over HTTP: who calls, the dispatcher that runs them, and the styles in which they come.
import type { Clock } from "../../common/clock.ts";
import { AccessTokens } from "../../core/access-tokens.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import { HttpDispatcher } from "../../core/http-dispatcher.ts";
import type { RateLimits } from "../../core/rate-limits.ts";
import type { RequestObserver } from "../../core/request-observer.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import type { JsonTranscoder } from "../../protocol/json.ts";
import type { Sessions } from "../../services/accounts/sessions.ts";
import type { CallStyle } from "../http/calls/call-style.ts";
import { ConnectStyle } from "../http/calls/connect-style.ts";

export interface HttpCallParts {
	readonly dispatcher: Dispatcher;
	readonly sessions: Sessions;
	readonly rates: RateLimits;
	readonly observer: RequestObserver;
	readonly json: () => JsonTranscoder;
	readonly clock: Clock;
	readonly newTraceId: () => string;
}

export interface HttpCalls {
	readonly tokens: AccessTokens;
	readonly dispatcher: HttpDispatcher;
	readonly styles: readonly CallStyle[];
	/** Longest content of a call: what a frame may be. */
	readonly maxCallBytes: () => number;
}

export function openHttpCalls(parts: HttpCallParts): HttpCalls {
	const { dispatcher: frames, sessions, rates, observer, json, clock, newTraceId } = parts;
	const now = () => clock.monotonic();
	const tokens = new AccessTokens({
		resume: async (token) => (await sessions.resume(token)).identity,
		now,
		wall: () => clock.now(),
	});
	const dispatcher = new HttpDispatcher({
		dispatcher: frames,
		tokens,
		rates,
		reader: new EnvelopeReader(),
		observer,
		now,
		newTraceId,
	});
	const maxCallBytes = () => frames.messageLimits.maxMessageBytes;
	const contracts = frames.table.routes.map(({ contract }) => contract);
	const styles = [new ConnectStyle({ contracts, dispatcher, json, maxMessageBytes: maxCallBytes })];
	return { tokens, dispatcher, styles, maxCallBytes };
}
