// Our few lines of the wire format agree with protobufjs, whatever the values; and refuse what is no message.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { prefixEnd } from "../../../upstreams/discovery/etcd/etcd-messages.ts";
import { readPayload, writePayload } from "../../../upstreams/discovery/nacos/nacos-payload.ts";
import { bytesFields, fieldsOf, intField, MessageWriter, textField } from "../../../upstreams/discovery/wire.ts";

const { root } = protobuf.parse(`
	syntax = "proto3";
	message Sample { int64 id = 1; bytes value = 2; string name = 3; repeated string names = 4; bool flag = 5; }
	message Any { string type_url = 1; bytes value = 2; }
	message Metadata { string type = 3; string clientIp = 8; map<string, string> headers = 7; }
	message Payload { Metadata metadata = 2; Any body = 3; }
`);
const sample = root.lookupType("Sample");
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe("the wire format", () => {
	test("reads what protobufjs writes", () => {
		fc.assert(
			fc.property(int64, fc.string(), fc.array(fc.string()), fc.boolean(), (id, name, names, flag) => {
				const message = sample.fromObject({ id: id.toString(), name, names, flag });
				const fields = fieldsOf(sample.encode(message).finish());
				assert.equal(intField(fields, 1), id);
				assert.equal(textField(fields, 3), Buffer.from(name).toString());
				assert.deepEqual(
					bytesFields(fields, 4).map((bytes) => Buffer.from(bytes).toString()),
					names.map((text) => Buffer.from(text).toString()),
				);
				assert.equal(intField(fields, 5) !== 0n, flag);
			}),
		);
	});

	test("writes what protobufjs reads", () => {
		fc.assert(
			fc.property(int64, fc.uint8Array(), fc.string(), (id, value, name) => {
				const bytes = new MessageWriter().int(1, id).bytes(2, value).bytes(3, name).finish();
				const read = sample.toObject(sample.decode(bytes), { longs: String, bytes: Array, defaults: true });
				assert.equal(read["id"], id.toString());
				assert.deepEqual(read["value"], [...value]);
				assert.equal(read["name"], Buffer.from(name).toString());
			}),
		);
	});

	test("refuses bytes that are no message, whatever they are, and never hangs", () => {
		for (const hex of ["08", "0a05", "0affffffffffffffffff01", "08ffffffffffffffffffff01", "0b", "0f"]) {
			assert.throws(() => fieldsOf(Buffer.from(hex, "hex")), RangeError, hex);
		}
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
				try {
					fieldsOf(bytes);
				} catch (error) {
					assert.ok(error instanceof RangeError);
				}
			}),
		);
	});

	test("a payload of Nacos is what its .proto says", () => {
		const type = root.lookupType("Payload");
		const bytes = writePayload({ type: "HealthCheckRequest", body: { module: "internal" } }, { accessToken: "t" });
		const read = type.toObject(type.decode(bytes)) as {
			metadata: { type: string; headers: Record<string, string> };
			body: { value: Buffer };
		};
		assert.equal(read.metadata.type, "HealthCheckRequest");
		assert.deepEqual(read.metadata.headers, { accessToken: "t" });
		assert.equal(read.body.value.toString(), '{"module":"internal"}');
		assert.deepEqual(readPayload(bytes), { type: "HealthCheckRequest", body: { module: "internal" } });
		assert.throws(() => readPayload(writePayload({ type: "X", body: [] as never })), /without a body/);
	});

	test("the end of a prefix is the first key behind all that have it", () => {
		assert.equal(prefixEnd("/a/").toString("hex"), "2f6130");
		assert.equal(prefixEnd("").toString("hex"), "00");
	});
});
