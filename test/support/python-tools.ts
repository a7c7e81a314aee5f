// Command line tools from PyPI that tests compare with, in environments of their own below node_modules. `npm test` makes those of
// tests before it starts any of them (scripts/test-programs.ts), and `npm run conformance` its own.
import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

/** Kubernetes, compose files and the like. */
const MANIFEST_TOOLS = ["kubernetes-validate==1.37.0", "check-jsonschema==0.39.0"];
export const OPENAPI_TOOLS = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"];
const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
const INSTALL_WITHIN_MS = 240_000;

function directoryOf(packages: readonly string[]): string {
	return `${cache}python-${packages.join("-").replace(/[^A-Za-z0-9.-]+/g, "_")}`;
}

export function hasPythonTools(packages: readonly string[] = MANIFEST_TOOLS): boolean {
	return existsSync(`${directoryOf(packages)}/complete`);
}

/**
 * The folder with the programs.
 *
 * @throws Error when they are not installed.
 */
export function pythonTools(packages: readonly string[] = MANIFEST_TOOLS): string {
	if (hasPythonTools(packages)) return `${directoryOf(packages)}/bin/`;
	throw new Error(`${packages.join(" and ")} of PyPI are missing: npm test installs them`);
}

/** @throws Error with what pip says when they cannot be installed. */
export function installPythonTools(packages: readonly string[] = MANIFEST_TOOLS): void {
	findProgram("python3 ensurepip");
	const directory = directoryOf(packages);
	rmSync(directory, { recursive: true, force: true });
	const options: ExecFileSyncOptions = { timeout: INSTALL_WITHIN_MS, stdio: ["ignore", "ignore", "pipe"] };
	execFileSync(findProgram("python3"), ["-m", "venv", directory], options);
	const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--only-binary", ":all:"];
	execFileSync(`${directory}/bin/python`, [...pip, ...packages], options);
	// Only now, so that an installation that broke off is not taken for one.
	writeFileSync(`${directory}/complete`, "");
}
