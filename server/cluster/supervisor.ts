// Runs several processes of the gateway on one port: restarts those that crash, replaces them one at a time on
// request, and drains them all in the end. Knows nothing of what a worker does beside listening.
import type { ChildProcess } from "node:child_process";
import type { Logger } from "../../common/logger.ts";
import { type Exit, WorkerProcess } from "./worker-process.ts";

export interface SupervisorOptions {
	readonly workers: number;
	/** Starts the process of a slot, 1 to `workers`; `generation` counts the processes that the slot has had. */
	readonly fork: (slot: number, generation: number) => ChildProcess;
	readonly logger: Logger;
	/** Longest wait for a worker to drain, unless it has reported another; then it is killed. */
	readonly drainLimitMs: number;
	/** Longest wait for a successor to listen, when rolling. */
	readonly listenLimitMs: number;
	/** Wait before the first restart; doubles with each crash in a row. */
	readonly restartDelayMs: number;
	readonly maxRestartDelayMs: number;
	/** A worker that served this long was no crash loop. */
	readonly stableAfterMs: number;
	/**
	 * Crashes in a row after which all is given up, of a slot in which no process has ever listened: its configuration does not
	 * work. What once worked is restarted for ever, as a client may be what ends it.
	 */
	readonly maxCrashes: number;
}

export const supervisorDefaults = {
	listenLimitMs: 30_000,
	restartDelayMs: 200,
	maxRestartDelayMs: 10_000,
	stableAfterMs: 10_000,
	maxCrashes: 5,
} as const;

interface Slot {
	readonly number: number;
	generation: number;
	/** One of its processes has. */
	hasListened: boolean;
	current: WorkerProcess | undefined;
}

export class Supervisor {
	readonly #options: SupervisorOptions;
	readonly #slots: readonly Slot[];
	readonly #alive = new Set<WorkerProcess>();
	readonly #stopping = new AbortController();
	#rolling = false;
	#exitCode = 0;

