// Rules of the operator's own messages: from a `.proto` file, from a descriptor set and from the configuration; checked on bytes that go on as
// they came.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { UpstreamRoutesSettings } from "../../upstreams/options.ts";
import { configuredRoutes } from "../../upstreams/routes/configured-routes.ts";
import { topicRoutes } from "../../upstreams/routes/topic-routes.ts";

const BUF = fileURLToPath(new URL("../../node_modules/.bin/buf", import.meta.url));
const OPTIONS = fileURLToPath(new URL("../../protocol/proto/framegate/v1/options.proto", import.meta.url));

const SHOP = `
syntax = "proto3";
package acme.shop.v1;
import "framegate/v1/options.proto";
service Shop {
  rpc Buy(Purchase) returns (Receipt);
  rpc Look(Glance) returns (Receipt);
}
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_GIFT = 1;
}
message Line {
  string article = 1 [(framegate.v1.rules) = { required: true, max_len: 8 }];
  int64 count = 2 [(framegate.v1.rules) = { min: 1, max: 100 }];
  repeated Line parts = 3 [(framegate.v1.rules).max_items = 2];
}
message Purchase {
  string buyer = 1 [(framegate.v1.rules) = { required: true, pattern: "[a-z]+", secret: true }];
  repeated Line lines = 2 [(framegate.v1.rules) = { min_items: 1, max_items: 3 }];
  map<string, Line> gifts = 3;
  Kind kind = 4 [(framegate.v1.rules).defined_only = true];
  bytes note = 5 [(framegate.v1.rules).max_len = 4];
  int64 stamp = 6 [(framegate.v1.rules).required = true];
  oneof payment {
    option (framegate.v1.oneof_required) = true;
    string card = 7 [(framegate.v1.rules).min_len = 3];
    string invoice = 8;
  }
  optional int32 priority = 9;
}
message Receipt {
  string id = 1;
}
message Glance {
  string article = 1;
  repeated Glance others = 2;
}
`;

/** Without rules: what other languages generate. */
const root = protobuf.parse(SHOP.replaceAll(/ ?\[[^\]]*\](?=;)/g, "").replace(/import.*/, ""), {
	keepCase: true,
}).root;
const encode = (type: string, value: object): Uint8Array => {
	const of = root.lookupType(`acme.shop.v1.${type}`);
	return of.encode(of.fromObject(value)).finish();
};
const LINE = { article: "tea", count: 2 };
const PURCHASE = { buyer: "ada", lines: [LINE], stamp: "9007199254740993", card: "1234" };

