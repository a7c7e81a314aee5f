// The Tracer of a process that traces: what runs now is known by an AsyncLocalStorage, which exists in such a process only.
import { AsyncLocalStorage } from "node:async_hooks";
import { setLast } from "../../common/bounded-map.ts";
import { TokenBucket } from "../../common/token-bucket.ts";
import { TraceIds } from "../../common/trace-ids.ts";
import type { Span, SpanAttributes, SpanKind, SpanScope, Tracer } from "../../common/tracing.ts";
import type { TraceContext } from "../../protocol/trace-context.ts";
import { LocalTrace, RecordedSpan, type Recorder } from "./recorded-span.ts";
import type { Sampling } from "./sampling.ts";
import type { SpanQueue } from "./span-queue.ts";

export interface ProcessTracerOptions {
	readonly queue: SpanQueue;
	readonly sampling: Sampling;
	/** Requests that are not sampled are exported when they fail, so many a second; 0: none. */
	readonly errorsPerSecond: number;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Unix milliseconds. */
	readonly wall: () => number;
}

/** Keys with something to be done about them later. */
export const MAX_KEPT = 10_000;
const KEPT_MS = 60_000;

interface Kept {
	readonly scope: SpanScope;
	readonly untilMs: number;
}

export class ProcessTracer implements Tracer, Recorder {
	readonly sink: SpanQueue;
	readonly keepsErrors: boolean;
	readonly now: () => number;
	private readonly options: ProcessTracerOptions;
	private readonly ids = new TraceIds();
	private readonly storage = new AsyncLocalStorage<SpanScope | undefined>();
	private readonly errors = new TokenBucket();
	private readonly keys = new Map<string, Kept>();

	constructor(options: ProcessTracerOptions) {
		this.options = options;
		this.sink = options.queue;
		this.now = options.now;
		this.keepsErrors = options.errorsPerSecond > 0;
	}

	current(): SpanScope | undefined {
		return this.storage.getStore();
	}

	run<T>(scope: SpanScope | undefined, work: () => T): T {
		return this.storage.run(scope, work);
	}

	begin(name: string, kind: SpanKind, parent: TraceContext | undefined, attributes?: SpanAttributes): Span | undefined {
		const trace = this.trace(name, parent, true);
		if (!trace.take()) return undefined;
		const start = {
			name,
			kind,
			attributes,
			spanId: this.spanId(),
			parentSpanId: parent?.spanId ?? "",
			isParentRemote: parent !== undefined,
			startMs: this.now(),
		};
		return new RecordedSpan(trace, start, true);
	}

	keep(key: string): void {
		const scope = this.current();
		if (scope === undefined) return;
		setLast(this.keys, key, { scope, untilMs: this.now() + KEPT_MS }, MAX_KEPT);
	}

	kept(key: string): SpanScope | undefined {
		const found = this.keys.get(key);
		return found === undefined || found.untilMs < this.now() ? undefined : found.scope;
	}

	/**
	 * A trace as far as it is this process's.
	 *
	 * @param name - by which it is sampled where the parent does not decide.
	 * @param isTrusted - the parent decides; otherwise only its ids are taken over.
	 */
	trace(name: string, parent: Pick<TraceContext, "traceId" | "state" | "isSampled"> | undefined, isTrusted: boolean) {
		const isSampled = parent !== undefined && isTrusted ? parent.isSampled : this.options.sampling.decide(name);
		return new LocalTrace(this, parent?.traceId ?? this.traceId(), parent?.state ?? "", isSampled);
	}

	traceId(): string {
		return this.ids.traceId();
	}

	spanId(): string {
		return this.ids.spanId();
	}

	mayKeep(): boolean {
		const { errorsPerSecond } = this.options;
		return this.errors.take({ perSecond: errorsPerSecond, burst: errorsPerSecond }, 1, this.now()) === 0;
	}

	onTooMany(): void {
		this.sink.counts.omitted++;
	}

	wallOffsetMs(): number {
		return this.options.wall() - this.now();
	}
}
