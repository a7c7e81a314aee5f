// Output that is not taken: by a reader that has gone, which is no failure, and by a disk that is full, which is one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { tied } from "../../support/tied-process.ts";

const MAIN = fileURLToPath(new URL("../../../server/main.ts", import.meta.url));
/** One that prints at once, and one that does so between steps of its work. */
const COMMANDS: readonly (readonly string[])[] = [["routes"], ["user", "list"]];

describe("output of a command that is not taken", () => {
	let cwd = "";
	before(() => {
		cwd = mkdtempSync(join(tmpdir(), "framegate-output-"));
	});
	after(() => rmSync(cwd, { recursive: true }));

	async function run(args: readonly string[], stdout: "pipe" | number) {
		const { PATH = "" } = process.env;
		const stdio: ("ignore" | "pipe" | number)[] = ["ignore", stdout, "pipe"];
		const child = spawn(...tied(process.execPath, [MAIN, ...args]), { cwd, env: { PATH }, stdio });
		child.stdout?.destroy();
		let errors = "";
		child.stderr?.on("data", (chunk: Buffer) => {
			errors += chunk.toString();
		});
		const [code] = (await once(child, "close")) as [number | null];
		return { code, errors };
	}

	for (const args of COMMANDS) {
		it(`${args.join(" ")}: the reader has gone`, async () => {
			assert.deepEqual(await run(args, "pipe"), { code: 0, errors: "" });
		});

		it(`${args.join(" ")}: the disk is full`, async () => {
			const full = openSync("/dev/full", "w");
			try {
				const { code, errors } = await run(args, full);
				assert.equal(code, 1);
				assert.match(errors, /^framegate: the output was not written: ENOSPC[^\n]*\n$/);
			} finally {
				closeSync(full);
			}
		});
	}
});
