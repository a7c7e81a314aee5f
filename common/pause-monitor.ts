// Notices that the process was paused: stopped by a signal, in a frozen group of processes, swapped out, behind a work that blocked
// the event loop, or on a machine that was suspended. What others sent meanwhile waits unread in sockets, so that nobody may
// be judged by the time that has passed before it was read.
import type { Clock } from "./clock.ts";

/** Later than the interval by less than this is the ordinary delay of a busy process. */
const ORDINARY_DELAY_MS = 500;

/** What is asked of a monitor before somebody is judged by the time that has passed. */
export interface Pauses {
	/**
	 * The process was paused, and has not had a round of its loop since in which it could read what waits.
	 */
	readonly isRecovering: boolean;
}

export interface PauseMonitorOptions {
	readonly clock: Clock;
	/** How often `tick` should be called, in milliseconds. */
	readonly intervalMs: number;
}

export class PauseMonitor implements Pauses {
	/** How long the process was paused in all, in milliseconds. */
	pausedMs = 0;
	private readonly options: PauseMonitorOptions;
	private tickedAtMs: number;
	private tickedWallMs: number;
	private isGraceRound = false;

	constructor(options: PauseMonitorOptions) {
		this.options = options;
		this.tickedAtMs = options.clock.monotonic();
		this.tickedWallMs = options.clock.now();
	}

	/** True before the tick that reports the pause as well: which timer is the first one after it is not known. */
	get isRecovering(): boolean {
		return this.isGraceRound || this.lateMs() > 0;
	}

	/**
	 * To be called every `intervalMs`.
	 *
	 * @returns how long the process was paused since the last call, by the clock that says more: the monotonic one stops while
	 *   the machine is suspended, and a wall clock that is put forward looks the same. 0 for no pause.
	 */
	tick(): number {
		const pausedMs = this.lateMs();
		this.tickedAtMs = this.options.clock.monotonic();
		this.tickedWallMs = this.options.clock.now();
		this.isGraceRound = pausedMs > 0;
		this.pausedMs += pausedMs;
		return pausedMs;
	}

	private lateMs(): number {
		const { clock, intervalMs } = this.options;
		const elapsedMs = Math.max(clock.monotonic() - this.tickedAtMs, clock.now() - this.tickedWallMs);
		const lateMs = Math.floor(elapsedMs - intervalMs);
		return lateMs > ORDINARY_DELAY_MS ? lateMs : 0;
	}
}
