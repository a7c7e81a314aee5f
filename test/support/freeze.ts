// Stops a process as a paused machine would, and lets it go on.
import { readdirSync, readFileSync } from "node:fs";
import { until } from "./until.ts";

/** The process and all that it has started. */
function family(pid: number): number[] {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
	return [pid, ...children.flatMap((child) => family(Number(child)))];
}

/** The state comes after the name, which may itself hold spaces and parentheses. */
function stateOf(path: string): string {
	const text = readFileSync(`${path}/stat`, "utf8");
	return text.charAt(text.lastIndexOf(")") + 2);
}

function isStopped(pid: number): boolean {
	return readdirSync(`/proc/${pid}/task`).every((thread) => stateOf(`/proc/${pid}/task/${thread}`) === "T");
}

/**
 * Stops a process and its children. The signal alone only asks: resolves when every thread has stopped.
 *
 * @returns what lets them go on; harmless when they are gone.
 */
export async function freeze(pid: number): Promise<() => void> {
	const pids = family(pid);
	for (const each of pids) process.kill(each, "SIGSTOP");
	await until(() => pids.every(isStopped));
	return () => {
		for (const each of pids) {
			try {
				process.kill(each, "SIGCONT");
			} catch {
				// Gone meanwhile.
			}
		}
	};
}
