// What is recorded of a span until it is exported, and the spans of one process that belong together.
import type { Span, SpanAttributes, SpanKind } from "../../common/tracing.ts";
import type { TraceContext } from "../../protocol/trace-context.ts";

/** Takes spans that are to be exported; never waits. */
export interface SpanSink {
	add(span: RecordedSpan): void;
}

/** Spans that are begun within one call: of one that is not sampled they wait in memory, in case it fails. */
export const MAX_SPANS = 1000;
export const MAX_HELD_SPANS = 64;
/** Attributes that are set after a span began. */
const MAX_ATTRIBUTES = 32;

/** What the spans of one process in one trace share. */
export class LocalTrace {
	readonly traceId: string;
	readonly state: string;
	readonly isSampled: boolean;
	/** Wall time minus monotonic time, in milliseconds: with one of them for all spans, none lies outside of another by a step of the clock. */
	readonly wallOffsetMs: number;
	readonly recorder: Recorder;
	/** Ended spans of a trace that is not sampled, until it is known whether it failed. */
	private held: RecordedSpan[] | undefined;
	/** Not sampled, and exported all the same. */
	private isKept = false;
	private isOver = false;
	private begun = 0;

	constructor(recorder: Recorder, traceId: string, state: string, isSampled: boolean) {
		this.recorder = recorder;
		this.traceId = traceId;
		this.state = state;
		this.isSampled = isSampled;
		this.wallOffsetMs = recorder.wallOffsetMs();
		this.held = !isSampled && recorder.keepsErrors ? [] : undefined;
	}

	/** Whether what happens now may come to be exported. */
	get isRecording(): boolean {
		return this.isSampled || this.isKept || (!this.isOver && this.held !== undefined);
	}

	/** Takes room for one more span. @returns false when nothing is recorded, or there are too many: those are counted. */
	take(): boolean {
		if (!this.isRecording) return false;
		if (this.begun >= (this.isSampled ? MAX_SPANS : MAX_HELD_SPANS)) {
			this.recorder.onTooMany();
			return false;
		}
		this.begun++;
		return true;
	}

	ended(span: RecordedSpan): void {
		if (this.isSampled || this.isKept) this.recorder.sink.add(span);
		else this.held?.push(span);
	}

	/** The first span of this process has ended. @param isFailed - by a fault, and not by a mistake of the caller. */
	finish(isFailed: boolean): void {
		this.isOver = true;
		const { held, recorder } = this;
		this.held = undefined;
		if (held === undefined || !isFailed || !recorder.mayKeep()) return;
		this.isKept = true;
		for (const span of held) recorder.sink.add(span);
	}
}

/** What recording needs. */
export interface Recorder {
	readonly sink: SpanSink;
	/** Spans of calls that are not sampled are held until the call has ended, in case it fails. */
	readonly keepsErrors: boolean;
	/** Whether one more trace may be exported because it failed. */
	mayKeep(): boolean;
	/** A span was left out, as its call had too many. */
	onTooMany(): void;
	/** Monotonic milliseconds. */
	now(): number;
	wallOffsetMs(): number;
	spanId(): string;
}

export interface SpanStart {
	readonly name: string;
	readonly kind: SpanKind;
	readonly spanId: string;
	/** "" for the first of a trace. */
	readonly parentSpanId: string;
	/** The parent is another process's. */
	readonly isParentRemote: boolean;
	readonly startMs: number;
	readonly attributes: SpanAttributes | undefined;
}

export class RecordedSpan implements Span {
	readonly trace: LocalTrace;
	readonly start: SpanStart;
	/** On the monotonic clock, in milliseconds. */
	endMs = 0;
	/** Undefined: it did not fail. */
	problem: string | undefined = undefined;
	/** What was set beside the attributes of its start. */
	added: Record<string, string | number | boolean> | undefined = undefined;
	private readonly isFirst: boolean;
	private isEnded = false;

	/** @param isFirst - of this process in this trace: the trace is over here when it ends. */
	constructor(trace: LocalTrace, start: SpanStart, isFirst = false) {
		this.trace = trace;
		this.start = start;
		this.isFirst = isFirst;
	}

	get context(): TraceContext {
		const { traceId, state, isSampled } = this.trace;
		return { traceId, spanId: this.start.spanId, isSampled, state };
	}

	child(name: string, kind: SpanKind, attributes?: SpanAttributes, sinceMs = 0): RecordedSpan | undefined {
		return childOf(this.trace, this.start.spanId, { name, kind, attributes, sinceMs });
	}

	set(name: string, value: string | number | boolean): void {
		if (this.isEnded) return;
		this.added ??= {};
		if (Object.keys(this.added).length < MAX_ATTRIBUTES) this.added[name] = value;
	}

	end(problem?: string): void {
		this.endAt(this.trace.recorder.now(), problem);
	}

	endAt(endMs: number, problem: string | undefined): void {
		if (this.isEnded) return;
		this.isEnded = true;
		this.endMs = Math.max(endMs, this.start.startMs);
		this.problem = problem;
		this.trace.ended(this);
		if (this.isFirst) this.trace.finish(problem !== undefined);
	}
}

interface ChildStart {
	readonly name: string;
	readonly kind: SpanKind;
	readonly attributes: SpanAttributes | undefined;
	readonly sinceMs: number;
}

export function childOf(trace: LocalTrace, parentSpanId: string, child: ChildStart): RecordedSpan | undefined {
	if (!trace.take()) return undefined;
	const { recorder } = trace;
	const { name, kind, attributes, sinceMs } = child;
	return new RecordedSpan(trace, {
		name,
		kind,
		attributes,
		spanId: recorder.spanId(),
		parentSpanId,
		isParentRemote: false,
		startMs: recorder.now() - sinceMs,
	});
}
