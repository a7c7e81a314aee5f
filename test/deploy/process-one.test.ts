// The gateway as process 1 of a container, which the kernel shields from signals that it does not listen to: SIGTERM ends
// it, drained and with 0 when it serves, and at once when it does anything else.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findProgram } from "../support/programs.ts";
import { freePort } from "../support/real-server.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";

const MAIN = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
const { SIGTERM } = constants.signals;
const unshare = findProgram("unshare");
let directory = "";

before(() => {
	directory = mkdtempSync(join(tmpdir(), "framegate-process-one-"));
});

after(() => rmSync(directory, { recursive: true }));

/** Runs the command line as process 1 of a PID namespace of its own. */
async function asProcessOne(args: readonly string[], env: Record<string, string>) {
	const outer = spawn(...tied(unshare, ["-r", "-p", "-f", "--kill-child", process.execPath, MAIN, ...args]), {
		cwd: directory,
		stdio: ["pipe", "ignore", "inherit"],
		env: { PATH: process.env["PATH"], FRAMEGATE_PROFILE: "test", FRAMEGATE_DATA_DIR: directory, ...env },
	});
	let pid = 0;
	await until(() => {
		pid = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, "utf8"));
		// The mask of signals that are listened to, in hexadecimal: bit 0 is signal 1.
		const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
		return pid > 0 && ((BigInt(`0x${caught}`) >> BigInt(SIGTERM - 1)) & 1n) === 1n;
	});
	return { outer, pid };
}

async function exitCodeOf(outer: ChildProcess): Promise<number | null> {
	if (outer.exitCode !== null) return outer.exitCode;
	await once(outer, "exit");
	return outer.exitCode;
}

describe("as process 1", { timeout: 60_000 }, () => {
	test("a gateway that serves is drained, and leaves with 0", async () => {
		const port = await freePort();
		const { outer, pid } = await asProcessOne(["start"], { PORT: String(port) });
		try {
			await until(async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok);
			process.kill(pid, "SIGTERM");
			assert.equal(await exitCodeOf(outer), 0);
		} finally {
			outer.kill("SIGKILL");
		}
	});

	test("a command that has no use for the signal ends at once, instead of ignoring it", async () => {
		// It waits for a password that never comes.
		const { outer, pid } = await asProcessOne(["user", "create", "ada", "--password-stdin"], {});
		try {
			// Node itself listens before the first line of the program runs, and a signal that comes then is lost.
			await until(() => outer.exitCode !== null || !process.kill(pid, "SIGTERM"));
			assert.equal(await exitCodeOf(outer), 128 + SIGTERM);
		} finally {
			outer.kill("SIGKILL");
		}
	});
});
