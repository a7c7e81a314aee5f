// Declarations of the client library for TypeScript users: `.d.ts` files that an ordinary `tsc` accepts, with every option on and
// without the types of Node or of any other package. The sources name each other as `.ts` files, which only the compiler of this
// repository is set to accept.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import ts from "typescript";

const ENTRY = "client/index";
/** Written by the generator, with the comments of the .proto files. */
const MESSAGES = "protocol/gen/messages";
const PROTOBUF = "protocol/gen/protobuf";

/** What declarations name of protobufjs: users of the client hand such objects on, at most. */
const PROTOBUF_TYPES = `/** Reads the wire format, as protobufjs does. */
export interface Reader {
	pos: number;
	readonly len: number;
}

/** Writes the wire format, as protobufjs does. */
export interface Writer {
	readonly len: number;
	finish(): Uint8Array;
}
`;

/** Declarations of the client's sources and of all that they import, by path below the root and without an extension. */
function declarations(root: string): Map<string, string> {
	const program = ts.createProgram([join(root, `${ENTRY}.ts`)], {
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
 */
export async function writeClientTypes(root: string, outdir: string): Promise<void> {
	const files = declarations(root);
	const messages = await readFile(join(root, `${MESSAGES}.d.ts`), "utf8");
	const imports = 'import type * as $protobuf from "./protobuf.js";\n';
	files.set(MESSAGES, messages.replace(/^import .*\nimport .*\n/, imports));
	files.set(PROTOBUF, PROTOBUF_TYPES);
	await rm(outdir, { recursive: true, force: true });
	// What is added while this runs is written as well: only what the entry leads to.
	const wanted = new Set([ENTRY]);
	for (const name of wanted) {
		const text = (files.get(name) ?? "").replace(/from "protobufjs(?:\/minimal\.js)?"/g, () => {
			return `from "${
				name
					.split("/")
					.slice(1)
					.map(() => "../")
					.join("") || "./"
			}${PROTOBUF}.js"`;
		});
		for (const [, , path = ""] of text.matchAll(SPECIFIER)) wanted.add(join(dirname(name), path));
		const file = join(outdir, `${name}.d.ts`);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, text.replace(SPECIFIER, '$1"$2.js"'));
	}
}
