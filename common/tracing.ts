// Spans as the layers see them that record some: see docs/decisions/030-tracing.md. Where tracing is off there is no Tracer at all, and a
// path that records spans pays a comparison with undefined. `server/tracing/` implements this.
import type { TraceContext } from "../protocol/trace-context.ts";

/** As OpenTelemetry has them (opentelemetry.io/docs/specs/otel/trace/api/#spankind). */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** Names are those of OpenTelemetry's semantic conventions where these have one; `framegate.*` otherwise. Nothing that says who a user is. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that spans belong to: a span, or the call that is running. */
export interface SpanScope {
	/** Passed on to others, whether or not it is sampled. */
	readonly context: TraceContext;
	/**
	 * Begins a span in it.
	 *
	 * @param sinceMs - how long ago it began, in milliseconds; now, unless this says otherwise.
	 * @returns undefined where nothing is recorded: it is not sampled, is over, or has too many.
	 */
	child(name: string, kind: SpanKind, attributes?: SpanAttributes, sinceMs?: number): Span | undefined;
}

export interface Span extends SpanScope {
	set(name: string, value: string | number | boolean): void;
	/** Ends it, once. @param problem - `error.type` of what failed: a code or a name, and no message. */
	end(problem?: string): void;
}

/** What is recorded of a request. */
export interface CallTrace extends SpanScope {
	/** As its context says, without making one. */
	readonly isSampled: boolean;
	/** The step of the chain that runs; the one that refuses a request is the last that began. */
	step: string;
	/** The handler begins. */
	onHandler(): void;
	/** The handler has ended, before its reply is written. */
	onHandled(): void;
}

export interface Tracer {
	/** What runs now belongs to it; undefined: to nothing that is recorded, as in the background. */
	current(): SpanScope | undefined;
	/** Runs work, and all that it waits for, as a part of a scope. */
	run<T>(scope: SpanScope | undefined, work: () => T): T;
	/**
	 * Begins a span of something that came from another process.
	 *
	 * @param parent - undefined: a trace of its own, sampled as the configuration says of `name`.
	 */
	begin(name: string, kind: SpanKind, parent: TraceContext | undefined, attributes?: SpanAttributes): Span | undefined;
	/** Remembers what runs now for work that is done about `key` later, in this process; for a bounded time and number. */
	keep(key: string): void;
	/** What was kept under the key. */
	kept(key: string): SpanScope | undefined;
}

/** Name of the type of an error, for `end`. */
export function problemOf(error: unknown): string {
	if (error instanceof Error) {
		const { code } = error as { code?: unknown };
		return typeof code === "string" ? code : error.name;
	}
	return typeof error;
}
