// The folder of modules: which modules there are, and where each begins.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A module, before anything of it is read. */
export interface ModuleEntry {
	/** First half of the names of its functions. */
	readonly name: string;
	/** Absolute. */
	readonly file: string;
}

export const MODULE_NAME = /^[a-z][A-Za-z0-9_]{0,47}$/;
const SOURCE = /\.(?:ts|mts|js|mjs)$/;
/** Beside modules, not modules: declarations, tests, and what begins with `.` or `_`. */
const IGNORED = /^[._]|\.d\.ts$|\.(?:test|spec)\.[a-z]+$/;
const INDEX = ["index.ts", "index.mts", "index.js", "index.mjs"];

export interface FolderContent {
	/** By name. */
	readonly entries: readonly ModuleEntry[];
	/** What looks like a module and cannot be one: `file: reason`. */
	readonly unusable: readonly string[];
}

/** @returns nothing for a folder that does not exist. @throws Error when it cannot be read. */
export async function readModuleFolder(dir: string, maxModules: number): Promise<FolderContent> {
	const entries = new Map<string, ModuleEntry>();
	const unusable: string[] = [];
	for (const found of await listed(dir)) {
		if (IGNORED.test(found.name) || found.name === "node_modules") continue;
		const isFolder = found.isDirectory() || (found.isSymbolicLink() && (await leadsToFolder(join(dir, found.name))));
		const file = isFolder ? await indexOf(join(dir, found.name)) : fileOf(dir, found.name);
		if (file === undefined) continue;
		const name = isFolder ? found.name : found.name.replace(SOURCE, "");
		const problem = problemOf(name, entries, maxModules);
		if (problem === undefined) entries.set(name, { name, file });
		else unusable.push(`${found.name}: ${problem}`);
	}
	return { entries: [...entries.values()], unusable };
}

function problemOf(name: string, entries: ReadonlyMap<string, ModuleEntry>, maxModules: number): string | undefined {
	if (!MODULE_NAME.test(name)) return "its name is not a lower-case letter and up to 47 letters, digits or _";
	if (entries.has(name)) return "there is another module of this name";
	return entries.size < maxModules ? undefined : `there are more than modules.maxModules (${maxModules})`;
}

async function listed(dir: string) {
	try {
		const found = await readdir(dir, { withFileTypes: true });
		return found.sort((one, other) => (one.name < other.name ? -1 : 1));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw error;
	}
}

/** A link that leads nowhere is no folder. */
async function leadsToFolder(path: string): Promise<boolean> {
	return await stat(path).then(
		(found) => found.isDirectory(),
		() => false,
	);
}

const fileOf = (dir: string, name: string): string | undefined => (SOURCE.test(name) ? join(dir, name) : undefined);

async function indexOf(folder: string): Promise<string | undefined> {
	let names: ReadonlySet<string>;
	try {
		names = new Set((await listed(folder)).map(({ name }) => name));
	} catch {
		// Bundling it says what is wrong, of this module alone, and the generation before goes on.
		return join(folder, "index.ts");
	}
	const index = INDEX.find((name) => names.has(name));
	return index === undefined ? undefined : join(folder, index);
}
