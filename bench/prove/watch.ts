// Watches the nodes of a scenario through their health pages: live throughout, ready again after a fault, memory in bounds.
import { readFileSync } from "node:fs";
import type { GatewayProcess } from "../../test/support/gateway.ts";

const POLL_MS = 200;
const LIVE_WITHIN_MS = 5000;

export interface NodeWatchFigures {
	/** Health checks at which a node did not report that it is live. */
	readonly notLive: number;
	/** Health checks at which a node reported that it is not ready. */
	readonly notReady: number;
	/** The most memory that a node had resident, and how much that was over the beginning. */
	readonly maxRssMb: number;
	readonly rssGrowthMb: number;
}

export class NodeWatch {
	private readonly nodes: readonly GatewayProcess[];
	private readonly timer: NodeJS.Timeout;
	private readonly firstRssMb = new Map<number, number>();
	private isLooking = false;
	private notLive = 0;
	private notReady = 0;
	private maxRssMb = 0;
	private rssGrowthMb = 0;

	constructor(nodes: readonly GatewayProcess[]) {
		this.nodes = nodes;
		this.timer = setInterval(() => void this.look(), POLL_MS);
	}

	end(): NodeWatchFigures {
		clearInterval(this.timer);
		const { notLive, notReady, maxRssMb, rssGrowthMb } = this;
		return { notLive, notReady, maxRssMb: Math.round(maxRssMb), rssGrowthMb: Math.round(rssGrowthMb) };
	}

	/** Resolves when every node says that it is ready. @returns after how many milliseconds. */
	async untilReady(withinMs: number): Promise<number> {
		const startedAtMs = performance.now();
		for (;;) {
			const answers = await Promise.all(this.nodes.map((node) => isOk(`${node.httpUrl}/ready`)));
			const tookMs = performance.now() - startedAtMs;
			if (answers.every(Boolean)) return tookMs;
			if (tookMs > withinMs) throw new Error(`a node was not ready again within ${withinMs} ms`);
			await new Promise((resolve) => setTimeout(resolve, POLL_MS / 4));
		}
	}

	private async look(): Promise<void> {
		if (this.isLooking) return;
		this.isLooking = true;
		await Promise.all(
			this.nodes.map(async (node) => {
				if (!(await isOk(`${node.httpUrl}/health`))) this.notLive++;
				if (!(await isOk(`${node.httpUrl}/ready`))) this.notReady++;
				this.measure(node.pid);
			}),
		);
		this.isLooking = false;
	}

	private measure(pid: number): void {
		try {
			const status = readFileSync(`/proc/${pid}/status`, "latin1");
			const rssMb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
			// Of a process that has just ended nothing is resident.
			if (Number.isNaN(rssMb)) return;
			const first = this.firstRssMb.get(pid) ?? rssMb;
			this.firstRssMb.set(pid, first);
			this.maxRssMb = Math.max(this.maxRssMb, rssMb);
			this.rssGrowthMb = Math.max(this.rssGrowthMb, rssMb - first);
		} catch {
			// The process has ended, or has not started yet.
		}
	}
}

async function isOk(url: string): Promise<boolean> {
	try {
		return (await fetch(url, { signal: AbortSignal.timeout(LIVE_WITHIN_MS) })).ok;
	} catch {
		return false;
	}
}
