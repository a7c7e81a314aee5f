// The largest message that the gateway sends, for every route and every push and in both encodings. A route or a push that has
// no fixture fails the test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import protobuf from "protobufjs";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { messageTypes, pushContracts, routeContracts } from "../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { MAX_PLAIN_CHARACTERS, MAX_SENT_BYTES, PAGE_BYTES } from "../../protocol/message-bounds.ts";
import { JSON_ENUM_BYTES, JSON_NAME_BYTES, JsonSizer, ProtobufSizer } from "../../protocol/message-size.ts";
import { PlainJson } from "../../protocol/plain-json.ts";
import { telemetryDefaults } from "../../services/edge/telemetry/options.ts";
import { pushFixtures } from "./push-fixtures.ts";
import { overAPage, replyFixtures } from "./reply-fixtures.ts";

const writer = new EnvelopeWriter();
const transcoder = new JsonTranscoder();
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SEQ = 0xffff_ffff;

/** Bytes of a reply on the wire. */
function replyBytes(encoding: string, number: number, type: AnyMessageType, reply: object): number {
	const frame = writer.reply(number, SEQ, type, reply, TRACE);
	return encoding === "protobuf" ? frame.length : Buffer.byteLength(transcoder.frameToJson(frame, type));
}

describe("every reply", () => {
	test("has a fixture, and every fixture a route", () => {
		const names = [...routeContracts.values()].map(({ name }) => name).sort();
		assert.deepEqual(Object.keys(replyFixtures).sort(), names);
	});

	for (const { number, name, reply: type, hasLargeReply } of routeContracts.values()) {
		for (const encoding of ["protobuf", "json"]) {
			test(`${name} is within the largest message, in ${encoding}`, async () => {
				for (const fixture of [replyFixtures[name] ?? []].flat()) {
					const bytes = replyBytes(encoding, number, type, await fixture(encoding));
					assert.ok(bytes <= MAX_SENT_BYTES, `${bytes} bytes`);
					const isPage = hasLargeReply && !overAPage.has(name);
					if (isPage) assert.ok(bytes <= PAGE_BYTES, `a page of ${bytes} bytes`);
					// What is not held back for a client that does not read has to be small.
					if (!hasLargeReply) assert.ok(bytes <= PAGE_BYTES / 2, `${bytes} bytes of a small reply`);
				}
			});
		}
	}
});

describe("replies in plain JSON", () => {
	const plain = new PlainJson();
	const charactersOf = (type: AnyMessageType, message: object) => JSON.stringify(plain.write(type, message)).length;

	test("of every route are within the longest", async () => {
		for (const { name, reply: type } of routeContracts.values()) {
			for (const fixture of [replyFixtures[name] ?? []].flat()) {
				assert.ok(charactersOf(type, await fixture("json")) <= MAX_PLAIN_CHARACTERS, name);
			}
		}
	});

	test("take no more of it with items that have one field and zeros", () => {
		const sizer = new JsonSizer();
		const mostPerByte = MAX_PLAIN_CHARACTERS / PAGE_BYTES;
		const root = protobuf.Root.fromJSON(reflection);
		root.resolveAll();
		for (const type of messageTypes.values()) {
			for (const field of root.lookupType(type.typeName).fieldsArray) {
				if (field.repeated || field.map || field.resolvedType !== null) continue;
				const values: Readonly<Record<string, unknown>> = { string: "x", bool: true, bytes: new Uint8Array(1) };
				const item = { [field.name]: values[field.type] ?? 1 };
				const ratio = charactersOf(type, item) / sizer.sizeOf(type, item);
				assert.ok(ratio <= mostPerByte, `${field.fullName}: ${ratio}`);
			}
		}
	});
});

describe("every push", () => {
	test("has a fixture, and every fixture a push", () => {
		const names = [...pushContracts.values()].map(({ name }) => name).sort();
		assert.deepEqual(Object.keys(pushFixtures).sort(), names);
	});

	for (const { number, name, message: type } of pushContracts.values()) {
		test(`${name} is within the largest message, in both encodings`, () => {
			for (const message of pushFixtures[name] ?? []) {
				const position = { channel: "c".repeat(200), offset: Number.MAX_SAFE_INTEGER, epoch: "e".repeat(64) };
				const frame = writer.push(number, type, message, position);
				assert.ok(frame.length <= MAX_SENT_BYTES, `${frame.length} bytes`);
				const json = Buffer.byteLength(transcoder.frameToJson(frame, type));
				assert.ok(json <= MAX_SENT_BYTES, `${json} bytes of JSON`);
				assert.ok(json <= 8 * frame.length, `JSON takes ${json / frame.length} times the bytes`);
			}
		});
	}

	test("batches of values are split below what their fixtures have", () => {
		assert.ok(telemetryDefaults.maxBatchBytes <= 61_440);
	});
});

describe("sizes", () => {
	const samples = [...pushContracts.values()].flatMap(({ name, message: type }) =>
		(pushFixtures[name] ?? []).map((message) => ({ type, message })),
	);

	test("of protobuf messages are exact", () => {
		const sizer = new ProtobufSizer();
		for (const { type, message } of samples) {
			assert.equal(sizer.sizeOf(type, message), type.encode(message).finish().length, type.typeName);
		}
	});

	test("of JSON are never too small, and hardly too large where texts are long", () => {
		const sizer = new JsonSizer();
		for (const { type, message } of samples) {
			const json = Buffer.byteLength(JSON.stringify(transcoder.bodyToJson(type, type.encode(message).finish())));
			const estimate = sizer.sizeOf(type, message);
			assert.ok(estimate >= json, `${type.typeName}: ${estimate} for ${json}`);
			assert.ok(estimate <= 4 * json + 200, `${type.typeName}: ${estimate} for ${json}`);
		}
	});

	test("of replies are the same as of those that go out", async () => {
		const [protobufSizer, jsonSizer] = [new ProtobufSizer(), new JsonSizer()];
		for (const { name, reply: type } of routeContracts.values()) {
			for (const fixture of [replyFixtures[name] ?? []].flat()) {
				const reply = await fixture("json");
				const bytes = type.encode(reply).finish();
				assert.equal(protobufSizer.sizeOf(type, reply), bytes.length, name);
				const json = Buffer.byteLength(JSON.stringify(transcoder.bodyToJson(type, bytes)));
				assert.ok(jsonSizer.sizeOf(type, reply) >= json, name);
			}
		}
	});

	test("count on names that are no longer than those of the schema", () => {
		const root = protobuf.Root.fromJSON(reflection);
		const look = (space: protobuf.NamespaceBase): void => {
			for (const object of space.nestedArray) {
				if (object instanceof protobuf.Type) {
					for (const field of object.fieldsArray) assert.ok(field.name.length + 4 <= JSON_NAME_BYTES, field.fullName);
				}
				if (object instanceof protobuf.Enum) {
					for (const name of Object.keys(object.values)) assert.ok(name.length + 2 <= JSON_ENUM_BYTES, name);
				}
				if (object instanceof protobuf.Namespace) look(object);
			}
		};
		look(root);
	});
});