describe("field rules of upstreams", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-rules-"));
	const proto = join(directory, "shop.proto");
	const descriptorSet = join(directory, "shop.binpb");
	before(() => {
		const source = join(directory, "source");
		mkdirSync(join(source, "framegate/v1"), { recursive: true });
		cpSync(OPTIONS, join(source, "framegate/v1/options.proto"));
		writeFileSync(join(source, "shop.proto"), SHOP);
		// On its own, as an operator has it: options.proto is the gateway's.
		writeFileSync(proto, SHOP);
		execFileSync(BUF, ["build", source, "-o", descriptorSet], { stdio: ["ignore", "ignore", "inherit"] });
	});
	after(() => rmSync(directory, { recursive: true }));

	function requestOf(files: object, method: string, rules?: object): AnyMessageType {
		const number = 9000;
		const entry = {
			...{ name: "shop", service: "shop", includes: [], grpcService: "acme.shop.v1.Shop", ...files },
			methods: { [method]: { number, rules } },
		} as unknown as UpstreamRoutesSettings;
		const backend = { call: async () => ({}), open: () => Promise.reject(new Error("no stream")) };
		return configuredRoutes([entry], () => backend)[0]?.request as AnyMessageType;
	}
	const violations = (type: AnyMessageType, bytes: Uint8Array) =>
		type.validate?.({ bytes })?.map(({ field, description }) => `${field} ${description}`);

	for (const [source, files] of [
		["a .proto file", { proto }],
		["a descriptor set", { descriptorSet }],
	] as const) {
		it(`hold requests, by ${source}`, () => {
			const type = requestOf(files, "Buy");
			const check = (value: object) => violations(type, encode("Purchase", value));
			assert.equal(check(PURCHASE), undefined);
			assert.deepEqual(check({}), [
				"buyer is required",
				"lines must have at least 1 item",
				"stamp is required",
				"payment must have one of card, invoice",
			]);
			assert.deepEqual(check({ ...PURCHASE, buyer: "Ada" }), ["buyer must match [a-z]+"]);
			const bad = { article: "", count: 101, parts: [LINE, { article: "far too long", count: 1 }, LINE] };
			assert.deepEqual(check({ ...PURCHASE, lines: [LINE, bad], gifts: { a: { article: "x", count: -1 } } }), [
				"lines[1].article is required",
				"lines[1].count must be at most 100",
				"lines[1].parts must have at most 2 items",
				"lines[1].parts[1].article must be at most 8 characters",
				"gifts[a].count must be at least 1",
			]);
			assert.deepEqual(check({ ...PURCHASE, kind: 7, note: Buffer.alloc(5), card: "12" }), [
				"kind is not a defined value",
				"note must be at most 4 bytes",
				"card must be at least 3 characters",
			]);
		});

		it(`are constraints of the description, by ${source}`, () => {
			const { schema, fields } = requestOf(files, "Buy").json ?? assert.fail("not described");
			const { properties, required, allOf } = schema as {
				properties: Record<string, object>;
				required: string[];
				allOf: object[];
			};
			assert.deepEqual(required, ["buyer", "stamp"]);
			assert.deepEqual(allOf, [{ anyOf: [{ required: ["card"] }, { required: ["invoice"] }] }]);
			assert.deepEqual(properties["buyer"], { type: "string", minLength: 1, pattern: "^(?:[a-z]+)$" });
			const { items, ...list } = properties["lines"] as { items: { properties: object; required: string[] } };
			assert.deepEqual(list, { type: "array", minItems: 1, maxItems: 3 });
			assert.deepEqual(items.required, ["article"]);
			assert.deepEqual(
				fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
				["buyer", "stamp"],
			);
		});
	}

	it("of the configuration come first, and reach messages within", () => {
		const rules = {
			buyer: { pattern: "[A-Z]+" },
			priority: { min: 1 },
			"lines.article": { maxLen: 2 },
			"gifts.count": { max: 5 },
		};
		const type = requestOf({ proto }, "Buy", rules);
		const gifts = { a: { article: "longer", count: 6 } };
		const value = {
			...PURCHASE,
			buyer: "ADA",
			priority: -1,
			lines: [{ ...LINE, parts: [{ article: "longer", count: 6 }] }],
			gifts,
		};
		assert.deepEqual(violations(type, encode("Purchase", value)), [
			"lines[0].article must be at most 2 characters",
			"gifts[a].count must be at most 5",
			"priority must be at least 1",
		]);
		assert.equal(
			violations(type, encode("Purchase", { ...PURCHASE, buyer: "ADA", lines: [{ article: "te", count: 1 }] })),
			undefined,
		);
	});

	it("cost nothing where there are none, and refuse bytes that are no such message", () => {
		assert.equal(requestOf({ proto }, "Look").validate, undefined);
		const type = requestOf({ proto }, "Look", { article: { required: true } });
		assert.deepEqual(violations(type, encode("Glance", { others: [{}] })), ["article is required"]);
		for (const bytes of [Uint8Array.of(0x0a, 9, 1), Uint8Array.from(deep(20_000))]) {
			assert.throws(
				() => type.validate?.({ bytes }),
				(error) => error instanceof GatewayError && error.code === ErrorCode.BAD_REQUEST,
			);
		}
	});

	it("that cannot be kept end the start, and name what is wrong", () => {
		const wrong = (rules: object) => () => requestOf({ proto }, "Buy", rules);
		assert.throws(wrong({ byer: { required: true } }), /acme\.shop\.v1\.Purchase has no field byer/);
		assert.throws(wrong({ "lines.artikel": { required: true } }), /acme\.shop\.v1\.Line has no field artikel/);
		assert.throws(wrong({ "buyer.name": { required: true } }), /acme\.shop\.v1\.Purchase\.buyer is no message/);
		assert.throws(wrong({ priority: { maxLen: 3 } }), /Purchase\.priority: maxLen is for texts and bytes/);
		assert.throws(wrong({ buyer: { maxItems: 3 } }), /Purchase\.buyer: maxItems is for lists and maps/);
		assert.throws(wrong({ buyer: { pattern: "[" } }), /Purchase\.buyer: Invalid regular expression/);
		const misspelled = join(directory, "misspelled.proto");
		writeFileSync(misspelled, SHOP.replace("(framegate.v1.rules).min_len = 3", "(framegate.v1.rules).minimum = 3"));
		assert.throws(() => requestOf({ proto: misspelled }, "Buy"), /Purchase\.card: options\.proto has no rule minimum/);
		writeFileSync(misspelled, SHOP.replace("(framegate.v1.rules).min_len = 3", "(framegate.v1.rule).min_len = 3"));
		assert.throws(() => requestOf({ proto: misspelled }, "Buy"), /Purchase\.card: options\.proto has no option rule/);
	});

	it("hold requests that become records of a topic, too", () => {
		const entry = {
			number: 9100,
			name: "shop.buy",
			topic: "buys",
			key: "none",
			includes: [],
			proto,
			message: "acme.shop.v1.Purchase",
		};
		const [route] = topicRoutes([{ ...entry, rules: { priority: { required: true } } }], {
			taken: [],
			reply: requestOf({ proto }, "Look"),
			backendOf: () => ({ call: async () => ({}) }),
		});
		assert.deepEqual(violations(route?.request as AnyMessageType, encode("Purchase", PURCHASE)), [
			"priority is required",
		]);
	});
});

/** A message of `Glance` within another, so many times. */
function deep(times: number): number[] {
	const bytes: number[] = [];
	for (let level = 0; level < times; level++) {
		const length = bytes.length;
		const size =
			length < 128
				? [length]
				: length < 16_384
					? [(length & 127) | 128, length >> 7]
					: [(length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14];
		bytes.push(...size.reverse(), 0x12);
	}
	return bytes.reverse();
}
