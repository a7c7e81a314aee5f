// A host of modules on a folder of its own, without a gateway around it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Hooks } from "../../../common/hooks.ts";
import type { Logger } from "../../../common/logger.ts";
import { defaultsOf } from "../../../common/options.ts";
import type { Canary } from "../../../services/modules/canary.ts";
import { Generation } from "../../../services/modules/generation.ts";
import {
	type ModuleDefinition,
	ModuleHost,
	type ReloadReport,
	type ReloadRequest,
} from "../../../services/modules/module-host.ts";
import type { Notice } from "../../../services/modules/module-services.ts";
import { type ModulesOptions, modulesSection } from "../../../services/modules/options.ts";
import type { Caller, ServingGeneration } from "../../../services/modules/serving-generation.ts";
import { SqlStatementRunner } from "../../../services/modules/store/statement-runner-sql.ts";
import { MemoryValueStore } from "../../../services/modules/store/value-store-memory.ts";
import { openDatabase } from "../../../stores/sql/database.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

export interface LogLine {
	readonly level: string;
	readonly message: string;
	readonly [field: string]: unknown;
}

const NO_TRIAL = { ...defaultsOf(modulesSection).trial, calls: 0 };
const CALLER = { identity: undefined, ip: "127.0.0.1", traceId: "" };

export class ModuleFixture {
	readonly dir: string;
	readonly host: ModuleHost;
	/** A test may change them between two reloads. */
	readonly options: { -readonly [Key in keyof ModulesOptions]: ModulesOptions[Key] };
	readonly lines: LogLine[] = [];
	/** Pushes to single users. */
	readonly sent: (readonly [userId: string, number: number, body: object])[] = [];
	readonly hooks = new Hooks();
	readonly published: (readonly [channel: string, data: string])[] = [];
	readonly notices: Notice[] = [];
	/** Of the store of values. */
	nowMs = 1;
	/** Of modules. */
	settings: Record<string, unknown> = {};
	readonly statements = new SqlStatementRunner(() => openDatabase({ url: "sqlite::memory:" }, quietLogger()), {
		transactionTimeoutMs: 200,
	});
	/** Generations that did worse than the one before. */
	readonly worse: (readonly [module: string, reason: string])[] = [];
	onCanaryWorse: (canary: Canary, reason: string) => void = (canary, reason) => {
		this.worse.push([canary.name, reason]);
	};
	/** What was published last. */
	served: readonly ServingGeneration[] = [];

	/** @param definitions - modules of the program. */
	constructor(
		options: Partial<ModulesOptions> = {},
		callTimeoutMs = 10_000,
		definitions: ReadonlyMap<string, ModuleDefinition> = new Map(),
	) {
		this.dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		this.options = { ...defaultsOf(modulesSection), holdReportMs: 0, trial: NO_TRIAL, ...options };
		this.host = new ModuleHost({
			options: this.options,
			dir: this.dir,
			services: {
				online: async () => new Set<string>(),
				unicast: async (userId, { number }, body) => {
					this.sent.push([userId, number, body]);
				},
				broadcast: async () => 0,
				publish: async (channel, data) => this.published.push([channel, data]),
				notify: async (notice) => this.notices.push(notice),
				disconnect: async () => 0,
				values: new MemoryValueStore(() => this.nowMs),
				statements: this.statements,
			},
			settings: () => this.settings,
			sqlDialect: "sqlite",
			definitions,
			hooks: this.hooks,
			callTimeoutMs: () => callTimeoutMs,
			logger: this.logger({}),
			wall: Date.now,
			monotonic: () => performance.now(),
			environment: (names) => Object.fromEntries(names.map((name) => [name, `value of ${name}`])),
			reserved: () => ({
				modules: new Set(["auth", "api"]),
				paths: new Set(["GET /api/v1/users/{}"]),
				games: new Set(["gomoku"]),
			}),
			onWorse: (module, reason) => this.worse.push([module, reason]),
			onCanaryWorse: (canary, reason) => this.onCanaryWorse(canary, reason),
			publish: (serving) => {
				this.served = serving;
			},
		});
	}

	write(file: string, text: string): void {
		const path = join(this.dir, file);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	}

	remove(file: string): void {
		rmSync(join(this.dir, file), { recursive: true });
	}

	reload(request: Partial<ReloadRequest> = {}): Promise<ReloadReport> {
		return this.host.reload({ origin: "request", ...request });
	}

	/** Calls a function as a route does that was compiled for the generation that serves now. */
	call(name: string, input: object = {}, caller: Caller = CALLER): object | Promise<object> {
		const [module, called] = this.route(name);
		return this.host.run(module, called, input, caller);
	}

	/** What a compiled route holds. */
	route(name: string) {
		const [module = "", called = ""] = name.split(".");
		const generation = this.served.find((one) => one.name === module);
		const found = generation?.parts.functions.get(called);
		if (generation === undefined || found === undefined) throw new Error(`${name} is not served`);
		return [generation, found] as const;
	}

	/** The generation that serves in this thread. */
	inline(name: string): Generation {
		const [generation] = this.route(name);
		if (generation instanceof Generation) return generation;
		throw new Error(`${name} is served by a thread`);
	}

	async rollback(name: string, digest = ""): Promise<ReloadReport> {
		const bundle = this.host.bundleOf(name, digest);
		if (bundle === undefined) throw new Error("no earlier bundle is kept");
		return await this.host.restore(bundle, { origin: "rollback" });
	}

	async close(): Promise<void> {
		await this.host.close();
		await this.statements.close();
		rmSync(this.dir, { recursive: true, force: true });
	}

	logger(bindings: object): Logger {
		const at = (level: string) => (fields: object, message: string) => {
			this.lines.push({ ...bindings, ...fields, level, message });
		};
		return {
			debug: at("debug"),
			info: at("info"),
			warn: at("warn"),
			error: at("error"),
			fatal: at("fatal"),
			child: (more) => this.logger({ ...bindings, ...more }),
			isLevelEnabled: () => true,
		};
	}
}

export interface SourceParts {
	readonly number?: number;
	/** Fields of the input, as source. */
	readonly input?: string;
	readonly output?: string;
	/** Body of `run`. */
	readonly run?: string;
	/** Before the definition. */
	readonly top?: string;
	/** Further members of the module. */
	readonly more?: string;
	/** Further members of the function. */
	readonly options?: string;
}

/** The source of a module with one function, `get`. */
export function moduleSource(parts: SourceParts = {}): string {
	const { number = 7001, input = "", output = "version: z.number()", run = "return { version: 1 };" } = parts;
	return `import { CallError, defineFunction, defineModule, definePush, z } from "framegate/module";
${parts.top ?? ""}
export default defineModule({
	functions: {
		get: defineFunction({
			number: ${number},
			input: z.object({ ${input} }),
			output: z.object({ ${output} }),
			${parts.options ?? ""}
			run: async (input, call) => { ${run} },
		}),
	},
	${parts.more ?? ""}
});
`;
}
