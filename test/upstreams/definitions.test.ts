// Definitions of an operator's service: a `.proto` file gives what the descriptor set of a compiler gives, and JSON is what the bytes say.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { DescMessage } from "@bufbuild/protobuf";
import { ErrorCode } from "../../protocol/codes.ts";
import type { JsonTranscoding } from "../../protocol/contract.ts";
import { GatewayError } from "../../protocol/error.ts";
import { messageForm } from "../../upstreams/routes/message-form.ts";
import { loadService, type ServiceDefinition } from "../../upstreams/routes/service-definition.ts";
import { stickyKeyOf } from "../../upstreams/routes/sticky-key.ts";
import { ORDERS_PROTO } from "../support/upstream/upstream-process.ts";

const BUF = fileURLToPath(new URL("../../node_modules/.bin/buf", import.meta.url));
const SERVICE = "acme.orders.v1.OrderService";

describe("definitions of a service", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-definitions-"));
	let parsed: ServiceDefinition;
	let compiled: ServiceDefinition;
	before(() => {
		const descriptorSet = join(directory, "orders.binpb");
		execFileSync(BUF, ["build", dirname(ORDERS_PROTO), "-o", descriptorSet], {
			stdio: ["ignore", "ignore", "inherit"],
		});
		parsed = loadService({ proto: ORDERS_PROTO, includes: [] }, SERVICE);
		compiled = loadService({ descriptorSet, includes: [] }, SERVICE);
	});
	after(() => rmSync(directory, { recursive: true }));

	const transcoding = (definition: ServiceDefinition, method: string): JsonTranscoding => {
		const input = definition.service.methods.find(({ name }) => name === method)?.input as DescMessage;
		return messageForm(input, definition.registry, "").transcoding as JsonTranscoding;
	};
	const both = (method: string) => [transcoding(parsed, method), transcoding(compiled, method)] as const;

	it("are the same from a .proto file as from a descriptor set", () => {
		const facts = ({ service, registry }: ServiceDefinition) =>
			service.methods.map(({ name, methodKind, idempotency, input, output }) => ({
				...{ name, methodKind, idempotency, input: input.typeName, output: output.typeName },
				schemas: [input, output].map((message) => messageForm(message, registry, "").schema),
				fields: [input, output].map((message) =>
					message.fields.map(({ name, number, jsonName, presence }) => [name, number, jsonName, presence]),
				),
			}));
		assert.deepEqual(facts(parsed), facts(compiled));
	});

	it("make the same bytes of JSON, and the same JSON of bytes", () => {
		const order = {
			id: "7",
			number: "-9007199254740993",
			items: [{ name: "apple", count: -3, serials: ["18446744073709551615", 2] }],
			byShelf: { a: { name: "pear" } },
			status: "STATUS_PAID",
			placedAt: "2026-01-02T03:04:05Z",
			note: "AP8=",
			priority: 0,
			card: "",
		};
		const [one, two] = both("PlaceOrder");
		const bytes = one.toBytes(order, true);
		assert.deepEqual(bytes, two.toBytes(order, true));
		const json = one.fromBytes(bytes, false);
		assert.deepEqual(json, two.fromBytes(bytes, false));
		assert.deepEqual(json, { ...order, items: [{ name: "apple", count: -3, serials: ["18446744073709551615", "2"] }] });
		const plain = one.fromBytes(new Uint8Array(), true);
		assert.deepEqual(plain, { id: "", number: "0", items: [], by_shelf: {}, status: "STATUS_UNSPECIFIED", note: "" });
	});

	it("name the field that is wrong, and take unknown ones only where that is meant", () => {
		const [order] = both("PlaceOrder");
		const error = (value: unknown, isStrict: boolean): unknown[] => {
			try {
				order.toBytes(value, isStrict);
			} catch (thrown) {
				assert.ok(thrown instanceof GatewayError);
				return [thrown.code, ...thrown.violations.map(({ field }) => field)];
			}
			return [];
		};
		assert.deepEqual(error({ colour: "red" }, false), []);
		assert.deepEqual(error({ colour: "red" }, true), [ErrorCode.VALIDATION_FAILED, "colour"]);
		assert.deepEqual(error({ number: "many" }, false), [ErrorCode.BAD_REQUEST, "number"]);
		assert.deepEqual(error({ items: [{ count: 1.5 }] }, true), [ErrorCode.VALIDATION_FAILED, "count"]);
		assert.deepEqual(error([], true), [ErrorCode.VALIDATION_FAILED]);
	});

	it("of files that cannot be used say which and why", () => {
		const write = (name: string, text: string) => {
			const file = join(directory, name);
			writeFileSync(file, text);
			return file;
		};
		const load = (proto: string) => () => loadService({ proto, includes: [] }, "a.S");
		assert.throws(load(join(directory, "none.proto")), /none\.proto/);
		assert.throws(load(write("broken.proto", 'syntax = "proto3"; message {')), /broken\.proto: /);
		assert.throws(
			load(
				write(
					"old.proto",
					'syntax = "proto2"; package a; message M { required int32 n = 1; } service S { rpc C(M) returns (M); }',
				),
			),
			/old\.proto: a\.M\.n is of proto2/,
		);
		assert.throws(
			load(write("import.proto", 'syntax = "proto3"; package a; import "gone.proto"; message M {}')),
			/import\.proto: .*gone\.proto/,
		);
	});

	it("use imports beside the file and in the folders that are given, and packages in the order of their use", () => {
		const library = mkdtempSync(join(directory, "library-"));
		writeFileSync(
			join(library, "money.proto"),
			'syntax = "proto3"; package z.money; message Money { int64 cents = 1; }',
		);
		writeFileSync(
			join(directory, "shop.proto"),
			'syntax = "proto3"; package a.shop; import "money.proto"; message Price { z.money.Money of = 1; } service Shop { rpc Get(Price) returns (Price); }',
		);
		const shop = loadService({ proto: join(directory, "shop.proto"), includes: [library] }, "a.shop.Shop");
		assert.equal(shop.service.methods[0]?.input.fields[0]?.message?.typeName, "z.money.Money");
	});
});

describe("sticky key", () => {
	const call = (body: Uint8Array) => ({ body, ip: "10.0.0.1", identity: { userId: "u", sessionId: "s" } });

	it("is the caller's, or the last value of a field, found without decoding", () => {
		const bytes = Buffer.from("0a0137 1005 0a0138 1d01020304".replaceAll(" ", ""), "hex");
		assert.equal(stickyKeyOf("user", call(bytes)), "u");
		assert.equal(stickyKeyOf("session", call(bytes)), "s");
		assert.equal(stickyKeyOf("address", call(bytes)), "10.0.0.1");
		assert.equal(stickyKeyOf(1, call(bytes)), "\x018");
		assert.equal(stickyKeyOf(3, call(bytes)), "\x01\x02\x03\x04");
		assert.equal(stickyKeyOf(9, call(bytes)), undefined);
		assert.equal(stickyKeyOf(1, call(Buffer.from("0aff", "hex"))), undefined);
		assert.equal(stickyKeyOf("user", { ...call(bytes), identity: undefined }), undefined);
	});
});
