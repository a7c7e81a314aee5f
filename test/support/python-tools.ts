// Command line tools from PyPI that tests compare with, in an environment of their own below node_modules, which is made when
// it is first wanted.
import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProgram } from "./real-server.ts";

const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
const INSTALL_WITHIN_MS = 240_000;

/**
 * The folder with the programs of the given packages, each pinned as `name==version`.
 *
 * @throws Error when they cannot be installed.
 */
export function pythonTools(packages: readonly string[]): string {
	const directory = `${cache}python-${packages.join("-").replace(/[^A-Za-z0-9.-]+/g, "_")}`;
	if (!existsSync(`${directory}/complete`)) install(directory, packages);
	return `${directory}/bin/`;
}

function install(directory: string, packages: readonly string[]): void {
	findProgram(() => ["/usr/lib/python3.11/ensurepip", "/usr/lib/python3.12/ensurepip"], "python3-venv");
	rmSync(directory, { recursive: true, force: true });
	const options: ExecFileSyncOptions = { timeout: INSTALL_WITHIN_MS, stdio: ["ignore", "ignore", "inherit"] };
	execFileSync("/usr/bin/python3", ["-m", "venv", directory], options);
	const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--only-binary", ":all:"];
	execFileSync(`${directory}/bin/python`, [...pip, ...packages], options);
	// Only now, so that an installation that broke off is not taken for one.
	writeFileSync(`${directory}/complete`, "");
}
