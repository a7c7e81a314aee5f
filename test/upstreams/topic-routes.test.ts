// Routes whose requests become records: what is wrong in the configuration, and the key of a record.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { ErrorCode } from "../../protocol/codes.ts";
import type { GatewayError } from "../../protocol/error.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import type { TopicRouteSettings } from "../../upstreams/options.ts";
import type { ConfiguredRoute } from "../../upstreams/routes/configured-route.ts";
import type { RouteCall } from "../../upstreams/routes/route-backend.ts";
import { type TopicRecordFacts, topicRoutes } from "../../upstreams/routes/topic-routes.ts";
import { ORDERS_PROTO } from "../support/upstream/upstream-process.ts";

const ENTRY: TopicRouteSettings = { number: 9100, name: "orders.place", topic: "orders", key: "user", includes: [] };
const TYPED = { message: "acme.orders.v1.Order", proto: ORDERS_PROTO };
const reply = relayedMessage("", { fields: [], schema: {}, description: "" });

function make(entries: readonly Partial<TopicRouteSettings>[], taken: readonly ConfiguredRoute[] = []) {
	const facts: TopicRecordFacts[] = [];
	const routes = topicRoutes(
		entries.map((entry) => ({ ...ENTRY, ...entry })),
		{
			taken,
			reply,
			backendOf: (of) => {
				facts.push(of);
				return { call: async () => ({}) };
			},
		},
	);
	return { routes, facts };
}

const root = new protobuf.Root();
root.loadSync(ORDERS_PROTO, { keepCase: true });
const Order = root.lookupType("acme.orders.v1.Order");
const order = (fields: object): Uint8Array => Order.encode(Order.fromObject(fields)).finish();

describe("the key of a record", () => {
	const keyOf = (key: string, call: Partial<RouteCall>, typed: object = TYPED): string => {
		const [facts] = make([{ ...typed, key }]).facts;
		return facts?.keyOf({ body: new Uint8Array(), identity: undefined, ip: "", ...call }) ?? "none";
	};
	const rejected = (key: string, body: Uint8Array): GatewayError => {
		try {
			keyOf(key, { body });
		} catch (error) {
			return error as GatewayError;
		}
		throw new Error("a key was found");
	};

	it("is who calls, or nothing", () => {
		const identity = { userId: "u-1", sessionId: "s-1" } as RouteCall["identity"];
		const call = { identity, ip: "192.0.2.1" };
		const keys = ["user", "session", "address", "none"].map((by) => keyOf(by, call, {}));
		assert.deepEqual(keys, ["u-1", "s-1", "192.0.2.1", ""]);
		assert.equal(keyOf("user", {}, {}), "");
	});

	it("is a field of the request as a text; the last one counts, and what else is there is passed over", () => {
		// The number is 9007199254740993, which no JavaScript number is.
		const number = Buffer.from("108180808080808010", "hex");
		const body = Buffer.concat([
			order({ id: "a", items: [{ name: "x" }] }),
			number,
			order({ note: Buffer.alloc(100) }),
		]);
		assert.equal(keyOf("request.id", { body }), "a");
		assert.equal(keyOf("request.number", { body }), "9007199254740993");
		assert.equal(keyOf("request.id", { body: Buffer.concat([body, order({ id: "\u00e9\u4e16" })]) }), "\u00e9\u4e16");
		assert.equal(keyOf("request.number", { body: order({ number: -1 }) }), "-1");
		// A field 1 of another wire type is no `id`.
		const [id] = rejected("request.id", Buffer.from([0x08, 0x01])).violations;
		assert.equal(id?.field, "id");
	});

	it("is required where it is a field, and has a bound; a body that is no message is refused", () => {
		for (const body of [
			order({ number: 3 }),
			order({ id: "x".repeat(257) }),
			Buffer.from([0x0a, 0x7f]),
			Buffer.from([0]),
		]) {
			const { code, violations } = rejected("request.id", body);
			assert.deepEqual([code, violations[0]?.field], [ErrorCode.VALIDATION_FAILED, "id"], body.toString());
		}
	});

	it("is refused at the start where it can be none", () => {
		const wrong = (entry: Partial<TopicRouteSettings>) => () => make([entry]);
		assert.throws(wrong({ key: "request.id" }), /upstreams\.topicRoutes, orders\.place: key: .* needs message/);
		for (const field of ["items", "note", "placed_at", "colour", "by_shelf"]) {
			assert.throws(wrong({ ...TYPED, key: `request.${field}` }), new RegExp(`no single field ${field}`));
		}
	});
});

describe("a route to a topic", () => {
	it("takes no number and no name that another route has, and no message that its file lacks", () => {
		const [taken] = make([{}]).routes as [ConfiguredRoute];
		assert.throws(() => make([{ name: "other.place" }], [taken]), /other\.place: number 9100 belongs to orders\.place/);
		assert.throws(() => make([{ number: 9101 }], [taken]), /orders\.place is there twice/);
		assert.throws(
			() => make([{ ...TYPED, message: "acme.orders.v1.None" }]),
			/there is no message acme\.orders\.v1\.None/,
		);
		assert.throws(() => make([{ ...TYPED, proto: "/missing.proto" }]), /missing\.proto/);
	});

	it("is a session's by default, costs one, changes something, and is not to be repeated blindly", () => {
		const [route] = make([{}]).routes as [ConfiguredRoute];
		const { permission, cost, idempotent, hasSideEffects, ordering, rpcPath } = route;
		assert.deepEqual(
			{ permission, cost, idempotent, hasSideEffects, ordering, rpcPath },
			{ permission: "session", cost: 1, idempotent: false, hasSideEffects: true, ordering: "none", rpcPath: "" },
		);
	});

	it("says what its records are: protobuf with a message, else bytes, or what the operator says", () => {
		const types = make([
			{},
			{ ...TYPED, number: 9101, name: "orders.typed" },
			{ contentType: "application/json", number: 9102, name: "orders.json" },
		]).facts.map(({ contentType }) => contentType);
		assert.deepEqual(types, ["application/octet-stream", "application/x-protobuf", "application/json"]);
	});
});
