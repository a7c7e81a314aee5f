// Shares the cases of a target among processes, and notices one that dies or stands still.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Target } from "./fuzz-case.ts";
import type { RunOptions, RunResult } from "./in-process-run.ts";
import { CASES_PER_PLANT } from "./in-process-run.ts";
import type { JobNews } from "./job.ts";

/** A batch takes about a second. */
const STANDSTILL_MS = 90_000;
/** Indexes that one job may use: no two jobs make the same case. */
const INDEXES_PER_JOB = CASES_PER_PLANT * 4096;

export interface JobsOptions {
	readonly target: Target;
	readonly seed: number;
	/** Index of the first case. */
	readonly from: number;
	readonly inputs: number;
	readonly jobs: number;
	readonly directory: string;
	readonly onProgress: (inputs: number) => void;
}

export async function runJobs(options: JobsOptions): Promise<readonly RunResult[]> {
	const counts = new Array<number>(options.jobs).fill(0);
	return await Promise.all(
		counts.map((_, job) => {
			const { target, seed, directory } = options;
			const share = Math.ceil(options.inputs / options.jobs);
			const from = options.from + job * INDEXES_PER_JOB;
			return runJob({ target, seed, from, cases: INDEXES_PER_JOB, inputs: share, directory }, (inputs) => {
				counts[job] = inputs;
				options.onProgress(counts.reduce((sum, count) => sum + count, 0));
			});
		}),
	);
}

function runJob(options: RunOptions, onProgress: (inputs: number) => void): Promise<RunResult> {
	return new Promise((resolve) => {
		const child = fork(fileURLToPath(new URL("job.ts", import.meta.url)), [JSON.stringify(options)], {
			execArgv: ["--expose-gc"],
		});
		let at = options.from;
		let inputs = 0;
		let result: RunResult | undefined;
		let heardMs = performance.now();
		let what = "the process ended";
		const watch = setInterval(() => {
			if (performance.now() - heardMs < STANDSTILL_MS) return;
			what = `nothing happened for ${STANDSTILL_MS / 1000} s`;
			child.kill("SIGKILL");
		}, 1000);
		child.on("message", (news: JobNews) => {
			heardMs = performance.now();
			if (news.type === "done") result = news.result;
			else {
				({ next: at, inputs } = news);
				onProgress(inputs);
			}
		});
		child.once("exit", (code, signal) => {
			clearInterval(watch);
			const { target, seed, from } = options;
			const problem = `${what} (${signal ?? code}); again: --target ${target} --seed ${seed} --from ${at}`;
			resolve(result ?? { inputs, cases: at - from, problems: [problem], rssBytes: [] });
		});
	});
}
