// From an HTTP request that calls a route to its reply: who sends it, its tokens, the chain of the route, its deadline. What the
// dispatcher is for frames; there is no connection here, so that calls have no order among them.
import { randomBytes } from "node:crypto";
import { ErrorCode } from "../protocol/codes.ts";
import type { EnvelopeReader } from "../protocol/envelope.ts";
import { GatewayError } from "../protocol/error.ts";
import { parseTraceparent } from "../protocol/trace-context.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type CallBudget, runningBytes } from "./call-budget.ts";
import { deadlineExceeded, pendingError, tooManyRequests } from "./call-errors.ts";
import type { CallTracing } from "./call-tracing.ts";
import type { MessageLimits } from "./dispatcher.ts";
import type { Encoding } from "./encoding.ts";
import { HttpCall, type HttpCallBody, type HttpCallTools } from "./http-call.ts";
import { HttpCaller } from "./http-caller.ts";
import { bearerToken, type HttpHead } from "./http-request.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { RequestObserver } from "./request-observer.ts";
import type { CompiledRoute } from "./route-table.ts";
import type { HttpReply } from "./transport.ts";

/** A call as one of the styles has read it from a request. */
export interface HttpCallRequest {
	/** As the style found it: the call runs on this route, also when another one is served by then. */
	readonly route: CompiledRoute;
	/** Named in the log. */
	readonly style: string;
	readonly head: HttpHead;
	readonly ip: string;
	readonly body: HttpCallBody;
	/** Bytes of the content that the body is made of. */
	readonly bodyBytes: number;
	/** In which the reply is written. */
	readonly encoding: Encoding;
	/** How long the caller waits, in milliseconds; undefined: as long as the gateway lets it. */
	readonly timeoutMs: number | undefined;
	/** An access token that is not in the head. */
	readonly token?: string | undefined;
	/** How the style answers. May throw; then `writeError` is called. */
	readonly writeReply: (call: HttpCall, reply: object) => HttpReply | Promise<HttpReply>;
	/** Must not throw. */
	readonly writeError: (error: GatewayError) => HttpReply;
}

export interface HttpDispatcherOptions {
	/** Of the dispatcher for frames. */
	readonly dispatcher: {
		readonly messageLimits: MessageLimits;
		readonly budget: CallBudget;
	};
	readonly tokens: AccessTokens;
	readonly rates: RateLimits;
	readonly reader: EnvelopeReader;
	readonly observer: RequestObserver;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** A trace id for a request that came without one; returns "" when tracing is off. */
	readonly newTraceId: () => string;
	/** Undefined where tracing is off. */
	readonly tracing?: CallTracing | undefined;
	/** A call has its reply, with this status. Must not throw. */
	readonly onAnswered?: (call: HttpCall, status: number) => void;
}

export class HttpDispatcher {
	/** Calls that wait for something. */
	inFlight = 0;
	private readonly options: HttpDispatcherOptions;
	private readonly tools: HttpCallTools;
	private nextId = -1;
	/** Makes ids of requests unique among processes. */
	private readonly process = randomBytes(6).toString("hex");

	constructor(options: HttpDispatcherOptions) {
		this.options = options;
		this.tools = { reader: options.reader, rates: options.rates };
	}

	/** Runs one call. Neither throws nor rejects: whatever goes wrong is the style's error reply. */
	run(request: HttpCallRequest): HttpReply | Promise<HttpReply> {
		const { now, newTraceId, tracing } = this.options;
		const { route, head, ip, encoding, body, style } = request;
		const userAgent = head.headers.get("user-agent") ?? "";
		const traceparent = head.headers.get("traceparent");
		const context =
			traceparent === undefined ? undefined : parseTraceparent(traceparent, head.headers.get("tracestate"));
		const call = new HttpCall({
			tools: this.tools,
			peer: new HttpCaller({ id: this.nextId--, ip, userAgent, encoding }),
			route,
			head,
			body,
			receivedAtMs: now(),
			traceId: context?.traceId ?? newTraceId(),
			requestId: this.requestIdOf(head),
			style,
			timeoutMs: request.timeoutMs,
		});
		call.context = context;
		tracing?.begin(call);
		// A token that has expired must not keep anybody from refreshing it.
		const token = route.contract.permission === "public" ? "" : (request.token ?? bearerToken(head));
		if (token === "") return this.admit(call, request);
		const identity = this.options.tokens.find(token);
		if (identity === undefined) return this.verify(call, request, token);
		call.peer.identity = identity;
		return this.admit(call, request);
	}

	private verify(call: HttpCall, request: HttpCallRequest, token: string): Promise<HttpReply> {
		const verified = this.options.tokens.verify(token).then((identity) => {
			call.peer.identity = identity;
		});
		return this.wait(call, request, verified, () => this.admit(call, request));
	}

