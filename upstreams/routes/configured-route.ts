// A route that the operator's configuration defines: what every surface of the gateway knows of it, and what answers it.
import type { AnyMessageType, AnyRouteContract, JsonForm, Ordering } from "../../protocol/contract.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import type { RouteBackend, StreamBackend } from "./route-backend.ts";

/** Protocol numbers that a configuration may give. */
export const FIRST_ROUTE = 9000;
export const LAST_ROUTE = 9498;

/** A message of the operator. */
export interface OwnMessage {
	/** Full protobuf name, or another one for logs. */
	readonly typeName: string;
	readonly form: JsonForm;
}

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
	readonly request: OwnMessage;
	readonly reply: OwnMessage;
	/** `/package.Service/Method`, by which the Connect protocol serves it; "" for none. */
	readonly rpcPath: string;
	readonly backend:
		| { readonly kind: "unary"; readonly unary: RouteBackend }
		| { readonly kind: "stream"; readonly stream: StreamBackend };
}

export function contractOf(route: ConfiguredRoute): AnyRouteContract {
	const { number, name, permission, cost, ordering, idempotent, hasSideEffects, rpcPath, backend } = route;
	const isStream = backend.kind === "stream";
	const reply: AnyMessageType = relayedMessage(route.reply.typeName, isStream ? NO_REPLY : route.reply.form);
	return {
		number,
		name,
		request: relayedMessage(route.request.typeName, route.request.form),
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
const NO_REPLY: JsonForm = {
	fields: [],
	schema: { type: "object" },
	description: "",
	transcoding: { toBytes: () => new Uint8Array(0), fromBytes: () => ({}) },
};
