// Settings and looks that tests of traces share.
import type { ReceivedSpan } from "./otlp-reader.ts";
import type { TraceCollector } from "./trace-collector.ts";

/** Settings of a gateway that records every request, and sends what it has at once. */
export function tracingTo(collector: Pick<TraceCollector, "url">, more: Readonly<Record<string, string>> = {}) {
	return {
		FRAMEGATE_TRACING_ENABLED: "true",
		FRAMEGATE_TRACING_ENDPOINT: collector.url,
		FRAMEGATE_TRACING_RATIO: "1",
		FRAMEGATE_TRACING_FLUSH_INTERVAL_MS: "10",
		...more,
	};
}

export function ofTrace(spans: readonly ReceivedSpan[], traceId: string): ReceivedSpan[] {
	return spans.filter((span) => span.traceId === traceId);
}

export function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan | undefined {
	return spans.find((span) => span.name === name);
}

/** Names from the first span of its trace down to this one. @throws Error when a parent is missing. */
export function pathOf(spans: readonly ReceivedSpan[], span: ReceivedSpan): string[] {
	if (span.parentSpanId === "") return [span.name];
	const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
	if (parent === undefined) throw new Error(`the parent of ${span.name} was not exported`);
	return [...pathOf(spans, parent), span.name];
}

export function nodeOf({ resource }: ReceivedSpan): unknown {
	return resource["service.instance.id"];
}
