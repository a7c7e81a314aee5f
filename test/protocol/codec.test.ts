// The table-driven codec of the client against protobufjs, for every message; and its routes and pushes against the server's.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import type { AnyWireMessage, AnyWirePush, AnyWireRoute } from "../../protocol/codec/wire.ts";
import { WireWriter } from "../../protocol/codec/wire-writer.ts";
import { FrameReader } from "../../protocol/frame-coder.ts";
import * as codec from "../../protocol/gen/codec/index.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { messageTypes, pushContracts, routeContracts } from "../../protocol/gen/schema.ts";
import { propertiesOf } from "./arbitrary-message.ts";
import { concat } from "./frames.ts";

const root = protobuf.Root.fromJSON(reflection);
root.resolveAll();

const exported: Readonly<Record<string, unknown>> = codec;
const ownTypes = new Map(
	[...messageTypes.keys()].map((typeName) => {
		const name = typeName.replace("framegate.v1.", "").replaceAll(".", "_");
		return [typeName, exported[name] as AnyWireMessage] as const;
	}),
);

/** A decoded message as plain data: every field, whether it came or not. */
function plain(type: protobuf.Type, message: Record<string, unknown>): unknown {
	const one = (field: protobuf.Field, value: unknown): unknown => {
		if (field.resolvedType instanceof protobuf.Type) {
			return value === null ? null : plain(field.resolvedType, value as Record<string, unknown>);
		}
		return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
	};
	return Object.fromEntries(
		type.fieldsArray.map((field) => {
			const value = message[field.name];
			if (field.map) {
				const entries = Object.entries(value as object).map(([key, item]) => [key, one(field, item)]);
				return [field.name, entries];
			}
			return [field.name, field.repeated ? (value as unknown[]).map((item) => one(field, item)) : one(field, value)];
		}),
	);
}

