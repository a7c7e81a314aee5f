// What tests of upstreams have in common: messages of `orders.proto`, its routes as a client calls them, and the settings of a gateway.
import protobuf from "protobufjs";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { ORDERS_PROTO } from "../support/upstream/upstream-process.ts";

const form = { fields: [], schema: {}, description: "" };
/** What a client needs of a route whose messages are bytes to it. */
const relayed = (number: number) =>
	({
		number,
		name: "",
		request: relayedMessage("", form),
		reply: relayedMessage("", form),
	}) as unknown as AnyRouteContract;

const root = new protobuf.Root();
root.loadSync(ORDERS_PROTO, { keepCase: true });
export const encode = (type: string, value: object): Uint8Array => {
	const of = root.lookupType(`acme.orders.v1.${type}`);
	return of.encode(of.fromObject(value)).finish();
};
export const decode = (type: string, bytes: Uint8Array = new Uint8Array()) => {
	const of = root.lookupType(`acme.orders.v1.${type}`);
	// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
	return of.toObject(of.decode(bytes), { defaults: true }) as any;
};

export const [GET_ORDER, PLACE_ORDER, DESCRIBE, WATCH, REFUSE] = [9000, 9001, 9002, 9003, 9004].map(relayed) as [
	AnyRouteContract,
	AnyRouteContract,
	AnyRouteContract,
	AnyRouteContract,
	AnyRouteContract,
];

/** Settings of a gateway with these endpoints. */
export function settings(addresses: readonly string[], service: object = {}, routes: object = {}) {
	return {
		...UNLIMITED,
		FRAMEGATE_NODE_ID: "node-a",
		FRAMEGATE_TRACING_ENABLED: "true",
		FRAMEGATE_UPSTREAMS_SERVICES: JSON.stringify({ orders: { addresses, ...service } }),
		FRAMEGATE_UPSTREAMS_ROUTES: JSON.stringify([
			{
				name: "orders",
				service: "orders",
				proto: ORDERS_PROTO,
				grpcService: "acme.orders.v1.OrderService",
				numbers: "9000-9009",
				...routes,
			},
		]),
	};
}
