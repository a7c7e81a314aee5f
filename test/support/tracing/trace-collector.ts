// A collector of traces for tests: a real HTTP server that takes OTLP as Protocol Buffers, reads it strictly, and keeps the spans.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { until } from "../until.ts";
import { type ReceivedSpan, readOtlp } from "./otlp-reader.ts";

export interface TraceCollector {
	/** `http://127.0.0.1:…`, to which an exporter adds /v1/traces. */
	readonly url: string;
	readonly port: number;
	readonly spans: ReceivedSpan[];
	/** Requests, also those that it refused. */
	readonly requests: http.IncomingHttpHeaders[];
	/** What was wrong with requests, whatever they were answered with. */
	readonly problems: string[];
	/** How requests are answered: a status, or nothing at all. */
	answer: () => number | undefined;
	/** Waits for spans. */
	untilSpans(has: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
	stop(): Promise<void>;
}

/** @param port - take this one, as a collector that comes back does. */
export async function startCollector(port = 0): Promise<TraceCollector> {
	const server = http.createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			collector.requests.push(request.headers);
			const status = collector.answer();
			if (status === 200) take(request, Buffer.concat(chunks));
			if (status === undefined) return;
			// An empty ExportTraceServiceResponse: all were taken.
			response.writeHead(status, { "content-type": "application/x-protobuf" }).end();
		});
	});
	const take = ({ url, method, headers }: http.IncomingMessage, body: Buffer) => {
		try {
			if (method !== "POST" || url !== "/v1/traces") throw new Error(`${method} ${url}`);
			if (headers["content-type"] !== "application/x-protobuf") throw new Error(`type ${headers["content-type"]}`);
			collector.spans.push(...readOtlp(headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
		} catch (error) {
			collector.problems.push((error as Error).message);
		}
	};
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const address = server.address() as AddressInfo;
	const collector: TraceCollector = {
		url: `http://127.0.0.1:${address.port}`,
		port: address.port,
		spans: [],
		requests: [],
		problems: [],
		answer: () => 200,
		untilSpans: async (has) => {
			await until(() => collector.problems.length > 0 || has(collector.spans));
			if (collector.problems.length > 0) throw new Error(collector.problems.join("; "));
			return collector.spans;
		},
		stop: () => {
			server.closeAllConnections();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
	return collector;
}
