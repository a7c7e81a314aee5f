// Calls of routes over HTTP: who calls, the dispatcher that runs them, and the styles in which they come.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { AccessTokens } from "../../core/access-tokens.ts";
import type { CallTracing } from "../../core/call-tracing.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import { HttpDispatcher } from "../../core/http-dispatcher.ts";
import type { RateLimits } from "../../core/rate-limits.ts";
import type { RequestObserver } from "../../core/request-observer.ts";
import { answerLog } from "../../middleware/request-log.ts";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import type { JsonTranscoder } from "../../protocol/json.ts";
import { PlainJson } from "../../protocol/plain-json.ts";
import type { Credentials } from "../../services/accounts/credentials.ts";
import type { CallStyle } from "../http/calls/call-style.ts";
import { ConnectStyle } from "../http/calls/connect-style.ts";
import { ModuleStyle } from "../http/calls/module-style.ts";
import { RestStyle } from "../http/calls/rest-style.ts";

export interface HttpCallParts {
	readonly dispatcher: Dispatcher;
	readonly credentials: Credentials;
	readonly rates: RateLimits;
	readonly observer: RequestObserver;
	readonly json: () => JsonTranscoder;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly newTraceId: () => string;
	readonly tracing: CallTracing | undefined;
}

export interface HttpCalls {
	readonly tokens: AccessTokens;
	readonly dispatcher: HttpDispatcher;
	readonly styles: readonly CallStyle[];
	/** Requests that are not answered yet: frames, and calls over HTTP. */
	readonly requestsInFlight: () => number;
	readonly plainJson: () => PlainJson;
	/** Longest content of a call: what a frame may be. */
	readonly maxCallBytes: () => number;
}

export function openHttpCalls(parts: HttpCallParts): HttpCalls {
	const { dispatcher: frames, credentials, rates, observer, json, clock, logger, newTraceId, tracing } = parts;
	const now = () => clock.monotonic();
	const tokens = new AccessTokens({
		resume: async (token) => (await credentials.resume(token)).identity,
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
		tracing,
		onAnswered: answerLog(logger, now),
	});
	const maxCallBytes = () => frames.messageLimits.maxMessageBytes;
	const { routes } = frames;
	let transcoder: PlainJson | undefined;
	// Made for the first call in plain JSON.
	const plain = () => {
		transcoder ??= new PlainJson();
		return transcoder;
	};
	const common = { routes, dispatcher, json: plain, maxContentBytes: maxCallBytes };
	const rest = new RestStyle(common);
	const styles = [
		new ConnectStyle({ routes, dispatcher, json, maxMessageBytes: maxCallBytes }),
		new ModuleStyle({ ...common, rest }),
		rest,
	];
	const requestsInFlight = () => frames.inFlight + dispatcher.inFlight;
	return { tokens, dispatcher, styles, maxCallBytes, requestsInFlight, plainJson: plain };
}
