// Runs the programs of the suites.
import { type ExecFileOptions, execFile } from "node:child_process";
import { promisify } from "node:util";
import { tied } from "../support/tied-process.ts";

const execute = promisify(execFile);
const WITHIN_MS = 540_000;
/** Of what a program has printed, in an error. */
const SHOWN = 20_000;

/** Runs a program to its end. @returns what it printed. @throws Error with the end of all that it printed. */
export async function run(command: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
	const limits = { maxBuffer: 64 * 1024 * 1024, timeout: WITHIN_MS };
	try {
		const { stdout } = await execute(...tied(command, args), { ...limits, ...options, encoding: "utf8" });
		return stdout;
	} catch (error) {
		const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
		const end = `${stdout}\n${stderr}`.slice(-SHOWN);
		throw new Error(`${command} ${args.slice(0, 6).join(" ")} failed:\n${end}`, { cause: error });
	}
}
