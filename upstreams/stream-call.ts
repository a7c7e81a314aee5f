// A call with many replies. It may be repeated as long as no message has come: what comes after a repeat begins from the start.
import type { GatewayError } from "../protocol/error.ts";
import { endAttempt, recordAttempt } from "./attempt-spans.ts";
import type { CallHost, UpstreamCall } from "./call-host.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { type AttemptFailure, type RunningStream, Status } from "./endpoint-transport.ts";
import { isRepeatable } from "./unary-call.ts";
import { isFault, upstreamError } from "./upstream-error.ts";
import type { Waiting } from "./waiting-calls.ts";

export interface StreamListener {
	onMessage(bytes: Uint8Array): void;
	/** The last event. @param error - undefined when the upstream ended it well. */
	onEnd(error: GatewayError | undefined): void;
}

const NONE: readonly EndpointState[] = [];
/** How a stream ends that the gateway gives up. */
const CANCELLED: AttemptFailure = { status: Status.CANCELLED, message: "", neverLeft: false, details: undefined };

export class StreamCall implements Waiting {
	readonly stickyKey: string | undefined;
	readonly deadlineMs: number;
	tried: readonly EndpointState[] = NONE;
	private readonly service: CallHost;
	private readonly call: UpstreamCall;
	private readonly timeoutMs: number | undefined;
	private readonly listener: StreamListener;
	private readonly onOpen: (stream: StreamCall) => void;
	private readonly onRefused: (error: GatewayError) => void;
	private attempts = 0;
	private running: RunningStream | undefined;
	private leave: (() => void) | undefined;
	private isOpen = false;
	private isOver = false;
	private isPaused = false;
	private hasMessages = false;

	/** @param timeoutMs - of the whole stream; undefined: it may last. */
	constructor(
		service: CallHost,
		call: UpstreamCall,
		timeoutMs: number | undefined,
		listener: StreamListener,
		onOpen: (stream: StreamCall) => void,
		onRefused: (error: GatewayError) => void,
	) {
		this.service = service;
		this.call = call;
		this.timeoutMs = timeoutMs;
		this.stickyKey = call.stickyKey;
		this.deadlineMs = call.deadlineMs;
		this.listener = listener;
		this.onOpen = onOpen;
		this.onRefused = onRefused;
	}

	begin(endpoint: EndpointState): void {
		if (this.isOver) return;
		const { service, call } = this;
		const isTrial = endpoint.breaker.onBegin(service.options.nowMs());
		this.attempts++;
		service.figures.attempts++;
		endpoint.streams++;
		let isLeft = false;
		/** Once for each attempt. */
		const leave = (failure: AttemptFailure | undefined, isOurs: boolean) => {
			if (isLeft) return;
			isLeft = true;
			endpoint.streams--;
			const isFailure = failure !== undefined && isFault(failure.status);
			service.pool.judge(endpoint, isOurs ? "ignored" : isFailure ? "failure" : "success", undefined, isTrial);
			service.beginWaiting();
		};
		const facts = { upstream: service.name, address: endpoint.address, number: this.attempts };
		const recorded = call.trace && recordAttempt(call.trace, call.context, facts);
		this.leave = () => {
			if (recorded !== undefined) endAttempt(recorded.span, CANCELLED);
			leave(undefined, true);
		};
		this.running = endpoint.transport.stream(recorded?.context ?? call.context, call.body, this.timeoutMs, {
			onMessage: (bytes) => {
				this.hasMessages = true;
				if (!this.isOver) this.listener.onMessage(bytes);
			},
			onEnd: (failure) => {
				if (recorded !== undefined) endAttempt(recorded.span, failure);
				leave(failure, false);
				this.onEnd(endpoint, failure);
			},
		});
		if (this.isPaused) this.running.pause();
		if (this.isOpen) return;
		this.isOpen = true;
		this.isPaused = true;
		this.running.pause();
		this.onOpen(this);
	}

	/** Before it is open. */
	fail(error: GatewayError): void {
		if (this.isOver) return;
		this.isOver = true;
		if (this.isOpen) this.listener.onEnd(error);
		else this.onRefused(error);
	}

	pause(): void {
		if (this.isPaused) return;
		this.isPaused = true;
		this.running?.pause();
	}

	/** It is paused until this is called first. */
	resume(): void {
		if (!this.isPaused) return;
		this.isPaused = false;
		this.running?.resume();
	}

	/** The listener is not called any more. */
	cancel(): void {
		if (this.isOver) return;
		this.isOver = true;
		this.service.forget(this);
		this.running?.cancel();
		this.leave?.();
	}

	private onEnd(endpoint: EndpointState, failure: AttemptFailure | undefined): void {
		if (this.isOver) return;
		const { service, call } = this;
		if (failure === undefined) {
			this.isOver = true;
			this.listener.onEnd(undefined);
			return;
		}
		const mayRepeat = failure.status !== Status.DEADLINE_EXCEEDED && isRepeatable(failure, call.isIdempotent);
		if (!this.hasMessages && mayRepeat && service.takeRetry(this.attempts)) {
			this.tried = [...this.tried, endpoint];
			service.admit(this);
		} else this.fail(upstreamError(service.name, failure));
	}
}
