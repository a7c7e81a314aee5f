// A server under test: a process of its own, watched through /proc.
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** Kernel clock ticks a second, the unit of /proc/<pid>/stat (proc(5)). */
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const STOP_WITHIN_MS = 5000;

/** Settings of a server, for `collectGarbage`. */
export const collectable: Readonly<Record<string, string>> = {
	NODE_OPTIONS: `--expose-gc --import=${import.meta.resolve("./collect-on-signal.ts")}`,
};

export class ServerProcess {
	readonly port: number;
	private readonly child: ChildProcess;
	private readonly onStopped: () => void;
	private readonly logTail: () => string;
	/** For a bench that ends before it has stopped, or even got hold of, this server. */
	private readonly onExit = (): void => {
		this.child.kill("SIGKILL");
		this.onStopped();
	};

	/** @param onStopped - cleans up after the process. @param logTail - what it wrote last. */
	constructor(child: ChildProcess, port: number, onStopped: () => void = () => {}, logTail: () => string = () => "") {
		this.child = child;
		this.port = port;
		this.onStopped = onStopped;
		this.logTail = logTail;
		process.once("exit", this.onExit);
	}

	/** How it has ended by itself, in words; undefined while it runs. */
	get ownEnd(): string | undefined {
		const { pid, exitCode, signalCode } = this.child;
		if (exitCode === null && signalCode === null) return undefined;
		return `server ${pid} ended with ${signalCode ?? exitCode}\n${this.logTail()}`;
	}

	/** CPU time that the process has used, all threads, user and system, in microseconds; in steps of 10,000. */
	cpuUs(): number {
		const stat = readFileSync(`/proc/${this.child.pid}/stat`, "latin1");
		// The second field is the command in parentheses, which may hold blanks.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const [utime, stime] = [Number(fields[11]), Number(fields[12])];
		return ((utime + stime) * 1_000_000) / TICKS_PER_SECOND;
	}

	/**
	 * CPU time of the threads that the process has now, in microseconds, as the scheduler counts it in nanoseconds: for what
	 * uses so little that the steps of `cpuUs` would show.
	 */
	threadsUs(): number {
		const tasks = `/proc/${this.child.pid}/task`;
		const usedNs = readdirSync(tasks).map((id) => {
			return Number(readFileSync(`${tasks}/${id}/schedstat`, "latin1").split(" ")[0]);
		});
		return usedNs.reduce((sum, ns) => sum + ns, 0) / 1000;
	}

	/** Collects garbage in a server that was started with `collectable`; it may take a second. */
	collectGarbage(): void {
		this.child.kill("SIGURG");
	}

	/** Resident memory of the process. */
	rssBytes(): number {
		const rollup = readFileSync(`/proc/${this.child.pid}/smaps_rollup`, "latin1");
		return Number(/^Rss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024;
	}

	/** Ends the process at once: a benchmark needs no drain. */
	async stop(): Promise<void> {
		process.removeListener("exit", this.onExit);
		const gone = this.child.exitCode !== null || this.child.signalCode !== null;
		if (!gone) {
			const exited = once(this.child, "exit", { signal: AbortSignal.timeout(STOP_WITHIN_MS) });
			this.child.kill("SIGKILL");
			await exited;
		}
		this.onStopped();
	}
}
