// A list that a server does not push: read at once, and again after each interval; after a failure sooner.
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "../../common/backoff.ts";
import type { FeedListener, FeedSubscription, ListedEndpoint } from "./discovery-client.ts";

export interface PollingOptions {
	readonly intervalMs: number;
	readonly read: () => Promise<readonly ListedEndpoint[]>;
	readonly listener: FeedListener;
}

const FIRST_RETRY_MS = 250;

export class Polling implements FeedSubscription {
	private readonly options: PollingOptions;
	private readonly closing = new AbortController();
	private readonly backoff: Backoff;
	private readonly running: Promise<void>;

	constructor(options: PollingOptions) {
		this.options = options;
		this.backoff = new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: options.intervalMs });
		this.running = this.run();
	}

	async close(): Promise<void> {
		this.closing.abort();
		await this.running;
	}

	private async run(): Promise<void> {
		const { signal } = this.closing;
		while (!signal.aborted) {
			const waitMs = await this.poll();
			await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	/** @returns milliseconds until the next read. */
	private async poll(): Promise<number> {
		const { read, listener, intervalMs } = this.options;
		try {
			const endpoints = await read();
			this.backoff.reset();
			if (!this.closing.signal.aborted) listener.onList(endpoints);
			return intervalMs;
		} catch (error) {
			if (!this.closing.signal.aborted) listener.onUnavailable(error as Error);
			return this.backoff.next();
		}
	}
}