	constructor(options: SupervisorOptions) {
		this.#options = options;
		this.#slots = Array.from({ length: options.workers }, (_, index) => {
			return { number: index + 1, generation: 0, hasListened: false, current: undefined };
		});
	}

	/** Process ids of the workers that are alive, those that drain included. */
	get pids(): number[] {
		return [...this.#alive].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
	}

	/** Runs the workers until `stop`, or until one never comes to listen. @returns the exit code. */
	async run(): Promise<number> {
		const slots = this.#slots.map((slot) => this.#keepRunning(slot));
		await Promise.all(slots);
		// A worker being rolled may outlive its slot.
		await Promise.all([...this.#alive].map((worker) => worker.drain(this.#options.drainLimitMs)));
		return this.#exitCode;
	}

	/** Drains all workers; `run` ends when they have. */
	stop(): void {
		if (this.#stopping.signal.aborted) return;
		this.#stopping.abort();
		for (const worker of this.#alive) void this.#drain(worker);
	}

	/** Ends all workers at once. */
	kill(): void {
		this.#stopping.abort();
		for (const worker of this.#alive) worker.kill();
	}

	/** Has every worker read its configuration again. */
	reload(): void {
		for (const worker of this.#alive) worker.reload();
	}

	/**
	 * Replaces the workers one at a time: a successor listens before its predecessor drains. Stops at the first successor
	 * that does not come up, so that a bad release takes down nothing.
	 *
	 * @returns whether all were replaced.
	 */
	async roll(): Promise<boolean> {
		const { logger } = this.#options;
		if (this.#rolling || this.#stopping.signal.aborted) {
			logger.warn({}, "not rolling: already rolling or stopping");
			return false;
		}
		this.#rolling = true;
		try {
			for (const slot of this.#slots) {
				if (!(await this.#replace(slot))) return false;
			}
			logger.info({ workers: this.#slots.length }, "all workers replaced");
			return true;
		} finally {
			this.#rolling = false;
		}
	}

	#launch(slot: Slot): WorkerProcess {
		slot.generation++;
		const worker = new WorkerProcess(`${slot.number}`, this.#options.fork(slot.number, slot.generation), () => {
			slot.hasListened = true;
		});
		this.#alive.add(worker);
		void worker.exited.then(() => this.#alive.delete(worker));
		const fields = { worker: slot.number, workerPid: worker.pid };
		void worker.listening.then((isUp) => {
			if (isUp) this.#options.logger.info(fields, "worker listening");
		});
		return worker;
	}

	/** Keeps a process in the slot. Ends when the supervisor stops and the process has ended. */
	async #keepRunning(slot: Slot): Promise<void> {
		const { logger, stableAfterMs, maxCrashes } = this.#options;
		let crashes = 0;
		while (!this.#stopping.signal.aborted || slot.current !== undefined) {
			slot.current ??= this.#launch(slot);
			const worker = slot.current;
			const exit = await worker.exited;
			// After a roll, a successor has the slot already.
			if (slot.current !== worker) continue;
			slot.current = undefined;
			if (this.#stopping.signal.aborted) return;
			crashes = worker.listeningForMs >= stableAfterMs ? 1 : crashes + 1;
			const isHopeless = !slot.hasListened && crashes >= maxCrashes;
			const restartInMs = isHopeless ? undefined : this.#delayMs(crashes);
			const fields = { worker: slot.number, workerPid: worker.pid, ...exit, crashes, restartInMs };
			logger.error(fields, "worker ended unexpectedly");
			if (restartInMs === undefined) return this.#giveUp(slot, exit);
			await this.#pause(restartInMs);
		}
	}

	#giveUp(slot: Slot, exit: Exit): void {
		this.#exitCode = 1;
		this.#options.logger.fatal({ worker: slot.number, ...exit }, "worker never came to listen, giving up");
		this.stop();
	}

	/** Longer after each crash in a row. */
	#delayMs(crashes: number): number {
		const { restartDelayMs, maxRestartDelayMs } = this.#options;
		return Math.min(restartDelayMs * 2 ** (crashes - 1), maxRestartDelayMs);
	}

	/** Waits before a restart. `stop` cuts it short. */
	#pause(delayMs: number): Promise<void> {
		const { signal } = this.#stopping;
		return new Promise((resolve) => {
			const finish = () => {
				clearTimeout(timer);
				signal.removeEventListener("abort", finish);
				resolve();
			};
			const timer = setTimeout(finish, delayMs);
			signal.addEventListener("abort", finish);
		});
	}

	async #replace(slot: Slot): Promise<boolean> {
		if (this.#stopping.signal.aborted) return false;
		const predecessor = slot.current;
		const successor = this.#launch(slot);
		const isUp = await this.#listensInTime(successor);
		if (this.#stopping.signal.aborted) {
			await this.#drain(successor);
			return false;
		}
		if (!isUp) {
			this.#options.logger.error({ worker: slot.number }, "successor did not come up, rolling stopped");
			successor.kill();
			return false;
		}
		if (slot.current !== predecessor || predecessor === undefined) {
			// The predecessor crashed meanwhile and was replaced in the ordinary way.
			await this.#drain(successor);
			return true;
		}
		slot.current = successor;
		await this.#drain(predecessor);
		return true;
	}

	async #listensInTime(worker: WorkerProcess): Promise<boolean> {
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<boolean>((resolve) => {
			timer = setTimeout(() => resolve(false), this.#options.listenLimitMs);
		});
		const isUp = await Promise.race([worker.listening, limit]);
		clearTimeout(timer);
		return isUp;
	}

	async #drain(worker: WorkerProcess): Promise<void> {
		const exit = await worker.drain(this.#options.drainLimitMs);
		const fields = { worker: worker.name, workerPid: worker.pid, ...exit };
		if (exit.code === 0) this.#options.logger.info(fields, "worker drained");
		else this.#options.logger.warn(fields, "worker did not drain in order");
	}
}
