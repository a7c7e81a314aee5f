// Timers of one generation: those of `context.every`, which run while it serves, and those that its code makes with the global
// functions, which end with it at the latest.

import { promisify } from "node:util";

/** The global functions, as the code of a module sees them. */
export type TimerFunctions = Pick<
	typeof globalThis,
	"setTimeout" | "setInterval" | "setImmediate" | "clearTimeout" | "clearInterval" | "clearImmediate"
>;

/** Timers that one generation may have at a time. */
export const MAX_TIMERS = 10_000;
const MIN_INTERVAL_MS = 10;

type Around = (run: () => unknown) => unknown;

interface Periodic {
	readonly intervalMs: number;
	readonly run: () => unknown;
	timer: NodeJS.Timeout | undefined;
	isRunning: boolean;
}

export class ModuleTimers {
	private readonly onError: (error: unknown) => void;
	private readonly around: Around;
	private readonly periodic = new Set<Periodic>();
	private readonly timers = new Set<NodeJS.Timeout | NodeJS.Immediate>();
	private isServing = false;
	private isOver = false;

	/** @param onError - gets what the work of timers throws. @param around - runs the synchronous part of it. */
	constructor(onError: (error: unknown) => void, around: Around = (run) => run()) {
		this.onError = onError;
		this.around = around;
	}

	/** Those that would run now or later. */
	get size(): number {
		return this.timers.size + this.periodic.size;
	}

	/** @throws RangeError for an interval below 10 ms; Error when there are too many. */
	every(intervalMs: number, run: () => unknown): () => void {
		if (!(intervalMs >= MIN_INTERVAL_MS)) throw new RangeError(`the interval must be at least ${MIN_INTERVAL_MS} ms`);
		this.checkRoom();
		const work: Periodic = { intervalMs, run, timer: undefined, isRunning: false };
		if (!this.isOver) this.periodic.add(work);
		if (this.isServing) this.arm(work);
		return () => this.cancel(work);
	}

	/** The generation serves. */
	begin(): void {
		this.isServing = true;
		for (const work of this.periodic) this.arm(work);
	}

	/** Another one serves: periodic work ends. What calls in flight wait for goes on. */
	stopPeriodic(): void {
		this.isServing = false;
		for (const work of [...this.periodic]) this.cancel(work);
	}

	/** The generation is over: nothing runs any more. */
	end(): void {
		this.isOver = true;
		this.stopPeriodic();
		for (const timer of this.timers) clearTimeout(timer as NodeJS.Timeout);
		for (const timer of this.timers) clearImmediate(timer as NodeJS.Immediate);
		this.timers.clear();
	}

	/** What the code of the module gets in place of the global functions. */
	functions(): TimerFunctions {
		const { timers } = this;
		const once =
			<Timer extends NodeJS.Timeout | NodeJS.Immediate>(make: (run: () => void, delayMs: number) => Timer) =>
			(run: (...args: unknown[]) => unknown, delayMs: number, ...args: unknown[]): Timer => {
				this.checkRoom();
				const timer = make(() => {
					timers.delete(timer);
					this.attempt(run, args);
				}, delayMs);
				this.keep(timer);
				return timer;
			};
		const again = (run: (...args: unknown[]) => unknown, delayMs?: number, ...args: unknown[]) => {
			this.checkRoom();
			return this.keep(setInterval(() => this.attempt(run, args), delayMs));
		};
		const forget = (clear: (timer: never) => void) => (timer: NodeJS.Timeout | NodeJS.Immediate | undefined) => {
			if (timer !== undefined) timers.delete(timer);
			clear(timer as never);
		};
		const wait = once((run, delayMs) => setTimeout(run, delayMs));
		// What `promisify(setTimeout)` gives.
		const later = (delayMs: number, value?: unknown) =>
			new Promise((resolve) => wait(resolve as never, delayMs, value));
		return {
			setTimeout: Object.assign(wait, { [promisify.custom]: later }),
			setImmediate: (run: (...args: unknown[]) => unknown, ...args: unknown[]) =>
				once((made) => setImmediate(made))(run, 0, ...args),
			setInterval: again,
			clearTimeout: forget(clearTimeout),
			clearInterval: forget(clearInterval),
			clearImmediate: forget(clearImmediate),
		} as unknown as TimerFunctions;
	}

	/** An error of a timer's work would end the process, and so would a promise that is rejected with what is no error. */
	private attempt(run: (...args: unknown[]) => unknown, args: readonly unknown[]): void {
		try {
			const result = this.around(() => run(...args));
			if (result instanceof Promise) result.catch(this.onError);
		} catch (error) {
			this.onError(error);
		}
	}

	private keep<Timer extends NodeJS.Timeout | NodeJS.Immediate>(timer: Timer): Timer {
		if (!this.isOver) this.timers.add(timer);
		else if ("refresh" in timer) clearTimeout(timer as NodeJS.Timeout);
		else clearImmediate(timer as NodeJS.Immediate);
		return timer;
	}

	private checkRoom(): void {
		if (this.size >= MAX_TIMERS) throw new Error(`a module may have ${MAX_TIMERS} timers at a time`);
	}

	private arm(work: Periodic): void {
		work.timer ??= setInterval(() => void this.tick(work), work.intervalMs).unref();
	}

	private cancel(work: Periodic): void {
		clearInterval(work.timer);
		this.periodic.delete(work);
	}

	private async tick(work: Periodic): Promise<void> {
		if (work.isRunning) return;
		work.isRunning = true;
		try {
			await this.around(work.run);
		} catch (error) {
			this.onError(error);
		} finally {
			work.isRunning = false;
		}
	}
}
