// Installs what the tests of a run need and the machine lacks, once, before the first of them starts: two test files that call the
// package manager at the same time would be in each other's way.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchKafka, hasKafka } from "../test/support/kafka/artifacts.ts";
import { PROGRAMS, type Program, type ProgramName, pathOf } from "../test/support/programs.ts";
import { hasPythonTools, installPythonTools } from "../test/support/python-tools.ts";

/** Another program that installs packages may hold the package manager's lock for so long. */
const LOCK_TIMEOUT_S = 600;
/** The lock of the lists of packages is another, which apt-get does not wait for. */
const IS_LOCKED = /Could not get lock|Unable to (?:acquire|lock)/;
const LOCK_POLL_MS = 2000;
const OUTPUT_LINES = 15;

export interface Needs {
	readonly programs: readonly ProgramName[];
	readonly pythonTools: boolean;
	/** The jars of a broker. */
	readonly kafka: boolean;
}

interface Result {
	readonly ok: boolean;
	readonly output: string;
}

/** What packages are installed on. */
export interface Machine {
	run(command: string, args: readonly string[]): Result;
	/** Until the package manager's lock may be free. */
	wait(): void;
	/** The file that keeps Debian's packages from starting their services (invoke-rc.d(8)): tests start their own. */
	readonly policy: string;
}

const machine: Machine = {
	run(command, args) {
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
		const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8" });
		return { ok: status === 0, output: error === undefined ? `${stdout}${stderr}` : error.message };
	},
	wait: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS),
	policy: "/usr/sbin/policy-rc.d",
};

/**
 * What test files name, and all that they import.
 *
 * @param patterns - of files, as for `node --test`.
 */
export function needsOf(patterns: readonly string[]): Needs {
	const files = new Set(patterns.flatMap((pattern) => globSync(pattern)));
	const programs = new Set<ProgramName>();
	// Files that are added while this runs are visited as well.
	for (const file of files) {
		const text = readFileSync(file, "utf8");
		for (const [, path = ""] of text.matchAll(/(?:from|import\(?) ?"(\.[^"]+\.ts)"/g)) {
			const imported = join(dirname(file), path);
			if (existsSync(imported)) files.add(imported);
		}
		for (const [, name = ""] of text.matchAll(/\b(?:findProgram|tied|exec\w*|spawn\w*)\("([^"]+)"/g)) {
			if (Object.hasOwn(PROGRAMS, name)) programs.add(name as ProgramName);
		}
	}
	const imports = (ending: string) => [...files].some((file) => file.endsWith(ending));
	return {
		programs: [...programs].sort(),
		pythonTools: imports("/python-tools.ts"),
		kafka: imports("/kafka/kafka-server.ts"),
	};
}

/** Debian's packages of programs that are not there. */
export function missingPackages(programs: readonly Program[]): readonly string[] {
	const missing = programs.filter((program) => pathOf(program) === undefined);
	return [...new Set(missing.map((program) => program.debianPackage))].sort();
}

/** Calls apt-get, again while another process's lock keeps it from running. */
function aptGet({ run, wait }: Machine, ...args: string[]): Result {
	const deadline = performance.now() + LOCK_TIMEOUT_S * 1000;
	for (;;) {
		const result = run("apt-get", ["-qq", "-o", `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`, ...args]);
		if (result.ok || !IS_LOCKED.test(result.output) || performance.now() > deadline) return result;
		wait();
	}
}

/**
 * Installs Debian packages, and waits while another process installs some.
 *
 * @returns why it did not work, or undefined.
 */
export function installPackages(packages: readonly string[], on: Machine = machine): string | undefined {
	const hasPolicy = existsSync(on.policy);
	if (!hasPolicy) writeFileSync(on.policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
	try {
		const install = () => aptGet(on, "install", "-y", "--no-install-recommends", ...packages);
		if (install().ok) return undefined;
		// Most often the lists of packages are old, or not there at all.
		const update = aptGet(on, "update");
		const second = install();
		if (second.ok) return undefined;
		const output = `${update.ok ? "" : update.output}\n${second.output}`;
		return output.trim().split("\n").slice(-OUTPUT_LINES).join("\n");
	} finally {
		if (!hasPolicy) rmSync(on.policy, { force: true });
	}
}

/** Installs what is missing. What cannot be installed is reported; the tests that need it fail, and the others run. */
export function installNeeds({ programs, pythonTools, kafka }: Needs): void {
	const packages = missingPackages(programs.map((name) => PROGRAMS[name]));
	if (packages.length > 0) {
		if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
			console.error(`installing ${packages.join(" ")}`);
			const reason = installPackages(packages);
			if (reason !== undefined) console.error(`apt-get could not install ${packages.join(" ")}:\n${reason}`);
		} else {
			console.error(`missing, so that tests will fail: install ${packages.join(" ")} (Debian's names)`);
		}
	}
	if (pythonTools && !hasPythonTools()) attempt("tools of PyPI could not be installed", installPythonTools);
	if (kafka && !hasKafka()) attempt("Kafka could not be fetched from Maven Central", fetchKafka);
}

function attempt(failure: string, work: () => void): void {
	try {
		work();
	} catch (error) {
		console.error(`${failure}: ${error instanceof Error ? error.message : String(error)}`);
	}
}
