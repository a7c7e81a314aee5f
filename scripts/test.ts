// `npm test`: all tests, or those of the areas or files that are named: `npm test -- chat control`. Options of `node --test` may be
// appended. Whatever ends this process ends the test files and all that they have started.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithNpm, tied } from "../test/support/tied-process.ts";
import { filesOfArea, testAreas } from "./test-areas.ts";
import { makeRunDirectory, removeRunDirectory } from "./test-directory.ts";
import { installNeeds, needsOf } from "./test-programs.ts";

const root = fileURLToPath(new URL("../test", import.meta.url));
const fileEnd = new URL("../test/support/file-end.ts", import.meta.url);
const reporter = new URL("./test-reporter.ts", import.meta.url);
/** Many tests wait for servers: three files at a time use two processors to four fifths. */
const FILES_AT_ONCE = 3;
const TIMEOUT_MS = 300_000;

const isFile = (name: string): boolean => name.endsWith(".test.ts") && existsSync(name);
const filesOf = (name: string): string[] => (isFile(name) ? [resolve(name)] : filesOfArea(root, name));

function start(files: readonly string[], options: readonly string[]): void {
	endWithNpm();
	installNeeds(needsOf(files));
	const directory = makeRunDirectory();
	const limits = [
		`--test-concurrency=${FILES_AT_ONCE}`,
		`--test-timeout=${TIMEOUT_MS}`,
		`--test-reporter=${reporter.href}`,
	];
	const args = [`--import=${fileEnd.href}`, "--test", ...limits, ...options, ...files];
	const child = spawn(...tied(process.execPath, args), {
		stdio: "inherit",
		env: { ...process.env, TMPDIR: directory },
	});
	// Ctrl-C reaches both, other signals this process only.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
	child.once("exit", (code, signal) => {
		removeRunDirectory(directory);
		process.exitCode = signal === null ? (code ?? 1) : 1;
	});
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const missing = names.filter((name) => filesOf(name).length === 0);

if (missing.length > 0) {
	console.error(`no tests in ${missing.join(", ")}; there are: ${testAreas(root).join(", ")}`);
	process.exitCode = 2;
} else {
	start(names.length === 0 ? [join(root, "**/*.test.ts")] : names.flatMap(filesOf), options);
}
