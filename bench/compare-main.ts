// `npm run bench:compare -- RESULT.json…`: flags what has become worse than the baseline, or makes results the baseline.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { type Baseline, baselineOf, compare, comparisonTable, passes } from "./compare.ts";
import { withTable } from "./readme-table.ts";
import { readResults } from "./report-files.ts";

interface Options {
	readonly baseline: string;
	readonly write?: boolean;
	readonly readme?: string;
}

/** Written into a new baseline; where its own rounds lie further apart, those count. */
const TOLERANCE = 0.1;

function read(file: string): unknown {
	return JSON.parse(readFileSync(file, "utf8"));
}

function run(files: readonly string[], { baseline, write, readme }: Options): void {
	const results = readResults(files);
	if (write === true) {
		const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
		const before = existsSync(baseline) ? (read(baseline) as Baseline).results : [];
		const written = baselineOf(results, commit, TOLERANCE, before);
		writeFileSync(baseline, `${JSON.stringify(written, undefined, "\t")}\n`);
		if (readme !== undefined) writeFileSync(readme, withTable(readFileSync(readme, "utf8"), written));
		return;
	}
	const comparisons = compare(read(baseline) as Baseline, results);
	process.stdout.write(comparisonTable(comparisons));
	if (!passes(comparisons)) process.exitCode = 1;
}

const program = new Command("bench:compare")
	.description("Compares results of the bench with a baseline; exit code 1 when a ratio is worse.")
	.argument("<results...>", "files that `npm run bench -- SCENARIO --json FILE` wrote")
	.option("--baseline <file>", "what to compare with", fileURLToPath(new URL("./baseline.json", import.meta.url)))
	.option("--write", "make the results the baseline; other scenarios keep theirs")
	.option("--readme <file>", "with --write: write the table of figures into this page, too")
	.action(run);

try {
	program.parse();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
