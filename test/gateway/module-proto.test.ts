// Functions of a .proto file of the module's own: protobuf in binary frames, JSON everywhere else, rules, OpenAPI, the wire contract, and
// what operators see of a file that is wrong.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import protobuf from "protobufjs";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import { WireClient } from "../support/wire-client.ts";

const ADMIN = "an-admin-token-of-a-test";

const ITEM = `syntax = "proto3";
package shop.v1;
import "framegate/v1/options.proto";
import "google/protobuf/timestamp.proto";
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_GREEN = 2; }
message Item {
  string name = 1 [(framegate.v1.rules) = { required: true max_len: 8 }];
  Colour colour = 2 [(framegate.v1.rules) = { defined_only: true }];
  google.protobuf.Timestamp made_at = 3;
}
`;
const SHOP = `syntax = "proto3";
package shop.v1;
import "framegate/v1/options.proto";
import "google/api/annotations.proto";
import "types/item.proto";
service Shop {
  // Buys items.
  rpc Buy(BuyRequest) returns (BuyReply) {
    option (framegate.v1.route) = { number: 7101 cost: 2 };
    option (google.api.http) = { post: "/api/v1/shop/{shop_id}/orders" body: "*" };
  }
  rpc Price(PriceRequest) returns (PriceReply) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (framegate.v1.route) = { number: 7102 permission: "public" };
    option (google.api.http) = { get: "/api/v1/shop/prices/{name}" };
  }
}
message BuyRequest {
  string shop_id = 1 [(framegate.v1.rules) = { required: true max_len: 16 }];
  repeated Item items = 2 [(framegate.v1.rules) = { min_items: 1 max_items: 2 }];
  bytes note = 3 [(framegate.v1.rules) = { max_len: 4 }];
}
message BuyReply {
  int64 order_number = 1;
  repeated Item items = 2;
  bytes note = 3;
  string buyer = 4;
}
message PriceRequest { string name = 1 [(framegate.v1.rules) = { required: true max_len: 8 }]; }
message PriceReply { double price = 1; Colour colour = 2; }
`;
const MODULE = `import { CallError, defineMethod, defineModule } from "framegate/module";
import proto from "./shop.proto";
export default defineModule({
	functions: {
		buy: defineMethod({
			proto, method: "shop.v1.Shop.Buy",
			run: async ({ items, note }, call) => {
				if (items[0].name === "none") throw new CallError("NOT_FOUND", "no such item", { field: "items[0].name" });
				if (items[0].name === "lie") return { orderNumber: "many" };
				return { orderNumber: 2 ** 40, items, note, buyer: call.user.username };
			},
		}),
		price: defineMethod({ proto, method: "shop.v1.Shop.Price", run: ({ name }) => ({ price: name.length / 2, colour: 1 }) }),
	},
});
`;

const PLACES = { "in the gateway's thread": {}, "in threads of its own": { shop: { threads: 2 } } };

for (const [place, isolated] of Object.entries(PLACES)) {
	describe(`functions of a module's own .proto file ${place}`, { timeout: 180_000 }, () => contract(isolated));
}

