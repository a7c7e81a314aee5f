// A process of its own for a share of the cases, so that what crashes or blocks it is seen by the one that started it.
import { type RunOptions, runInProcess } from "./in-process-run.ts";

/** What a job reports while it runs. */
export type JobReport =
	| { readonly type: "batch"; readonly next: number; readonly inputs: number }
	| { readonly type: "done"; readonly result: Awaited<ReturnType<typeof runInProcess>> };

const options = JSON.parse(process.argv[2] ?? "{}") as RunOptions;
const report = (message: JobReport) => process.send?.(message);
const result = await runInProcess({
	...options,
	onBatch: (next, inputs) => report({ type: "batch", next, inputs }),
	onProblem: (problem) => console.log(`  seed ${options.seed}: ${problem}`),
});
process.send?.({ type: "done", result } satisfies JobReport, () => process.exit(0));
