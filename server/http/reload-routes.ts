// Reloading by an administrator's token: modules at `/api/reload`, the configuration at `/api/reload-config`, with the answers of the
// older server that had them; besides, which modules serve, and going back to an earlier one.
import type { HttpRequest } from "../../core/transport.ts";
import { fieldError } from "../../protocol/error.ts";
import type { ModuleStatus, ReloadReport, ReloadRequest } from "../../services/modules/module-host.ts";
import type { ConfigReload } from "../config/reload.ts";
import { tokenProblem } from "./admin-token.ts";
import { jsonObject } from "./calls/content.ts";
import { queryParameters } from "./calls/query.ts";
import type { HttpRoute } from "./http-router.ts";
import { json, NO_STORE } from "./replies.ts";

export interface ReloadSources {
	/** Read for each request: they change with the configuration. */
	readonly adminTokens: () => readonly string[];
	readonly reloads: {
		reloadModules(request: ReloadRequest): Promise<ReloadReport>;
		reloadConfiguration(): ConfigReload;
	};
	readonly modules: {
		readonly host: {
			rollback(name: string, digest: string): Promise<ReloadReport>;
			status(): readonly ModuleStatus[];
		};
	};
}

const MAX_BODY_BYTES = 4096;

type Parameters = Readonly<Record<string, unknown>>;
type Operation = (parameters: Parameters) => object | Promise<object>;

export function reloadRoutes({ adminTokens, modules, reloads }: ReloadSources): HttpRoute[] {
	const routesOf = (path: string, summary: string, methods: readonly ("GET" | "POST")[], run: Operation): HttpRoute[] =>
		methods.map((method) => ({
			method,
			path,
			summary,
			isForOperators: true,
			...(method === "POST" ? { maxBodyBytes: () => MAX_BODY_BYTES } : {}),
			handle: async (request) => {
				const parameters = parametersOf(request);
				const problem = tokenProblem(request, parameters["token"], adminTokens());
				if (problem !== undefined) return problem;
				return json(200, { success: true, data: await run(parameters), endpoint: path }, NO_STORE);
			},
		}));
	return [
		...routesOf("/api/reload", "Load modules that have changed (admin token)", ["GET", "POST"], async (parameters) => {
			const acceptContractChanges = flagOf(parameters, "accept_contract_changes");
			return reportOf(await reloads.reloadModules({ origin: "request", acceptContractChanges }));
		}),
		...routesOf("/api/reload-config", "Read the configuration again (admin token)", ["GET", "POST"], () => {
			const { applied, ignored, problems } = reloads.reloadConfiguration();
			return { applied, ignored, problems };
		}),
		...routesOf("/api/modules", "Modules that serve (admin token)", ["GET"], () => modules.host.status().map(statusOf)),
		...routesOf(
			"/api/modules/rollback",
			"Serve an earlier bundle of a module (admin token)",
			["POST"],
			async (parameters) => {
				const { module, digest = "" } = parameters;
				if (typeof module !== "string") throw fieldError("module", "must be the name of a module");
				if (typeof digest !== "string") throw fieldError("digest", "must be a string");
				return reportOf(await modules.host.rollback(module, digest));
			},
		),
	];
}

function parametersOf(request: HttpRequest): Parameters {
	if (request.method === "POST") return jsonObject(request);
	return Object.fromEntries([...queryParameters(request.query)].map(([name, value]) => [name, value.toString()]));
}

function flagOf(parameters: Parameters, name: string): boolean {
	const value = parameters[name] ?? false;
	if (typeof value === "boolean") return value;
	if (value === "true" || value === "false") return value === "true";
	throw fieldError(name, "must be true or false");
}

const reportOf = ({ loaded, unchanged, removed, problems }: ReloadReport) => ({ loaded, unchanged, removed, problems });

function statusOf({ name, generation, digest, loadedAtMs, origin, functions, kept }: ModuleStatus) {
	return {
		name,
		generation,
		digest,
		loaded_at: new Date(loadedAtMs).toISOString(),
		origin,
		functions,
		kept: kept.map((one) => ({
			digest: one.digest,
			served_at: new Date(one.servedAtMs).toISOString(),
			origin: one.origin,
		})),
	};
}
