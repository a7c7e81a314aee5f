// Processes that end with the one that started them, however that ends: the kernel sends them a signal when it is gone
// (PR_SET_PDEATHSIG, prctl(2)), also after SIGKILL, which no exit handler sees. All long-lived processes of tests, bench, proof and
// fuzz are started this way.
import { existsSync } from "node:fs";

/** Of util-linux, which every Debian has. */
const SETPRIV = "/usr/bin/setpriv";
const POLL_MS = 500;

/** Most servers end by KILL alone; those with processes of their own that would stay behind take another. */
export type LastSignal = "KILL" | "QUIT" | "TERM";

/**
 * The command line that makes a program end with this process, to be spread into `spawn`. The process id stays that of the program.
 *
 * @throws Error when `setpriv` is missing.
 */
export function tied(program: string, args: readonly string[], signal: LastSignal = "KILL"): [string, string[]] {
	if (!existsSync(SETPRIV)) throw new Error(`${SETPRIV} is missing: install util-linux (Debian's name)`);
	return [SETPRIV, ["--pdeathsig", signal, program, ...args]];
}

/** The same for `fork`: options that make a module's process end with this one. */
export function tiedFork(execArgv: readonly string[] = process.execArgv): { execPath: string; execArgv: string[] } {
	const [execPath, prefix] = tied(process.execPath, execArgv);
	return { execPath, execArgv: prefix };
}

/**
 * Ends this process soon after its parent has ended: for one whose parent cannot start it by `tied`, as Node's test runner starts test
 * files, and npm what it runs.
 */
export function endWithParent(): void {
	const parent = process.ppid;
	setInterval(() => {
		if (process.ppid !== parent) process.exit(1);
	}, POLL_MS).unref();
}

/** The same for a main program, which a person may also have started in the background of a shell that ends. */
export function endWithNpm(): void {
	if (process.env["npm_lifecycle_event"] !== undefined) endWithParent();
}
