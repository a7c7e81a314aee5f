// A run of many cases in this process: gateways one after the other, each with users of one role, each empty in the end.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CaseMaker, caseToJson, type FuzzCase, type Target } from "./fuzz-case.ts";
import { BATCH, type Failure, leftovers, runBatch } from "./in-process.ts";
import { type Answered, Plant, ROLES } from "./plant.ts";
import { smallest } from "./smallest.ts";

/** Cases that one gateway serves: what its stores hold stays bounded, and a case follows from its index alone. */
export const CASES_PER_PLANT = BATCH * 24;
const MAX_FAILURES = 5;

export interface RunOptions {
	readonly target: Target;
	readonly seed: number;
	/** Index of the first case. */
	readonly from: number;
	/** Ends after this many cases, or when there were enough inputs. */
	readonly cases: number;
	readonly inputs: number;
	/** Where failing cases are written. */
	readonly directory: string;
	/** Called before every batch. @param next - index of its first case. */
	readonly onBatch?: (next: number, inputs: number) => void;
	/** Called as soon as something is wrong, as a long run may not come to its end. */
	readonly onProblem?: (problem: string) => void;
}

export interface RunResult {
	readonly inputs: number;
	readonly cases: number;
	/** In words, with how to see it again. */
	readonly problems: readonly string[];
	/** Of the whole process, after each gateway has closed. */
	readonly rssBytes: readonly number[];
	/** By route: requests that the gateways answered. */
	readonly answered: Readonly<Record<string, Answered>>;
}

export async function runInProcess(options: RunOptions): Promise<RunResult> {
	const { target, seed, from, directory } = options;
	const maker = new CaseMaker();
	const problems: string[] = [];
	const note = (problem: string) => {
		problems.push(problem);
		options.onProblem?.(problem);
	};
	const rssBytes: number[] = [];
	const answered: Record<string, Answered> = {};
	let inputs = 0;
	let index = from;
	const end = from + options.cases;
	let batchStart = from;
	const stray = (error: unknown) => {
		note(
			`rejected, and nobody listened: ${stackOf(error)}; again: --replay ${target}:${seed}:${batchStart}-${index - 1}`,
		);
	};
	process.on("unhandledRejection", stray);
	try {
		while (index < end && inputs < options.inputs && problems.length < MAX_FAILURES) {
			const plantEnd = Math.min(end, (Math.floor(index / CASES_PER_PLANT) + 1) * CASES_PER_PLANT);
			const plant = await Plant.open(plantOptionsAt(index));
			const make = maker.with(plant.known);
			const plantStart = index;
			while (index < plantEnd && inputs < options.inputs && problems.length < MAX_FAILURES) {
				batchStart = index;
				options.onBatch?.(index, inputs);
				const count = Math.min(BATCH, plantEnd - index);
				const cases = Array.from({ length: count }, (_, at) => make(target, seed, batchStart + at));
				index += count;
				const result = await runBatch(plant, cases, batchStart);
				inputs += result.inputs;
				for (const failure of result.failures) note(await report(failure, directory));
			}
			const left = await leftovers(plant);
			if (left !== undefined) {
				note(`${left}; again: --replay ${target}:${seed}:${plantStart}-${index - 1}`);
			}
			addAnswered(answered, await plant.answered());
			await plant.close();
			globalThis.gc?.();
			rssBytes.push(process.memoryUsage.rss());
		}
	} finally {
		process.removeListener("unhandledRejection", stray);
	}
	return { inputs, cases: index - from, problems, rssBytes, answered };
}

/** Adds to the first what is in the second. */
export function addAnswered(sum: Record<string, Answered>, more: Readonly<Record<string, Answered>>): void {
	for (const [route, { requests, ok }] of Object.entries(more)) {
		const before = sum[route] ?? { requests: 0, ok: 0 };
		sum[route] = { requests: before.requests + requests, ok: before.ok + ok };
	}
}

/** Roles take turns, and one gateway in four closes clients that make mistakes. */
export function plantOptionsAt(index: number) {
	const plant = Math.floor(index / CASES_PER_PLANT);
	const role = ROLES[plant % ROLES.length] ?? "user";
	return { role, maxErrors: plant % 4 === 3 ? 20 : 1_000_000 };
}

/** Runs one case alone, as the user whose it was. @returns what is wrong with it. */
export async function tryAlone(fuzzCase: FuzzCase, index: number): Promise<string | undefined> {
	const plant = await Plant.open(plantOptionsAt(index));
	try {
		const { failures } = await runBatch(plant, [fuzzCase], index);
		return failures[0]?.problem ?? (await leftovers(plant));
	} finally {
		await plant.close();
	}
}

async function report({ fuzzCase, problem }: Failure, directory: string): Promise<string> {
	const index = Number(fuzzCase.name.split(":")[2] ?? 0);
	const small = await smallest(fuzzCase, async (candidate) => (await tryAlone(candidate, index)) !== undefined);
	mkdirSync(directory, { recursive: true });
	const path = join(directory, `${fuzzCase.name.replaceAll(":", "-")}.json`);
	writeFileSync(path, caseToJson(small));
	return `${fuzzCase.name}: ${problem}\n  ${small.frames.length} messages in ${path}`;
}

function stackOf(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
