// Command line tools from PyPI that tests compare with, in an environment of their own below node_modules. `npm test` makes it before
// it starts any test that needs it (scripts/test-programs.ts).
import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

const PACKAGES = ["kubernetes-validate==1.37.0", "check-jsonschema==0.39.0"];
const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
const directory = `${cache}python-${PACKAGES.join("-").replace(/[^A-Za-z0-9.-]+/g, "_")}`;
const INSTALL_WITHIN_MS = 240_000;

export function hasPythonTools(): boolean {
	return existsSync(`${directory}/complete`);
}

/**
 * The folder with the programs.
 *
 * @throws Error when they are not installed.
 */
export function pythonTools(): string {
	if (hasPythonTools()) return `${directory}/bin/`;
	throw new Error(`${PACKAGES.join(" and ")} of PyPI are missing: npm test installs them`);
}

/** @throws Error with what pip says when they cannot be installed. */
export function installPythonTools(): void {
	findProgram("python3 ensurepip");
	rmSync(directory, { recursive: true, force: true });
	const options: ExecFileSyncOptions = { timeout: INSTALL_WITHIN_MS, stdio: ["ignore", "ignore", "pipe"] };
	execFileSync(findProgram("python3"), ["-m", "venv", directory], options);
	const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--only-binary", ":all:"];
	execFileSync(`${directory}/bin/python`, [...pip, ...PACKAGES], options);
	// Only now, so that an installation that broke off is not taken for one.
	writeFileSync(`${directory}/complete`, "");
}
