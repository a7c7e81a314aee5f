// What `import { createGateway } from "framegate"` gives: a gateway inside of a program of one's own. It reads no files and no environment
// but what it is given, listens to no signals, and logs where the program says; `server/cli/` does all of that for the command.
import type * as z from "zod";
import type { Logger } from "../common/logger.ts";
import { defineModule, type GatewayFunctions, type ModuleDefinition, type ModuleHooks } from "../module/index.ts";
import { anyOutgoing, gatewayFunctions } from "../services/modules/gateway-functions.ts";
import { asCallError } from "../services/modules/module-context.ts";
import { problemText } from "../services/modules/module-problem.ts";
import { createGateway as compose } from "./compose.ts";
import { loadConfig } from "./config/load.ts";
import type { configSchema } from "./config/schema.ts";
import type { Gateway as ComposedGateway } from "./gateway.ts";
import { programRoutes } from "./http/program-route.ts";

export * from "../module/index.ts";
export { ConfigError } from "./config/config.ts";
export type { Logger };

type Partially<Value> = Value extends readonly unknown[]
	? Value
	: Value extends object
		? { readonly [Key in keyof Value]?: Partially<Value[Key]> | undefined }
		: Value;

/** The keys of `framegate.yaml`, nested as there: docs/reference/configuration.md. */
export type GatewayConfiguration = Partially<z.input<typeof configSchema>>;

export interface GatewayRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** Without the question mark. */
	readonly query: string;
	/** By lower-case name. */
	readonly headers: ReadonlyMap<string, string>;
	/** The client's address, behind trusted proxies. */
	readonly ip: string;
	readonly body: Uint8Array;
}

export interface GatewayResponse {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array;
}

/** An HTTP route of the program, beside those of the gateway. */
export interface GatewayHttpRoute {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** Exact: `/hooks/payment`. */
	readonly path: string;
	/** Longest body; none is taken by default. */
	readonly maxBodyBytes?: number;
	/** What it throws is answered with 500, and logged; so is a reply that is none. */
	readonly handle: (request: GatewayRequest) => GatewayResponse | Promise<GatewayResponse>;
}

export interface GatewayOptions {
	readonly config?: GatewayConfiguration;
	/** Environment variables as the command takes them (`FRAMEGATE_…`), below `config`; none by default. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
	/** A logger of pino, or what has its methods. Nothing is logged without one. */
	readonly logger?: Logger;
	/** By name. Those in a folder are loaded as well when `config.modules.dir` names one. */
	readonly modules?: Readonly<Record<string, ModuleDefinition>>;
	/** Those of a module called `program`. */
	readonly hooks?: ModuleHooks;
	readonly httpRoutes?: readonly GatewayHttpRoute[];
}

export interface GatewayAddress {
	readonly host: string;
	readonly port: number;
}

/** A gateway of a program. */
export interface Gateway extends GatewayFunctions {
	/**
	 * Opens stores, loads modules, listens. Once.
	 *
	 * @throws Error when the port is taken, a file is not usable, or a module that the program brings cannot be served; never because Redis
	 *   or an SQL server is down.
	 */
	start(): Promise<GatewayAddress>;
	/** Asks clients to reconnect to other nodes and finishes the calls in flight: `limits.drainWindowMs`. `close` comes afterwards. */
	drain(reason?: string): Promise<void>;
	/** Ends connections, finishes what is being written, closes stores. Further calls wait for the first. */
	close(): Promise<void>;
	/** Loads what has changed in the folder of modules. @returns what could not be loaded, one sentence each. */
	reloadModules(): Promise<readonly string[]>;
	/** As `/metrics` shows them. */
	metrics(): Promise<string>;
}

const PROGRAM = "program";
const silent: Logger = {
	debug: () => {},
	info: () => {},
	warn: () => {},
	error: () => {},
	fatal: () => {},
	child: () => silent,
	isLevelEnabled: () => false,
};

/**
 * Makes a gateway; nothing is listening yet.
 *
 * @throws ConfigError that names every key that is wrong; Error when a route or a module cannot be taken.
 */
export async function createGateway(options: GatewayOptions = {}): Promise<Gateway> {
	const { config: overrides = {}, environment: env = {}, logger = silent, modules = {}, hooks } = options;
	const config = loadConfig({ env, overrides, overridesFrom: "createGateway", findsFiles: false });
	const definitions = new Map(Object.entries(modules));
	if (hooks !== undefined) {
		if (definitions.has(PROGRAM))
			throw new Error(`modules.${PROGRAM} is what \`hooks\` are a part of: give that module its hooks`);
		definitions.set(PROGRAM, defineModule({ hooks }));
	}
	const program = {
		modules: definitions,
		hasModuleFolder: overrides.modules?.dir !== undefined,
		httpRoutes: programRoutes(options.httpRoutes ?? []),
	};
	return new ProgramGateway(await compose(config, logger, { program }), [...definitions.keys()]);
}

class ProgramGateway implements Gateway {
	readonly online: GatewayFunctions["online"];
	readonly unicast: GatewayFunctions["unicast"];
	readonly broadcast: GatewayFunctions["broadcast"];
	readonly publish: GatewayFunctions["publish"];
	readonly notify: GatewayFunctions["notify"];
	readonly disconnect: GatewayFunctions["disconnect"];
	private readonly gateway: ComposedGateway;
	private readonly names: readonly string[];
	private started: Promise<GatewayAddress> | undefined;
	private closed: Promise<void> | undefined;

	/** @param names - of the modules that the program brings. */
	constructor(gateway: ComposedGateway, names: readonly string[]) {
		this.gateway = gateway;
		this.names = names;
		const functions = gatewayFunctions(gateway.services, anyOutgoing, async (work) => {
			try {
				return await work();
			} catch (error) {
				throw asCallError(error);
			}
		});
		this.online = functions.online;
		this.unicast = functions.unicast;
		this.broadcast = functions.broadcast;
		this.publish = functions.publish;
		this.notify = functions.notify;
		this.disconnect = functions.disconnect;
	}

	start(): Promise<GatewayAddress> {
		if (this.closed !== undefined) return Promise.reject(new Error("the gateway is closed"));
		this.started ??= this.open();
		return this.started;
	}

	async drain(reason = "the program ends"): Promise<void> {
		if (this.started === undefined || this.closed !== undefined) return;
		await this.started;
		await this.gateway.drain(reason);
	}

	close(): Promise<void> {
		this.closed ??= this.end();
		return this.closed;
	}

	async reloadModules(): Promise<readonly string[]> {
		const { problems } = await this.gateway.modules.reload({ origin: "request" });
		return problems.map(problemText);
	}

	metrics(): Promise<string> {
		return this.gateway.metrics();
	}

	private async open(): Promise<GatewayAddress> {
		const address = await this.gateway.start();
		// A module of the program itself that is not served is a fault of the program, not of an operator's file.
		const served = new Set(this.gateway.modules.host.generations.map(({ name }) => name));
		const missing = this.names.filter((name) => !served.has(name));
		if (missing.length === 0) return address;
		const problems = await this.reloadModules();
		this.closed = this.gateway.close();
		await this.closed;
		throw new Error(problems.join("; ") || `modules that are not served: ${missing.join(", ")}`);
	}

	private async end(): Promise<void> {
		// What is being opened has to be there to be closed.
		await this.started?.catch(() => {});
		await this.gateway.close();
	}
}
