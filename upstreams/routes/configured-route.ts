// A route that the operator's configuration defines: what every surface of the gateway knows of it, and what answers it.
import type { AnyMessageType, AnyRouteContract, JsonForm, Ordering } from "../../protocol/contract.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import type { RouteBackend, StreamBackend } from "./route-backend.ts";

/** Protocol numbers that a configuration may give. */
export const FIRST_ROUTE = 9000;
export const LAST_ROUTE = 9498;

export interface ConfiguredRoute {
	/** From `FIRST_ROUTE` to `LAST_ROUTE`. */
	readonly number: number;
	/** `module.function`, lower camel case. */
	readonly name: string;
	readonly permission: string;
	readonly cost: number;
	readonly ordering: Ordering;
	/** A call may be repeated without a further effect. */
	readonly idempotent: boolean;
	readonly hasSideEffects: boolean;
	/** How long a call may take, in milliseconds, beside the gateway's own limit; undefined: that alone. */
	readonly timeoutMs: number | undefined;
	/** Its values are `RelayedBody`. */
	readonly request: AnyMessageType;
	/** Of the backend's replies; of a stream, nothing. */
	readonly reply: AnyMessageType;
	/** `/package.Service/Method`, by which the Connect protocol serves it; "" for none. */
	readonly rpcPath: string;
	readonly backend:
		| { readonly kind: "unary"; readonly unary: RouteBackend }
		| {
				readonly kind: "stream";
				readonly stream: StreamBackend;
				/** Of its messages. */
				readonly form: JsonForm;
		  };
}

export function contractOf(route: ConfiguredRoute): AnyRouteContract {
	const { number, name, request, reply, permission, cost, ordering, idempotent, hasSideEffects, rpcPath } = route;
	const isStream = route.backend.kind === "stream";
	return {
		number,
		name,
		request,
		reply,
		permission,
		cost,
		ordering,
		// Nothing is known of its size but the bound.
		hasLargeReply: !isStream,
		idempotent,
		hasSideEffects: hasSideEffects || isStream,
		needsConnection: isStream,
		handlesRepeats: false,
		rpcPath: isStream ? "" : rpcPath,
	};
}

/** What a route that streams answers before its first message. */
export function emptyReply(typeName: string): AnyMessageType {
	return relayedMessage(typeName, {
		fields: [],
		schema: { type: "object" },
		description: "",
		transcoding: { toBytes: () => new Uint8Array(0), fromBytes: () => ({}) },
	});
}

/** Numbers and names that routes of the configuration have: each belongs to one. */
export class RouteClaims {
	private readonly numbers = new Map<number, string>();
	private readonly names = new Set<string>();

	/** @throws Error that names the route which has it already. */
	add({ number, name }: Pick<ConfiguredRoute, "number" | "name">): void {
		const owner = this.numbers.get(number);
		if (owner !== undefined) throw new Error(`${name}: number ${number} belongs to ${owner}`);
		if (this.names.has(name)) throw new Error(`${name} is there twice`);
		this.numbers.set(number, name);
		this.names.add(name);
	}
}
