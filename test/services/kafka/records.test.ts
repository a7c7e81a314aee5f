// The records, field by field.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DownlinkMessage, MessageContent, MessageKind, UplinkMessage } from "../../../protocol/gen/schema.ts";
import { uplinkMessage } from "../../../services/kafka/chat-uplink.ts";
import { readDownlink } from "../../../services/kafka/downlink-record.ts";
import type { IncomingRecord } from "../../../services/kafka/record-source.ts";
import { decodeDownlink, encodeUplink, RecordProblem } from "../../../services/kafka/records.ts";

const uplink = {
	traceId: "trace-123",
	userId: "user123",
	gatewayId: "gateway-001",
	conversationId: "conv123",
	messageType: 1,
	content: "Hello World!",
	clientMsgId: "client123",
	timestamp: 1634567890,
	headers: {},
};

/** As older IM gateways have it. */
const downlink = {
	trace_id: "trace-123",
	target_user_id: "user456",
	message_id: "msg123",
	conversation_id: "conv123",
	sender_id: "user123",
	message_type: 1,
	content: "Hello World!",
	seq_id: 1001,
	timestamp: 1634567890,
	headers: {},
};

function incoming(value: Uint8Array | string | object, headers: Record<string, string> = {}): IncomingRecord {
	const isBytes = value instanceof Uint8Array;
	const bytes = isBytes ? value : Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
	const place = { topic: "downstream", partition: 2, offset: 7n, leaderEpoch: 0 };
	return { ...place, key: undefined, value: bytes, headers: new Map(Object.entries(headers)) };
}

describe("a message of the uplink", () => {
	test("as JSON has the fields of older gateways, in their order and types", () => {
		const expected =
			'{"trace_id":"trace-123","user_id":"user123","gateway_id":"gateway-001","conversation_id":"conv123",' +
			'"message_type":1,"content":"Hello World!","client_msg_id":"client123","timestamp":1634567890,"headers":{}}';
		assert.equal(Buffer.from(encodeUplink(uplink, "json")).toString(), expected);
	});

	test("as protobuf has the same", () => {
		const decoded = UplinkMessage.decode(encodeUplink({ ...uplink, headers: { a: "b" } }, "protobuf"));
		assert.deepEqual({ ...decoded, headers: { ...decoded.headers } }, { ...uplink, headers: { a: "b" } });
	});

	const stored = {
		...{ id: "m1", conversationId: "room", sequence: 9, senderId: "u1", senderName: "ann", clientMsgId: "c1" },
		...{ replyToId: "m0", sentAtMs: 1634567890123, recalledAtMs: 0 },
	};

	test("of chat has the text as content, and what else there is in its headers", () => {
		const content = MessageContent.encode({ kind: MessageKind.TEXT, text: "hi" }).finish();
		assert.deepEqual(uplinkMessage({ ...stored, content }, "gw"), {
			...{ traceId: "", userId: "u1", gatewayId: "gw", conversationId: "room", messageType: 1, content: "hi" },
			...{ clientMsgId: "c1", timestamp: 1634567890 },
			headers: {
				...{ message_id: "m1", seq_id: "9", sender_name: "ann", sent_at_ms: "1634567890123" },
				reply_to_id: "m0",
			},
		});
	});

	test("of another kind has its content as JSON; one that was recalled has none", () => {
		const custom = { kind: MessageKind.CUSTOM, customType: "poll", custom: Buffer.from([1, 2]) };
		const message = uplinkMessage({ ...stored, content: MessageContent.encode(custom).finish() }, "gw");
		assert.deepEqual(JSON.parse(message.content ?? ""), { custom_type: "poll", custom: "AQI=" });
		assert.equal(message.messageType, 5);
		const recalled = uplinkMessage({ ...stored, content: new Uint8Array(), recalledAtMs: 5 }, "gw");
		assert.deepEqual([recalled.content, recalled.messageType, recalled.headers?.["recalled"]], ["", 0, "true"]);
	});
});

