// Of the configuration schema: tracing.
import * as z from "zod";
import { field, flag, integer, milliseconds, section, text } from "../../common/option-fields.ts";
import { urlWith } from "../../common/option-urls.ts";

const ratio = z.number().min(0).max(1);
/** A route, or all of an area. */
const ROUTE = /^[A-Za-z][A-Za-z0-9_]*(?:\.(?:\*|[A-Za-z][A-Za-z0-9_]*))$/;
const ATTRIBUTE = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
/** RFC 9110, section 5.6.2. */
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

/** Environment variables of OpenTelemetry are lists such as `key1=value1,key2=value2`, with values in percent encoding. */
function pairs(name: z.ZodType<string, string>, value: z.ZodType<string, string>, what: string) {
	const read = (given: unknown): unknown => {
		if (typeof given !== "string" || given.trimStart().startsWith("{")) return given;
		const entries = given.split(",").flatMap((entry) => {
			if (entry.trim() === "") return [];
			const at = entry.indexOf("=");
			const [key, content] = at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
			try {
				return [[key.trim(), decodeURIComponent(content.trim())]];
			} catch {
				return [[key.trim(), content.trim()]];
			}
		});
		return Object.fromEntries(entries);
	};
	const record = z.record(name, value).refine((map) => Object.keys(map).length <= 64, `expected at most 64 ${what}`);
	return z.preprocess(read, record.default({}));
}

export const tracingSchema = section({
	enabled: flag({
		description:
			"Make a trace id for requests that bring none; with tracing.endpoint, also record spans and export them. See docs/tracing.md.",
		default: false,
	}),
	endpoint: field(urlWith(["http://", "https://"]).optional(), {
		description:
			"Of an OpenTelemetry collector that takes OTLP over HTTP, as Protocol Buffers: `http://collector:4318`; /v1/traces is added to it. " +
			"Without it, and without tracing.tracesEndpoint, nothing is recorded.",
		url: true,
		aliases: ["OTEL_EXPORTER_OTLP_ENDPOINT"],
	}),
	tracesEndpoint: field(urlWith(["http://", "https://"]).optional(), {
		description: "The same as a whole URL, to which nothing is added.",
		url: true,
		aliases: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
	}),
	headers: field(
		pairs(
			z.string().regex(HEADER, "expected the name of a header"),
			z
				.string()
				.max(8192)
				.regex(/^[\x20-\x7e]*$/, "expected visible ASCII"),
			"headers",
		),
		{
			description:
				"Headers of requests to the collector, such as its API key; in the environment as `name=value,name=value`.",
			secret: true,
			aliases: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
		},
	),
	compression: field(z.enum(["none", "gzip"]).default("none"), {
		description: "Of requests to the collector.",
		aliases: ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
	}),
	timeoutMs: milliseconds({
		description:
			"Longest time of a request to the collector, with its repeats; its spans are then dropped and counted.",
		min: 100,
		max: 120_000,
		default: 10_000,
		aliases: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
	}),
	serviceName: text({
		description: "`service.name` of the exported spans.",
		default: "framegate",
		aliases: ["OTEL_SERVICE_NAME"],
	}),
	resource: field(
		pairs(z.string().regex(ATTRIBUTE, "expected the name of an attribute"), z.string().max(1024), "attributes"),
		{
			description:
				"Further attributes of the process, such as `deployment.environment.name`; in the environment as `name=value,name=value`.",
			aliases: ["OTEL_RESOURCE_ATTRIBUTES"],
		},
	),
	ratio: field(ratio.default(0.01), {
		description: "Share of requests that are sampled, 0 to 1, where no caller has decided that it trusts.",
		aliases: ["OTEL_TRACES_SAMPLER_ARG"],
	}),
	routes: field(z.record(z.string().regex(ROUTE, "expected area.route or area.*"), ratio).default({}), {
		description: "Share by route, where it is another one: `chat.sendToRoom` or `chat.*`.",
	}),
	trustClients: flag({
		description:
			"A client's trace context says whether its request is sampled. Otherwise only its ids are taken over: any client could have all of its " +
			"requests recorded.",
		default: false,
	}),
	errorsPerSecond: integer({
		description:
			"Requests that are not sampled and fail by a fault (INTERNAL, UNAVAILABLE, TIMEOUT, UPSTREAM_FAILED) are exported as well, so many a " +
			"second. 0: none, and requests that are not sampled hold no spans in memory.",
		min: 0,
		max: 10_000,
		default: 20,
	}),
	maxQueueSpans: integer({
		description: "Spans that wait for the collector; beyond it they are dropped and counted.",
		min: 512,
		max: 1_000_000,
		default: 8192,
		aliases: ["OTEL_BSP_MAX_QUEUE_SIZE"],
	}),
	flushIntervalMs: milliseconds({
		description: "How long a span waits for others, to be sent with them.",
		min: 10,
		max: 60_000,
		default: 1000,
		aliases: ["OTEL_BSP_SCHEDULE_DELAY"],
	}),
	flushTimeoutMs: milliseconds({
		description: "How long the end of the process waits for the collector to take what is left.",
		min: 0,
		max: 60_000,
		default: 3000,
	}),
});
