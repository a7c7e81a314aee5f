// Golden frames: the wire format as it was promised to clients, in hex. A frame that comes out differently here comes
// out differently for every client in the field.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import protobuf from "protobufjs";
import { EnvelopeReader } from "../../protocol/envelope.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { Envelope, pushContracts, routeContracts } from "../../protocol/gen/schema.ts";
import { goldenFrames, goldenPath } from "./golden.ts";

const howToUpdate = `
The wire format differs from test/protocol/golden.json. Clients in the field depend on those bytes. If the change is
deliberate and old clients keep working, write the file again with: npx node test/protocol/golden.ts`;

const golden = JSON.parse(readFileSync(goldenPath, "utf8")) as Record<string, string>;
const frames = goldenFrames();
const bytesOf = (name: string): Buffer => Buffer.from(golden[name] ?? "", "hex");

suite("golden frames", () => {
	test("are written byte by byte", () => {
		const written = [...frames].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]);
		assert.deepEqual(Object.fromEntries(written), golden, howToUpdate);
	});

	test("are read", () => {
		const reader = new EnvelopeReader();
		for (const [name, { type, message }] of frames) {
			const bytes = bytesOf(name);
			assert.ok(reader.read(bytes), name);
			const decoded = reader.decodeBody(type, bytes, reader.bodyStart, reader.bodyEnd);
			assert.deepEqual(plain(decoded), plain(message), name);
		}
	});

	test("cover every route and every push", () => {
		const numbers = new Set(Object.keys(golden).map((name) => Envelope.decode(bytesOf(name)).protocol));
		const expected = [...routeContracts.keys(), ...pushContracts.keys()];
		assert.deepEqual(numbers, new Set(expected));
		for (const route of routeContracts.values()) {
			for (const direction of ["request", "reply"]) assert.ok(`${route.name} ${direction}` in golden, route.name);
		}
	});

	test("set every field of every message", () => {
		const root = protobuf.Root.fromJSON(reflection);
		const unset = new Set<string>();
		const seen = new Set<string>();
		const visit = (type: protobuf.Type, message: object): void => {
			for (const field of type.fieldsArray) {
				const value = (message as Record<string, unknown>)[field.name];
				const name = `${type.fullName}.${field.name}`;
				if (value === undefined || value === null) {
					unset.add(name);
					continue;
				}
				seen.add(name);
				if (!(field.resolvedType instanceof protobuf.Type)) continue;
				for (const item of Array.isArray(value) ? value : [value]) visit(field.resolvedType, item);
			}
		};
		root.resolveAll();
		for (const [name, { type }] of frames) {
			const envelope = Envelope.decode(bytesOf(name));
			visit(root.lookupType("framegate.v1.Envelope"), envelope);
			visit(root.lookupType(type.typeName), type.decode(envelope.body ?? new Uint8Array(0)) as object);
		}
		assert.deepEqual(
			[...unset].filter((name) => !seen.has(name)),
			[],
		);
	});
});

/** Without the prototypes of the generated classes. */
function plain(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value));
}
