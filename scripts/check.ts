// `npm run check`: everything that can be judged without running the product. One line per check; what failed shows
// its tool's output below. Arguments choose checks by name: `npm run check -- types lint`.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { missingPackages } from "./lock-platforms.ts";
import { retiredWords } from "./vocabulary.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_FILE_LINES = 400;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const TOOL_TIMEOUT_MS = 240_000;

/** A check resolves to undefined when all is well, and to what is wrong otherwise. */
type Check = () => Promise<string | undefined>;

interface Outcome {
	readonly failed: boolean;
	readonly stdout: string;
	readonly output: string;
}

function run(command: string, args: readonly string[]): Promise<Outcome> {
	const options = { cwd: root, maxBuffer: MAX_OUTPUT_BYTES, timeout: TOOL_TIMEOUT_MS };
	return new Promise((resolve) => {
		execFile(command, args, options, (error, stdout, stderr) => {
			const output = `${stdout}${stderr}`.trim();
			resolve({ failed: error !== null, stdout, output: output || (error?.message ?? "") });
		});
	});
}

const tool =
	(name: string, ...args: string[]): Check =>
	async () => {
		const { failed, output } = await run(`${root}node_modules/.bin/${name}`, args);
		return failed ? output : undefined;
	};

/** Tracked files and those about to be; deleted ones are gone from the working tree and read as empty. */
async function sourceFiles(): Promise<string[]> {
	const { failed, stdout, output } = await run("git", ["ls-files", "-co", "--exclude-standard", "-z"]);
	if (failed) throw new Error(output);
	return stdout.split("\0").filter((path) => path !== "");
}

