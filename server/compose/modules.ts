// Modules of the operator: their host, the routes that they give the table, and the watch over their files.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { GameCode } from "../../common/game-code.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { Step } from "../../core/pipeline.ts";
import type { BoundModule } from "../../core/route-table.ts";
import type { AnyPushContract } from "../../protocol/contract.ts";
import { httpBindings } from "../../protocol/gen/http.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { jsonPush } from "../../protocol/json-message.ts";
import { ownGames } from "../../services/games/own-games.ts";
import type { CanaryBoard } from "../../services/modules/canary-board.ts";
import type { CanaryWish } from "../../services/modules/canary-rounds.ts";
import { pathKey, type ReservedNames } from "../../services/modules/claims.ts";
import type { ServedFunction } from "../../services/modules/function-facts.ts";
import { type ModuleDefinition, ModuleHost, type ReloadRequest } from "../../services/modules/module-host.ts";
import type { ModuleServices, PushName } from "../../services/modules/module-services.ts";
import { ModuleWatch } from "../../services/modules/module-watch.ts";
import type { ReloadBarrier } from "../../services/modules/reload-barrier.ts";
import { type ClusterReport, ReloadRounds } from "../../services/modules/reload-rounds.ts";
import type { ServingGeneration } from "../../services/modules/serving-generation.ts";
import type { SqlDialect } from "../../services/modules/statement-runner.ts";
import type { Notifications } from "../../services/notifications/notifications.ts";
import type { BackendChannels } from "../../services/server/application-channels.ts";
import type { ServerApi } from "../../services/server/server-api.ts";
import type { Config } from "../config/config.ts";
import { environmentOf } from "../config/module-environment.ts";

export interface ModuleParts {
	readonly options: Config["modules"];
	readonly services: ModuleServices;
	/** `modules.config` as it is now. */
	readonly settings: () => Config["modules"]["config"];
	/** Of the database of modules. */
	readonly sqlDialect: SqlDialect;
	/** Where hooks of modules are put. */
	readonly hooks: Hooks;
	/** Longest time of a call, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
	/** Monotonic milliseconds. */
	readonly monotonic: () => number;
	/** Modules that the program brings itself, by name. */
	readonly definitions: ReadonlyMap<string, ModuleDefinition>;
	/** Whether there is a folder of modules. */
	readonly hasFolder: boolean;
	/** Serves these, in this turn. @throws Error when the table cannot be made. */
	readonly publish: () => void;
	/** Takes the games of the generations that serve; undefined where no rooms are. */
	readonly bring?: (games: readonly GameCode[]) => void;
	/** What the processes agree through, and how one says that there is something to agree on. */
	readonly barrier: ReloadBarrier;
	readonly board: CanaryBoard;
	readonly announce: () => void;
	readonly nodeId: string;
	/** First halves of the names of configured routes. */
	readonly taken: readonly string[];
}

/** What modules add to the table. */
export interface ModuleRoutes {
	readonly modules: readonly BoundModule[];
	readonly bindings: readonly HttpBinding[];
}

export class Modules {
	readonly host: ModuleHost;
	private readonly rounds: ReloadRounds;
	private readonly parts: ModuleParts;
	private readonly dir: string;
	private watch: ModuleWatch | undefined;

	constructor(parts: ModuleParts) {
		this.parts = parts;
		this.dir = resolve(parts.options.dir);
		this.host = new ModuleHost({
			...parts,
			dir: this.dir,
			environment: environmentOf,
			publish: () => {
				parts.publish();
				parts.bring?.(this.games);
			},
			onWorse: (module, reason) => this.goBack(module, reason),
			onCanaryWorse: (canary, reason) => {
				parts.logger.error({ module: canary.name, reason }, "a canary does worse: going back");
				void this.rounds.canaries.withdraw(canary, reason);
			},
			reserved: () => reservedNames(parts.taken),
		});
		const { barrierTimeoutMs: timeoutMs, keptBundles } = parts.options;
		this.rounds = new ReloadRounds({ ...parts, host: this.host, timeoutMs, keptBundles });
	}

	/** Of the generations that serve, or are about to. @param configured - what is served beside them. */
	routes(configured: readonly BoundModule[] = []): ModuleRoutes {
		const { generations } = this.host;
		const modules = generations.map((generation) => ({
			name: generation.name,
			routes: [...generation.parts.functions.values()].map((called) => {
				return { contract: called.contract, last: this.stepOf(generation, called) };
			}),
		}));
		return {
			modules: [...modules, ...configured],
			bindings: generations.flatMap(({ parts }) => [...parts.functions.values()].flatMap(({ bindings }) => bindings)),
		};
	}

	/** Games of the generations that serve. */
	get games(): readonly GameCode[] {
		return this.host.generations.flatMap(({ parts }) => parts.games.map(({ code }) => code));
	}

	/** Loads what is there. What cannot be loaded is logged: the gateway starts without it. */
	async start(): Promise<void> {
		if (!this.isUsed) return;
		await this.beginWatch();
		await this.rounds.start();
		this.watch?.addFiles(this.host.inputs);
		await this.rounds.join();
	}

	/** On all processes, or on none. @throws GatewayError UNAVAILABLE; Error when the folder cannot be read. */
	async reload(request: ReloadRequest): Promise<ClusterReport> {
		if (!this.isUsed) return { loaded: [], unchanged: [], removed: [], problems: [], nodes: [] };
		// Before anything is read, so that a change during the reload is seen.
		await this.beginWatch();
		await this.rounds.join();
		const report = await this.rounds.reload(request);
		this.watch?.addFiles(this.host.inputs);
		return report;
	}

