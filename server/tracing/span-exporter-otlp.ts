// Sends spans to an OpenTelemetry collector over HTTP as Protocol Buffers, by OpenTelemetry's own exporter. The only file that imports it, and
// it is imported when tracing is switched on: see server/compose/tracing.ts.
import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { SpanKind as KindName } from "../../common/tracing.ts";
import type { RecordedSpan } from "./recorded-span.ts";
import type { ExportSpans } from "./span-queue.ts";

export interface OtlpSettings {
	/** With its path: `http://collector:4318/v1/traces`. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
	readonly compression: "gzip" | "none";
	/** `service.name` and so on. */
	readonly resource: Readonly<Record<string, string>>;
	/** Of the gateway. */
	readonly version: string;
}

type ReadableSpan = Parameters<OTLPTraceExporter["export"]>[0][number];
type Resource = ReadableSpan["resource"];

const KINDS: Readonly<Record<KindName, SpanKind>> = {
	internal: SpanKind.INTERNAL,
	server: SpanKind.SERVER,
	client: SpanKind.CLIENT,
	producer: SpanKind.PRODUCER,
	consumer: SpanKind.CONSUMER,
};
/** Of all requests there is one at a time, and a retry of the library's own is part of it. */
const CONCURRENCY = 2;
const SUCCESS = 0;

export interface OtlpExporter {
	readonly exportSpans: ExportSpans;
	close(): Promise<void>;
}

export function openOtlpExporter(settings: OtlpSettings): OtlpExporter {
	const { url, headers, timeoutMs, compression, version } = settings;
	const exporter = new OTLPTraceExporter({
		url,
		headers: { ...headers },
		timeoutMillis: timeoutMs,
		compression: compression as NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>["compression"] & string,
		concurrencyLimit: CONCURRENCY,
	});
	const shape = { resource: resourceOf(settings.resource), instrumentationScope: { name: "framegate", version } };
	return {
		exportSpans: (spans) =>
			new Promise((resolve, reject) => {
				exporter.export(
					spans.map((span) => readable(span, shape)),
					({ code, error }) => {
						if (code === SUCCESS) resolve();
						else reject(error ?? new Error("the collector did not take the spans"));
					},
				);
			}),
		close: () => exporter.shutdown(),
	};
}

/** The exporter reads a resource's attributes, and nothing else of it. */
function resourceOf(attributes: Attributes): Resource {
	const resource: Pick<Resource, "attributes" | "getRawAttributes"> & { asyncAttributesPending: boolean } = {
		attributes,
		asyncAttributesPending: false,
		getRawAttributes: () => Object.entries(attributes),
	};
	return resource as Resource;
}

function readable(span: RecordedSpan, shape: Pick<ReadableSpan, "resource" | "instrumentationScope">): ReadableSpan {
	const { trace, start, endMs, problem, added } = span;
	const { name, kind, spanId, parentSpanId, isParentRemote, startMs, attributes } = start;
	const { traceId, state, wallOffsetMs } = trace;
	// What is exported because it failed was sampled, by the end of it.
	const flags = { traceId, traceFlags: TraceFlags.SAMPLED };
	const traceState = state === "" ? {} : { traceState: { serialize: () => state } };
	const context = { ...flags, spanId, ...traceState } as ReturnType<ReadableSpan["spanContext"]>;
	const parent = { ...flags, spanId: parentSpanId, isRemote: isParentRemote };
	return {
		name,
		kind: KINDS[kind],
		spanContext: () => context,
		...(parentSpanId === "" ? {} : { parentSpanContext: parent }),
		startTime: hrTime(startMs + wallOffsetMs),
		endTime: hrTime(endMs + wallOffsetMs),
		duration: hrTime(endMs - startMs),
		status: { code: problem === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
		attributes: { ...attributes, ...added, ...(problem === undefined ? {} : { "error.type": problem }) },
		links: [],
		events: [],
		ended: true,
		droppedAttributesCount: 0,
		droppedEventsCount: 0,
		droppedLinksCount: 0,
		...shape,
	};
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
	const seconds = Math.floor(ms / 1000);
	return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
