// Where changes of routes are kept. Implementation: store/route-override-store-sql.ts.
import type { RouteOverride } from "./route-override.ts";

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface RouteOverrideStore {
	/** All of them: there is at most one for a route. */
	list(): Promise<readonly RouteOverride[]>;
	/** In place of what was there. */
	put(override: RouteOverride): Promise<void>;
	remove(route: string): Promise<void>;
}
