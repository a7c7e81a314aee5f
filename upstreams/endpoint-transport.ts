// One connection to one endpoint, as the balancer sees it. `grpc/` implements it; tests bring one that is scripted.
import type { Endpoint } from "./endpoint-source.ts";

/** gRPC status codes (google.rpc.Code). */
export const Status = {
	OK: 0,
	CANCELLED: 1,
	UNKNOWN: 2,
	INVALID_ARGUMENT: 3,
	DEADLINE_EXCEEDED: 4,
	NOT_FOUND: 5,
	ALREADY_EXISTS: 6,
	PERMISSION_DENIED: 7,
	RESOURCE_EXHAUSTED: 8,
	FAILED_PRECONDITION: 9,
	ABORTED: 10,
	OUT_OF_RANGE: 11,
	UNIMPLEMENTED: 12,
	INTERNAL: 13,
	UNAVAILABLE: 14,
	DATA_LOSS: 15,
	UNAUTHENTICATED: 16,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

/** How an attempt ended that brought no reply. */
export interface AttemptFailure {
	readonly status: Status;
	/** The text of the endpoint, or of what went wrong on the way to it. */
	readonly message: string;
	/** The endpoint has not received the call, so that it can be repeated whatever it does. */
	readonly neverLeft: boolean;
	/** `grpc-status-details-bin`: a google.rpc.Status. */
	readonly details: Uint8Array | undefined;
}

/** What goes with a call beside its body; the same for each attempt. */
export interface CallContext {
	/** `/package.Service/Method`. */
	readonly path: string;
	/** By lower-case name; values are visible ASCII. */
	readonly metadata: Readonly<Record<string, string>>;
}

export interface RunningAttempt {
	/** Nothing is reported after it. */
	cancel(): void;
}

export interface RunningStream extends RunningAttempt {
	/** No more messages come, and the endpoint is slowed down, until `resume`. A few that are on their way may still come. */
	pause(): void;
	resume(): void;
}

export interface StreamEvents {
	onMessage(bytes: Uint8Array): void;
	/** The last event. @param failure - undefined when the endpoint ended it well. */
	onEnd(failure: AttemptFailure | undefined): void;
}

export interface EndpointTransport {
	/** Calls go out at once: it is connected, and says that it serves. */
	readonly isReady: boolean;
	/**
	 * @param timeoutMs - what is left, also for the endpoint.
	 * @param done - called once, never before this returns.
	 */
	unary(
		context: CallContext,
		body: Uint8Array,
		timeoutMs: number,
		done: (failure: AttemptFailure | undefined, reply: Uint8Array) => void,
	): RunningAttempt;
	/** @param timeoutMs - undefined: it may take as long as it likes. */
	stream(context: CallContext, body: Uint8Array, timeoutMs: number | undefined, events: StreamEvents): RunningStream;
	/** Calls in flight end with UNAVAILABLE. */
	close(): void;
}

/** Connects to an endpoint, and keeps it connected. @param onChange - `isReady` may have changed. */
export type OpenEndpoint = (endpoint: Endpoint, onChange: () => void) => EndpointTransport;
