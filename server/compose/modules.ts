// Modules of the operator: their host, the routes that they give the table, and the watch over their files.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { Step } from "../../core/pipeline.ts";
import type { BoundModule } from "../../core/route-table.ts";
import { httpBindings } from "../../protocol/gen/http.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { pathKey, type ReservedNames } from "../../services/modules/claims.ts";
import type { Generation } from "../../services/modules/generation.ts";
import type { LoadedFunction } from "../../services/modules/loaded-function.ts";
import {
	type ModuleDefinition,
	ModuleHost,
	type ReloadReport,
	type ReloadRequest,
} from "../../services/modules/module-host.ts";
import type { ModuleServices } from "../../services/modules/module-services.ts";
import { ModuleWatch } from "../../services/modules/module-watch.ts";
import type { SqlDialect } from "../../services/modules/statement-runner.ts";
import type { Notifications } from "../../services/notifications/notifications.ts";
import type { BackendChannels } from "../../services/server/application-channels.ts";
import type { ServerApi } from "../../services/server/server-api.ts";
import type { Config } from "../config/config.ts";

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
	/** Modules that the program brings itself, by name. */
	readonly definitions: ReadonlyMap<string, ModuleDefinition>;
	/** Whether there is a folder of modules. */
	readonly hasFolder: boolean;
	/** Serves these, in this turn. @throws Error when the table cannot be made. */
	readonly publish: () => void;
}

/** What modules add to the table. */
export interface ModuleRoutes {
	readonly modules: readonly BoundModule[];
	readonly bindings: readonly HttpBinding[];
}

export class Modules {
	readonly host: ModuleHost;
	private readonly parts: ModuleParts;
	private readonly dir: string;
	private watch: ModuleWatch | undefined;

	constructor(parts: ModuleParts) {
		this.parts = parts;
		this.dir = resolve(parts.options.dir);
		this.host = new ModuleHost({ ...parts, dir: this.dir, reserved: reservedNames });
	}

	/** Of the generations that serve, or are about to. */
	routes(): ModuleRoutes {
		const { generations } = this.host;
		return {
			modules: generations.map((generation) => ({
				name: generation.name,
				routes: [...generation.parts.functions.values()].map((called) => {
					return { contract: called.contract, last: this.stepOf(generation, called) };
				}),
			})),
			bindings: generations.flatMap(({ parts }) => [...parts.functions.values()].flatMap(({ bindings }) => bindings)),
		};
	}

	/** Loads what is there. What cannot be loaded is logged: the gateway starts without it. */
	async start(): Promise<void> {
		await this.reload({ origin: "start" });
	}

	/** @throws GatewayError UNAVAILABLE when too many reloads wait; Error when the folder cannot be read. */
	async reload(request: ReloadRequest): Promise<ReloadReport> {
		const { hasFolder, definitions } = this.parts;
		const isThere = hasFolder && existsSync(this.dir);
		if (!isThere && definitions.size === 0 && this.host.generations.length === 0) {
			return { loaded: [], unchanged: [], removed: [], problems: [] };
		}
		const { options } = this.parts;
		// Before anything is read, so that a change during the reload is seen.
		if (hasFolder && options.watch && this.watch === undefined) await this.beginWatch();
		const report = await this.host.reload(request);
		this.watch?.addFiles(this.host.inputs);
		return report;
	}

	async close(): Promise<void> {
		await this.watch?.close();
		await this.host.close();
	}

	private async beginWatch(): Promise<void> {
		const { options, logger } = this.parts;
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

	private stepOf(generation: Generation, called: LoadedFunction): Step {
		const { host } = this;
		return function runFunction({ request = {}, peer, traceId }) {
			return host.run(generation, called, request, { identity: peer.identity, ip: peer.ip, traceId });
		};
	}
}

/** First segments of pages, which no module may be called. */
const PAGES = ["api", "docs", "health", "metrics", "monitoring", "playground", "ready", "status", "websocket", "ws"];
/** Pages below `/api/`. */
const API_PAGES = ["/api/v1/health", "/api/reload", "/api/reload-config", "/api/modules", "/api/modules/rollback"];

function reservedNames(): ReservedNames {
	const pages = API_PAGES.flatMap((path) =>
		["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => ({ method, path })),
	);
	const modules = [...routeContracts.values()].map(({ name }) => name.split(".", 1)[0] ?? "");
	const segments = httpBindings.map(({ path }) => path.split("/")[1] ?? "");
	return {
		modules: new Set([...PAGES, ...modules, ...segments]),
		paths: new Set([...httpBindings, ...pages].map(({ method, path }) => pathKey(method, path))),
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
		unicast: (userId, push, body) => api.unicast(userId, push, body),
		broadcast: async (push, body) => (await api.broadcast(push, body)).reached,
		publish: (channel, data) => channels.publish(channel, Buffer.from(data), undefined),
		notify: ({ userIds, type, variables, data }) => notifications.send(userIds, type, variables, data),
		disconnect: (userId) => api.disconnect(userId),
		values: stores.values,
		statements: stores.statements,
	};
}
