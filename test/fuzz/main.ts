// `npm run fuzz`: inputs that nobody sane would send, by the million, on everything that a client can reach.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { CaseMaker, caseFromJson, type FuzzCase, TARGETS, type Target } from "./fuzz-case.ts";
import { plantOptionsAt, tryAlone } from "./in-process-run.ts";
import { runJobs } from "./jobs.ts";
import { Plant } from "./plant.ts";
import { PROCESS_TARGETS, type ProcessTarget, runProcess } from "./process-run.ts";

/** How much of a run each target gets: those in process are cheap, those over sockets are not. */
const SHARES: Readonly<Record<Target | ProcessTarget, number>> = {
	envelope: 0.8,
	json: 0.17,
	frames: 0.02,
	http: 0.01,
};
/** What a job may grow by once its first gateways have come and gone. */
const MAX_GROWTH = { factor: 1.5, bytes: 128 * 1024 * 1024 };
/** What a bystander may wait for a heartbeat's answer. */
const MAX_LATENCY_MS = 2000;
const MIB = 1024 * 1024;
const ALL = [...TARGETS, ...PROCESS_TARGETS] as const;

interface Options {
	readonly inputs: number;
	readonly seed: number;
	readonly target?: Target | ProcessTarget;
	readonly jobs: number;
	readonly from: number;
	readonly replay?: string;
	readonly directory: string;
}

function count(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number");
	return value;
}

const isInProcess = (target: string): target is Target => TARGETS.some((name) => name === target);

/** @returns problems. */
async function fuzzInProcess(target: Target, inputs: number, options: Options): Promise<readonly string[]> {
	const { seed, jobs, directory } = options;
	const startedMs = performance.now();
	let shownMs = startedMs;
	const onProgress = (done: number) => {
		if (performance.now() - shownMs < 15_000) return;
		shownMs = performance.now();
		console.log(`  ${target}: ${done} of ${inputs}`);
	};
	const results = await runJobs({ target, seed, from: options.from, inputs, jobs, directory, onProgress });
	const seconds = (performance.now() - startedMs) / 1000;
	const done = results.reduce((sum, result) => sum + result.inputs, 0);
	const problems = results.flatMap((result) => result.problems);
	for (const { rssBytes } of results) {
		const [baseline = 0] = rssBytes.slice(1);
		const last = rssBytes.at(-1) ?? 0;
		const bound = baseline * MAX_GROWTH.factor + MAX_GROWTH.bytes;
		console.log(`  memory of a job: ${mib(baseline)} after its second gateway, ${mib(last)} in the end`);
		if (rssBytes.length > 1 && last > bound) problems.push(`memory grew to ${mib(last)}; the bound is ${mib(bound)}`);
	}
	const cases = results.reduce((sum, result) => sum + result.cases, 0);
	console.log(
		`${target}: ${done} inputs on ${cases} connections in ${seconds.toFixed(1)} s, ${Math.round(done / seconds)}/s`,
	);
	return problems;
}

function mib(bytes: number): string {
	return `${Math.round(bytes / MIB)} MiB`;
}

/** @param what - a file, or target:seed:index. */
async function replay(what: string): Promise<string | undefined> {
	const [target = "", seed, index] = what.split(":");
	if (!isInProcess(target)) return await tryAlone(caseFromJson(readFileSync(what, "utf8")), 0);
	const plant = await Plant.open(plantOptionsAt(Number(index)));
	const fuzzCase: FuzzCase = new CaseMaker().with(plant.known)(target, Number(seed), Number(index));
	await plant.close();
	return await tryAlone(fuzzCase, Number(index));
}

async function run(options: Options): Promise<void> {
	if (options.replay !== undefined) {
		const problem = await replay(options.replay);
		console.log(problem ?? "nothing is wrong with it");
		process.exitCode = problem === undefined ? 0 : 1;
		return;
	}
	console.log(`seed ${options.seed}`);
	const problems: string[] = [];
	for (const target of options.target === undefined ? ALL : [options.target]) {
		const inputs = Math.ceil(options.inputs * (options.target === undefined ? SHARES[target] : 1));
		const found = isInProcess(target)
			? await fuzzInProcess(target, inputs, options)
			: await runProcess({ target, inputs, seed: options.seed, from: options.from, maxLatencyMs: MAX_LATENCY_MS });
		problems.push(...found);
	}
	for (const problem of problems) console.log(`FAILED, seed ${options.seed}: ${problem}`);
	console.log(problems.length === 0 ? "nothing failed" : `${problems.length} problems`);
	process.exitCode = problems.length === 0 ? 0 : 1;
}

await new Command("fuzz")
	.option("--inputs <number>", "messages and requests in all", count, 100_000)
	.option("--seed <number>", "what the inputs follow from", count, Date.now() % 0x7fff_ffff)
	.addOption(new Option("--target <name>", "one of them alone").choices(ALL))
	.option("--from <index>", "the first connection", count, 0)
	.option("--jobs <number>", "processes", count, availableParallelism())
	.option("--replay <what>", "a file, or target:seed:index")
	.option("--directory <path>", "where failing inputs are written", "fuzz-failures")
	.action(run)
	.parseAsync();
