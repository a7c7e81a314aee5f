// Declarations of the client library, of what modules import and of the gateway as a library, for TypeScript users: `.d.ts` files that an ordinary `tsc` accepts, with every option on and
// without the types of Node or of any other package. The sources name each other as `.ts` files, which only the compiler of this
// repository is set to accept.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import ts from "typescript";

/** Declarations of the entries and of all that they import, by path below the root and without an extension. */
function declarations(root: string, entries: readonly string[]): Map<string, string> {
	const sources = entries.map((entry) => join(root, `${entry}.ts`));
	const program = ts.createProgram(sources, {
		target: ts.ScriptTarget.ES2023,
		lib: ["lib.es2023.d.ts"],
		types: [],
		module: ts.ModuleKind.NodeNext,
		moduleResolution: ts.ModuleResolutionKind.NodeNext,
		allowImportingTsExtensions: true,
		strict: true,
		exactOptionalPropertyTypes: true,
		declaration: true,
		emitDeclarationOnly: true,
		// Checked by `npm run check`.
		noCheck: true,
		rootDir: root,
		outDir: root,
	});
	const files = new Map<string, string>();
	program.emit(undefined, (path, text) => files.set(path.slice(root.length).replace(/\.d\.ts$/, ""), text));
	return files;
}

const SPECIFIER = /((?:from|import) ?\(?)"(\.[^"]+)\.(?:ts|js)"/g;

/**
 * Writes them, in the folders of the sources.
 *
 * @param root - of the repository, with a slash at the end.
 * @param outdir - what was in it is removed.
 * @param entries - source files, from the top of the repository and without an extension.
 */
export async function writeClientTypes(root: string, outdir: string, entries: readonly string[]): Promise<void> {
	const files = declarations(root, entries);
	await rm(outdir, { recursive: true, force: true });
	// What is added while this runs is written as well: only what the entries lead to.
	const wanted = new Set(entries);
	for (const name of wanted) {
		// What is generated has declarations already.
		const text = files.get(name) ?? (await readFile(join(root, `${name}.d.ts`), "utf8"));
		for (const [, , path = ""] of text.matchAll(SPECIFIER)) wanted.add(join(dirname(name), path));
		const file = join(outdir, `${name}.d.ts`);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, text.replace(SPECIFIER, '$1"$2.js"'));
	}
}
