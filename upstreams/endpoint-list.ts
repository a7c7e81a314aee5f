// What a source says of a service, held to what the operator allows and to the protection threshold: a source that is empty by mistake, or has
// lost half of its entries, takes no working endpoints out at once.
import type { Endpoint } from "./endpoint-source.ts";
import { addressOf } from "./endpoint-source-static.ts";

export interface EndpointListOptions {
	/** Whether an endpoint of the source may be called at all. */
	readonly isAllowed: (endpoint: Endpoint) => boolean;
	/** Of a list; those behind are left out. */
	readonly maxEndpoints: number;
	/** A list with less than this share of the present endpoints is protected against. */
	readonly protectedShare: number;
	/** For how long the missing ones stay, in milliseconds. Against an empty list they stay until there is another. */
	readonly holdMs: number;
	/** Called with every endpoint to be used, when that changes. */
	readonly onChange: (endpoints: ReadonlyMap<string, Endpoint>) => void;
	/** Something of a list is not used. */
	readonly onProblem: (problem: string, fields: Readonly<Record<string, unknown>>) => void;
}

type Endpoints = ReadonlyMap<string, Endpoint>;

export class EndpointList {
	/** Endpoints that the source does not name any more and that are still used. */
	protectedCount = 0;
	/** Endpoints of the latest list that may not be called. */
	refusedCount = 0;
	private readonly options: EndpointListOptions;
	/** By address: the last list that was taken as it was. */
	private accepted: Endpoints = new Map();
	/** A list that is much smaller, and when it is taken; undefined when there is none. */
	private pending: { readonly list: Endpoints; readonly atMs: number } | undefined;

	constructor(options: EndpointListOptions) {
		this.options = options;
	}

	/** @param nowMs - monotonic milliseconds. */
	update(endpoints: readonly Endpoint[], nowMs: number): void {
		const { protectedShare, holdMs, onProblem } = this.options;
		const list = this.usable(endpoints);
		const present = this.accepted.size;
		if (present > 0 && list.size === 0) {
			this.pending = undefined;
			this.protectedCount = present;
			onProblem("the source names no endpoints; those known before are kept", { endpoints: present });
			this.options.onChange(this.accepted);
			return;
		}
		if (list.size >= present * protectedShare) {
			this.accept(list);
			return;
		}
		this.pending = { list, atMs: this.pending?.atMs ?? nowMs + holdMs };
		const held = new Map([...this.accepted, ...list]);
		this.protectedCount = held.size - list.size;
		onProblem("the source names few of the endpoints; the others are kept for a while", {
			endpoints: list.size,
			kept: this.protectedCount,
			holdMs,
		});
		this.options.onChange(held);
	}

	/** Takes a smaller list whose time has come. */
	tick(nowMs: number): void {
		if (this.pending !== undefined && nowMs >= this.pending.atMs) this.accept(this.pending.list);
	}

	private accept(list: Endpoints): void {
		this.pending = undefined;
		this.protectedCount = 0;
		this.accepted = list;
		this.options.onChange(list);
	}

	private usable(endpoints: readonly Endpoint[]): Endpoints {
		const { isAllowed, maxEndpoints, onProblem } = this.options;
		const list = new Map<string, Endpoint>();
		let refused = 0;
		for (const endpoint of endpoints) {
			if (!(endpoint.weight > 0)) continue;
			if (!isAllowed(endpoint)) refused++;
			else if (list.size < maxEndpoints) list.set(addressOf(endpoint), endpoint);
		}
		if (refused > 0 && refused !== this.refusedCount) {
			onProblem("endpoints outside of the allowed networks are not used", { endpoints: refused });
		}
		if (endpoints.length > maxEndpoints) {
			onProblem("the source names more endpoints than are used", { endpoints: endpoints.length, maxEndpoints });
		}
		this.refusedCount = refused;
		return list;
	}
}
