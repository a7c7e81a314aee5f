// Who holds the gateway's loop: functions of modules say when they begin and end their synchronous work, in memory that another thread
// reads, since a loop that never ends lets nothing of this thread report it. What runs later of a function, behind an `await`, says
// nothing: that thread then looks at the stack.
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
	/** `BEAT`, `CURRENT`, `GENERATION`, `SHOWN`. */
	readonly shared: Int32Array;
	readonly lookMs: number;
}

/** Code of a generation, by the name of its script. */
export interface WatchedCode {
	readonly script: string;
	readonly module: string;
	readonly generation: number;
	/** Of modules, absolute. */
	readonly dir: string;
	/** Source map of the script; "" for none. */
	readonly map: string;
}

/** To the thread. */
export type WatchdogMessage =
	| { readonly kind: "name"; readonly index: number; readonly name: string; readonly module: string }
	| { readonly kind: "code"; readonly code: WatchedCode }
	| { readonly kind: "forget"; readonly script: string; readonly generation: number };

/** Who holds the loop. */
export interface LoopHolder {
	readonly module: string;
	readonly generation: number;
	/** Such as `shop.buy`; "" for what runs behind an `await`. */
	readonly function: string;
	/** Where it is, the innermost first: `price (shop.ts:12:3)`. */
	readonly at: readonly string[];
}

/** From it: the loop runs again. */
export interface LoopHeld extends LoopHolder {
	readonly heldMs: number;
}

/** Counts up while the loop runs. */
export const BEAT = 0;
/** The index of what runs now; 0 for nothing of a module. */
export const CURRENT = 1;
/** The generation of that. */
export const GENERATION = 2;
/** 1: lines at the level `error` are logged. */
export const SHOWN = 3;
/** A beat that stands still over so many looks is a loop that is held. */
export const LOOKS_TO_REPORT = 4;
/** A longer one is not kept by the thread: positions are those of the bundle then. */
const MAX_MAP_LENGTH = 262_144;
/** Of the thread's heap: maps of what serves, of canaries and of what still ends. */
const HEAP_MB = 64;

export class LoopWatchdog {
	/** Times that a module held the loop, since the start. */
	holds = 0;
	private readonly options: LoopWatchdogOptions;
	/** Plain stores: an old value is seen a look later. */
	private readonly shared = new Int32Array(new SharedArrayBuffer(16));
	private readonly indexes = new Map<string, number>();
	private worker: Worker | undefined;
	private beats: NodeJS.Timeout | undefined;

	constructor(options: LoopWatchdogOptions) {
		this.options = options;
	}

	/** The index of what runs under a name, such as `shop.buy`. Starts the thread with the first one. */
	register(module: string, name: string): number {
		const known = this.indexes.get(name);
		if (known !== undefined || this.options.reportMs === 0) return known ?? 0;
		const index = this.indexes.size + 1;
		this.indexes.set(name, index);
		this.post({ kind: "name", index, name, module });
		return index;
	}

	/** Makes code known that may run. @returns ends that. */
	describe(code: WatchedCode): () => void {
		if (this.options.reportMs === 0) return () => {};
		const { script, generation, map } = code;
		this.post({ kind: "code", code: { ...code, map: map.length > MAX_MAP_LENGTH ? "" : map } });
		return () => this.worker?.postMessage({ kind: "forget", script, generation } satisfies WatchdogMessage);
	}

	/** Runs synchronous work of a module. */
	enter(index: number, generation: number): void {
		this.shared[GENERATION] = generation;
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

	private post(message: WatchdogMessage): void {
		this.worker ??= this.start();
		this.worker.postMessage(message);
	}

	private start(): Worker {
		const lookMs = this.options.reportMs / LOOKS_TO_REPORT;
		const workerData: WatchdogData = { shared: this.shared, lookMs };
		const worker = new Worker(moduleBeside("loop-watchdog-worker", import.meta.url), {
			name: "loop watchdog",
			workerData,
			env: {},
			resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 2 },
		});
		worker.unref();
		worker.on("message", (held: LoopHeld) => {
			this.holds++;
			this.options.logger.warn({ ...held }, "a module held the event loop");
		});
		worker.on("error", (error) => this.options.logger.error({ err: error }, "the watchdog of the event loop failed"));
		this.beat();
		this.beats = setInterval(() => this.beat(), lookMs).unref();
		return worker;
	}

	private beat(): void {
		this.shared[SHOWN] = this.options.logger.isLevelEnabled("error") ? 1 : 0;
		this.shared[BEAT] = (this.shared[BEAT] as number) + 1;
	}
}
