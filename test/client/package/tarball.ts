// The package `framegate-client` as it is published, and fresh projects that install it.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const TIMEOUT_MS = 240_000;
const execute = promisify(execFile);

/** Runs a program to its end. @returns what it printed. @throws Error with all that it said. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
	try {
		const { stdout } = await execute(command, args, { cwd, timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
		return stdout;
	} catch (error) {
		const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
		throw new Error(`${command} ${args.slice(0, 6).join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error });
	}
}

/** A tool of this repository. */
export const tool = (name: string): string => join(root, "node_modules/.bin", name);

export interface Tarball {
	readonly path: string;
	/** A new folder with the package installed and these files in it. */
	project(files: Readonly<Record<string, string>>, packages?: readonly string[]): Promise<string>;
	remove(): void;
}

/** Builds and packs the client, in a folder of its own: other tests may build at the same time. */
export async function packClient(): Promise<Tarball> {
	const scratch = mkdtempSync(join(tmpdir(), "framegate-client-"));
	const source = join(scratch, "client");
	mkdirSync(source);
	for (const name of ["package.json", "README.md", "LICENSE"]) cpSync(join(root, "client", name), join(source, name));
	await run(process.execPath, [join(root, "scripts/client-package.ts"), join(source, "dist")], root);
	const name = (await run("npm", ["pack", "--ignore-scripts", "--silent"], source)).trim();
	const path = join(source, name);
	let projects = 0;
	return {
		path,
		async project(files, packages = []) {
			const folder = join(scratch, `project-${++projects}`);
			mkdirSync(folder);
			for (const [file, text] of Object.entries({ "package.json": '{"private":true,"type":"module"}', ...files })) {
				mkdirSync(dirname(join(folder, file)), { recursive: true });
				writeFileSync(join(folder, file), text);
			}
			await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", path], folder);
			for (const name of packages) {
				mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
				symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
			}
			return folder;
		},
		remove: () => rmSync(scratch, { recursive: true, force: true }),
	};
}
