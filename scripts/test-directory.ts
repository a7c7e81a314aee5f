// The directory of a test run's temporary files: it is removed with the run, and with the next one when a run could not remove it.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The number is the process of the run. */
const NAME = /^framegate-run-(\d+)-/;
const REMOVAL = { recursive: true, force: true, maxRetries: 5 };

/** Makes the directory of this process, and removes those of runs that are no more. */
export function makeRunDirectory(parent = tmpdir()): string {
	for (const name of readdirSync(parent)) {
		const pid = NAME.exec(name)?.[1];
		if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeRunDirectory(join(parent, name));
	}
	const directory = mkdtempSync(join(parent, `framegate-run-${process.pid}-`));
	// Servers that refuse to run as root have their data in it.
	chmodSync(directory, 0o711);
	return directory;
}

/** Leaves what cannot be removed: another user's, or what a process that is about to end still writes. */
export function removeRunDirectory(directory: string): void {
	try {
		rmSync(directory, REMOVAL);
	} catch (error) {
		console.error(`${directory} was not removed: ${error instanceof Error ? error.message : String(error)}`);
	}
}
