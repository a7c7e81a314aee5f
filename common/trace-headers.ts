// What is passed on of a request's trace, to services and into records.
import { randomBytes } from "node:crypto";
import { contextHeaders, type TraceContext } from "../protocol/trace-context.ts";
import type { SpanScope } from "./tracing.ts";

export interface TracedRequest {
	/** W3C trace id, or "". */
	readonly traceId: string;
	/** What the caller has sent of its trace. */
	readonly context?: TraceContext | undefined;
	/** What is recorded of it; undefined where tracing is off. */
	readonly trace?: SpanScope | undefined;
}

/** W3C Trace Context. None of a request that is recorded: what it does brings its own span. */
export function traceHeaders({ traceId, context, trace }: TracedRequest): Record<string, string> {
	if (trace !== undefined) return {};
	// No span of the gateway's is exported: what comes behind belongs to the caller's.
	if (context !== undefined) return contextHeaders(context);
	if (traceId === "") return {};
	const span = randomBytes(8);
	// Not all zero.
	span[0] = (span[0] as number) | 1;
	return contextHeaders({ traceId, spanId: span.toString("hex"), isSampled: true, state: "" });
}
