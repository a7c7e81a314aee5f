// Field rules of an operator's messages in a running gateway: what breaks them is refused on every surface without a call of the service, and
// what keeps them goes on as it came.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, post } from "../support/http-client.ts";
import { startUpstream, type UpstreamProcess } from "../support/upstream/upstream-process.ts";
import { WireClient } from "../support/wire-client.ts";
import { encode, PLACE_ORDER, settings, WATCH } from "./upstream-fixture.ts";

describe("field rules of upstreams, in a gateway", () => {
	let upstream: UpstreamProcess;
	let gateway: GatewayProcess;
	let client: WireClient;
	let token: string;

	before(async () => {
		upstream = await startUpstream("orders-1");
		const methods = {
			PlaceOrder: { rules: { id: { required: true, maxLen: 8 }, "items.name": { required: true } } },
			WatchOrders: { rules: { count: { max: 10 } } },
		};
		gateway = await startGateway({ env: settings([upstream.address], {}, { methods }) });
		({ client } = await WireClient.member(gateway.url, "ann"));
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		await upstream.stop();
	});

	it("refuses what breaks them, over WebSocket and HTTP, before the service", async () => {
		const before = await upstream.figures();
		const bytes = encode("Order", { id: "far too long", items: [{ count: 1 }] });
		const reply = await client.ask(PLACE_ORDER, { bytes });
		assert.equal(reply.code, ErrorCode.VALIDATION_FAILED);
		assert.deepEqual(
			reply.error?.violations?.map(({ field, description }) => ({ field, description })),
			[
				{ field: "id", description: "must be at most 8 characters" },
				{ field: "items[0].name", description: "is required" },
			],
		);
		for (const [path, expected] of [
			["/orders/placeOrder", 422],
			["/acme.orders.v1.OrderService/PlaceOrder", 400],
		] as const) {
			const { status, body } = await post(`${gateway.httpUrl}${path}`, { items: [{ count: 1 }] }, token);
			assert.equal(status, expected, path);
			assert.match(JSON.stringify(body), /items\[0\]\.name is required/);
		}
		const stream = await client.ask(WATCH, { bytes: encode("WatchOrdersRequest", { count: 11 }) });
		assert.equal(stream.code, ErrorCode.VALIDATION_FAILED);
		const broken = await client.ask(PLACE_ORDER, { bytes: Uint8Array.of(0x0a, 9, 1) });
		assert.equal(broken.code, ErrorCode.BAD_REQUEST);
		assert.deepEqual(await upstream.figures(), before);
	});

	it("passes on what keeps them byte for byte, unknown fields and their order included", async () => {
		// Field 900, an id that is too long, the id that counts because it is the last, and an item.
		const bytes = Buffer.concat([
			Buffer.from("a23803616263", "hex"),
			Buffer.from("0a0c", "hex"),
			Buffer.from("far too long"),
			Buffer.from("0a0137", "hex"),
			Buffer.from("1a030a0141", "hex"),
		]);
		const reply = await client.ask(PLACE_ORDER, { bytes });
		assert.equal(reply.code, ErrorCode.OK, reply.error?.message);
		assert.ok(bytes.equals(reply.body ?? new Uint8Array()));
	});

	it("describes them in the API description", async () => {
		const page = (await (await fetch(`${gateway.httpUrl}/openapi.json`)).json()) as {
			paths: Record<string, { post: { requestBody: object } }>;
		};
		const operation = JSON.stringify(page.paths["/orders/placeOrder"]?.post.requestBody);
		assert.match(operation, /"id":\{"type":"string","minLength":1,"maxLength":8\}/);
		assert.match(operation, /"required":\["id"\]/);
	});
});
