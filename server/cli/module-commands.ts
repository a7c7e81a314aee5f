// `framegate module`: makes a module, checks those of the folder without a gateway, and lists, reloads and rolls back those of the
// gateway on this machine.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { systemClock } from "../../common/clock.ts";
import { Hooks } from "../../common/hooks.ts";
import { unavailable } from "../../protocol/error.ts";
import { MemoryCanaryBoard } from "../../services/modules/canary-board-memory.ts";
import { FIRST_NUMBER, LAST_NUMBER } from "../../services/modules/loaded-function.ts";
import { MODULE_NAME } from "../../services/modules/module-folder.ts";
import { type ModuleProblem, problemText } from "../../services/modules/module-problem.ts";
import { MemoryReloadBarrier } from "../../services/modules/reload-barrier-memory.ts";
import type { ClusterReport } from "../../services/modules/reload-rounds.ts";
import { memoryValues, openModuleStores } from "../compose/module-stores.ts";
import { Modules } from "../compose/modules.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../logging/logger.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";
import { askLocalGateway } from "./local-gateway.ts";
import { formatTable } from "./table.ts";

/** A reload loads every module, one after the other. */
const RELOAD_TIMEOUT_MS = 120_000;
const SOURCE = /\.(?:ts|mts|js|mjs)$/;

const template = (number: number): string => `import { defineFunction, defineModule, z } from "framegate/module";

export default defineModule({
	functions: {
		hello: defineFunction({
			number: ${number},
			description: "Greets who calls.",
			input: z.object({ name: z.string().max(64).default("World") }),
			output: z.object({ message: z.string() }),
			run: ({ name }, call) => {
				call.log.debug("greeting", { name });
				return { message: \`Hello, \${name}!\` };
			},
		}),
	},
});
`;