function contract(isolated: object): void {
	let dir: string;
	let gateway: GatewayProcess;
	let token: string;
	const root = new protobuf.Root();
	const write = (file: string, text: string) => {
		mkdirSync(join(dir, "shop/types"), { recursive: true });
		writeFileSync(join(dir, "shop", file), text);
	};
	const at = (path: string) => `${gateway.httpUrl}${path}`;
	const reload = async (body: object = {}) => (await post(at("/api/reload"), { token: ADMIN, ...body })).body.data;
	/** As a client has them that was made from the same file. */
	const routeOf = (number: number, request: string, reply: string) => {
		const type = (name: string) => root.lookupType(`shop.v1.${name}`);
		return { number, name: "", request: type(request), reply: type(reply) } as unknown as AnyRouteContract;
	};

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), "framegate-modules-"));
		write("types/item.proto", ITEM);
		write("shop.proto", SHOP);
		write("index.ts", MODULE);
		for (const text of [ITEM, SHOP]) protobuf.parse(text, root);
		root.addJSON(protobuf.common.get("google/protobuf/timestamp.proto")?.nested ?? {});
		root.resolveAll();
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_MODULES_ISOLATED: JSON.stringify(isolated),
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_ADMIN_TOKENS: ADMIN,
				FRAMEGATE_LOG_LEVEL: "info",
			},
		});
		token = await accessTokenOf(gateway.httpUrl, "ann");
	});
	after(async () => {
		await gateway.kill9();
		rmSync(dir, { recursive: true });
	});

	it("answer binary frames with Protocol Buffers", async () => {
		const { client } = await WireClient.member(gateway.url, "bob");
		const buy = routeOf(7101, "BuyRequest", "BuyReply");
		const item = { name: "apple", colour: 2, madeAt: { seconds: 5, nanos: 6 } };
		const reply = await client.ask(buy, { shopId: "s", items: [item], note: Uint8Array.of(1, 2) });
		assert.equal(reply.code, ErrorCode.OK);
		const decoded = buy.reply.decode(reply.body ?? new Uint8Array());
		assert.deepEqual([Number(decoded.orderNumber), decoded.buyer, [...decoded.note]], [2 ** 40, "bob", [1, 2]]);
		assert.deepEqual(
			[decoded.items[0].name, decoded.items[0].colour, Number(decoded.items[0].madeAt.seconds)],
			["apple", 2, 5],
		);
		const refused = await client.ask(buy, { shopId: "", items: [{ name: "too long a name", colour: 7 }] });
		assert.equal(refused.code, ErrorCode.VALIDATION_FAILED);
		assert.deepEqual(
			refused.error?.violations?.map(({ field }) => field),
			["shop_id", "items[0].name", "items[0].colour"],
		);
		const missing = await client.ask(buy, { shopId: "s", items: [{ name: "none" }] });
		assert.deepEqual([missing.code, missing.error?.violations?.[0]?.field], [ErrorCode.NOT_FOUND, "items[0].name"]);
		assert.equal((await client.ask(buy, { shopId: "s", items: [{ name: "lie" }] })).code, ErrorCode.INTERNAL);
		client.socket.close();
	});

	it("answer text frames and the Connect protocol with proto3 JSON, and HTTP with plain JSON", async () => {
		const connect = await post(
			at("/shop.v1.Shop/Buy"),
			{ shopId: "s", items: [{ name: "apple", colour: "COLOUR_RED" }] },
			token,
		);
		assert.equal(connect.status, 200, JSON.stringify(connect.body));
		assert.deepEqual([connect.body.orderNumber, connect.body.items[0].colour], [String(2 ** 40), "COLOUR_RED"]);
		const plain = await post(at("/shop/buy"), {
			token,
			body: { shop_id: "s", items: [{ name: "apple", colour: "GREEN" }], note: "AQI=" },
		});
		const { order_number, items, note } = plain.body.data;
		assert.deepEqual([order_number, items[0].colour, note], [2 ** 40, "GREEN", "AQI="]);
		const rest = await post(at("/api/v1/shop/s/orders"), { items: [{ name: "fig" }], nothing: 1 }, token);
		assert.deepEqual([rest.status, rest.body.violations[0]], [422, { field: "nothing", description: "is unknown" }]);
		assert.equal((await post(at("/api/v1/shop/s/orders"), { items: [{ name: "fig" }] }, token)).body.buyer, "ann");
		assert.deepEqual((await get(at("/api/v1/shop/prices/pear"))).body, { price: 2, colour: "RED" });
		assert.equal((await post(at("/shop/price"), { name: "far too long" })).body.violations[0].field, "name");
	});

	it("are described in OpenAPI, under names that no other module has", async () => {
		const document = (await get(at("/openapi.json"))).body;
		const { post: operation } = document.paths["/api/v1/shop/{shop_id}/orders"];
		assert.equal(operation.summary, "Buys items.");
		const { items, note } = operation.requestBody.content["application/json"].schema.properties;
		assert.deepEqual([items.maxItems, note.contentEncoding], [2, "base64"]);
		const name = items.items.$ref.replace("#/components/schemas/", "");
		assert.match(name, /^shop\./);
		assert.deepEqual(document.components.schemas[name].properties.name.maxLength, 8);
		assert.deepEqual(document.components.schemas[name].properties.colour.enum, ["UNSPECIFIED", "RED", "GREEN"]);
		assert.ok(document.components.schemas.ErrorBody || Object.keys(document.components.schemas).length > 10);
	});

	it("keep a .proto file that is wrong from serving, and say where", async () => {
		for (const [file, text, place, message] of [
			[
				"types/item.proto",
				ITEM.replace("string name = 1", "string name 1"),
				{ file: "shop/types/item.proto", line: 7 },
				/illegal/,
			],
			["shop.proto", SHOP.replace("types/item.proto", "types/none.proto"), { file: "shop/shop.proto" }, /none\.proto/],
			["shop.proto", SHOP.replace("Item items", "Thing items"), { file: "shop/shop.proto" }, /Thing/],
			[
				"shop.proto",
				SHOP.replace("number: 7101", "number: 8101"),
				{ file: "shop/index.ts" },
				/number must be from 7000 to 7499/,
			],
			[
				"shop.proto",
				SHOP.replace("{ number: 7101 cost: 2 }", "{ cost: 2 }"),
				{ file: "shop/shop.proto" },
				/with a number/,
			],
			[
				"shop.proto",
				SHOP.replace("(framegate.v1.route) = { number: 7102", "(framegate.v1.rout) = { number: 7102"),
				{ file: "shop/shop.proto" },
				/no option rout/,
			],
			["shop.proto", SHOP.replace("rpc Buy(", "rpc Sell("), { file: "shop/shop.proto" }, /no method shop.v1.Shop.Buy/],
			[
				"shop.proto",
				SHOP.replace("returns (BuyReply)", "returns (stream BuyReply)"),
				{ file: "shop/shop.proto" },
				/stream/,
			],
			["shop.proto", SHOP.replace("{shop_id}", "{shop}"), { file: "shop/shop.proto" }, /names no field/],
			[
				"shop.proto",
				SHOP.replace("/api/v1/shop/{shop_id}", "/v9/shop/{shop_id}"),
				{ file: "shop/index.ts" },
				/must begin with/,
			],
		] as const) {
			write(file, text);
			const [problem] = (await reload()).problems;
			assert.match(problem?.message ?? "", message);
			assert.deepEqual({ file: problem.file, ...("line" in place ? { line: problem.line } : {}) }, place);
			write("types/item.proto", ITEM);
			write("shop.proto", SHOP);
		}
		assert.deepEqual((await reload()).unchanged, ["shop"]);
		assert.equal((await get(at("/api/v1/shop/prices/fig"))).body.price, 1.5);
	});

	it("go on as they were when their messages change incompatibly, and change when they may", async () => {
		for (const [from, to, message] of [
			["int64 order_number = 1", "int64 order_number = 9", /buy: output.order_number \(1\) is gone/],
			["double price = 1", "string price = 1", /price: output.price is of another type/],
			["double price = 1", "double cost = 1", /price: output.price \(1\) is called cost now/],
			[
				"bytes note = 3 [(framegate.v1.rules) = { max_len: 4 }];\n}\nmessage BuyReply",
				"bytes note = 3 [(framegate.v1.rules) = { required: true max_len: 4 }];\n}\nmessage BuyReply",
				/buy: input.note is required now/,
			],
		] as const) {
			assert.ok(SHOP.includes(from));
			write("shop.proto", SHOP.replace(from, to));
			const { problems } = await reload();
			assert.match(problems[0]?.message ?? "", message);
		}
		write("types/item.proto", ITEM.replace("COLOUR_GREEN = 2;", "COLOUR_GREEN = 2; COLOUR_BLUE = 3;"));
		write("shop.proto", SHOP);
		assert.match(
			(await reload()).problems[0]?.message ?? "",
			/may be COLOUR_BLUE now/,
			"an output that clients do not know",
		);
		write(
			"types/item.proto",
			ITEM.replace("name = 1 [", "name = 1 [").replace("made_at = 3;", "made_at = 3; string maker = 4;"),
		);
		assert.equal((await reload()).loaded[0]?.module, "shop");
		const { body } = await post(at("/shop/buy"), { shop_id: "s", items: [{ name: "fig", maker: "x" }] }, token);
		assert.equal(body.data.items[0].maker, "x");
	});
}
