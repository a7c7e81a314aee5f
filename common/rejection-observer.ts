// Who hears of requests that were refused for want of a permission, before anything was decoded.
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { Identity } from "./identity.ts";

export interface RefusalObserver {
	/** In the turn of the refusal: must be quick, bounded, and never throw. */
	refused(contract: AnyRouteContract, identity: Identity, ip: string): void;
}
