// What the code of a module in a thread may reach: of Node's own modules those that compute, and what its access adds. Files, other
// processes and native add-ons are held back by Node's permission model, which a thread can have for itself; the guard of `require` says so
// in time, and holds back the network, of which that model knows nothing in Node 22: code that is out to reach it can. Which
// environment variables there are is up to the thread's own environment.
import { builtinModules } from "node:module";
import { join } from "node:path";
import process from "node:process";
import type { Send } from "../module-fetch.ts";

/** `network`, `files`, `processes` (other processes and threads), `runtime` (V8, the debugger, native add-ons). */
export type AccessKind = "network" | "files" | "processes" | "runtime";

const FILES_BELOW = "files:";
const NETWORK_TO = "network:";

/** Node's modules that need an access, with those below them: `fs` stands for `fs/promises` too. */
const NEEDS: Readonly<Record<string, AccessKind>> = {
	net: "network",
	tls: "network",
	dgram: "network",
	dns: "network",
	http: "network",
	https: "network",
	http2: "network",
	fs: "files",
	sqlite: "files",
	module: "files",
	child_process: "processes",
	worker_threads: "processes",
	cluster: "processes",
};
/** Those that compute. Any other one needs `runtime`: what a later Node adds is not open by itself. */
const OPEN: ReadonlySet<string> = new Set([
	"assert",
	"async_hooks",
	"buffer",
	"console",
	"constants",
	"crypto",
	"diagnostics_channel",
	"domain",
	"events",
	"os",
	"path",
	"perf_hooks",
	"process",
	"punycode",
	"querystring",
	"stream",
	"string_decoder",
	"sys",
	"timers",
	"url",
	"util",
	"zlib",
]);
const NETWORK_GLOBALS = ["fetch", "WebSocket", "EventSource"] as const;
/** Of `process`: what reaches around the guard, or ends more than the thread. */
const PROCESS_MEMBERS = ["abort", "binding", "_linkedBinding", "dlopen", "getBuiltinModule", "kill", "report"] as const;

/** The access that a module of Node needs, or undefined: for an open one, and for a name that is none of Node's. */
function neededBy(id: string): AccessKind | undefined {
	const isBuiltin = id.startsWith("node:") || builtinModules.includes(id);
	if (!isBuiltin) return undefined;
	const name = id.replace(/^node:/, "").split("/", 1)[0] ?? "";
	return NEEDS[name] ?? (OPEN.has(name) ? undefined : "runtime");
}

function missing(what: string, kind: AccessKind | `network:${string}`): Error {
	return new Error(
		`${what} needs the access ${JSON.stringify(kind)}, which modules.isolated does not give to this module`,
	);
}

/** Of `network:HOST` or `network:HOST:PORT`, in the one notation that addresses have when they were parsed. */
function declaredHost(access: string): { readonly hostname: string; readonly port: string | undefined } {
	const [, host = "", port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(access.slice(NETWORK_TO.length)) ?? [];
	return { hostname: new URL(`http://${host}`).hostname, port };
}

function portOf({ port, protocol }: URL): string {
	if (port !== "") return port;
	return protocol === "https:" ? "443" : "80";
}

export class ModuleAccess {
	private readonly granted: ReadonlySet<string>;
	private readonly external: ReadonlySet<string>;

	/** @param external - packages that are loaded as they are, with whatever they reach. */
	constructor(granted: readonly string[], external: readonly string[]) {
		this.granted = new Set(granted);
		this.external = new Set(external);
	}

	/** A `require` that gives what the module may have. */
	guard(require: (id: string) => unknown): (id: string) => unknown {
		return (id) => {
			const needed = neededBy(id) ?? (this.isPackage(id) ? undefined : "files");
			if (needed !== undefined && !this.has(needed)) throw missing(`require(${JSON.stringify(id)})`, needed);
			return require(id);
		};
	}

	/**
	 * Flags of Node for the thread.
	 *
	 * @param code - folders that the thread loads its own code from.
	 * @see https://nodejs.org/docs/latest-v22.x/api/permissions.html
	 */
	flags(code: readonly string[]): readonly string[] {
		const { granted } = this;
		const paths = [...granted].flatMap((one) => (one.startsWith(FILES_BELOW) ? [one.slice(FILES_BELOW.length)] : []));
		const folders = (flag: string, all: readonly string[]) =>
			granted.has("files") ? [`${flag}=*`] : all.flatMap((path) => [`${flag}=${path}`, `${flag}=${join(path, "*")}`]);
		return [
			"--permission",
			...folders("--allow-fs-read", [...code, ...paths]),
			...folders("--allow-fs-write", paths),
			...(granted.has("processes") ? ["--allow-child-process", "--allow-worker"] : []),
			...(granted.has("runtime") ? ["--allow-addons", "--allow-wasi"] : []),
		];
	}

	/** What sends the requests of `context.fetch`. To be called before `restrictGlobals`. */
	sender(): Send {
		const { fetch } = globalThis;
		const hosts = [...this.granted].flatMap((one) => (one.startsWith(NETWORK_TO) ? [declaredHost(one)] : []));
		return async (url, init) => {
			if (this.granted.has("network")) return await fetch(url, init);
			const isDeclared = hosts.some(
				({ hostname, port }) => hostname === url.hostname && (port === undefined || port === portOf(url)),
			);
			if (!isDeclared) throw missing(`fetch from ${url.host}`, hosts.length === 0 ? "network" : `network:${url.host}`);
			// Where it leads is nowhere declared.
			if (init.redirect !== "error" && init.redirect !== "manual") throw missing("fetch with redirects", "network");
			return await fetch(url, init);
		};
	}

	/** Takes the globals that it may not have from this thread. For a thread that runs one module, and once. */
	restrictGlobals(): void {
		if (!this.granted.has("network")) {
			for (const name of NETWORK_GLOBALS) {
				const denied = function denied() {
					throw missing(name, "network");
				};
				Object.defineProperty(globalThis, name, { value: denied, configurable: true, writable: true });
			}
		}
		for (const name of PROCESS_MEMBERS) {
			const kind = name === "kill" || name === "abort" ? "processes" : "runtime";
			if (this.granted.has(kind)) continue;
			const denied = () => {
				throw missing(`process.${name}`, kind);
			};
			Object.defineProperty(process, name, { value: denied, configurable: true, writable: true });
		}
	}

	/** Files below a path are a matter of the permission model. */
	private has(kind: AccessKind): boolean {
		return this.granted.has(kind) || (kind === "files" && [...this.granted].some((one) => one.startsWith(FILES_BELOW)));
	}

	private isPackage(id: string): boolean {
		const open = neededBy(id) === undefined && (id.startsWith("node:") || builtinModules.includes(id));
		return open || [...this.external].some((name) => id === name || id.startsWith(`${name}/`));
	}
}
