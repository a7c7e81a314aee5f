// `/monitoring/metrics`: what the process and its machine use, as JSON, for dashboards that do not read Prometheus.
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { HttpRoute } from "./http-router.ts";
import { json } from "./replies.ts";
import { sharedReply } from "./shared-reply.ts";

/** The page is made once in this time: it needs no login. */
const SHARED_MS = 1000;

/**
 * @param dataDir - its disk is the one that is reported.
 * @param now - monotonic milliseconds.
 */
export function monitoringRoute(dataDir: string, now: () => number): HttpRoute {
	const startMs = now();
	let last = { atMs: startMs, cpu: process.cpuUsage() };
	return {
		method: "GET",
		path: "/monitoring/metrics",
		summary: "CPU, memory, disk and process, as JSON",
		isForOperators: true,
		handle: sharedReply(SHARED_MS, now, async () => {
			const used = process.cpuUsage(last.cpu);
			const nowMs = now();
			const share = (used.user + used.system) / 1000 / Math.max(1, nowMs - last.atMs);
			last = { atMs: nowMs, cpu: process.cpuUsage() };
			const memory = process.memoryUsage();
			return json(200, {
				cpu: { cores: availableParallelism(), load_average: loadavg(), process_percent: rounded(share * 100) },
				memory: {
					total_bytes: totalmem(),
					free_bytes: freemem(),
					used_percent: rounded((1 - freemem() / totalmem()) * 100),
					rss_bytes: memory.rss,
					heap_used_bytes: memory.heapUsed,
				},
				disk: await disk(dataDir),
				process: {
					pid: process.pid,
					uptime_seconds: Math.round((nowMs - startMs) / 1000),
					node: process.version,
				},
			});
		}),
	};
}

async function disk(path: string): Promise<object> {
	const { bsize, blocks, bfree, bavail } = await statfs(path);
	return {
		total_bytes: blocks * bsize,
		free_bytes: bavail * bsize,
		used_percent: rounded((1 - bfree / Math.max(1, blocks)) * 100),
	};
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
