// Spans of attempts to call an endpoint, and the context that goes with each.
import type { Span, SpanScope } from "../common/tracing.ts";
import { contextHeaders } from "../protocol/trace-context.ts";
import { type AttemptFailure, type CallContext, Status } from "./endpoint-transport.ts";

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Status).map(([name, code]) => [code, name]));

export interface AttemptFacts {
	/** Name of the upstream. */
	readonly upstream: string;
	/** `host:port`. */
	readonly address: string;
	/** From 1. */
	readonly number: number;
}

/** An attempt of a call that has a trace. */
export interface RecordedAttempt {
	/** What goes with it: the attempt is the parent of what the endpoint does. */
	readonly context: CallContext;
	readonly span: Span | undefined;
}

export function recordAttempt(
	trace: SpanScope,
	context: CallContext,
	{ upstream, address, number }: AttemptFacts,
): RecordedAttempt {
	// `/package.Service/Method`: the convention has it without the first slash.
	const method = context.path.slice(1);
	const colon = address.lastIndexOf(":");
	const span = trace.child(method, "client", {
		"rpc.system.name": "grpc",
		"rpc.method": method,
		"server.address": address.slice(0, colon),
		"server.port": Number(address.slice(colon + 1)),
		"framegate.upstream": upstream,
		"framegate.attempt": number,
	});
	const headers = contextHeaders((span ?? trace).context);
	return { context: { ...context, metadata: { ...context.metadata, ...headers } }, span };
}

export function endAttempt(span: Span | undefined, failure: AttemptFailure | undefined): void {
	if (span === undefined) return;
	const status = NAMES.get(failure?.status ?? Status.OK) ?? "UNKNOWN";
	span.set("rpc.response.status_code", status);
	span.end(failure === undefined ? undefined : status);
}
