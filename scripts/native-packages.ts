// The packages with native code, which stay beside the bundle. They bring binaries for every platform: an image gets the
// ones that the Node which builds it really loads, and of the rest what is JavaScript.
import { copyFile, mkdir, readdir, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Imported by the bundle as they are. */
export const nativePackages: readonly string[] = ["uWebSockets.js", "better-sqlite3", "@node-rs/argon2"];

/** Bundles modules of the operator: a program of its own, beside a package that finds it. */
export const BUNDLER = "esbuild";

/** What `/docs` serves, and its licence. */
const docsFiles: readonly string[] = [
	"package.json",
	"LICENSE",
	"NOTICE",
	"swagger-ui-bundle.js",
	"swagger-ui-bundle.js.LICENSE.txt",
	"swagger-ui.css",
].map((file) => `swagger-ui-dist/${file}`);

const nodeModules = fileURLToPath(new URL("../node_modules", import.meta.url));

/** The binaries of these packages that belong to this Node, this processor and this C library, found by loading them. */
async function loadedBinaries(): Promise<string[]> {
	for (const name of nativePackages) await import(name);
	// This one loads its binary with the first database.
	const Sqlite = createRequire(import.meta.url)("better-sqlite3") as new (file: string) => { close(): void };
	new Sqlite(":memory:").close();
	const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
	const top = `${await realpath(nodeModules)}${sep}`;
	return sharedObjects.filter((path) => path.startsWith(top) && path.endsWith(".node"));
}

/** `@scope/name` or `name`, of a file below node_modules. */
function packageOf(path: string): string {
	const parts = path.split(sep);
	return parts.slice(0, path.startsWith("@") ? 2 : 1).join(sep);
}

const isNeeded = (path: string): boolean =>
	/\.[cm]?js$/.test(path) || basename(path) === "package.json" || /^licen[cs]e/i.test(basename(path));

/**
 * Copies them to `folder/node_modules`.
 *
 * @throws Error when a package did not load a binary of its own, so that an image cannot lack one.
 */
export async function copyNativePackages(folder: string): Promise<void> {
	const top = await realpath(nodeModules);
	const binaries = (await loadedBinaries()).map((path) => relative(top, path));
	if (binaries.length < nativePackages.length) {
		throw new Error(`${nativePackages.join(", ")} loaded only ${binaries.join(", ") || "nothing"}`);
	}
	for (const name of new Set([...nativePackages, ...binaries.map(packageOf)])) {
		for (const path of await readdir(join(top, name), { recursive: true })) {
			const file = join(name, path);
			if (!isNeeded(file) && !binaries.includes(file)) continue;
			const target = join(folder, "node_modules", file);
			await mkdir(dirname(target), { recursive: true });
			await copyFile(join(top, file), target);
		}
	}
	await copyBundler(folder);
	for (const file of docsFiles) {
		const target = join(folder, "node_modules", file);
		await mkdir(dirname(target), { recursive: true });
		await copyFile(join(top, file), target);
	}
}

/** @throws Error when the program of this platform is not installed. */
async function copyBundler(folder: string): Promise<void> {
	const program = `@esbuild/${process.platform}-${process.arch}`;
	const files = [
		join(BUNDLER, "package.json"),
		join(BUNDLER, "LICENSE.md"),
		join(BUNDLER, "lib/main.js"),
		join(program, "package.json"),
		join(program, "bin/esbuild"),
	];
	for (const file of files) {
		const target = join(folder, "node_modules", file.replace(/LICENSE\.md$/, "LICENSE"));
		await mkdir(dirname(target), { recursive: true });
		await copyFile(join(nodeModules, file), target);
	}
}
