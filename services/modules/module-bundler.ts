// From the files of a module to one text: what it imports of its own and of npm is in it, what the gateway gives it is not. The only
// file that knows esbuild, which is loaded with the first module.
import { createHash } from "node:crypto";
import { relative, resolve } from "node:path";
import type { BuildFailure, BuildResult } from "esbuild";
import type { ModuleEntry } from "./module-folder.ts";
import { ModuleError } from "./module-problem.ts";
import { protoFiles } from "./proto-plugin.ts";

/** What a module is loaded from. */
export interface ModuleBundle {
	readonly name: string;
	readonly file: string;
	/** A CommonJS script. */
	readonly text: string;
	/** Source map, version 3, as JSON. */
	readonly map: string;
	/** Of the text: the same digest is the same code. */
	readonly digest: string;
	/** Files that it was made of, absolute, without packages. */
	readonly inputs: readonly string[];
}

export interface BundlerOptions {
	/** Absolute. */
	readonly dir: string;
	readonly maxBundleBytes: number;
	/** Packages that are loaded as they are. */
	readonly external: readonly string[];
}

/** After so long without a bundle, esbuild's process ends: it takes tens of megabytes, and 50 ms to start. */
const IDLE_MS = 30_000;

/** The gateway's own objects, so that no generation carries a copy. */
export const PROVIDED: readonly string[] = ["framegate/module", "zod"];

export class ModuleBundler {
	private readonly options: BundlerOptions;
	private esbuild: Promise<typeof import("esbuild")> | undefined;
	private idle: NodeJS.Timeout | undefined;

	constructor(options: BundlerOptions) {
		this.options = options;
	}

	/** @throws ModuleError with the first thing that is wrong, where it is. */
	async bundle({ name, file }: ModuleEntry): Promise<ModuleBundle> {
		const { dir, maxBundleBytes, external } = this.options;
		clearTimeout(this.idle);
		this.esbuild ??= import("esbuild");
		const { build } = await this.esbuild;
		let result: BuildResult<{ write: false; metafile: true }>;
		try {
			result = await build({
				entryPoints: [file],
				absWorkingDir: dir,
				outfile: "module.js",
				bundle: true,
				write: false,
				metafile: true,
				format: "cjs",
				platform: "node",
				target: "node22",
				charset: "utf8",
				legalComments: "none",
				logLevel: "silent",
				sourcemap: "external",
				sourcesContent: false,
				external: [...PROVIDED, ...external],
				// A script has no import of its own: what is imported late is in the bundle, or required.
				supported: { "dynamic-import": false },
				plugins: [protoFiles],
			});
		} catch (error) {
			throw this.failure(name, error);
		} finally {
			this.idle = setTimeout(() => void this.rest(), IDLE_MS).unref();
		}
		const size = result.outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
		if (size > maxBundleBytes) {
			const message = `the bundle and its source map have ${size} bytes, more than modules.maxBundleBytes (${maxBundleBytes})`;
			throw new ModuleError({ module: name, message, file: relative(dir, file) });
		}
		const [text = "", map = ""] = [".js", ".js.map"].map((end) => {
			return result.outputFiles.find(({ path }) => path.endsWith(`module${end}`))?.text ?? "";
		});
		const inputs = Object.keys(result.metafile.inputs)
			.filter((path) => !path.includes("node_modules/"))
			.map((path) => resolve(dir, path));
		return { name, file, text, map, digest: digestOf(text), inputs };
	}

	/** Ends esbuild's process; the next bundle starts another one. */
	async rest(): Promise<void> {
		clearTimeout(this.idle);
		const esbuild = await this.esbuild;
		this.esbuild = undefined;
		await esbuild?.stop();
	}

	private failure(name: string, error: unknown): ModuleError {
		const [first] = (error as Partial<BuildFailure>).errors ?? [];
		if (first === undefined) return new ModuleError({ module: name, message: String(error) });
		const { text: message, location } = first;
		if (location === null) return new ModuleError({ module: name, message });
		const { file, line, column } = location;
		return new ModuleError({ module: name, message, file, line, column: column + 1 });
	}
}

/** What stands for the code of a module that is part of the program. */
export function programBundle(name: string): ModuleBundle {
	return { name, file: "", text: "", map: "", digest: "program", inputs: [] };
}

/** Whether a bundle is of a module that is part of the program. */
export function isOfProgram({ file }: Pick<ModuleBundle, "file">): boolean {
	return file === "";
}

function digestOf(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
