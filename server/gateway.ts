// A gateway as the code around it sees it: what runs it, and what it is given.
import type { ModuleDefinition } from "../services/modules/module-host.ts";
import type { ModuleServices } from "../services/modules/module-services.ts";
import type { ServerApi } from "../services/server/server-api.ts";
import type { Modules } from "./compose/modules.ts";
import type { Config } from "./config/config.ts";
import type { ConfigReload } from "./config/reload.ts";
import type { HttpRoute } from "./http/http-router.ts";
import type { OpenTransport } from "./listeners.ts";

/** A running gateway process. */
export interface Gateway {
	/** What the operator's own code does through the gateway: publish, push to users, query who is online. */
	readonly api: ServerApi;
	/** The same as modules have it. */
	readonly services: ModuleServices;
	readonly modules: Modules;
	/** What `/metrics` shows. */
	metrics(): Promise<string>;
	/**
	 * Opens stores, upgrades the SQL schema, listens.
	 *
	 * @throws Error when the port is taken or a file is not usable; never because Redis or an SQL server is down.
	 */
	start(): Promise<{ readonly host: string; readonly port: number }>;
	/** Asks clients to reconnect to other nodes and finishes the calls in flight; `close` afterwards. */
	drain(reason: string): Promise<void>;
	/** Applies what can change while running: limits, rates, log level. */
	reload(config: Config): void;
	close(): Promise<void>;
}

/** What a gateway gets from the program that it runs in. */
export interface GatewaySurroundings {
	/** What moves the bytes; tests bring their own. */
	readonly openTransport?: OpenTransport;
	/** Reads the configuration again, and applies it by `reload`. Without it, `/api/reload-config` changes nothing. */
	readonly reloadConfig?: () => ConfigReload;
	/** Of a program that is more than a gateway. */
	readonly program?: ProgramParts;
}

/** What a program brings of its own. */
export interface ProgramParts {
	/** By name. */
	readonly modules: ReadonlyMap<string, ModuleDefinition>;
	/** Whether modules are looked for in `modules.dir` as well. */
	readonly hasModuleFolder: boolean;
	readonly httpRoutes: readonly HttpRoute[];
}
