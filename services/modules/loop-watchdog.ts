// Who holds the gateway's loop: functions of modules say when they begin and end their synchronous work, in memory that another thread
// reads, since a loop that never ends lets nothing of this thread report it.
import { Worker } from "node:worker_threads";
import type { Logger } from "../../common/logger.ts";
import { moduleBeside } from "../../common/module-url.ts";

export interface LoopWatchdogOptions {
	/** 0 watches nothing. */
	readonly reportMs: number;
	readonly logger: Logger;
}

/** What the thread is started with. */
export interface WatchdogData {
	/** `BEAT`, then `CURRENT`. */
	readonly shared: Int32Array;
	readonly lookMs: number;
}

/** To the thread: who an index is. */
export type WatchdogNames = readonly (readonly [index: number, name: string])[];
/** From it: the loop runs again. */
export interface LoopHeld {
	readonly name: string;
	readonly heldMs: number;
}

/** Counts up while the loop runs. */
export const BEAT = 0;
/** The index of what runs now; 0 for nothing of a module. */
export const CURRENT = 1;
/** A beat that stands still over so many looks is a loop that is held. */
export const LOOKS_TO_REPORT = 4;

export class LoopWatchdog {
	/** Times that a module held the loop, since the start. */
	holds = 0;
	private readonly options: LoopWatchdogOptions;
	/** Plain stores: an old value is seen a look later. */
	private readonly shared = new Int32Array(new SharedArrayBuffer(8));
	private readonly indexes = new Map<string, number>();
	private worker: Worker | undefined;
	private beats: NodeJS.Timeout | undefined;

	constructor(options: LoopWatchdogOptions) {
		this.options = options;
	}

	/** The index of what runs under a name, such as `shop.buy`. Starts the thread with the first one. */
	register(name: string): number {
		const known = this.indexes.get(name);
		if (known !== undefined || this.options.reportMs === 0) return known ?? 0;
		const index = this.indexes.size + 1;
		this.indexes.set(name, index);
		this.worker ??= this.start();
		this.worker.postMessage([[index, name]] satisfies WatchdogNames);
		return index;
	}

	/** Runs synchronous work of a module. */
	enter(index: number): void {
		this.shared[CURRENT] = index;
	}

	leave(): void {
		this.shared[CURRENT] = 0;
	}

	async close(): Promise<void> {
		clearInterval(this.beats);
		await this.worker?.terminate();
		this.worker = undefined;
	}

	private start(): Worker {
		const lookMs = this.options.reportMs / LOOKS_TO_REPORT;
		const workerData: WatchdogData = { shared: this.shared, lookMs };
		const worker = new Worker(moduleBeside("loop-watchdog-worker", import.meta.url), {
			name: "loop watchdog",
			workerData,
			env: {},
			resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
		});
		worker.unref();
		worker.on("message", ({ name, heldMs }: LoopHeld) => {
			this.holds++;
			this.options.logger.warn({ function: name, heldMs }, "a module held the event loop");
		});
		worker.on("error", (error) => this.options.logger.error({ err: error }, "the watchdog of the event loop failed"));
		this.beats = setInterval(() => this.beat(), lookMs).unref();
		return worker;
	}

	private beat(): void {
		this.shared[BEAT] = (this.shared[BEAT] as number) + 1;
	}
}
