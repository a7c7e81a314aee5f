// What a reload is asked for, and what became of it: data.
import type { KeptBundle } from "./bundle-history.ts";
import type { CanaryPlan } from "./canary.ts";
import type { ModuleProblem } from "./module-problem.ts";

/** What asks for a reload: it is kept with each bundle, and logged. */
export type ReloadOrigin = "start" | "watch" | "request" | "signal" | "rollback" | "automatic" | "undo" | "promote";

export interface ReloadRequest {
	readonly origin: ReloadOrigin;
	/** Serve also what clients in the field cannot call as before. */
	readonly acceptContractChanges?: boolean;
	/** Who asked, for people. */
	readonly by?: string;
}

/** In place of a digest: the module is gone. */
export const REMOVED = "";

/** What this process would serve. */
export interface Votes {
	/** Digest by module, of those that serve already too; `REMOVED` for one that goes. */
	readonly outcomes: ReadonlyMap<string, string>;
	readonly problems: readonly ModuleProblem[];
}

/** Asks others whether all can. @returns by module: why it stays as it is. */
export type Agree = (votes: Votes) => Promise<ReadonlyMap<string, string>>;

export interface LoadedModule {
	readonly module: string;
	readonly generation: number;
	readonly digest: string;
	/** Of users, when it is a canary. */
	readonly share?: number;
}

export interface ReloadReport {
	readonly loaded: readonly LoadedModule[];
	readonly unchanged: readonly string[];
	readonly removed: readonly string[];
	/** What kept a module from being served; the generation before it goes on. */
	readonly problems: readonly ModuleProblem[];
}

interface CallFigures {
	readonly calls: number;
	/** Errors that are not the caller's. */
	readonly faults: number;
	readonly p99Ms: number;
}

/** A canary, as this process has it. */
export interface CanaryStatus extends CanaryPlan {
	readonly generation: number;
	readonly digest: string;
	/** Unix milliseconds. */
	readonly begunAtMs: number;
	readonly by: string;
	/** Of this process. */
	readonly canary: CallFigures;
	/** Of the generation beside it, since the canary began. */
	readonly beside: CallFigures;
}

export interface ModuleStatus {
	readonly name: string;
	readonly generation: number;
	readonly digest: string;
	/** Unix milliseconds. */
	readonly loadedAtMs: number;
	readonly origin: string;
	/** Who asked for it; "" when that is not known. */
	readonly by: string;
	/** Threads that it runs in; 0 in the gateway's own. */
	readonly threads: number;
	readonly functions: readonly string[];
	/** Earlier bundles, the latest first. */
	readonly kept: readonly (Omit<KeptBundle, "bundle"> & { readonly digest: string })[];
	readonly canary?: CanaryStatus;
}
