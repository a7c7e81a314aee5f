// `npm test`: all tests, or those of the areas that are named: `npm test -- chat control`. Options of `node --test` may be appended.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesOfArea, testAreas } from "./test-areas.ts";

const root = fileURLToPath(new URL("../test", import.meta.url));
/** Many tests start servers: more files at a time than this only wait for each other. */
const FILES_AT_ONCE = 2;
const TIMEOUT_MS = 300_000;

const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const missing = names.filter((name) => filesOfArea(root, name).length === 0);

if (missing.length > 0) {
	console.error(`no tests in ${missing.join(", ")}; there are: ${testAreas(root).join(", ")}`);
	process.exitCode = 2;
} else {
	const files = names.length === 0 ? [join(root, "**/*.test.ts")] : names.flatMap((name) => filesOfArea(root, name));
	const limits = [`--test-concurrency=${FILES_AT_ONCE}`, `--test-timeout=${TIMEOUT_MS}`, "--test-reporter=spec"];
	const child = spawn(process.execPath, ["--test", ...limits, ...options, ...files], { stdio: "inherit" });
	// Ctrl-C reaches both; the tests end what they started.
	process.on("SIGINT", () => {});
	child.once("exit", (code, signal) => {
		process.exitCode = signal === null ? (code ?? 1) : 1;
	});
}
