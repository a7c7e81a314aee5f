// The gateway of another commit, built in a temporary folder, beside whatever the working tree holds.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const BUILD_WITHIN_MS = 180_000;
const INSTALL_WITHIN_MS = 300_000;

export interface BuiltCommit {
	/** In full. */
	readonly commit: string;
	/** Its `framegate.js`. */
	readonly entry: string;
	remove(): void;
}

/**
 * Builds a commit with its packages.
 *
 * @param commit - anything that git resolves to one.
 * @throws Error when there is no such commit, or it cannot be built.
 */
export async function buildCommit(commit: string): Promise<BuiltCommit> {
	const { stdout: resolved } = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`);
	const id = resolved.trim();
	const folder = mkdtempSync(join(tmpdir(), "framegate-prove-commit-"));
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	process.once("exit", remove);
	try {
		// An archive leaves nothing behind in the repository, even when this process is killed; a worktree would.
		await run("sh", ["-c", 'git -C "$1" archive "$2" | tar -x -C "$3"', "sh", root, id, folder]);
		await installPackages(folder);
		await run(process.execPath, ["--no-warnings", "scripts/build.ts"], {
			cwd: folder,
			timeout: BUILD_WITHIN_MS,
			maxBuffer: MAX_OUTPUT_BYTES,
		});
		const entry = join(folder, "dist", "framegate.js");
		if (!existsSync(entry)) throw new Error(`${id}: the build made no dist/framegate.js`);
		return { commit: id, entry, remove };
	} catch (error) {
		remove();
		throw error;
	}
}

async function git(...args: readonly string[]): Promise<{ readonly stdout: string }> {
	try {
		return await run("git", ["-C", root, ...args]);
	} catch (error) {
		throw new Error(`no such commit: ${args.at(-1)}`, { cause: error });
	}
}

/** The packages that are installed here where the commit asks for the same ones, else its own. */
async function installPackages(folder: string): Promise<void> {
	const [theirs, ours] = [folder, root].map((each) => {
		const { dependencies, devDependencies } = JSON.parse(readFileSync(join(each, "package.json"), "utf8"));
		return { ...dependencies, ...devDependencies };
	});
	if (isDeepStrictEqual(theirs, ours)) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
	else await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, timeout: INSTALL_WITHIN_MS });
}
