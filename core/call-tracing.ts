// Begins what is recorded of requests. Where tracing is off there is none, and a request pays a comparison with undefined.
import type { CallTrace } from "../common/tracing.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { TraceContext } from "../protocol/trace-context.ts";

/** A request to be recorded: a frame, or a call over HTTP. */
export interface TracedCall {
	readonly contract: AnyRouteContract;
	/** On the monotonic clock in milliseconds. */
	readonly receivedAtMs: number;
	/** Of its context, where it came with one. */
	readonly traceId: string;
	readonly context: TraceContext | undefined;
	trace: CallTrace | undefined;
}

export interface CallTracing {
	begin(call: TracedCall): void;
}