describe("a record of the downlink", () => {
	const fields = {
		...{ traceId: "trace-123", targetUserId: "user456", messageId: "msg123", conversationId: "conv123" },
		...{ senderId: "user123", messageType: 1, content: "Hello World!", seqId: 1001, timestamp: 1634567890 },
	};

	test("is for the user that it names, by its own id, as JSON and as protobuf", () => {
		const expected = { target: { kind: "user", userId: "user456" }, id: "msg123" };
		for (const record of [
			incoming(downlink),
			incoming(downlink, { "content-type": "application/json; charset=utf-8" }),
			incoming(DownlinkMessage.encode(fields).finish(), { "content-type": "application/x-protobuf" }),
		]) {
			const { target, id, content } = readDownlink(record);
			assert.deepEqual({ target, id }, expected);
			assert.ok(content.kind === "message");
			for (const [name, value] of Object.entries(fields)) {
				assert.equal(content.message[name as keyof typeof fields], value, name);
			}
		}
	});

	test("goes where its header says, whatever it is", () => {
		const targets = { "user:u1": "user", "channel:sport:x": "channel", "channel:chat:r1": "channel", all: "all" };
		for (const [target, kind] of Object.entries(targets)) {
			const read = readDownlink(incoming("bytes", { "framegate-type": "data", "framegate-target": target }));
			assert.deepEqual([read.target.kind, read.content.kind, read.id], [kind, "data", "downstream/2/7"]);
		}
		const named = readDownlink(incoming(downlink, { "framegate-target": "user:other", "framegate-message-id": "i" }));
		assert.deepEqual([named.target, named.id], [{ kind: "user", userId: "other" }, "i"]);
		// A channel carries bytes: the record as it is.
		const { content } = readDownlink(incoming(downlink, { "framegate-target": "channel:sport:x" }));
		assert.ok(content.kind === "data");
		assert.deepEqual(JSON.parse(Buffer.from(content.data).toString()), downlink);
	});

	const wrong: [string, IncomingRecord, RegExp][] = [
		["no JSON", incoming("{"), /no JSON/],
		["an array", incoming("[]"), /no JSON object/],
		["invalid UTF-8", incoming(Buffer.from([0x22, 0xff, 0x22])), /no JSON/],
		["nothing", incoming(""), /no JSON/],
		[
			"no protobuf",
			incoming(Buffer.from([0x0a, 0xff]), { "content-type": "application/x-protobuf" }),
			/no DownlinkMessage/,
		],
		["an unknown content type", incoming(downlink, { "content-type": "text/xml" }), /content-type must be/],
		["no target", incoming({ ...downlink, target_user_id: "" }), /must say whom it is for/],
		["a target of no kind", incoming(downlink, { "framegate-target": "group:x" }), /must be user:ID/],
		["a user id with spaces", incoming({ ...downlink, target_user_id: "a b" }), /must be user:ID/],
		["a type of no kind", incoming(downlink, { "framegate-type": "x" }), /must be message or data/],
		["a field of another type", incoming({ ...downlink, content: 5 }), /content must be a text/],
		["a number that is none", incoming({ ...downlink, seq_id: "x" }), /seq_id must be a whole number/],
		["a number beyond 2^53", incoming(JSON.stringify(downlink).replace("1001", "9007199254740993")), /seq_id/],
		["headers that are none", incoming({ ...downlink, headers: { a: 1 } }), /headers must be an object of texts/],
		["a long id", incoming({ ...downlink, message_id: "x".repeat(257) }), /message_id must have at most 256/],
		["long content", incoming({ ...downlink, content: "x".repeat(49_153) }), /content must have at most 49152/],
		[
			"many headers",
			incoming({ ...downlink, headers: Object.fromEntries([...Array(65)].map((_, n) => [n, ""])) }),
			/64/,
		],
		[
			"large data",
			incoming(Buffer.alloc(49_153), { "framegate-type": "data", "framegate-target": "all" }),
			/at most 49152 bytes/,
		],
	];
	for (const [name, record, problem] of wrong) {
		test(`is refused with its reason: ${name}`, () => {
			assert.throws(
				() => readDownlink(record),
				(error) => error instanceof RecordProblem && problem.test(error.message),
			);
		});
	}

	test("takes a number of 64 bits that is written as a text", () => {
		assert.equal(decodeDownlink(Buffer.from('{"seq_id":"1001"}'), undefined).seqId, 1001);
	});
});
