// Timers that do not keep a Node process alive by themselves; in browsers they are ordinary ones.

export type Timer = ReturnType<typeof setTimeout>;

/** Longest delay that setTimeout takes; a longer one would fire at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/** Runs `task` after `delayMs`, unless the process has nothing else to live for. */
export function housekeeping(task: () => void, delayMs: number): Timer {
	const timer = setTimeout(task, Math.min(delayMs, MAX_DELAY_MS));
	// Browsers give a number, Node an object.
	if (typeof timer === "object") (timer as { unref?: () => void }).unref?.();
	return timer;
}
