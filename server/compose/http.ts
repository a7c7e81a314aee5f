// What the ports answer over plain HTTP.
import type { Logger } from "../../common/logger.ts";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { Hub } from "../../core/hub.ts";
import type { OriginPolicy } from "../../core/origin.ts";
import type { ServedRoutes } from "../../core/served-routes.ts";
import type { RequestStats } from "../../middleware/request-stats.ts";
import packageJson from "../../package.json" with { type: "json" };
import type { RouteOverrides } from "../../services/routes/route-overrides.ts";
import { AdminTokens } from "../http/admin-token.ts";
import { discoveryRoutes, type RegistryView } from "../http/discovery-routes.ts";
import { type HttpRoute, httpRouter } from "../http/http-router.ts";
import { playgroundRoutes } from "../http/playground-routes.ts";
import { reloadRoutes } from "../http/reload-routes.ts";
import { routeAdminRoutes } from "../http/route-admin.ts";
import { metricsRoute, systemRoutes } from "../http/system-routes.ts";
import { type ListenersHandlers, WEBSOCKET_PATH } from "../listeners.ts";
import type { Readiness } from "../readiness.ts";
import type { HttpCalls } from "./http-calls.ts";
import type { Modules } from "./modules.ts";
import type { Reloads } from "./reloads.ts";

export interface HttpParts {
	readonly nodeId: string;
	/** Its disk is reported. */
	readonly dataDir: string;
	readonly hub: Hub;
	readonly routes: ServedRoutes;
	readonly counters: ConnectionCounters;
	readonly stats: RequestStats;
	readonly readiness: Readiness;
	readonly calls: HttpCalls;
	readonly metrics: Parameters<typeof metricsRoute>[0];
	readonly adminTokens: () => readonly string[];
	readonly modules: Modules;
	readonly reloads: Reloads;
	readonly discovery: { readonly registries: readonly RegistryView[] };
	readonly overrides: RouteOverrides;
	/** Metrics are served on a port of their own, and not on the main one. */
	readonly hasMetricsPort: boolean;
	/** The playground is served, where its pages are built. */
	readonly hasPlayground: boolean;
	readonly jwks: () => object | Promise<object>;
	/** Of the program that the gateway is a part of. */
	readonly ownRoutes: readonly HttpRoute[];
	readonly isOriginAllowed: OriginPolicy;
	readonly logger: Logger;
	/** Monotonic milliseconds, of what happens per message. */
	readonly now: () => number;
	/** Monotonic milliseconds, of the system's own clock. */
	readonly monotonic: () => number;
}

export function openHttp(parts: HttpParts): Pick<ListenersHandlers, "http" | "metricsHttp"> {
	const { isOriginAllowed, logger } = parts;
	const webSocketPath = WEBSOCKET_PATH;
	const metrics = metricsRoute(parts.metrics, parts.monotonic);
	const system = systemRoutes({
		...parts,
		requestsInFlight: parts.calls.requestsInFlight,
		plainJson: parts.calls.plainJson,
		version: packageJson.version,
		webSocketPath,
	});
	const playground = parts.hasPlayground ? playgroundRoutes() : [];
	const adminTokens = new AdminTokens(parts.adminTokens, logger, parts.monotonic);
	const guarded = { ...parts, adminTokens };
	const discovery = discoveryRoutes({ registries: parts.discovery.registries, adminTokens });
	const operators = [...reloadRoutes(guarded), ...routeAdminRoutes(guarded), ...discovery];
	const pages = [...system, ...operators, ...(parts.hasMetricsPort ? [] : [metrics]), ...playground];
	const { ownRoutes: own } = parts;
	const isCall = (path: string) => parts.calls.styles.some((style) => style.find(path) !== undefined);
	const isTaken = (path: string) => path === webSocketPath || isCall(path) || pages.some((page) => page.path === path);
	const taken = own.find(({ path }) => isTaken(path));
	if (taken !== undefined) throw new Error(`${taken.method} ${taken.path} belongs to the gateway`);
	const routes = [...pages, ...own];
	const { styles: calls, maxCallBytes } = parts.calls;
	return {
		http: httpRouter({ routes, webSocketPath, isOriginAllowed, logger, calls, maxCallBytes }),
		metricsHttp: httpRouter({ routes: [metrics], isOriginAllowed, logger }),
	};
}
