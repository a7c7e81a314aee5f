// Declarations of what modules import as `framegate/module`: one file, which names zod and nothing else.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";

/**
 * Writes them.
 *
 * @param root - of the repository, with a slash at the end.
 */
export async function writeModuleTypes(root: string, outdir: string): Promise<void> {
	const program = ts.createProgram([join(root, "module/index.ts")], {
		target: ts.ScriptTarget.ES2023,
		lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
		types: [],
		module: ts.ModuleKind.NodeNext,
		moduleResolution: ts.ModuleResolutionKind.NodeNext,
		strict: true,
		declaration: true,
		emitDeclarationOnly: true,
		// Checked by `npm run check`.
		noCheck: true,
		rootDir: join(root, "module"),
		outDir: outdir,
	});
	const files = new Map<string, string>();
	program.emit(undefined, (path, text) => files.set(path, text));
	await mkdir(outdir, { recursive: true });
	for (const [path, text] of files) await writeFile(path, text);
}