	private admit(call: HttpCall, request: HttpCallRequest): HttpReply | Promise<HttpReply> {
		const { dispatcher, observer, rates } = this.options;
		const { contract, peer } = call;
		if (peer.identity?.key !== undefined) rates.refundRequest(peer.addressKey, call.receivedAtMs);
		const waitMs = call.takeTokens(contract.cost);
		if (waitMs > 0) return this.fail(call, request, tooManyRequests(contract.name, waitMs), false);
		const bound = dispatcher.budget.addressProblem(peer.addressKey, request.bodyBytes);
		if (bound !== undefined) {
			dispatcher.budget.countRefused(bound);
			observer.overloaded(call, bound);
			return this.fail(call, request, pendingError(bound, dispatcher.messageLimits), false);
		}
		return this.start(call, request);
	}

	private start(call: HttpCall, request: HttpCallRequest): HttpReply | Promise<HttpReply> {
		let result: object | Promise<object>;
		try {
			result = call.route.run(call);
		} catch (error) {
			return this.fail(call, request, error, false);
		}
		if (!(result instanceof Promise)) return this.answer(call, request, result, false);
		const { budget } = this.options.dispatcher;
		const { addressKey } = call.peer;
		const bytes = runningBytes(call);
		budget.holdForAddress(addressKey, bytes);
		const release = () => budget.releaseForAddress(addressKey, bytes);
		result.then(release, release);
		return this.wait(call, request, result, (reply) => this.answer(call, request, reply, true));
	}

	/** Answers when something has come, or the time of the call is over. */
	private wait<Value>(
		call: HttpCall,
		request: HttpCallRequest,
		value: Promise<Value>,
		then: (value: Value) => HttpReply | Promise<HttpReply>,
	): Promise<HttpReply> {
		const { now, dispatcher } = this.options;
		const limitMs = Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, dispatcher.messageLimits.requestTimeoutMs);
		this.inFlight++;
		return new Promise((resolve) => {
			let isOver = false;
			const end = (reply: () => HttpReply | Promise<HttpReply>) => {
				if (isOver) return;
				isOver = true;
				this.inFlight--;
				clearTimeout(timer);
				resolve(reply());
			};
			const leftMs = limitMs - (now() - call.receivedAtMs);
			const expire = () => end(() => this.fail(call, request, deadlineExceeded(), true));
			const timer = setTimeout(expire, Math.max(0, leftMs)).unref();
			value.then(
				(result) => end(() => then(result)),
				(error: unknown) => end(() => this.fail(call, request, error, true)),
			);
		});
	}

	private answer(
		call: HttpCall,
		request: HttpCallRequest,
		reply: object,
		later: boolean,
	): HttpReply | Promise<HttpReply> {
		let written: HttpReply | Promise<HttpReply>;
		try {
			written = request.writeReply(call, reply);
		} catch (error) {
			return this.fail(call, request, error, later);
		}
		call.settled = true;
		this.options.observer.settled(call, ErrorCode.OK, undefined, later);
		if (written instanceof Promise) return written.then((reply) => this.finish(call, reply, true));
		return this.finish(call, written, later);
	}

	private fail(call: HttpCall, request: HttpCallRequest, thrown: unknown, later: boolean): HttpReply {
		const error = GatewayError.from(thrown);
		call.settled = true;
		this.options.observer.settled(call, error.code, error, later);
		return this.finish(call, request.writeError(error), later);
	}

	/** Adds what the replies of all styles have. @param later - time has passed since the request was received. */
	private finish(call: HttpCall, reply: HttpReply, later: boolean): HttpReply {
		const { rates, now, onAnswered } = this.options;
		const { peer, requestId, replyHeaders, receivedAtMs } = call;
		onAnswered?.(call, reply.status);
		if (call.contract.hasLargeReply && reply.body !== undefined) call.chargeReply(reply.body.length);
		const headers: Record<string, string> = { ...reply.headers };
		if (replyHeaders !== undefined) Object.assign(headers, replyHeaders);
		headers["x-request-id"] = requestId;
		const limit = rates.headerFields(peer.identity, peer.addressKey, later ? now() : receivedAtMs);
		if (limit !== undefined) {
			headers["ratelimit-policy"] = limit.policy;
			headers["ratelimit"] = limit.state;
		}
		const { status, body } = reply;
		return body === undefined ? { status, headers } : { status, headers, body };
	}

	private requestIdOf({ headers }: HttpHead): string {
		const given = headers.get("x-request-id");
		if (given !== undefined && REQUEST_ID.test(given)) return given;
		return `${this.process}-${(-this.nextId).toString(36)}`;
	}
}

/** What is taken over from a caller goes into logs and into a header. */
const REQUEST_ID = /^[A-Za-z0-9._:/+=-]{1,128}$/;
