// Reloading by an administrator's token: modules at `/api/reload`, the configuration at `/api/reload-config`, with the answers of the
// older server that had them; besides, which modules serve, and going back to an earlier one.

import { fieldError } from "../../protocol/error.ts";
import type { ModuleStatus, ReloadRequest } from "../../services/modules/module-host.ts";
import type { ClusterReport } from "../../services/modules/reload-rounds.ts";
import type { ConfigReload } from "../config/reload.ts";
import { adminPage, type Parameters } from "./admin-page.ts";
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
		readonly host: { status(): readonly ModuleStatus[] };
	};
}

type Operation = (parameters: Parameters, by: string) => object | Promise<object>;

export function reloadRoutes({ adminTokens, modules, reloads }: ReloadSources): HttpRoute[] {
	const routesOf = (path: string, summary: string, methods: readonly ("GET" | "POST")[], run: Operation): HttpRoute[] =>
		methods.map((method) => {
			return adminPage(method, path, summary, adminTokens, (parameters, _request, by) => run(parameters, by));
		});
	return [
		...routesOf(
			"/api/reload",
			"Load modules that have changed (admin token)",
			["GET", "POST"],
			async (parameters, by) => {
				const acceptContractChanges = flagOf(parameters, "accept_contract_changes");
				return reportOf(await reloads.reloadModules({ origin: "request", acceptContractChanges, by }));
			},
		),
		...routesOf("/api/reload-config", "Read the configuration again (admin token)", ["GET", "POST"], () => {
			const { applied, ignored, problems } = reloads.reloadConfiguration();
			return { applied, ignored, problems };
		}),
		...routesOf("/api/modules", "Modules that serve (admin token)", ["GET"], () => modules.host.status().map(statusOf)),
		...routesOf(
			"/api/modules/rollback",
			"Serve an earlier bundle of a module (admin token)",
			["POST"],
			async (parameters, by) => {
				const { module, digest = "" } = parameters;
				if (typeof module !== "string") throw fieldError("module", "must be the name of a module");
				if (typeof digest !== "string") throw fieldError("digest", "must be a string");
				return reportOf(await modules.rollback(module, digest, { origin: "rollback", by }));
			},
		),
	];
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

function statusOf({ name, generation, digest, loadedAtMs, origin, by, threads, functions, kept }: ModuleStatus) {
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
	};
}
