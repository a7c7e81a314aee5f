// Is notified of requests that were refused for want of a permission, before their body was decoded.
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { Identity } from "./identity.ts";

export interface RejectionObserver {
	/** Called synchronously: must be quick, bounded, and never throw. */
	refused(contract: AnyRouteContract, identity: Identity, ip: string): void;
}
