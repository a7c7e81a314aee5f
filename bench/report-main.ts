// `npm run bench:report -- RESULT.json… --html FILE`: makes one page of what scenarios wrote with `--json`.
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { reportPage } from "./html/report-page.ts";
import { readResults } from "./report-files.ts";

interface Options {
	readonly html?: string;
	readonly json?: string;
}

function run(files: readonly string[], { html, json }: Options): void {
	const results = readResults(files);
	if (html !== undefined) writeFileSync(html, reportPage(results));
	if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, "\t")}\n`);
}

const program = new Command("bench:report")
	.description("Makes a report of results of the bench.")
	.argument("<results...>", "files that `npm run bench -- SCENARIO --json FILE` wrote")
	.option("--html <file>", "one page with tables and plots")
	.option("--json <file>", "all results in one file")
	.action(run);

try {
	program.parse();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
