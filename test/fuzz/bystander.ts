// A well-behaved client beside the inputs, and the server's process as the kernel sees it: what the inputs must not harm.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { authRoutes } from "../../protocol/gen/schema.ts";
import type { GatewayProcess } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";

const HEARTBEAT_EVERY_MS = 20;
const LOOK_EVERY_MS = 250;
/** A gateway that has not answered by then never will. */
const GIVEN_UP_AFTER_MS = 10_000;
const MAX_PROBLEMS = 5;
/** Above what it was after the warm-up; descriptors, above what it was before. */
const MAX_RSS_FACTOR = 1.5;
const MAX_RSS_BYTES_MORE = 96 * 1024 * 1024;
const MAX_DESCRIPTORS_MORE = 8;
const MIB = 1024 * 1024;

export interface Sizes {
	readonly rssBytes: number;
	readonly descriptors: number;
}

/** Linux: /proc/PID. */
export function sizesOf(pid: number): Sizes {
	const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
	return { rssBytes: kib * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

export interface BystanderOptions {
	/** The gateway is one thread: the longest wait of a bystander is the longest turn of its loop. */
	readonly maxLatencyMs: number;
	/** Called as soon as a heartbeat is late or lost, while the input that caused it is in flight. */
	readonly onWrong: () => void;
}

export class Bystander {
	/** Round trips, in milliseconds. */
	private readonly latencies: number[] = [];
	private readonly gateway: GatewayProcess;
	private readonly client: WireClient;
	private readonly problems: string[] = [];
	private readonly options: BystanderOptions;
	private sent = 0;
	private peakRssBytes = 0;
	private warmRssBytes: number;
	/** Before the inputs, none of whose connections is to stay. */
	private readonly descriptors: number;
	private readonly timers: NodeJS.Timeout[];

	private constructor(gateway: GatewayProcess, client: WireClient, options: BystanderOptions) {
		this.gateway = gateway;
		this.client = client;
		this.options = options;
		const { rssBytes, descriptors } = sizesOf(gateway.pid);
		this.warmRssBytes = rssBytes;
		this.descriptors = descriptors;
		const look = () => {
			if (gateway.process.exitCode === null)
				this.peakRssBytes = Math.max(this.peakRssBytes, sizesOf(gateway.pid).rssBytes);
		};
		this.timers = [setInterval(() => void this.beat(), HEARTBEAT_EVERY_MS), setInterval(look, LOOK_EVERY_MS)];
	}

	static async open(gateway: GatewayProcess, options: BystanderOptions): Promise<Bystander> {
		const { client } = await WireClient.member(gateway.url, "bystander");
		return new Bystander(gateway, client, options);
	}

	/** What was needed once is there: what comes on top of it is judged. */
	warm(): void {
		this.warmRssBytes = sizesOf(this.gateway.pid).rssBytes;
	}

	/** Ends watching. @returns what is wrong. */
	async judge(): Promise<readonly string[]> {
		for (const timer of this.timers) clearInterval(timer);
		const { gateway, problems, latencies } = this;
		if (gateway.process.exitCode !== null || gateway.process.signalCode !== null) {
			return [`the gateway ended: ${gateway.log()}`];
		}
		await this.beat();
		if (problems.length > 0) return problems;
		if (latencies.length !== this.sent) problems.push(`${this.sent - latencies.length} heartbeats were not answered`);
		const sorted = latencies.toSorted((a, b) => a - b);
		const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
		const after = await this.settled();
		const peakRssBytes = Math.max(this.peakRssBytes, this.warmRssBytes, after.rssBytes);
		console.log(
			`  bystander: ${latencies.length} of ${this.sent} heartbeats answered, p50 ${at(0.5).toFixed(1)} ms, ` +
				`p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`,
		);
		console.log(
			`  gateway: ${mib(this.warmRssBytes)} after the warm-up, ${mib(after.rssBytes)} in the end, at most ` +
				`${mib(peakRssBytes)}; ${this.descriptors} descriptors before, ${after.descriptors} after`,
		);
		const bound = this.warmRssBytes * MAX_RSS_FACTOR + MAX_RSS_BYTES_MORE;
		if (after.rssBytes > bound) problems.push(`memory grew to ${mib(after.rssBytes)}; the bound is ${mib(bound)}`);
		if (after.descriptors > this.descriptors + MAX_DESCRIPTORS_MORE) {
			problems.push(`${after.descriptors} descriptors are open, before the inputs it was ${this.descriptors}`);
		}
		if (/"level":(50|60)|unhandled|INTERNAL/i.test(gateway.log()))
			problems.push(`errors were logged: ${gateway.log()}`);
		await this.client.close();
		return problems;
	}

	private async beat(): Promise<void> {
		const startMs = performance.now();
		this.sent++;
		const giveUp = new AbortController();
		const late = setTimeout(GIVEN_UP_AFTER_MS, undefined, { signal: giveUp.signal }).then(() => {
			throw new Error(`no answer within ${GIVEN_UP_AFTER_MS} ms`);
		});
		try {
			const { error } = await Promise.race([this.client.ask(authRoutes.heartbeat, {}), late]);
			if (error) this.wrong(`a heartbeat was refused: ${error.message}`);
			const latencyMs = performance.now() - startMs;
			this.latencies.push(latencyMs);
			if (latencyMs > this.options.maxLatencyMs) this.wrong(`a heartbeat took ${latencyMs.toFixed(0)} ms`);
		} catch (error) {
			this.wrong(`a heartbeat failed: ${String(error)}`);
		} finally {
			late.catch(() => {});
			giveUp.abort();
		}
	}

	private wrong(problem: string): void {
		if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
		this.options.onWrong();
	}

	/** Connections that have just closed are let go. */
	private async settled(): Promise<Sizes> {
		let sizes = sizesOf(this.gateway.pid);
		for (let round = 0; round < 50 && sizes.descriptors > this.descriptors; round++) {
			await this.client.ask(authRoutes.heartbeat, {});
			sizes = sizesOf(this.gateway.pid);
		}
		return sizes;
	}
}

function mib(bytes: number): string {
	return `${Math.round(bytes / MIB)} MiB`;
}
