// Messages whose bytes are JSON text, as functions of modules have them, in every form in which a frame carries them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { EnvelopeReader, EnvelopeWriter } from "../../protocol/envelope.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { jsonMessage } from "../../protocol/json-message.ts";
import { PlainJson } from "../../protocol/plain-json.ts";

const form = {
	fields: [
		{ name: "id", type: "string", isList: false, isRequired: true },
		{ name: "count", type: "integer", isList: false, isRequired: false },
		{ name: "isNew", type: "boolean", isList: false, isRequired: false },
		{ name: "sizes", type: "number", isList: true, isRequired: false },
		{ name: "inner", type: "object", isList: false, isRequired: false },
	],
	schema: {},
	description: "",
};
const type = jsonMessage("input of a test", form);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a message of JSON text", () => {
	it("is the body of a frame, and comes out of it as it went in", () => {
		const message = { id: "é", sizes: [1, 2.5], inner: { a: null } };
		const frame = new EnvelopeWriter().request(7001, 5, type, message, "");
		const reader = new EnvelopeReader();
		assert.ok(reader.read(frame));
		assert.deepEqual(reader.decodeBody(type, frame, reader.bodyStart, reader.bodyEnd), message);
		assert.equal(Buffer.from(frame.subarray(reader.bodyStart, reader.bodyEnd)).toString(), JSON.stringify(message));
	});

	it("is the value itself in a text frame", () => {
		const transcoder = new JsonTranscoder();
		const bytes = transcoder.bodyFromJson(type, { id: "a" });
		assert.deepEqual(type.decode(bytes), { id: "a" });
		assert.deepEqual(transcoder.bodyToJson(type, bytes), { id: "a" });
		assert.deepEqual(type.decode(transcoder.bodyFromJson(type, undefined)), {}, "none is an empty one");
		const frame = new EnvelopeWriter().reply(7001, 5, type, { n: 12n }, "");
		assert.deepEqual(JSON.parse(transcoder.frameToJson(frame, type)), { protocol: 7001, seq: 5, body: { n: "12" } });
	});

	it("is refused when it is no object of JSON, or nested too deeply, without repeating what was sent", () => {
		const cases: [Uint8Array, string][] = [
			[Uint8Array.of(0xff), "body is not UTF-8"],
			[utf8("secret"), "body is not JSON"],
			[utf8("[1]"), "body is not a JSON object"],
			[utf8('"text"'), "body is not a JSON object"],
		];
		for (const [bytes, message] of cases) {
			assert.throws(() => type.decode(bytes), { code: ErrorCode.BAD_REQUEST, message });
		}
		assert.throws(() => type.decode(utf8(`{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`)), {
			code: ErrorCode.BAD_REQUEST,
		});
	});

	it("takes texts of a path and a query by the types of its fields", () => {
		const json: Record<string, unknown> = {};
		const pairs = [
			["id", "7"],
			["count", "3"],
			["isNew", "true"],
			["sizes", "1"],
			["sizes", "x"],
			["inner", "{}"],
			["other", "1"],
		] as const;
		assert.deepEqual(new PlainJson().assign(type, json, pairs), ["inner", "other"]);
		assert.deepEqual(json, { id: "7", count: 3, isNew: true, sizes: [1, "x"] });
		const inPath: Record<string, unknown> = {};
		new PlainJson().assign(type, inPath, [["sizes", "1,2"]], true);
		assert.deepEqual(inPath, { sizes: [1, 2] });
		new PlainJson().assign(type, inPath, [
			["id", "a"],
			["id", "b"],
		]);
		assert.deepEqual(inPath, { sizes: [1, 2], id: ["a", "b"] }, "twice is no text, which the schema refuses");
	});
});
