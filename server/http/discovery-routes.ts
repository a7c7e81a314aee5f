// `/monitoring/nacos/service` and its siblings: how the gateway is registered, who else is, and registering by hand; with the paths of
// the older service that had them, and the same for etcd. Only what is configured is there.
import type { HttpRequest } from "../../core/transport.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { type ListedEndpoint, SERVICE_NAME } from "../../upstreams/discovery/discovery-client.ts";
import type { Registrar } from "../../upstreams/discovery/registrar.ts";
import { checkNames, parametersOf } from "./admin-page.ts";
import type { AdminTokens } from "./admin-token.ts";
import type { HttpRoute } from "./http-router.ts";
import { json, NO_STORE } from "./replies.ts";

/** A discovery server, as these pages see it. */
export interface RegistryView {
	/** `etcd`, `nacos`: a part of the path. */
	readonly kind: string;
	/** Undefined where this process does not register. */
	readonly registrar: Pick<Registrar, "registration" | "status" | "register" | "withdraw"> | undefined;
	/** Where the record is: group and namespace of Nacos, the prefix of etcd. */
	readonly place: Readonly<Record<string, string>>;
	readonly intervalMs: number;
	/** @throws Error when the server does not answer. */
	lookup(service: string): Promise<readonly ListedEndpoint[]>;
}

export interface DiscoveryRouteSources {
	/** Made when the gateway is: what registers comes with its start. */
	readonly registries: readonly RegistryView[];
	readonly adminTokens: AdminTokens;
}

const MAX_BODY_BYTES = 4096;

export function discoveryRoutes({ registries, adminTokens }: DiscoveryRouteSources): HttpRoute[] {
	return registries.flatMap((registry) => routesOf(registry, adminTokens));
}

function routesOf(registry: RegistryView, adminTokens: AdminTokens): HttpRoute[] {
	const { kind } = registry;
	const base = `/monitoring/${kind}/service`;
	const guarded = (
		method: "GET" | "POST",
		path: string,
		summary: string,
		run: (request: HttpRequest) => Promise<object>,
	): HttpRoute => ({
		method,
		path,
		summary: `${summary} (admin token)`,
		isForOperators: true,
		...(method === "POST" ? { maxBodyBytes: () => MAX_BODY_BYTES } : {}),
		handle: async (request) => {
			const parameters = parametersOf(request);
			const problem = adminTokens.problem(request, parameters["token"]);
			if (problem !== undefined) return problem;
			checkNames(parameters, ["token", "by"]);
			return json(200, await run(request), NO_STORE);
		},
	});
	const change = (name: string, action: "register" | "withdraw") =>
		guarded(
			"POST",
			`${base}/${name}`,
			`${action === "register" ? "Register" : "Withdraw"} this gateway at ${kind}`,
			async () => {
				const registrar = registrarOf(registry);
				try {
					await registrar[action]();
				} catch (error) {
					throw new GatewayError(ErrorCode.UNAVAILABLE, `${kind} did not take it: ${(error as Error).message}`);
				}
				return { success: true, data: statusOf(registry) };
			},
		);
	return [
		{
			method: "GET",
			path: base,
			summary: `How this gateway is registered at ${kind}`,
			isForOperators: true,
			handle: () => json(200, statusOf(registry), NO_STORE),
		},
		guarded("GET", `${base}/{service}/instances`, `Instances of a service at ${kind}`, (request) => {
			return instancesOf(registry, request.path.split("/").at(-2) ?? "");
		}),
		change("register", "register"),
		change("deregister", "withdraw"),
	];
}

function registrarOf({ kind, registrar }: RegistryView) {
	if (registrar !== undefined) return registrar;
	const text = `this process does not register at ${kind}: discovery.${kind}.register is off, or the first worker does`;
	throw new GatewayError(ErrorCode.PRECONDITION_FAILED, text);
}

function statusOf({ registrar, place, intervalMs }: RegistryView): object {
	if (registrar === undefined) return { registered: false, registers: false, ...place };
	const { registration, status } = registrar;
	const { service, id, host, port, weight, metadata } = registration;
	const heartbeat = status.isRegistered ? "ok" : status.isWanted ? "failing" : "stopped";
	return {
		service_name: service,
		registered: status.isRegistered,
		registers: true,
		...place,
		instance: { id, ip: host, port, weight, healthy: status.isRegistered, enabled: status.isWanted },
		heartbeat: {
			status: heartbeat,
			interval_seconds: intervalMs / 1000,
			last: status.confirmedAtMs === undefined ? null : new Date(status.confirmedAtMs).toISOString(),
		},
		metadata,
	};
}

async function instancesOf(registry: RegistryView, segment: string): Promise<object> {
	const { kind, place } = registry;
	const service = decoded(segment);
	if (!SERVICE_NAME.test(service)) throw fieldError("service", "must be the name of a service");
	let listed: readonly ListedEndpoint[];
	try {
		listed = await registry.lookup(service);
	} catch (error) {
		throw new GatewayError(ErrorCode.UNAVAILABLE, `${kind} did not answer: ${(error as Error).message}`);
	}
	const instances = listed.map(({ host, port, weight, isUsable, metadata }) => {
		return { ip: host, port, weight, healthy: isUsable, metadata };
	});
	return { service_name: service, ...place, count: instances.length, instances };
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return "";
	}
}
