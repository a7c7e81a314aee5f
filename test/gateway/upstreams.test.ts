// Services of an operator behind a running gateway: routes by configuration, bytes that pass through as they are, errors, streams.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { type Envelope, StreamMessage, upstreamRoutes } from "../../protocol/gen/schema.ts";
import { Status } from "../../upstreams/endpoint-transport.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, bearer, get, post } from "../support/http-client.ts";
import { until } from "../support/until.ts";
import { startUpstream, type UpstreamProcess } from "../support/upstream/upstream-process.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

import { DESCRIBE, decode, encode, PLACE_ORDER, REFUSE, settings, WATCH } from "./upstream-fixture.ts";

describe("routes of upstreams", () => {
	let upstream: UpstreamProcess;
	let gateway: GatewayProcess;
	let client: WireClient;
	let token: string;
	const at = (path: string) => `${gateway.httpUrl}${path}`;

	before(async () => {
		upstream = await startUpstream("orders-1");
		gateway = await startGateway({
			env: settings([upstream.address], {}, { methods: { Refuse: { permission: "orders.refuse", cost: 3 } } }),
		});
		({ client } = await WireClient.member(gateway.url, "ann"));
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		await upstream.stop();
	});

	it("passes every byte of a message on and back, fields that nobody knows included", async () => {
		const known = encode("Order", {
			id: "7",
			items: [{ name: "apple", count: -3, serials: [1, 2] }],
			note: Buffer.from([0, 255]),
		});
		// Field 900, twice; a group 901; a varint that is longer than it need be.
		const unknown = Buffer.from("a238036162 63a23800 ab38 0801 ac38 2880808000".replaceAll(" ", ""), "hex");
		for (const bytes of [known, Buffer.concat([known, unknown]), new Uint8Array(0), Buffer.alloc(60_000, 10)]) {
			const reply = await client.ask(PLACE_ORDER, { bytes });
			assert.equal(reply.code, ErrorCode.OK);
			assert.ok(Buffer.from(bytes).equals(reply.body ?? new Uint8Array()), `${bytes.length} bytes`);
			const http = await fetch(at("/acme.orders.v1.OrderService/PlaceOrder"), {
				method: "POST",
				headers: { "content-type": "application/proto", ...bearer(token) },
				body: Buffer.from(bytes),
			});
			assert.ok(Buffer.from(bytes).equals(Buffer.from(await http.arrayBuffer())), `${bytes.length} bytes over HTTP`);
		}
	});

	it("gives the service the caller, the way and the time, and takes no metadata from clients", async () => {
		const reply = await client.ask(DESCRIBE, { bytes: new Uint8Array() });
		const { metadata, endpoint, left_ms: leftMs } = decode("CallDescription", reply.body ?? undefined);
		const { "x-framegate-session": session, traceparent: made, ...rest } = metadata as Record<string, string>;
		assert.equal(endpoint, "orders-1");
		assert.ok(leftMs > 0 && leftMs <= 1000, `${leftMs} ms, of an attempt that may be repeated`);
		assert.match(made ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
		assert.equal(made?.slice(3, 35), reply.traceId);
		assert.ok(session);
		assert.equal(rest["x-framegate-gateway"], "node-a");
		assert.equal(rest["x-framegate-client-address"], "127.0.0.1");
		assert.equal(rest["x-framegate-roles"], "user");
		assert.match(rest["x-framegate-user"] ?? "", /^[0-9a-f-]{36}$/);
		const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
		const own = await post(at("/orders/describeCall"), {}, token, {
			"x-framegate-user": "eve",
			"x-request-id": "r-1",
			traceparent,
			tracestate: "vendor=1",
		});
		assert.equal(own.body.data.metadata["x-framegate-user"], rest["x-framegate-user"]);
		assert.equal(own.body.data.metadata["x-framegate-request-id"], "r-1");
		// No span of the gateway's is exported: what comes behind belongs to the caller's.
		assert.equal(own.body.data.metadata.traceparent, traceparent);
		assert.equal(own.body.data.metadata.tracestate, "vendor=1");
	});

	it("answers JSON on every surface, with integers that no JavaScript number holds", async () => {
		const module = await post(at("/orders/getOrder"), { id: "7" }, token);
		assert.equal(module.body.data.number, "9007199254740993");
		assert.equal(module.body.data.status, "STATUS_UNSPECIFIED");
		const connect = await post(at("/acme.orders.v1.OrderService/GetOrder"), { id: "7" }, token);
		assert.deepEqual(connect.body, { id: "7", number: "9007199254740993" });
		const cached = await get(
			at('/acme.orders.v1.OrderService/GetOrder?connect=v1&encoding=json&message=%7B"id":"8"%7D'),
			token,
		);
		assert.equal(cached.body.id, "8");
		const order = {
			id: "1",
			placedAt: "2026-01-02T03:04:05Z",
			byShelf: { a: { name: "pear" } },
			priority: 0,
			invoice: "i",
		};
		const placed = await post(at("/acme.orders.v1.OrderService/PlaceOrder"), order, token);
		assert.deepEqual(placed.body, order);
		const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const frames: { seq?: number; body?: { id?: string; number?: string } }[] = [];
		socket.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)));
		await new Promise((resolve) => {
			socket.onopen = resolve;
		});
		socket.send(`{"protocol":1001,"seq":1,"body":{"username":"ann","password":"${PASSWORD}"}}`);
		await until(() => frames.length === 1);
		socket.send('{"protocol":9000,"seq":2,"body":{"id":"9"}}');
		await until(() => frames.some(({ seq }) => seq === 2));
		assert.deepEqual(frames.find(({ seq }) => seq === 2)?.body, { id: "9", number: "9007199254740993" });
		socket.send('{"protocol":9003,"seq":3,"body":{"count":1}}');
		await until(() => frames.length >= 5);
		const stream = frames.slice(-3) as unknown as { protocol: number; seq?: number; body: object }[];
		assert.deepEqual(
			stream.map(({ protocol, seq = 0, body }) => ({ protocol, seq, body })),
			[
				{ protocol: 9003, seq: 3, body: {} },
				{ protocol: 9501, seq: 0, body: { streamId: 3, body: { id: "order-1" } } },
				{ protocol: 9501, seq: 0, body: { streamId: 3, end: true } },
			],
		);
		socket.close();
	});

	it("names what is wrong with JSON, and never repeats it", async () => {
		const unknown = await post(at("/orders/getOrder"), { id: "7", colour: "red" }, token);
		assert.deepEqual([unknown.status, unknown.body.violations[0].field], [422, "colour"]);
		const typed = await post(at("/orders/placeOrder"), { number: "secret" }, token);
		assert.deepEqual([typed.status, typed.body.violations[0].field], [422, "number"]);
		assert.doesNotMatch(JSON.stringify(typed.body), /secret/);
		const none = await post(at("/acme.orders.v1.OrderService/PlaceOrder"), { items: 3 }, token);
		assert.equal(none.status, 400);
	});

	it("is described by OpenAPI, with its permission and cost", async () => {
		const { body } = await get(at("/openapi.json"));
		const operation = body.paths["/orders/refuse"].post;
		assert.deepEqual(
			[operation["x-protocol-number"], operation["x-permission"], operation["x-cost"]],
			[9004, "orders.refuse", 3],
		);
		const placed = body.paths["/orders/placeOrder"].post.requestBody.content["application/json"].schema.properties;
		assert.deepEqual(placed.number, { type: "string", format: "int64" });
		assert.deepEqual(placed.placed_at, { type: "string", format: "date-time" });
		assert.deepEqual(placed.items.items.properties.count, { type: "integer" });
	});

	it("asks for the permission of a route, and counts its calls", async () => {
		const refused = await client.ask(REFUSE, { bytes: new Uint8Array() });
		assert.equal(refused.code, ErrorCode.PERMISSION_DENIED);
		const anonymous = await post(at("/orders/getOrder"), { id: "7" });
		assert.equal(anonymous.status, 401);
		const metrics = await (await fetch(at("/metrics"))).text();
		assert.match(metrics, /framegate_requests_total\{route="orders\.placeOrder",code="OK"\} [1-9]/);
		assert.match(metrics, /framegate_upstream_endpoints\{service="orders",state="available"\} 1/);
		assert.match(
			metrics,
			new RegExp(`framegate_upstream_endpoint_calls_total\\{service="orders",endpoint="${upstream.address}"\\} [1-9]`),
		);
	});

	it("streams messages as pushes behind the reply, and says how the stream ended", async () => {
		const { client: own } = await WireClient.member(gateway.url, "bea");
		const open = async (request: object): Promise<number> => {
			const reply = await own.ask(WATCH, { bytes: encode("WatchOrdersRequest", request) });
			assert.deepEqual([reply.code, reply.body?.length ?? 0], [ErrorCode.OK, 0]);
			return reply.seq as number;
		};
		const whole = await open({ count: 3 });
		const pushes: StreamMessage[] = [];
		while (pushes.length < 4) pushes.push(streamMessage(await own.push()));
		assert.deepEqual(
			pushes.map(({ streamId, end, body }) => [streamId, end, end ? "" : decode("Order", body ?? undefined)["id"]]),
			[
				[whole, false, "order-1"],
				[whole, false, "order-2"],
				[whole, false, "order-3"],
				[whole, true, ""],
			],
		);
		const failing = await open({ count: 1, code: Status.NOT_FOUND });
		const ends = [streamMessage(await own.push()), streamMessage(await own.push())];
		assert.deepEqual(
			ends.map(({ streamId, end, code, error }) => [streamId, end, code, error?.message ?? ""]),
			[
				[failing, false, ErrorCode.OK, ""],
				[failing, true, ErrorCode.NOT_FOUND, "the watch failed"],
			],
		);
		await own.close();
	});

	it("cancels a stream when it is asked to, and with its connection", async () => {
		const { client: own } = await WireClient.member(gateway.url, "cid");
		const open = async () => (await own.ask(WATCH, { bytes: encode("WatchOrdersRequest", { note_bytes: 1000 }) })).seq;
		const streamId = await open();
		await own.push();
		const cancelled = upstream.cancelled();
		const reply = await own.ask(upstreamRoutes.cancelStream, { streamId: streamId ?? 0 });
		assert.equal(upstreamRoutes.cancelStream.reply.decode(reply.body ?? new Uint8Array()).cancelled, true);
		assert.ok((await cancelled) > 0);
		const again = await own.ask(upstreamRoutes.cancelStream, { streamId: streamId ?? 0 });
		assert.ok(!upstreamRoutes.cancelStream.reply.decode(again.body ?? new Uint8Array()).cancelled);
		await open();
		const gone = upstream.cancelled();
		await own.close();
		await gone;
		await until(async () => /framegate_upstream_streams 0/.test(await (await fetch(at("/metrics"))).text()));
	});

	it("slows the service down while the client does not read", async () => {
		const { client: own } = await WireClient.member(gateway.url, "dot");
		await own.ask(WATCH, { bytes: encode("WatchOrdersRequest", { note_bytes: 10_000 }) });
		own.socket.pause();
		await until(async () =>
			/framegate_upstream_stream_pauses_total [1-9]/.test(await (await fetch(at("/metrics"))).text()),
		);
		assert.equal(own.socket.readyState, own.socket.OPEN);
		const gone = upstream.cancelled();
		own.socket.terminate();
		// Endless, it would be hundreds of thousands by now.
		assert.ok((await gone) < 20_000);
	});

	it("does not stream over HTTP, nor without a seq", async () => {
		const http = await post(at("/orders/watchOrders"), {}, token);
		assert.deepEqual([http.status, http.body.code], [412, "PRECONDITION_FAILED"]);
	});
});

const streamMessage = ({ protocol, body }: Envelope): StreamMessage => {
	assert.equal(protocol, 9501);
	return StreamMessage.decode(body ?? new Uint8Array());
};
