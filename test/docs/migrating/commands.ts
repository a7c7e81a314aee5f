// Rows of commands: what is named instead exists, with its options.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import packageJson from "../../../package.json" with { type: "json" };
import { page } from "../markdown.ts";
import type { Row } from "./rows.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);
const exists = (path: string): void => assert.ok(existsSync(join(root, path)), `there is no ${path}`);

/** Every word before the options is a command, and every option is one of it. */
async function checkFramegate(command: string): Promise<void> {
	const words = command.split(" ").slice(1);
	const firstOption = words.findIndex((word) => word.startsWith("-"));
	const commands = firstOption === -1 ? words : words.slice(0, firstOption);
	const { stdout } = await run(process.execPath, [join(root, "server/main.ts"), ...commands, "--help"]);
	// The help of an unknown command would be that of the command above it; other names of one stand behind a bar.
	const [, usage = ""] = /^Usage: framegate(.*)$/m.exec(stdout) ?? [];
	const shown = usage.trim().split(" ");
	for (const [index, word] of commands.entries()) assert.ok(shown[index]?.split("|").includes(word), usage);
	for (const option of words.filter((word) => word.startsWith("--"))) assert.ok(stdout.includes(option), option);
}

function checkNpm(command: string): void {
	const [, , first = "", second = ""] = /^(npm) (\S+) ?(\S*)$/.exec(command) ?? [];
	const name = first === "run" ? second : first;
	assert.ok(name === "ci" || name in packageJson.scripts, `there is no script ${name}`);
}

function checkDocker(command: string): void {
	const [, file] = /^docker compose -f (\S+)/.exec(command) ?? [];
	if (file !== undefined) {
		const { services } = parse(page(file)) as { services: object };
		const service = command.split(" ").at(-1) ?? "";
		if (/ logs /.test(command)) assert.ok(service in services, `there is no service ${service}`);
	} else if (/^docker logs /.test(command)) {
		const container = command.split(" ").at(-1) ?? "";
		assert.ok(page("deploy/edge/lib.sh").includes(`:-${container}}`), `there is no container ${container}`);
	} else {
		assert.match(command, /^docker (build|run) .*(framegate|\.)/);
		exists("Dockerfile");
	}
}

async function checkNamed(command: string): Promise<void> {
	const [, target] = /^make (\S+)$/.exec(command) ?? [];
	if (command.startsWith("framegate ")) await checkFramegate(command);
	else if (command.startsWith("npm ")) checkNpm(command);
	else if (command.startsWith("docker ")) checkDocker(command);
	else if (command.startsWith("kubectl apply -k ")) exists(join(command.split(" ").at(-1) ?? "", "kustomization.yaml"));
	else if (target !== undefined) assert.match(page("Makefile"), new RegExp(`^(\\S+ )*${target}( \\S+)*:`, "m"));
	else exists(command.split(" ")[0] ?? "");
}

export async function checkCommand(row: Row): Promise<void> {
	if (row.claim === "not here") return;
	assert.ok(row.code.here.length > 0, "names no command of this gateway");
	for (const command of row.code.here) await checkNamed(command);
	if (row.claim === "same")
		assert.deepEqual(
			row.code.here.map((name) => basename(name)),
			row.code.older.map((name) => basename(name)),
		);
}
