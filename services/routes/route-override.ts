// What an administrator changes of a route while the gateway runs: who may call it, what it costs, whether it is served. Pure rules.
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { fieldError } from "../../protocol/error.ts";

export interface RouteOverride {
	/** `chat.sendMessage`: a name, as numbers and code come and go. */
	readonly route: string;
	/** Undefined: as the route itself says. */
	readonly permission: string | undefined;
	readonly cost: number | undefined;
	/** A route that is not is served nowhere, as if there were none. */
	readonly isEnabled: boolean;
	/** Unix milliseconds. */
	readonly changedAtMs: number;
	/** Who asked, for people. */
	readonly changedBy: string;
}

/** As it was asked for: what is undefined stays, null goes back to what the route itself says. */
export interface RouteChange {
	readonly permission?: string | null;
	readonly cost?: number | null;
	readonly enabled?: boolean;
}

export const MAX_ROUTE_COST = 1000;
const PERMISSION = /^[a-z][A-Za-z0-9._:-]{0,63}$/;
/** Connections begin with it; without it nobody could call anything. */
const FIXED: ReadonlySet<string> = new Set(["auth.connect"]);

/** @throws GatewayError VALIDATION_FAILED that names the field. */
export function checkChange(route: string, { permission, cost, enabled }: RouteChange): void {
	if (FIXED.has(route)) throw fieldError("route", "is needed by every connection and cannot be changed");
	if (permission !== undefined && permission !== null && !PERMISSION.test(permission)) {
		throw fieldError("permission", "must be public, session, authenticated or the name of a permission");
	}
	if (cost !== undefined && cost !== null && !(Number.isInteger(cost) && cost >= 1 && cost <= MAX_ROUTE_COST)) {
		throw fieldError("cost", `must be a whole number from 1 to ${MAX_ROUTE_COST}`);
	}
	if (permission === undefined && cost === undefined && enabled === undefined) {
		throw fieldError("permission", "must be given, or cost, or enabled");
	}
}

/** @returns undefined when nothing differs from what the route itself says any more. */
export function changed(
	route: string,
	before: RouteOverride | undefined,
	{ permission = before?.permission, cost = before?.cost, enabled = before?.isEnabled ?? true }: RouteChange,
	{ atMs, by }: { readonly atMs: number; readonly by: string },
): RouteOverride | undefined {
	const next = { permission: permission ?? undefined, cost: cost ?? undefined, isEnabled: enabled };
	if (next.permission === undefined && next.cost === undefined && next.isEnabled) return undefined;
	return { route, ...next, changedAtMs: atMs, changedBy: by };
}

/** The contract that holds; undefined when the route is not served. */
export function applied(contract: AnyRouteContract, override: RouteOverride | undefined): AnyRouteContract | undefined {
	if (override === undefined) return contract;
	if (!override.isEnabled) return undefined;
	const { permission = contract.permission, cost = contract.cost } = override;
	return { ...contract, permission, cost };
}
