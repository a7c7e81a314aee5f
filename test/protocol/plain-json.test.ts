// Plain JSON: what is read is held to the types, what is written has every field, and both are the same message.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "../../protocol/error.ts";
import {
	ChatMessage,
	CommandStatusResponse,
	DataType,
	GameActionRequest,
	messageTypes,
	PointValue,
	ReadNowRequest,
	SendMessageRequest,
	SubscribeRequest,
	WritePointRequest,
} from "../../protocol/gen/schema.ts";
import { PlainJson } from "../../protocol/plain-json.ts";
import { sampleOf } from "./sample.ts";

const json = new PlainJson();

function problems(read: () => unknown): string[] {
	try {
		read();
	} catch (error) {
		assert.ok(error instanceof GatewayError);
		return error.violations.map(({ field, description }) => `${field} ${description}`);
	}
	return [];
}

describe("plain JSON", () => {
	it("reads every message that it has written", () => {
		for (const type of messageTypes.values()) {
			const sample = sampleOf(type.typeName);
			const bytes = type.encode(sample).finish();
			const read = json.read(type, JSON.parse(JSON.stringify(json.write(type, type.decode(bytes)))));
			assert.deepEqual(type.encode(read).finish(), bytes, type.typeName);
		}
	});

	it("writes zeros, and leaves out messages and optional values that are not there", () => {
		const { content, ...rest } = json.write(ChatMessage, { id: "1" });
		assert.equal(content, undefined);
		assert.deepEqual(rest, {
			id: "1",
			conversation_id: "",
			sequence: 0,
			sender_id: "",
			sender_name: "",
			sent_at_ms: 0,
			client_msg_id: "",
			reply_to_id: "",
			is_recalled: false,
		});
		assert.deepEqual(json.write(PointValue, { pointId: 1 }), {
			point_id: 1,
			quality: "GOOD",
			flags: 0,
			source_ts_ms: 0,
		});
		assert.equal(json.write(CommandStatusResponse, {})["command"], undefined);
	});

	it("takes names of the .proto files and those of proto3 JSON, short and full names of enums", () => {
		const request = { channels: [1], data_types: ["T", "DATA_TYPE_SIGNAL"] };
		assert.deepEqual(json.read(ReadNowRequest, request)["dataTypes"], [DataType.TELEMETRY, DataType.SIGNAL]);
		assert.deepEqual(json.read(SendMessageRequest, { roomId: "r" }), { roomId: "r" });
	});

	it("names all that is unknown or of another type", () => {
		const wrong = { channels: [1, -1, "1", 1.5], dataTypes: "T", source: null, foo: 1, deadband: { absolute: "x" } };
		assert.deepEqual(
			problems(() => json.read(SubscribeRequest, wrong)),
			[
				"channels[1] must be an integer from 0 to 4294967295",
				"channels[2] must be an integer from 0 to 4294967295",
				"channels[3] must be an integer from 0 to 4294967295",
				"data_types must be a list",
				"source must be a string",
				"foo is unknown",
				"deadband.absolute must be a number",
			],
		);
		assert.deepEqual(
			problems(() => json.read(ReadNowRequest, { data_types: ["X"] })),
			["data_types[0] must be one of UNSPECIFIED, T, S, C, A, M, ACTION"],
		);
		for (const payload of ["!", "YQ", "YQ=", "YR==\n", 7]) {
			assert.deepEqual(
				problems(() => json.read(GameActionRequest, { payload })),
				["payload must be base64"],
			);
		}
		assert.deepEqual(
			problems(() => json.read(SendMessageRequest, { room_id: "\ud800" })),
			["room_id must be a string"],
		);
		assert.deepEqual(
			problems(() => json.read(SendMessageRequest, [])),
			[" must be an object"],
		);
	});

	it("takes a field once, and one member of a group", () => {
		assert.deepEqual(
			problems(() => json.read(SendMessageRequest, { room_id: "a", roomId: "b" })),
			["room_id must not be set beside another member of its group"],
		);
		assert.deepEqual(
			problems(() => json.read(PointValue, { num: 1, str: "x" })),
			["str must not be set beside another member of its group"],
		);
		assert.equal(json.read(WritePointRequest, { value: 0 })["value"], 0);
	});

	it("names no more than twenty problems", () => {
		assert.equal(problems(() => json.read(ReadNowRequest, { channels: new Array(10_000).fill("x") })).length, 20);
		const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, 1]));
		assert.equal(problems(() => json.read(ReadNowRequest, unknown)).length, 20);
		assert.equal(problems(() => json.read(ReadNowRequest, JSON.parse('{"__proto__":{},"constructor":1}'))).length, 2);
	});

	it("puts texts of a query or a path into fields", () => {
		const into = {};
		const pairs = [
			["channels", "1"],
			["channels", "2"],
			["data_types", "T"],
			["deadband.absolute", "1.5"],
			["exclusive", "true"],
		] as const;
		assert.deepEqual(json.assign(SubscribeRequest, into, pairs), []);
		assert.deepEqual(into, { channels: [1, 2], data_types: ["T"], deadband: { absolute: 1.5 }, exclusive: true });
		const listed = {};
		json.assign(ReadNowRequest, listed, [["channels", "1,2,x"]], true);
		assert.deepEqual(listed, { channels: [1, 2, "x"] });
		assert.deepEqual(
			json.assign(SubscribeRequest, {}, [
				["nothing", "1"],
				["deadband", "1"],
				["deadband.x", "1"],
			]),
			["nothing", "deadband", "deadband.x"],
		);
		const twice = {};
		json.assign(SubscribeRequest, twice, [
			["source", "a"],
			["source", "b"],
		]);
		assert.deepEqual(
			problems(() => json.read(SubscribeRequest, twice)),
			["source must be a string"],
		);
	});
});
