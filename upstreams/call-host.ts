// A call to a service, and what it needs of the service while it runs.
import type { SpanScope } from "../common/tracing.ts";
import type { GatewayError } from "../protocol/error.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import type { CallContext } from "./endpoint-transport.ts";
import type { Schedule, Waiting } from "./waiting-calls.ts";

export interface UpstreamCall {
	readonly context: CallContext;
	/** What its attempts are recorded in; undefined where tracing is off. */
	readonly trace?: SpanScope | undefined;
	/** Not to be changed until the call is over. */
	readonly body: Uint8Array;
	/** When nobody waits for it any more, on the monotonic clock in milliseconds. */
	readonly deadlineMs: number;
	/** It may be repeated when it has reached an endpoint. */
	readonly isIdempotent: boolean;
	/** Calls with one key go to one endpoint while it is there; undefined: any. */
	readonly stickyKey: string | undefined;
}

export interface CallHost {
	/** Of the service. */
	readonly name: string;
	readonly options: {
		/** Monotonic. */
		readonly nowMs: () => number;
		/** From 0 to below 1. */
		readonly random: () => number;
		readonly schedule: Schedule;
		/** Of an attempt of a call that may be repeated. */
		readonly attemptTimeoutMs: number;
	};
	readonly pool: EndpointPool;
	readonly figures: { attempts: number };
	/** Begins a call on an endpoint, now or when there is one; or fails it. */
	admit(call: Waiting): void;
	/** Takes a repeat from the budget. @returns whether the call may be tried once more. */
	takeRetry(attempts: number): boolean;
	/** A call that may wait is given up. */
	forget(call: Waiting): void;
	/** An endpoint has room for another call. */
	beginWaiting(): void;
	timeoutError(): GatewayError;
}
