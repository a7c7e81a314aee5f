// Shares the cases of a target among processes, notices one that dies or stands still, and finds the cases that did it.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { tiedFork } from "../support/tied-process.ts";
import type { Target } from "./fuzz-case.ts";
import { BATCH } from "./in-process.ts";
import { CASES_PER_PLANT, type RunOptions, type RunResult } from "./in-process-run.ts";
import type { JobReport } from "./job.ts";
import { type Range, smallestRange } from "./smallest.ts";

/** A batch takes less than a second; a batch of which one message is never answered, 20 s. */
const STANDSTILL_MS = 60_000;
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
			const shareOptions = { target, seed, from, cases: INDEXES_PER_JOB, inputs: share, directory };
			return runShare(shareOptions, (inputs) => {
				counts[job] = inputs;
				options.onProgress(counts.reduce((sum, count) => sum + count, 0));
			});
		}),
	);
}

async function runShare(options: RunOptions, onProgress: (inputs: number) => void): Promise<RunResult> {
	const { result, death } = await runJob(options, onProgress);
	if (death === undefined) return result;
	return { ...result, problems: [`${death.how}; ${await again(options, death.batch)}`] };
}

/** Runs what a process died at in others, with less and less of it. @returns how to see it again. */
async function again(options: RunOptions, batch: Range): Promise<string> {
	const { target, seed } = options;
	console.log(`  ${target}: looking which of cases ${batch.first} to ${batch.last} did it`);
	const dies = async ({ first, last }: Range) => {
		const some = { ...options, from: first, cases: last - first + 1, inputs: Number.MAX_SAFE_INTEGER };
		return (await runJob(some, () => {})).death !== undefined;
	};
	const replay = ({ first, last }: Range) => `--replay ${target}:${seed}:${first}-${last}`;
	const small = await smallestRange(batch, dies);
	if (small !== undefined) return `again: ${replay(small)}`;
	// What earlier cases left in the gateway may be a part of it.
	const plantStart = Math.floor(batch.first / CASES_PER_PLANT) * CASES_PER_PLANT;
	const whole = { first: Math.max(options.from, plantStart), last: batch.last };
	return (await dies(whole)) ? `again: ${replay(whole)}` : `it did not happen again with ${replay(whole)}`;
}

interface JobEnd {
	readonly result: RunResult;
	/** Undefined if the job came to its end. */
	readonly death: { readonly how: string; readonly batch: Range } | undefined;
}

function runJob(options: RunOptions, onProgress: (inputs: number) => void): Promise<JobEnd> {
	return new Promise((resolve) => {
		const child = fork(fileURLToPath(new URL("job.ts", import.meta.url)), [JSON.stringify(options)], {
			...tiedFork(["--expose-gc"]),
		});
		let at = options.from;
		let inputs = 0;
		let result: RunResult | undefined;
		let reportedMs = performance.now();
		let what = "the process ended";
		const watch = setInterval(() => {
			if (performance.now() - reportedMs < STANDSTILL_MS) return;
			what = `nothing happened for ${STANDSTILL_MS / 1000} s`;
			child.kill("SIGKILL");
		}, 1000);
		child.on("message", (report: JobReport) => {
			reportedMs = performance.now();
			if (report.type === "done") result = report.result;
			else {
				({ next: at, inputs } = report);
				onProgress(inputs);
			}
		});
		child.once("exit", (code, signal) => {
			clearInterval(watch);
			if (result !== undefined) {
				resolve({ result, death: undefined });
				return;
			}
			const batch = { first: at, last: Math.min(at + BATCH, options.from + options.cases) - 1 };
			const unfinished = { inputs, cases: at - options.from, problems: [], rssBytes: [], answered: {} };
			resolve({ result: unfinished, death: { how: `${what} (${signal ?? code})`, batch } });
		});
	});
}