	/** Serves an earlier bundle on all processes. @param digest - the beginning of it; "" for the one before. @throws as `reload`. */
	rollback(name: string, digest: string, request: ReloadRequest): Promise<ClusterReport> {
		return this.rounds.rollback(name, digest, request);
	}

	/** A new generation for a share of users, on all processes. @param wish - what it does not say is `modules.canary`. @throws as `reload`. */
	async canary(name: string, wish: Partial<CanaryWish>, request: ReloadRequest): Promise<ClusterReport> {
		await this.rounds.join();
		return await this.rounds.canary(name, { ...this.parts.options.canary, ...wish }, request);
	}

	/** The canary of a module serves all users, on all processes. @throws as `reload`. */
	promote(name: string, request: ReloadRequest): Promise<ClusterReport> {
		return this.rounds.promote(name, request);
	}

	/** Another process says that there is something to agree on. */
	onAnnounced(): void {
		// The folder may have come since the start.
		if (this.isUsed) void this.rounds.join().then(() => this.rounds.onAnnounced());
	}

	async close(): Promise<void> {
		await this.watch?.close();
		await this.rounds.close();
		await this.host.close();
	}

	private goBack(module: string, reason: string): void {
		const { logger } = this.parts;
		logger.error({ module, reason }, "a generation does worse than the one before: going back");
		this.rollback(module, "", { origin: "automatic", by: reason }).catch((error: unknown) => {
			logger.error({ err: error, module }, "going back failed");
		});
	}

	/** A gateway without a folder of modules pays nothing for them. */
	private get isUsed(): boolean {
		const { hasFolder, definitions } = this.parts;
		return this.host.generations.length > 0 || definitions.size > 0 || (hasFolder && existsSync(this.dir));
	}

	private async beginWatch(): Promise<void> {
		const { options, hasFolder, logger } = this.parts;
		if (!options.watch || !hasFolder || this.watch !== undefined) return;
		this.watch = new ModuleWatch({
			dir: this.dir,
			debounceMs: options.debounceMs,
			onChange: () => {
				this.reload({ origin: "watch" }).catch((error: unknown) => {
					logger.error({ err: error }, "reloading modules failed; the next change will retry");
				});
			},
			onError: (error) => logger.warn({ err: error }, "watching modules failed; /api/reload still works"),
		});
		await this.watch.start();
		logger.info({ dir: this.dir }, "watching modules");
	}

	private stepOf(generation: ServingGeneration, called: ServedFunction): Step {
		const { host } = this;
		const { name: module } = generation;
		return function runFunction(call) {
			const { request = {}, peer, traceId } = call;
			const caller = { identity: peer.identity, ip: peer.ip, traceId, module, generation: 0 };
			call.servedBy = caller;
			return host.run(generation, called, request, caller);
		};
	}
}

/** First segments of pages, which no module may be called. */
const PAGES = ["api", "docs", "health", "metrics", "monitoring", "playground", "ready", "status", "websocket", "ws"];
/** Whether routes may not be called so: the first half of their names would be that of a page, or of routes of the gateway. */
export function isReservedName(name: string): boolean {
	return reservedNames().modules.has(name);
}

/** Pages below `/api/`. */
const API_PAGES = [
	"/api/v1/health",
	"/api/reload",
	"/api/reload-config",
	"/api/modules",
	"/api/modules/canary",
	"/api/modules/promote",
	"/api/modules/rollback",
	"/api/routes",
];

function reservedNames(taken: readonly string[] = []): ReservedNames {
	const pages = API_PAGES.flatMap((path) =>
		["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => ({ method, path })),
	);
	const modules = [...routeContracts.values()].map(({ name }) => name.split(".", 1)[0] ?? "");
	const segments = httpBindings.map(({ path }) => path.split("/")[1] ?? "");
	return {
		modules: new Set([...PAGES, ...modules, ...segments, ...taken]),
		paths: new Set([...httpBindings, ...pages].map(({ method, path }) => pathKey(method, path))),
		games: new Set(ownGames.map(({ name }) => name)),
	};
}

/** What the services of modules are made of. */
export interface ModuleServiceParts {
	readonly api: Pick<ServerApi, "presence" | "disconnect" | "unicast" | "broadcast">;
	readonly channels: Pick<BackendChannels, "publish">;
	readonly notifications: Pick<Notifications, "send">;
	readonly stores: Pick<ModuleServices, "values" | "statements">;
}

/** What modules do through the gateway. */
export function moduleServices({ api, channels, notifications, stores }: ModuleServiceParts): ModuleServices {
	return {
		online: async (userIds) => {
			const records = await api.presence(userIds);
			return new Set(records.filter(({ isOnline }) => isOnline).map(({ userId }) => userId));
		},
		unicast: (userId, push, body) => api.unicast(userId, pushOf(push), body),
		broadcast: async (push, body) => (await api.broadcast(pushOf(push), body)).reached,
		publish: (channel, data) => channels.publish(channel, Buffer.from(data), undefined),
		notify: ({ userIds, type, variables, data }) => notifications.send(userIds, type, variables, data),
		disconnect: (userId) => api.disconnect(userId),
		values: stores.values,
		statements: stores.statements,
	};
}

/** The contract of a push that a module names. @throws Error for a number that is none of modules. */
function pushOf({ number, name }: PushName): AnyPushContract {
	const message = jsonPush(number);
	if (message === undefined) throw new Error(`push ${number} is none of a module`);
	return { number, name, message };
}
