// Spans of records: those that are written carry the context in their headers, and those that are read continue it.
import { problemOf, type Span, type SpanScope, type Tracer } from "../../common/tracing.ts";
import { contextHeaders, parseTraceparent } from "../../protocol/trace-context.ts";
import type { IncomingRecord } from "./record-source.ts";
import type { OutgoingRecord } from "./topic-writer.ts";

/** Records with their contexts in the headers, and the spans that are to be ended when they are written. */
export interface RecordedRecords {
	readonly records: readonly OutgoingRecord[];
	end(problem?: string): void;
}

/** A span for each record that belongs to something; the others stay as they are. */
export function recordWrites(tracer: Tracer, topic: string, records: readonly OutgoingRecord[]): RecordedRecords {
	const current = tracer.current();
	const spans: Span[] = [];
	const written = records.map((record) => {
		const scope = record.trace ?? current;
		if (scope === undefined) return record;
		const span = scope.child(`send ${topic}`, "producer", {
			"messaging.system": "kafka",
			"messaging.destination.name": topic,
			"messaging.operation.name": "send",
			"messaging.operation.type": "send",
			"messaging.message.body.size": record.value.length,
		});
		if (span !== undefined) spans.push(span);
		return withContext(record, span ?? scope);
	});
	return {
		records: written,
		end: (problem) => {
			for (const span of spans) span.end(problem);
		},
	};
}

/** What is written in its place has the same context. */
function withContext(record: OutgoingRecord, { context }: SpanScope): OutgoingRecord {
	const headers = { ...record.headers, ...contextHeaders(context) };
	const { substitute } = record;
	if (substitute === undefined) return { ...record, headers };
	return {
		...record,
		headers,
		substitute: { ...substitute, headers: { ...substitute.headers, ...contextHeaders(context) } },
	};
}

/** It belongs to a trace that is not sampled. Of one that belongs to none, that is still to be decided. */
export function isUnsampled({ headers }: IncomingRecord): boolean {
	const traceparent = headers.get("traceparent");
	return traceparent !== undefined && parseTraceparent(traceparent)?.isSampled === false;
}

/** Runs work as a part of the trace that a record carries. */
export async function processRecorded<T>(
	tracer: Tracer,
	{ topic, partition, offset, value, headers }: IncomingRecord,
	work: () => Promise<T>,
): Promise<T> {
	const traceparent = headers.get("traceparent");
	const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent, headers.get("tracestate"));
	const span = tracer.begin(`process ${topic}`, "consumer", parent, {
		"messaging.system": "kafka",
		"messaging.destination.name": topic,
		"messaging.destination.partition.id": String(partition),
		"messaging.kafka.offset": Number(offset),
		"messaging.operation.name": "process",
		"messaging.operation.type": "process",
		"messaging.message.body.size": value.length,
	});
	try {
		const result = await tracer.run(span, work);
		span?.end();
		return result;
	} catch (error) {
		span?.end(problemOf(error));
		throw error;
	}
}