/** Writes a module to start from, with a number that no other one names. @throws CommandError when there is one of that name. */
export async function newModule({ config: file }: CommonFlags, name: string): Promise<void> {
	if (!MODULE_NAME.test(name)) {
		throw new CommandError("the name of a module is a lower-case letter and up to 47 letters, digits or _");
	}
	const dir = resolve(loadConfig({ file }).modules.dir);
	await mkdir(dir, { recursive: true });
	const path = join(dir, `${name}.ts`);
	try {
		await writeFile(path, template(await freeNumber(dir)), { flag: "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new CommandError(`${path} exists already`);
		throw error;
	}
	process.stdout.write(`${path}\n`);
}

/** The first number that no source of the folder names. */
async function freeNumber(dir: string): Promise<number> {
	const taken = new Set<number>();
	for (const name of await readdir(dir, { recursive: true })) {
		if (!SOURCE.test(name) || name.includes("node_modules")) continue;
		const text = await readFile(join(dir, name), "utf8");
		for (const [, number] of text.matchAll(/number:\s*(\d{4})/g)) taken.add(Number(number));
	}
	for (let number = FIRST_NUMBER + 1; number <= LAST_NUMBER; number++) if (!taken.has(number)) return number;
	throw new CommandError(`every number from ${FIRST_NUMBER + 1} to ${LAST_NUMBER} is taken`);
}

/** Bundles and loads every module as a gateway would, and prints what is wrong. @throws CommandError when something is. */
export async function checkModules({ config: file }: CommonFlags): Promise<void> {
	const config = loadConfig({ file, overrides: { modules: { watch: false }, log: { level: "silent" } } });
	const logger = await createLogger(config);
	const offline = () => Promise.reject(unavailable("the gateway", 0));
	// Empty ones: what `load` reads is not there, and every migration runs.
	const emptyDatabase = {
		...config,
		modules: { ...config.modules, database: { ...config.modules.database, url: undefined } },
	};
	const stores = openModuleStores(emptyDatabase, "sqlite::memory:", memoryValues(systemClock), logger);
	const modules = new Modules({
		options: config.modules,
		services: {
			online: offline,
			unicast: offline,
			broadcast: offline,
			publish: offline,
			notify: offline,
			disconnect: offline,
			...stores,
		},
		settings: () => config.modules.config,
		sqlDialect: stores.sqlDialect,
		hooks: new Hooks(),
		definitions: new Map(),
		hasFolder: true,
		callTimeoutMs: () => config.limits.requestTimeoutMs,
		logger,
		wall: Date.now,
		monotonic: () => performance.now(),
		publish: () => {},
		barrier: new MemoryReloadBarrier(() => performance.now()),
		board: new MemoryCanaryBoard(() => performance.now()),
		announce: () => {},
		nodeId: config.node.id,
		taken: config.upstreams.routes.map(({ name }) => name),
	});
	try {
		print(await modules.reload({ origin: "start" }));
	} finally {
		await modules.close();
		await stores.statements.close();
		await logger.close();
	}
}

interface RunningFlags extends CommonFlags {
	readonly port?: number;
	readonly acceptContractChanges?: boolean;
	readonly json?: boolean;
}

interface ListedModule {
	readonly name: string;
	readonly generation: number;
	readonly digest: string;
	readonly loaded_at: string;
	readonly origin: string;
	readonly threads: number;
	readonly functions: readonly string[];
	readonly kept: readonly { readonly digest: string; readonly served_at: string }[];
	readonly canary?: {
		readonly generation: number;
		readonly digest: string;
		readonly share: number;
		readonly canary: { readonly calls: number; readonly faults: number };
	};
}

/** Prints what serves, and what can be gone back to. */
export async function listModules(flags: RunningFlags): Promise<void> {
	const modules = (await ask(flags, "/api/modules")) as readonly ListedModule[];
	if (flags.json) {
		process.stdout.write(`${JSON.stringify(modules, undefined, 2)}\n`);
		return;
	}
	const rows = modules.map(({ name, generation, digest, loaded_at, origin, threads, functions, kept, canary }) => {
		const earlier = kept.map((one) => one.digest).join(" ");
		const place = threads === 0 ? "gateway" : `${threads} thread${threads === 1 ? "" : "s"}`;
		return [name, `${generation}`, digest, loaded_at, origin, place, functions.join(", "), earlier, canaryText(canary)];
	});
	process.stdout.write(
		formatTable(["module", "generation", "digest", "since", "by", "runs in", "functions", "earlier", "canary"], rows),
	);
}

function canaryText(canary: ListedModule["canary"]): string {
	if (canary === undefined) return "";
	const { generation, digest, share, canary: own } = canary;
	return `${generation} ${digest} ${share * 100} %: ${own.calls} calls here, ${own.faults} failed`;
}

/** Has the gateway load what has changed. @throws CommandError when something could not be loaded. */
export async function reloadModules(flags: RunningFlags): Promise<void> {
	const content = { accept_contract_changes: flags.acceptContractChanges ?? false, by: userName() };
	print((await ask(flags, "/api/reload", content)) as ClusterReport);
}

/** Has the gateway serve an earlier bundle. @param digest - the beginning of it; undefined: the one before. */
export async function rollBackModule(flags: RunningFlags, module: string, digest = ""): Promise<void> {
	print((await ask(flags, "/api/modules/rollback", { module, digest, by: userName() })) as ClusterReport);
}

interface CanaryFlags extends RunningFlags {
	readonly share?: string;
	readonly calls?: number;
	readonly forMs?: number;
}

/** Has the gateway try the code of the files on a share of users. */
export async function beginCanary(flags: CanaryFlags, module: string): Promise<void> {
	const { share, calls, forMs } = flags;
	const content = {
		module,
		by: userName(),
		...(share === undefined ? {} : { share: shareOf(share) }),
		...(calls === undefined ? {} : { calls }),
		...(forMs === undefined ? {} : { duration_ms: forMs }),
	};
	print((await ask(flags, "/api/modules/canary", content)) as ClusterReport);
}

/** `0.05` or `5%`. @throws CommandError for what is neither. */
function shareOf(text: string): number {
	const share = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
	if (share > 0 && share < 1) return share;
	throw new CommandError(`--share ${text}: expected a share of users above 0 and below 1, such as 0.05 or 5%`);
}

/** Has the canary of a module serve all users. */
export async function promoteModule(flags: RunningFlags, module: string): Promise<void> {
	print((await ask(flags, "/api/modules/promote", { module, by: userName() })) as ClusterReport);
}

/** Of who runs the command; in a container it may have no name. */
function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return `uid ${process.getuid?.() ?? "unknown"}`;
	}
}

async function ask(flags: RunningFlags, path: string, content?: object): Promise<unknown> {
	const config = loadConfig({ file: flags.config });
	const [token] = config.admin.tokens;
	if (token === undefined) throw new CommandError("this needs an admin token: set admin.tokens, or ADMIN_TOKENS");
	const asked = { path, port: flags.port, token, timeoutMs: RELOAD_TIMEOUT_MS };
	const { status, body } = await askLocalGateway(config, content === undefined ? asked : { ...asked, content });
	const answer = JSON.parse(body) as { readonly data?: unknown; readonly error?: string };
	if (status !== 200) throw new CommandError(answer.error ?? `answered with ${status}`);
	return answer.data;
}

function print({ loaded, unchanged, removed, problems, nodes }: ClusterReport): void {
	for (const { module, generation, digest, share } of loaded) {
		const part = share === undefined ? "" : `, for ${share * 100} % of the users`;
		process.stdout.write(`${module}: generation ${generation}, ${digest}${part}\n`);
	}
	for (const module of unchanged) process.stdout.write(`${module}: unchanged\n`);
	for (const module of removed) process.stdout.write(`${module}: removed\n`);
	if (nodes.length > 1) {
		for (const { node, outcome, problems: own } of nodes) {
			process.stdout.write(`${node}: ${[outcome, ...own.map((one) => problemText(one))].join("; ")}\n`);
		}
	}
	if (problems.length > 0) throw new CommandError(problems.map((one: ModuleProblem) => problemText(one)).join("\n"));
}
