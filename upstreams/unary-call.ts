// A call with one reply, from its first attempt to its end.
import type { GatewayError } from "../protocol/error.ts";
import { type AttemptFacts, endAttempt, recordAttempt } from "./attempt-spans.ts";
import type { CallHost, UpstreamCall } from "./call-host.ts";
import type { Verdict } from "./endpoint-pool.ts";
import type { Attempt, EndpointState } from "./endpoint-state.ts";
import { type AttemptFailure, Status } from "./endpoint-transport.ts";
import { isFault, upstreamError } from "./upstream-error.ts";
import type { Waiting } from "./waiting-calls.ts";

/** Before a call is repeated on an endpoint on which it has failed; twice as long each time, and half of it at random. */
const BACKOFF_MS = 25;

const NONE: readonly EndpointState[] = [];

export class UnaryCall implements Waiting {
	readonly stickyKey: string | undefined;
	readonly deadlineMs: number;
	tried: readonly EndpointState[] = NONE;
	private readonly service: CallHost;
	private readonly call: UpstreamCall;
	private readonly resolve: (reply: Uint8Array) => void;
	private readonly reject: (error: GatewayError) => void;
	private attempts = 0;

	constructor(
		service: CallHost,
		call: UpstreamCall,
		resolve: (reply: Uint8Array) => void,
		reject: (error: GatewayError) => void,
	) {
		this.service = service;
		this.call = call;
		this.stickyKey = call.stickyKey;
		this.deadlineMs = call.deadlineMs;
		this.resolve = resolve;
		this.reject = reject;
	}

	begin(endpoint: EndpointState): void {
		const { service, call } = this;
		const { nowMs, attemptTimeoutMs } = service.options;
		const startedMs = nowMs();
		const leftMs = this.deadlineMs - startedMs;
		if (leftMs <= 0) {
			this.fail(service.timeoutError());
			return;
		}
		const timeoutMs = call.isIdempotent ? Math.min(leftMs, attemptTimeoutMs) : leftMs;
		const attempt: Attempt = { startedMs, isTrial: endpoint.breaker.onBegin(startedMs) };
		this.attempts++;
		service.figures.attempts++;
		endpoint.inFlight.add(attempt);
		const recorded = call.trace && recordAttempt(call.trace, call.context, this.facts(endpoint));
		endpoint.transport.unary(recorded?.context ?? call.context, call.body, timeoutMs, (failure, reply) => {
			if (recorded !== undefined) endAttempt(recorded.span, failure);
			endpoint.inFlight.delete(attempt);
			const elapsedMs = nowMs() - startedMs;
			service.pool.judge(endpoint, verdictOf(failure, timeoutMs, attemptTimeoutMs), elapsedMs, attempt.isTrial);
			if (failure === undefined) this.resolve(reply);
			else this.onFailure(endpoint, failure);
			service.beginWaiting();
		});
	}

	fail(error: GatewayError): void {
		this.reject(error);
	}

	private facts({ address }: EndpointState): AttemptFacts {
		return { upstream: this.service.name, address, number: this.attempts };
	}

	private onFailure(endpoint: EndpointState, failure: AttemptFailure): void {
		const { service, call } = this;
		const isOver = this.deadlineMs - service.options.nowMs() <= 0;
		const mayRepeat = !isOver && isRepeatable(failure, call.isIdempotent);
		if (!mayRepeat || !service.takeRetry(this.attempts)) {
			this.fail(upstreamError(service.name, failure));
			return;
		}
		const isAgain = this.tried.includes(endpoint);
		this.tried = [...this.tried, endpoint];
		const hasOther = service.pool.endpoints.some((one) => !this.tried.includes(one) && one.transport.isReady);
		if (hasOther && !isAgain) service.admit(this);
		else this.repeatLater();
	}

	private repeatLater(): void {
		const { schedule, random } = this.service.options;
		const backoffMs = BACKOFF_MS * 2 ** (this.attempts - 1);
		schedule(backoffMs * (0.5 + random() / 2), () => this.service.admit(this));
	}
}

/** Whether a call may be made once more after this. */
export function isRepeatable({ neverLeft, status }: AttemptFailure, isIdempotent: boolean): boolean {
	return neverLeft || (isIdempotent && (isFault(status) || status === Status.DEADLINE_EXCEEDED));
}

/**
 * What the end of an attempt says of its endpoint. A deadline is its fault when it had the time that the operator gives an attempt, or nearly
 * so, and not when the client's was shorter.
 */
function verdictOf(failure: AttemptFailure | undefined, timeoutMs: number, attemptTimeoutMs: number): Verdict {
	if (failure === undefined) return "success";
	const { status } = failure;
	if (status === Status.DEADLINE_EXCEEDED) return timeoutMs >= attemptTimeoutMs * 0.9 ? "failure" : "ignored";
	if (status === Status.CANCELLED || status === Status.RESOURCE_EXHAUSTED) return "ignored";
	return isFault(status) ? "failure" : "success";
}
