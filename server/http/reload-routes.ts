// Reloading by an administrator's token: modules at `/api/reload`, the configuration at `/api/reload-config`, with the answers of the
// older server that had them; besides, which modules serve, and going back to an earlier one.

import { fieldError } from "../../protocol/error.ts";
import type { CanaryWish } from "../../services/modules/canary-rounds.ts";
import type { ModuleStatus, ReloadRequest } from "../../services/modules/module-host.ts";
import type { CanaryStatus } from "../../services/modules/reload-report.ts";
import type { ClusterReport } from "../../services/modules/reload-rounds.ts";
import type { ConfigReload } from "../config/reload.ts";
import { type AdminPage, adminPage, type Parameters } from "./admin-page.ts";
import type { AdminTokens } from "./admin-token.ts";
import type { HttpRoute } from "./http-router.ts";

export interface ReloadSources {
	readonly adminTokens: AdminTokens;
	readonly reloads: {
		reloadModules(request: ReloadRequest): Promise<ClusterReport>;
		reloadConfiguration(): ConfigReload;
	};
	readonly modules: {
		rollback(name: string, digest: string, request: ReloadRequest): Promise<ClusterReport>;
		canary(name: string, wish: Partial<CanaryWish>, request: ReloadRequest): Promise<ClusterReport>;
		promote(name: string, request: ReloadRequest): Promise<ClusterReport>;
		readonly host: { status(): readonly ModuleStatus[] };
	};
}

type Operation = AdminPage["run"];

export function reloadRoutes({ adminTokens, modules, reloads }: ReloadSources): HttpRoute[] {
	const page = (
		method: "GET" | "POST",
		path: string,
		summary: string,
		takes: readonly string[],
		run: Operation,
		hasEffect = true,
	) => adminPage({ method, path, summary: `${summary} (admin token)`, takes, run, hasEffect }, adminTokens);
	const reload: Operation = async (parameters, by) => {
		const acceptContractChanges = flagOf(parameters, "accept_contract_changes");
		return reportOf(await reloads.reloadModules({ origin: "request", acceptContractChanges, by }));
	};
	const reloadConfig: Operation = () => {
		const { applied, ignored, problems } = reloads.reloadConfiguration();
		return { applied, ignored, problems };
	};
	const canary: Operation = async (parameters, by) => {
		return reportOf(await modules.canary(moduleOf(parameters), wishOf(parameters), { origin: "request", by }));
	};
	const promote: Operation = async (parameters, by) => {
		return reportOf(await modules.promote(moduleOf(parameters), { origin: "promote", by }));
	};
	const rollback: Operation = async (parameters, by) => {
		const { digest = "" } = parameters;
		const module = moduleOf(parameters);
		if (typeof digest !== "string") throw fieldError("digest", "must be a string");
		return reportOf(await modules.rollback(module, digest, { origin: "rollback", by }));
	};
	const [reloadText, configText] = ["Load modules that have changed", "Read the configuration again"];
	return [
		page("GET", "/api/reload", reloadText, ["accept_contract_changes"], reload),
		page("POST", "/api/reload", reloadText, ["accept_contract_changes"], reload),
		page("GET", "/api/reload-config", configText, [], reloadConfig),
		page("POST", "/api/reload-config", configText, [], reloadConfig),
		page("GET", "/api/modules", "Modules that serve", [], () => modules.host.status().map(statusOf), false),
		page(
			...(["POST", "/api/modules/canary", "Try the code of a module's files on a share of users"] as const),
			["module", "share", "calls", "duration_ms"],
			canary,
		),
		page("POST", "/api/modules/promote", "Serve the canary of a module to all users", ["module"], promote),
		page(
			...(["POST", "/api/modules/rollback", "Go back from a canary, or serve an earlier bundle of a module"] as const),
			["module", "digest"],
			rollback,
		),
	];
}

function moduleOf({ module }: Parameters): string {
	if (typeof module !== "string") throw fieldError("module", "must be the name of a module");
	return module;
}

const MAX_CALLS = 1_000_000_000;
const MAX_DURATION_MS = 30 * 86_400_000;

function wishOf({ share, calls, duration_ms: durationMs }: Parameters): Partial<CanaryWish> {
	if (share !== undefined && !(typeof share === "number" && share > 0 && share < 1)) {
		throw fieldError("share", "must be above 0 and below 1");
	}
	return {
		...(share === undefined ? {} : { share: share as number }),
		...(calls === undefined ? {} : { calls: countOf("calls", calls, MAX_CALLS) }),
		...(durationMs === undefined ? {} : { durationMs: countOf("duration_ms", durationMs, MAX_DURATION_MS) }),
	};
}

function countOf(field: string, value: unknown, max: number): number {
	const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
	if (!isCount) throw fieldError(field, `must be a whole number from 0 to ${max}`);
	return value;
}

function flagOf(parameters: Parameters, name: string): boolean {
	const value = parameters[name] ?? false;
	if (typeof value === "boolean") return value;
	if (value === "true" || value === "false") return value === "true";
	throw fieldError(name, "must be true or false");
}

const reportOf = ({ loaded, unchanged, removed, problems, nodes }: ClusterReport) => {
	return { loaded, unchanged, removed, problems, nodes };
};

function statusOf(status: ModuleStatus) {
	const { name, generation, digest, loadedAtMs, origin, by, threads, functions, kept, canary } = status;
	return {
		name,
		generation,
		digest,
		loaded_at: new Date(loadedAtMs).toISOString(),
		origin,
		by,
		threads,
		functions,
		kept: kept.map((one) => ({
			digest: one.digest,
			served_at: new Date(one.servedAtMs).toISOString(),
			origin: one.origin,
			by: one.by,
		})),
		...(canary === undefined ? {} : { canary: canaryOf(canary) }),
	};
}

function canaryOf({ id, generation, digest, share, calls, durationMs, begunAtMs, by, canary, beside }: CanaryStatus) {
	const figures = (one: CanaryStatus["canary"]) => ({ calls: one.calls, faults: one.faults, p99_ms: one.p99Ms });
	return {
		id,
		generation,
		digest,
		share,
		calls,
		duration_ms: durationMs,
		begun_at: new Date(begunAtMs).toISOString(),
		by,
		canary: figures(canary),
		beside: figures(beside),
	};
}
