// Tracing: where it is on, what records spans and exports them. Otherwise nothing of it is made, and OpenTelemetry is not loaded.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { TraceIds } from "../../common/trace-ids.ts";
import { DeliverySpans } from "../../core/channels/publication-spans.ts";
import type { RequestObserver } from "../../core/request-observer.ts";
import packageJson from "../../package.json" with { type: "json" };
import type { Config } from "../config/config.ts";
import { FrameTracing } from "../tracing/frame-tracing.ts";
import { Sampling } from "../tracing/sampling.ts";
import { SpanQueue } from "../tracing/span-queue.ts";
import { ProcessTracer } from "../tracing/tracer.ts";

export interface OpenTracing {
	readonly tracer: ProcessTracer;
	readonly frames: FrameTracing;
	readonly deliveries: DeliverySpans;
	readonly queue: SpanQueue;
	/** Exports what is left, for a bounded time. */
	close(): Promise<void>;
}

const MAX_BATCH = 512;

/** @returns undefined where nothing is exported. */
export async function openTracing(
	{ tracing, node }: Config,
	clock: Clock,
	logger: Logger,
): Promise<OpenTracing | undefined> {
	const url = exportUrl(tracing);
	if (!tracing.enabled || url === undefined) return undefined;
	const { openOtlpExporter } = await import("../tracing/span-exporter-otlp.ts");
	const { version } = packageJson;
	const exporter = openOtlpExporter({
		...tracing,
		url,
		version,
		resource: {
			"service.instance.id": node.id,
			"service.version": version,
			"process.pid": String(process.pid),
			...tracing.resource,
			"service.name": tracing.serviceName,
		},
	});
	const queue = new SpanQueue({
		exportSpans: exporter.exportSpans,
		maxSpans: tracing.maxQueueSpans,
		maxBatch: MAX_BATCH,
		intervalMs: tracing.flushIntervalMs,
		onOutage: (error) => {
			if (error === undefined) logger.info({}, "the trace collector takes spans again");
			else logger.warn({ err: error }, "exporting spans failed; those are dropped, and later ones tried");
		},
	});
	const sampling = new Sampling(tracing);
	const { errorsPerSecond, trustClients } = tracing;
	const tracer = new ProcessTracer({ queue, sampling, errorsPerSecond, now: clock.monotonic, wall: clock.now });
	return {
		tracer,
		queue,
		deliveries: new DeliverySpans(tracer),
		frames: new FrameTracing({ tracer, trustsClients: trustClients }),
		close: async () => {
			await queue.close(tracing.flushTimeoutMs);
			// It waits for a request that is in flight, whose time is up already.
			void exporter.close().catch(() => undefined);
		},
	};
}

/** What the path of requests needs of tracing. */
export function requestTracing(tracing: OpenTracing | undefined, config: Config) {
	const frames = tracing?.frames;
	return {
		traces: { newTraceId: newTraceId(config), tracing: frames },
		observing: (observer: RequestObserver): RequestObserver => frames?.observing(observer) ?? observer,
	};
}

/** What gives a request that came without one a trace id: "" while tracing is off. */
function newTraceId({ tracing }: Config): () => string {
	if (!tracing.enabled) return () => "";
	const ids = new TraceIds();
	return () => ids.traceId();
}

function exportUrl({ endpoint, tracesEndpoint }: Config["tracing"]): string | undefined {
	if (tracesEndpoint !== undefined || endpoint === undefined) return tracesEndpoint;
	return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}