/** undefined when the bytes are refused. */
function decoded(decode: () => unknown, type: protobuf.Type): unknown {
	let message: unknown;
	try {
		message = decode();
	} catch {
		return undefined;
	}
	return plain(type, message as Record<string, unknown>);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

suite("table-driven codec", () => {
	for (const [typeName, reference] of messageTypes) {
		const own = ownTypes.get(typeName)!;
		const type = root.lookupType(typeName);
		const both = (bytes: Uint8Array) => ({
			own: decoded(() => own.decode(bytes), type),
			reference: decoded(() => reference.decode(new FrameReader(bytes)), type),
		});

		test(`${typeName}: writes and reads what protobufjs does`, () => {
			assert.equal(own.typeName, typeName);
			fc.assert(
				fc.property(propertiesOf(type), (properties) => {
					const bytes = own.encode(properties).finish();
					assert.equal(hex(bytes), hex(reference.encode(properties).finish()));
					const { own: read, reference: expected } = both(bytes);
					assert.notEqual(read, undefined);
					assert.deepEqual(read, expected);
					// What was read can be written again.
					assert.equal(hex(own.encode(own.decode(bytes)).finish()), hex(bytes));
				}),
				{ numRuns: 30 },
			);
		});

		test(`${typeName}: takes and refuses damaged bytes as protobufjs does`, () => {
			const damage = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
			fc.assert(
				fc.property(propertiesOf(type), damage, ({ ...properties }, { at, byte, cut }) => {
					const bytes = own.encode(properties).finish().slice();
					if (bytes.length === 0) return;
					bytes[at % bytes.length] = byte;
					const { own: read, reference: expected } = both(cut ? bytes.subarray(0, at % bytes.length) : bytes);
					assert.deepEqual(read, expected);
				}),
				{ numRuns: 60 },
			);
		});

		test(`${typeName}: one message after the other is both of them merged`, () => {
			fc.assert(
				fc.property(propertiesOf(type), propertiesOf(type), (first, second) => {
					const { own: read, reference: expected } = both(
						concat(own.encode(first).finish(), own.encode(second).finish()),
					);
					assert.deepEqual(read, expected);
				}),
				{ numRuns: 20 },
			);
		});
	}

	test("takes any bytes as protobufjs does", () => {
		const typeNames = fc.constantFrom(...messageTypes.keys());
		fc.assert(
			fc.property(typeNames, fc.uint8Array({ maxLength: 24 }), (typeName, bytes) => {
				const type = root.lookupType(typeName);
				assert.deepEqual(
					decoded(() => ownTypes.get(typeName)!.decode(bytes), type),
					decoded(() => messageTypes.get(typeName)!.decode(new FrameReader(bytes)), type),
				);
			}),
			{ numRuns: 5000 },
		);
	});

	test("a field number of 0 is refused and an unknown group is skipped, in messages with fields and without", () => {
		const zeros = new Array<number>(8).fill(0);
		for (const [typeName, reference] of messageTypes) {
			for (const decode of [
				(bytes: Uint8Array) => reference.decode(new FrameReader(bytes)),
				(bytes: Uint8Array) => ownTypes.get(typeName)!.decode(bytes),
			]) {
				assert.throws(() => decode(Uint8Array.of(1, ...zeros)), /field number 0/, typeName);
				// Field 536,870,911, which no message has: a group with field 1 in it.
				decode(Uint8Array.of(0xfb, 0xff, 0xff, 0xff, 0x0f, 8, 1, 0xfc, 0xff, 0xff, 0xff, 0x0f));
			}
		}
	});

	test("skips an unknown number of more than ten bytes, as protobufjs does", () => {
		const bytes = Uint8Array.of(0xd8, 0x0f, ...Array.from({ length: 12 }, () => 0x80), 0x00, 0x08, 0x07);
		assert.equal(codec.Envelope.decode(bytes).protocol, 7);
		assert.throws(() => codec.Envelope.decode(bytes.subarray(0, 8)));
	});

	test("refuses values that are not of their field's type, and names the field", () => {
		const refused: [() => unknown, RegExp][] = [
			[() => codec.User.encode({ username: 1 as never }), /^TypeError: username: expected a string, found 1$/],
			[() => codec.User.encode({ username: null as never, id: {} as never }), /id: expected a string, found object/],
			[() => codec.User.encode({ roles: "admin" as never }), /roles: expected an array, found string/],
			[
				() => codec.User.encode({ createdAtMs: 1.5 }),
				/createdAtMs: expected an integer between -2\^53 and 2\^53, found 1.5/,
			],
			[() => codec.User.encode("ada" as never), /expected an object, found string/],
			[() => codec.SubscribeRequest.encode({ channels: [-1] }), /channels: expected an integer from 0 to 4294967295/],
			[
				() => codec.ConnectRequest.encode({ positions: [{ channel: "a" }, { channel: 7 as never }] }),
				/positions: channel: expected a string, found 7/,
			],
		];
		for (const [encode, expected] of refused) {
			assert.throws(encode, (error) => error instanceof TypeError && expected.test(String(error)), String(expected));
		}
	});

	test("text that is not well-formed is written with replacement characters, so that the gateway can read it", () => {
		const { username } = codec.User.decode(codec.User.encode({ username: "a\ud800b" }).finish());
		assert.equal(username, "a\ufffdb");
	});

	test("keys of maps are data, whatever they are called", () => {
		const data = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
		const read = codec.Notification.decode(codec.Notification.encode({ data }).finish());
		assert.deepEqual(Object.entries(read.data), Object.entries(data));
		assert.equal(({} as Record<string, unknown>)["x"], undefined);
	});

	test("writes into protobufjs' code and the reverse", () => {
		const { encode } = messageTypes.get("framegate.v1.ConnectRequest")!;
		const properties = { accessToken: "t", positions: [{ channel: "room:1", offset: 2 ** 40, epoch: "e" }] };
		const writer = new WireWriter();
		encode(properties, writer as never);
		assert.equal(hex(writer.finish()), hex(codec.ConnectRequest.encode(properties).finish()));
	});

	test("messages nested without end are refused", () => {
		const groups = new Uint8Array(400).fill((15 << 3) | 3);
		assert.throws(() => codec.User.decode(groups), /max depth exceeded/);
	});
});

suite("routes and pushes of the codec", () => {
	const routes = Object.entries(exported)
		.filter(([name]) => name.endsWith("Routes"))
		.flatMap(([, table]) => Object.values(table as Record<string, AnyWireRoute>));

	test("say of every route what the server's contract says", () => {
		const facts = (route: AnyWireRoute) => {
			const { request, reply, number, name, idempotent, hasSideEffects, needsConnection, permission, rpcPath } = route;
			const types = [request.typeName, reply.typeName];
			return { number, name, idempotent, hasSideEffects, needsConnection, permission, rpcPath, types };
		};
		const byNumber = (a: AnyWireRoute, b: AnyWireRoute) => a.number - b.number;
		assert.deepEqual(routes.sort(byNumber).map(facts), [...routeContracts.values()].sort(byNumber).map(facts));
	});

	test("have every push, under its name and number", () => {
		const facts = ({ number, name, message }: AnyWirePush) => ({ number, name, type: message.typeName });
		const pushes: Record<string, AnyWirePush> = codec.pushes;
		const sorted = (all: Iterable<AnyWirePush>) => [...all].map(facts).sort((a, b) => a.number - b.number);
		assert.deepEqual(sorted(Object.values(pushes)), sorted(pushContracts.values()));
		const numbers = Object.entries(pushes).map(([key, { number }]) => [key, number]);
		assert.deepEqual(Object.fromEntries(numbers), codec.PushNumber);
	});
});
