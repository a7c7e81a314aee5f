// Routes by an administrator's token: who may call each, what it costs and whether it is served, and changes of that.

import { fieldError } from "../../protocol/error.ts";
import type { RouteChange } from "../../services/routes/route-override.ts";
import type { RouteOverrides, RouteStatus } from "../../services/routes/route-overrides.ts";
import { adminPage, type Parameters } from "./admin-page.ts";
import type { AdminTokens } from "./admin-token.ts";
import type { HttpRoute } from "./http-router.ts";

export interface RouteAdminSources {
	readonly adminTokens: AdminTokens;
	readonly overrides: Pick<RouteOverrides, "list" | "change">;
}

const PATH = "/api/routes";

export function routeAdminRoutes({ adminTokens, overrides }: RouteAdminSources): HttpRoute[] {
	const list = () => overrides.list().map(statusOf);
	const change = async (parameters: Parameters, by: string) => {
		const { route } = parameters;
		if (typeof route !== "string") throw fieldError("route", "must be the name of a route, such as chat.sendMessage");
		return statusOf(await overrides.change(route, changeOf(parameters), by));
	};
	return [
		adminPage(
			{
				...{ method: "GET", path: PATH, takes: [], run: list },
				summary: "Routes, and what was changed of them (admin token)",
			},
			adminTokens,
		),
		adminPage(
			{
				...{ method: "POST", path: PATH, takes: ["route", "permission", "cost", "enabled"], run: change },
				summary: "Change permission, cost or enablement of a route (admin token)",
			},
			adminTokens,
		),
	];
}

function changeOf({ permission, cost, enabled }: Parameters): RouteChange {
	if (permission !== undefined && permission !== null && typeof permission !== "string") {
		throw fieldError("permission", "must be a string, or null for what the route itself says");
	}
	if (cost !== undefined && cost !== null && typeof cost !== "number") {
		throw fieldError("cost", "must be a number, or null for what the route itself says");
	}
	if (enabled !== undefined && typeof enabled !== "boolean") throw fieldError("enabled", "must be true or false");
	return {
		...(permission === undefined ? {} : { permission }),
		...(cost === undefined ? {} : { cost }),
		...(enabled === undefined ? {} : { enabled }),
	};
}

function statusOf({ contract, override }: RouteStatus) {
	const { name, number, permission, cost } = contract;
	return {
		route: name,
		protocol: number,
		permission: override?.permission ?? permission,
		cost: override?.cost ?? cost,
		enabled: override?.isEnabled ?? true,
		...(override === undefined
			? {}
			: {
					own: { permission, cost },
					changed_at: new Date(override.changedAtMs).toISOString(),
					changed_by: override.changedBy,
				}),
	};
}
