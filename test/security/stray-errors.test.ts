// An error in the background of a library, for which no caller waits, does not end the process.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/real-server.ts";
import { tied } from "../support/tied-process.ts";
import { until } from "../support/until.ts";

test("a log on a full disk costs lines, and not the process", async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-full-"));
	const port = await freePort();
	const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
	const child = spawn(...tied(process.execPath, [main, "start"]), {
		cwd: directory,
		stdio: ["ignore", openSync("/dev/full", "w"), "ignore"],
		env: {
			PATH: process.env["PATH"] ?? "",
			HOST: "127.0.0.1",
			PORT: String(port),
			FRAMEGATE_PROFILE: "test",
			FRAMEGATE_DATA_DIR: directory,
			FRAMEGATE_LOG_LEVEL: "debug",
		},
	});
	const exited = new Promise((resolve) => child.once("exit", resolve));
	t.after(async () => {
		child.kill("SIGKILL");
		await exited;
		rmSync(directory, { recursive: true, force: true });
	});
	const url = `http://127.0.0.1:${port}/ready`;
	await until(async () => child.exitCode !== null || (await fetch(url)).ok);
	assert.equal(child.exitCode, null, "it ended");
	for (let n = 0; n < 20; n++) assert.equal((await fetch(url)).status, 200);
	assert.equal(child.exitCode, null, "it ended");
});
