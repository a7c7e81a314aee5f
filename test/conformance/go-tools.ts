// A Go that is new enough for the suites, and the programs of go/ built with it. Debian 12 has Go 1.19, which can do no more than
// fetch modules: it fetches a newer Go, which the module proxy has as the module golang.org/toolchain, with its checksum in Go's
// database. That is what Go 1.21 and newer do by themselves (go.dev/doc/toolchain).
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

/** At least what go.mod asks for. */
const VERSION = "go1.26.8";
/** From this version on, Go fetches newer ones. */
const FIRST_WITH_TOOLCHAINS = 21;
const MODULE = "golang.org/toolchain";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const TOOLS = [
	"connectrpc.com/conformance/cmd/connectconformance",
	"connectrpc.com/connect/v2/cmd/protoc-gen-connect-go",
	"google.golang.org/protobuf/cmd/protoc-gen-go",
];
const sources = fileURLToPath(new URL("go/", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framegate-go");

export interface GoTools {
	/** Path of a program by its name. */
	readonly tool: (name: string) => string;
	/** Folder with the sources of a module as it was fetched. */
	readonly moduleFolder: (module: string) => Promise<string>;
	/** Generates what clients need from the .proto files, builds the program in a folder of that name, and returns its path. */
	readonly program: (name: string) => Promise<string>;
}

/** Builds the programs of go.mod in a folder. */
export async function goTools(folder: string): Promise<GoTools> {
	cpSync(sources, folder, { recursive: true });
	const { command, env } = await newGo();
	const go = (...args: string[]) => run(command, args, { cwd: folder, env: { ...process.env, ...env } });
	const bin = join(folder, "bin");
	await go("build", "-o", `${bin}/`, ...TOOLS);
	const tool = (name: string) => join(bin, name);
	return {
		tool,
		moduleFolder: async (module) => (await go("list", "-m", "-f", "{{.Dir}}", module)).trim(),
		program: async (name) => {
			const plugin = (name: string) => ({ local: tool(name), out: folder, opt: "module=framegate" });
			const template = { version: "v2", plugins: [plugin("protoc-gen-go"), plugin("protoc-gen-connect-go")] };
			const paths = ["--path", "protocol/proto/framegate"];
			await run("npx", ["buf", "generate", "--template", JSON.stringify(template), ...paths], { cwd: root });
			await go("build", "-o", tool(name), `./${name}`);
			return tool(name);
		},
	};
}

/** Builds the program in a folder of that name that needs nothing generated. @returns its path. */
export async function goProgram(name: string, folder: string): Promise<string> {
	cpSync(sources, folder, { recursive: true });
	const { command, env } = await newGo();
	const built = join(folder, "bin", name);
	await run(command, ["build", "-o", built, `./${name}`], { cwd: folder, env: { ...process.env, ...env } });
	return built;
}

interface Go {
	readonly command: string;
	readonly env: Readonly<Record<string, string>>;
}

async function newGo(): Promise<Go> {
	const version = await run("go", ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
	const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
	if (minor >= FIRST_WITH_TOOLCHAINS) return { command: "go", env: { GOTOOLCHAIN: "auto" } };
	return { command: await fetchedGo(), env: { GOTOOLCHAIN: "local" } };
}

/** @returns the path of a Go that was fetched as a module. */
async function fetchedGo(): Promise<string> {
	const version = `v0.0.1-${VERSION}.${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
	const env = { ...process.env, GOMODCACHE: cache, GOFLAGS: "-modcacherw" };
	// Outside of a module, so that no go.mod is read that this Go does not understand.
	await run("go", ["mod", "download", `${MODULE}@${version}`], { cwd: dirname(root), env });
	const folder = join(cache, `${MODULE}@${version}`);
	const complete = join(folder, "complete");
	if (!existsSync(complete)) {
		makeUsable(folder);
		writeFileSync(complete, "");
	}
	return join(folder, "bin/go");
}

/** Undoes what is done to Go for the archive of a module: its go.mod files have other names, and nothing is executable. */
function makeUsable(folder: string): void {
	for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.name === "_go.mod") renameSync(path, join(entry.parentPath, "go.mod"));
		else if (entry.isFile() && /\/(?:bin|pkg\/tool\/[^/]+)$/.test(entry.parentPath)) chmodSync(path, 0o755);
	}
}
