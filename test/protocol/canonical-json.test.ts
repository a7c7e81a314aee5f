// Proto3 JSON without the library, against the library, for every message.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { CanonicalJson } from "../../protocol/canonical-json.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { HeartbeatRequest, HeartbeatResponse, messageTypes } from "../../protocol/gen/schema.ts";
import { propertiesOf } from "./arbitrary-message.ts";

protojson.install();
const root = protobuf.Root.fromJSON(reflection);
root.resolveAll();
const json = new CanonicalJson();

const hex = (writer: protobuf.Writer): string => Buffer.from(writer.finish()).toString("hex");
const heartbeat = root.lookupType(HeartbeatRequest.typeName);
const NOW_MS = 1_790_000_000_000;

suite("canonical proto3 JSON", () => {
	for (const [typeName, type] of messageTypes) {
		const reflected = root.lookupType(typeName);
		/** As the library has it, of the bytes. */
		const expected = (bytes: Uint8Array): object => reflected.toJson(reflected.decode(bytes)) as object;

		test(`${typeName}: writes and reads what the library does, or leaves it to the library`, () => {
			fc.assert(
				fc.property(propertiesOf(reflected), (properties) => {
					const bytes = type.encode(properties).finish();
					const written = json.write(reflected, properties);
					if (written !== undefined) assert.equal(JSON.stringify(written), JSON.stringify(expected(bytes)));
					const read = json.read(reflected, expected(bytes));
					const library = reflected.fromJson(expected(bytes), {});
					if (read !== undefined) assert.equal(hex(type.encode(read)), hex(type.encode(library)));
				}),
				{ numRuns: 60 },
			);
		});
	}

	test("reads and writes what is common", () => {
		assert.deepEqual(json.read(heartbeat, { clientTimeMs: String(NOW_MS) }), { clientTimeMs: NOW_MS });
		const reply = { clientTimeMs: NOW_MS, serverTimeMs: NOW_MS + 1 };
		const text = '{"clientTimeMs":"1790000000000","serverTimeMs":"1790000000001"}';
		assert.equal(JSON.stringify(json.write(root.lookupType(HeartbeatResponse.typeName), reply)), text);
	});

	test("leaves other spellings, unknown fields and what is wrong to the library", () => {
		const bodies = [
			...[NOW_MS, "01", "-0", "1e3", " 1", "", null, true, [], {}, "9".repeat(16)].map((value) => ({
				clientTimeMs: value,
			})),
			...[{ client_time_ms: "1" }, { other: 1 }, JSON.parse('{"__proto__":{}}'), [], null, "x", 1],
		];
		for (const body of bodies) assert.equal(json.read(heartbeat, body), undefined, JSON.stringify(body));
	});
});
