// What is recorded of one request: its own span, the step that refused it or its handler, and what the handler does. Nothing but this object
// is made of a request that is not sampled, unless its spans are held in case it fails.
import type { CallTrace, SpanAttributes, SpanKind } from "../../common/tracing.ts";
import type { TraceContext } from "../../protocol/trace-context.ts";
import { childOf, type LocalTrace, RecordedSpan } from "./recorded-span.ts";

const HANDLER = "handler";

export interface FrameStart {
	/** Of the route. */
	readonly name: string;
	/** On the monotonic clock, in milliseconds. */
	readonly startMs: number;
	/** "" when the client named none. */
	readonly parentSpanId: string;
}

/** How a request ended. */
export interface FrameEnd {
	/** Name of its reply code. */
	readonly code: string;
	/** Its code is a fault of the gateway or of what it depends on. */
	readonly isFault: boolean;
	readonly isRefused: boolean;
	readonly attributes: SpanAttributes;
}

export class FrameTrace implements CallTrace {
	step = "";
	readonly local: LocalTrace;
	private readonly start: FrameStart;
	private ownId = "";
	private handlerId = "";
	private handlerStartMs = 0;
	private handlerEndMs = 0;

	constructor(local: LocalTrace, start: FrameStart) {
		this.local = local;
		this.start = start;
	}

	get isSampled(): boolean {
		return this.local.isSampled;
	}

	get context(): TraceContext {
		const { traceId, state, isSampled } = this.local;
		return { traceId, spanId: this.parentId(), isSampled, state };
	}

	child(name: string, kind: SpanKind, attributes?: SpanAttributes, sinceMs = 0): RecordedSpan | undefined {
		if (!this.local.isRecording) return undefined;
		return childOf(this.local, this.parentId(), { name, kind, attributes, sinceMs });
	}

	onHandler(): void {
		this.step = HANDLER;
		if (this.local.isRecording) this.handlerStartMs = this.local.recorder.now();
	}

	onHandled(): void {
		if (this.handlerStartMs > 0) this.handlerEndMs = this.local.recorder.now();
	}

	/** The reply is written, or there is none. */
	end({ code, isFault, isRefused, attributes }: FrameEnd): void {
		const { local, start } = this;
		const { recorder } = local;
		const problem = isFault ? code : undefined;
		if (local.isSampled || (isFault && local.isRecording)) {
			const nowMs = recorder.now();
			if (this.step === HANDLER) this.recordHandler(nowMs, problem);
			else if (isRefused && this.step !== "") this.recordRejection(code);
			const own = new RecordedSpan(local, {
				name: start.name,
				kind: "server",
				spanId: this.spanId(),
				parentSpanId: start.parentSpanId,
				isParentRemote: start.parentSpanId !== "",
				startMs: start.startMs,
				attributes,
			});
			own.endAt(nowMs, problem);
		}
		local.finish(isFault);
	}

	/** The step that refused the request, as a span of its own: it took no time worth a measurement. */
	private recordRejection(code: string): void {
		const { local } = this;
		const span = childOf(local, this.spanId(), {
			name: `refused by ${this.step}`,
			kind: "internal",
			attributes: { "framegate.middleware": this.step, "framegate.code": code },
			sinceMs: 0,
		});
		span?.end();
	}

	private recordHandler(nowMs: number, problem: string | undefined): void {
		const { local, start } = this;
		const span = new RecordedSpan(local, {
			name: `handler ${start.name}`,
			kind: "internal",
			spanId: this.parentId(),
			parentSpanId: this.spanId(),
			isParentRemote: false,
			startMs: this.handlerStartMs,
			attributes: undefined,
		});
		span.endAt(this.handlerEndMs > 0 ? this.handlerEndMs : nowMs, problem);
	}

	/** Parent of what is done now. */
	private parentId(): string {
		if (this.step !== HANDLER) return this.spanId();
		if (this.handlerId === "") this.handlerId = this.local.recorder.spanId();
		return this.handlerId;
	}

	private spanId(): string {
		if (this.ownId === "") this.ownId = this.local.recorder.spanId();
		return this.ownId;
	}
}
