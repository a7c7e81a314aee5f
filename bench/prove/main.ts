// `npm run prove`: real gateway processes, Redis and SQL, faults under load, and a ledger of every message.
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { endWithNpm } from "../../test/support/tied-process.ts";
import { createProgress } from "../progress.ts";
import { buildCommit } from "./built-commit.ts";
import { type Choice, choose } from "./choice.ts";
import { htmlReport } from "./html.ts";
import { longPlan, shortPlan, soakPlan } from "./plan.ts";
import { Random } from "./random.ts";
import { jsonReport, table } from "./report.ts";
import { runScenario, type ScenarioResult } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { soak } from "./scenarios/soak.ts";

interface Options extends Choice {
	readonly json?: string;
	readonly html?: string;
	readonly seed?: number;
	readonly soak?: boolean;
	readonly minutes: number;
}

function seedOf(text: string): number {
	const seed = Number(text);
	if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
		throw new InvalidArgumentError("expected a whole number below 2^32");
	return seed;
}

function minutesOf(text: string): number {
	const minutes = Number(text);
	if (!(minutes >= 1 && minutes <= 24 * 60)) throw new InvalidArgumentError("expected minutes, up to a day");
	return minutes;
}

async function prove(options: Options): Promise<void> {
	const plan = options.soak ? soakPlan(options.minutes) : options.short ? shortPlan : longPlan;
	const seed = options.seed ?? randomInt(2 ** 32 - 1);
	const chosen = options.soak ? [soak] : choose(scenarios, options);
	const needsBefore = chosen.some(({ needs }) => (needs.nodesBefore ?? 0) > 0);
	const built = options.before !== undefined && needsBefore ? await buildCommit(options.before) : undefined;
	process.stdout.write(`seed ${seed}\n`);
	const interruption = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.prependListener(signal, () => interruption.abort());
	const progress = createProgress();
	// Starting its servers is a step of every scenario.
	progress.begin(chosen.reduce((sum, scenario) => sum + scenario.steps + 1, 0));
	const results: ScenarioResult[] = [];
	for (const scenario of chosen) {
		if (interruption.signal.aborted) break;
		results.push(
			await runScenario(scenario, {
				plan,
				random: new Random(seed),
				entry: fileURLToPath(import.meta.resolve("../../dist/framegate.js")),
				...(built === undefined ? {} : { entryBefore: built.entry }),
				step: (what) => progress.step(what),
				signal: interruption.signal,
			}),
		);
	}
	progress.end();
	built?.remove();
	process.stdout.write(table(results));
	if (options.json !== undefined) writeFileSync(options.json, jsonReport(seed, plan, results));
	if (options.html !== undefined) writeFileSync(options.html, htmlReport(seed, plan, results));
	const isWhole = results.length === chosen.length && results.every((result) => result.passed);
	process.exit(isWhole ? 0 : 1);
}

const program = new Command("prove")
	.description("Proves delivery under faults; see bench/README.md.")
	.option("--short", "a few seconds for each scenario")
	.option("--soak", "instead of the scenarios: a moderate load, and what grows meanwhile")
	.option("--minutes <n>", "how long the soak loads the nodes", minutesOf, 30)
	.option("--row <name...>", `only these: ${scenarios.map((scenario) => scenario.name).join(", ")}`)
	.option("--before <commit>", "what rolling-upgrade upgrades from")
	.option("--json <file>", "write every figure to a file")
	.option("--html <file>", "write a page with every figure and plots")
	.option("--seed <n>", "draw what an earlier run has drawn", seedOf)
	.action((options: Options) => prove(options));

endWithNpm();
try {
	await program.parseAsync();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
}
