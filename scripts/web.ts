// Builds the pages of web/ into dist/web, each file also compressed. `npm start` and `npm run build` run it; when nothing has changed
// since the last time it does nothing. The files are put in place at once, so that a gateway or a test beside it never sees half.
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGE = "playground";
/** What the pages are made of, beside what is installed. */
const SOURCES = ["web", "protocol/gen/description.json", "protocol/close-codes.ts", "package.json", "scripts/web.ts"];
const COMPRESSED = /\.(?:html|js|css|svg)$/;

export interface WebBuild {
	/** Files that are in the pages, relative to the repository. */
	readonly inputs: readonly string[];
}

function files(path: string): string[] {
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}

/** Whether the pages in a folder are as new as their sources. */
export function isFresh(outdir: string): boolean {
	const index = join(outdir, PAGE, "index.html");
	if (!existsSync(index)) return false;
	const builtAtMs = statSync(index).mtimeMs;
	return SOURCES.flatMap((path) => files(join(root, path))).every((path) => statSync(path).mtimeMs <= builtAtMs);
}

/**
 * Builds the pages into `outdir`.
 *
 * @throws Error when vite is not installed, or a source is wrong.
 */
export async function buildWeb(outdir: string): Promise<WebBuild> {
	const { build } = await import("vite");
	await mkdir(outdir, { recursive: true });
	const scratch = mkdtempSync(join(outdir, ".build-"));
	try {
		const result = await build({
			configFile: join(root, "web/vite.config.ts"),
			build: { outDir: join(scratch, PAGE) },
			logLevel: "warn",
		});
		for (const file of files(join(scratch, PAGE)).filter((path) => COMPRESSED.test(path))) compress(file);
		putInPlace(join(scratch, PAGE), join(outdir, PAGE), join(scratch, "former"));
		const outputs = [result].flat().flatMap((each) => ("output" in each ? each.output : []));
		const inputs = outputs.flatMap((output) => (output.type === "chunk" ? output.moduleIds : []));
		return { inputs: inputs.filter((id) => id.startsWith(root)).map((id) => relative(root, id)) };
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

/** Another process may put its own in place at the same time: it is the same. */
function putInPlace(built: string, target: string, former: string): void {
	try {
		if (existsSync(target)) renameSync(target, former);
		renameSync(built, target);
	} catch (error) {
		if (!existsSync(join(target, "index.html"))) throw error;
	}
}

function compress(file: string): void {
	const content = readFileSync(file);
	const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
	writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
	writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

/** Builds them into dist/web unless they are there already. */
export async function ensureWeb(): Promise<void> {
	const outdir = join(root, "dist/web");
	if (!isFresh(outdir)) await buildWeb(outdir);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	// An installation without development packages serves what was built before, or no playground.
	// And what keeps the pages from being built does not keep a gateway from starting.
	if (existsSync(join(root, "node_modules/vite"))) {
		await ensureWeb().catch((error: unknown) => {
			console.error(`the playground was not built: ${error instanceof Error ? error.message : String(error)}`);
		});
	}
}
