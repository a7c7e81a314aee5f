// A disk on which a sync takes as long as a test wants, by a library that is preloaded into the gateway.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

const SOURCE = fileURLToPath(new URL("sync-gate.c", import.meta.url));

export class SyncGate {
	/** Of the process whose syncs are to wait. */
	readonly env: Readonly<Record<string, string>>;
	private readonly gate: string;

	/** @param directory - for the library and the files by which processes agree. */
	constructor(directory: string) {
		const library = join(directory, "sync-gate.so");
		this.gate = join(directory, "gate");
		// dlsym is in a library of its own before glibc 2.34.
		execFileSync(findProgram("gcc"), ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
		this.env = { LD_PRELOAD: library, SYNC_GATE: this.gate };
	}

	/** From now on a sync waits. */
	close(): void {
		writeFileSync(this.gate, "");
	}

	/** A sync has begun since `close`. */
	get isWaiting(): boolean {
		return existsSync(`${this.gate}.waiting`);
	}

	open(): void {
		rmSync(this.gate, { force: true });
		rmSync(`${this.gate}.waiting`, { force: true });
	}
}