async function contentOf(path: string): Promise<string> {
	try {
		return await readFile(`${root}${path}`, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
		throw error;
	}
}

const isOwnTypeScript = (path: string): boolean => /\.tsx?$/.test(path) && !path.startsWith("protocol/gen/");

interface CruiseResult {
	readonly modules: readonly { readonly source: string }[];
	readonly summary: { readonly violations: readonly { from: string; to: string; rule: { name: string } }[] };
}

/**
 * The direction of imports. A dependency-cruiser that cannot load the TypeScript compiler sees no module and is
 * content, so every file of ours must be among those that it has seen.
 */
const importDirection: Check = async () => {
	const own = (await sourceFiles()).filter((path) => isOwnTypeScript(path) && path.includes("/"));
	const folders = [...new Set(own.map((path) => path.slice(0, path.indexOf("/"))))];
	const args = ["--config", ".dependency-cruiser.mjs", "--output-type", "json", ...folders];
	const { stdout, output } = await run(`${root}node_modules/.bin/depcruise`, args);
	if (!stdout.startsWith("{")) return output;
	const { modules, summary } = JSON.parse(stdout) as CruiseResult;
	const seen = new Set(modules.map((module) => module.source));
	const present = await Promise.all(own.map(async (path) => ((await contentOf(path)) === "" ? [] : [path])));
	const problems = [
		...summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} → ${violation.to}`),
		...present.flat().flatMap((path) => (seen.has(path) ? [] : [`not looked at: ${path}`])),
	];
	return problems.length === 0 ? undefined : problems.join("\n");
};

/** Written in two halves so that this file does not find itself. After a colon it is part of a key that field services name. */
const UNFINISHED = new RegExp(`(?<!:)\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
const SKIPPED_TEST = /\b(?:test|it|suite|describe|t)\.(?:only|skip|todo)\(|\{\s*(?:only|skip|todo):/;

function problemsOfText(path: string, text: string): string[] {
	const lines = text.split("\n");
	const problems = lines.flatMap((line, index) => {
		const place = `${path}:${index + 1}`;
		if (UNFINISHED.test(line)) return [`${place}: unfinished work`];
		if (isOwnTypeScript(path) && SKIPPED_TEST.test(line)) return [`${place}: a test that would not run`];
		return [];
	});
	if (isOwnTypeScript(path)) {
		if (lines.length - 1 > MAX_FILE_LINES) problems.push(`${path}: ${lines.length - 1} lines, over ${MAX_FILE_LINES}`);
		if (text !== "" && !/^(?:#!.*\n)?\/[/*]/.test(text))
			problems.push(`${path}: does not begin by saying what it is for`);
	}
	return problems;
}

/** The lock file works for everybody: it names no registry, and holds the packages of every platform. */
const lockFile: Check = async () => {
	const text = await contentOf("package-lock.json");
	const problems = missingPackages(JSON.parse(text)).map(
		({ name, parent }) => `lacks ${name}, optional of ${parent}: npx node scripts/lock-platforms.ts`,
	);
	if (text.includes('"resolved"')) problems.push("has registry addresses: install with the repository's .npmrc");
	return problems.length === 0 ? undefined : problems.join("\n");
};

/** What no tool looks at: unfinished work, tests that would not run, file sizes. */
const houseRules: Check = async () => {
	const text = /\.(?:tsx?|mjs|js|css|html|proto|py|sh|md|ya?ml)$|^\.ci\//;
	const files = (await sourceFiles()).filter((path) => text.test(path) && !path.startsWith("protocol/gen/"));
	const problems = (await Promise.all(files.map(async (path) => problemsOfText(path, await contentOf(path))))).flat();
	return problems.length === 0 ? undefined : problems.join("\n");
};

/** The field's terms: see scripts/vocabulary.ts. */
const vocabulary: Check = async () => {
	const text = /\.(?:tsx?|mjs|css|html|proto|py|sh|md|ya?ml|json)$|^\.ci\//;
	const left = /^protocol\/gen\/|^package-lock\.json$|^common\/confusables\.json$|\.zh-CN\.md$/;
	const files = (await sourceFiles()).filter((path) => text.test(path) && !left.test(path));
	const found = await Promise.all(files.map(async (path) => retiredWords(path, await contentOf(path))));
	return found.flat().length === 0 ? undefined : found.flat().join("\n");
};

const checks: Record<string, Check> = {
	types: tool("tsc", "-p", "."),
	"types-web": tool("tsc", "-p", "web"),
	format: tool("biome", "check", "--error-on-warnings", "--max-diagnostics=100"),
	lint: tool("oxlint", "--type-aware", "--deny-warnings"),
	imports: importDirection,
	"dead-code": tool("knip", "--no-progress"),
	"proto-lint": tool("buf", "lint"),
	"proto-format": tool("buf", "format", "--diff", "--exit-code"),
	// Against what the last release promised, kept in the repository: a fresh or shallow clone has it, and a break that
	// came some commits ago is still found. CONTRIBUTING.md says when it is renewed.
	"proto-breaking": tool("buf", "breaking", "--against", "protocol/baseline.binpb"),
	generated: tool("node", "protocol/generate.ts", "--check"),
	"plain-proto": tool("node", "scripts/plain-proto.ts", "--check"),
	"lock-file": lockFile,
	"house-rules": houseRules,
	vocabulary,
};

async function runCheck(name: string, check: Check): Promise<boolean> {
	const startedAtMs = performance.now();
	const problem = await check().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
	const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
	console.log(`${problem === undefined ? "ok  " : "FAIL"} ${name.padEnd(16)} ${seconds.padStart(5)} s`);
	if (problem !== undefined) console.log(`${problem.replace(/^/gm, "     ")}\n`);
	return problem === undefined;
}

async function main(): Promise<void> {
	const chosen = process.argv.slice(2);
	const unknown = chosen.filter((name) => !(name in checks));
	if (unknown.length > 0) {
		console.error(`no such check: ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
		process.exitCode = 2;
		return;
	}
	const queue = Object.entries(checks).filter(([name]) => chosen.length === 0 || chosen.includes(name));
	let failures = 0;
	const worker = async (): Promise<void> => {
		for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
			if (!(await runCheck(...next))) failures++;
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	if (failures > 0) {
		console.error(`${failures} of the checks failed`);
		process.exitCode = 1;
	}
}

await main();
