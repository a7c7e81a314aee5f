// `npm run fuzz`: millions of malformed and random inputs, on everything that a client can reach.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { routeContracts } from "../../protocol/gen/schema.ts";
import { endWithNpm } from "../support/tied-process.ts";
import { CaseMaker, caseFromJson, type FuzzCase, TARGETS, type Target } from "./fuzz-case.ts";
import { addAnswered, plantOptionsAt, type RunResult, runInProcess, tryAlone } from "./in-process-run.ts";
import { runJobs } from "./jobs.ts";
import { COSTLY } from "./message-plan.ts";
import { type Answered, Plant } from "./plant.ts";
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
	problems.push(...results.flatMap(grown));
	printAnswered(results);
	const cases = results.reduce((sum, result) => sum + result.cases, 0);
	console.log(
		`${target}: ${done} inputs on ${cases} connections in ${seconds.toFixed(1)} s, ${Math.round(done / seconds)}/s`,
	);
	return problems;
}

/** What is needed once is there after the first gateway: what comes on top of it is judged. */
function grown({ rssBytes }: RunResult): readonly string[] {
	const [baseline, ...later] = rssBytes;
	if (baseline === undefined) return [];
	const last = later.at(-1) ?? baseline;
	const bound = baseline * MAX_GROWTH.factor + MAX_GROWTH.bytes;
	const peak = Math.max(...rssBytes);
	console.log(
		`  memory of a job: ${mib(baseline)} after the first of ${rssBytes.length} gateways, ${mib(last)} after the last, ` +
			`at most ${mib(peak)}`,
	);
	return last > bound ? [`memory grew to ${mib(last)}; the bound is ${mib(bound)}`] : [];
}

/** How deep the inputs got: those that end in an envelope that nobody can read are in no route's count. */
function printAnswered(results: readonly RunResult[]): void {
	const sum: Record<string, Answered> = {};
	for (const { answered } of results) addAnswered(sum, answered);
	const all = Object.values(sum);
	const requests = all.reduce((total, { requests }) => total + requests, 0);
	const ok = all.reduce((total, { ok }) => total + ok, 0);
	const routes = [...routeContracts.values()];
	const never = routes.filter(({ name }) => (sum[name]?.ok ?? 0) === 0).map(({ name }) => name);
	const costly = routes.filter(({ number }) => COSTLY.has(number));
	console.log(`  requests that reached a route: ${requests}, OK ${ok}; OK from none: ${never.join(", ") || "-"}`);
	const counts = costly.map(({ name }) => `${name} ${sum[name]?.requests ?? 0}`);
	console.log(`  of the routes that are drawn less often, as they cost more: ${counts.join(", ")}`);
}

function mib(bytes: number): string {
	return `${Math.round(bytes / MIB)} MiB`;
}

/** @param what - a file, target:seed:index, or target:seed:first-last. */
async function replay(what: string, directory: string): Promise<string | undefined> {
	const found = /^([a-z]+):(\d+):(\d+)(?:-(\d+))?$/.exec(what);
	if (found === null) {
		const fuzzCase = caseFromJson(readFileSync(what, "utf8"));
		return await tryAlone(fuzzCase, Number(fuzzCase.name.split(":")[2] ?? 0));
	}
	const [, target = "", seed, index, end] = found;
	const [first, last] = [Number(index), Number(end ?? index)];
	const overSockets = PROCESS_TARGETS.find((name) => name === target);
	if (overSockets !== undefined) {
		const range = { from: first, last, inputs: 0, maxLatencyMs: MAX_LATENCY_MS };
		return (await runProcess({ target: overSockets, seed: Number(seed), ...range })).join("\n") || undefined;
	}
	if (!isInProcess(target)) return `there is no target ${target}`;
	if (end !== undefined) {
		const range = { from: first, cases: last - first + 1, inputs: Number.MAX_SAFE_INTEGER, directory };
		return (await runInProcess({ target, seed: Number(seed), ...range })).problems.join("\n") || undefined;
	}
	const plant = await Plant.open(plantOptionsAt(Number(index)));
	const fuzzCase: FuzzCase = new CaseMaker().with(plant.known)(target, Number(seed), Number(index));
	await plant.close();
	return await tryAlone(fuzzCase, Number(index));
}

async function run(options: Options): Promise<void> {
	if (options.replay !== undefined) {
		const problem = await replay(options.replay, options.directory);
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

endWithNpm();
await new Command("fuzz")
	.option("--inputs <number>", "messages and requests in all", count, 100_000)
	.option("--seed <number>", "what the inputs are derived from", count, Date.now() % 0x7fff_ffff)
	.addOption(new Option("--target <name>", "one of them alone").choices(ALL))
	.option("--from <index>", "the first connection", count, 0)
	.option("--jobs <number>", "processes", count, availableParallelism())
	.option("--replay <what>", "a file, target:seed:index, or target:seed:first-last")
	.option("--directory <path>", "where failing inputs are written", "fuzz-failures")
	.action(run)
	.parseAsync();
