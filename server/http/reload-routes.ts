// Reloading by an administrator's token: modules at `/api/reload`, the configuration at `/api/reload-config`, with the answers of the
// older server that had them; besides, which modules serve, and going back to an earlier one.
import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";
import { fieldError } from "../../protocol/error.ts";
import type { ModuleStatus, ReloadReport, ReloadRequest } from "../../services/modules/module-host.ts";
import type { ConfigReload } from "../config/reload.ts";
import { jsonObject } from "./calls/content.ts";
import { queryParameters } from "./calls/query.ts";
import type { HttpRoute } from "./http-router.ts";
import { json } from "./replies.ts";

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
const NO_STORE = { "cache-control": "no-store" };

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

/** The reply to a request without an admin token, or with another one. */
function tokenProblem(
	{ path, headers }: HttpRequest,
	parameter: unknown,
	tokens: readonly string[],
): HttpReply | undefined {
	const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
	const given = parameter ?? bearer;
	if (given === undefined || given === "") {
		const error = "Admin token is required for this operation";
		return json(401, { success: false, error, code: "MISSING_ADMIN_TOKEN", endpoint: path }, NO_STORE);
	}
	if (typeof given === "string" && tokens.some((token) => isSame(token, given))) return undefined;
	const error = "Invalid admin token or insufficient permissions";
	return json(403, { success: false, error, code: "INVALID_ADMIN_TOKEN" }, NO_STORE);
}

/** In a time that does not depend on how much of it is right. */
function isSame(one: string, other: string): boolean {
	return timingSafeEqual(digestOf(one), digestOf(other));
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

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
