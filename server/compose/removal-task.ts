// Tasks that remove what has ended or is too old, at an interval.
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask, type PeriodicTaskOptions } from "../../common/periodic-task.ts";

/** @param what - for the log line of a round that failed: the subject of "were not removed". */
export function removalTask(
	what: string,
	intervalMs: number,
	run: PeriodicTaskOptions["run"],
	logger: Logger,
): PeriodicTask {
	const text = `${what} were not removed; the next round will retry`;
	return new PeriodicTask({ intervalMs, run, onError: (error) => logger.warn({ err: error }, text) });
}
