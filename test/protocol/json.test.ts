// Text frames: the envelope as proto3 JSON, and what becomes of JSON that is not what it should be.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { readTextFrame } from "../../core/text-frame.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import {
	authRoutes,
	ConnectRequest,
	Envelope,
	ErrorCode,
	ForgotPasswordRequest,
	HeartbeatRequest,
	LoginRequest,
	Notification,
	PublishChannelRequest,
	pushes,
	RunBatchRequest,
	SessionRevoked,
	SessionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { JsonTranscoder, jsonEnvelope } from "../../protocol/json.ts";
import { goldenFrames } from "./golden.ts";

const transcoder = new JsonTranscoder();
const writer = new EnvelopeWriter();
const traceId = "0af7651916cd43dd8448eb211c80319c";

/** The envelope of a text frame, as the gateway reads it. */
function envelopeOf(text: string) {
	const frame = readTextFrame(Buffer.from(text));
	return "value" in frame ? jsonEnvelope(frame.value) : undefined;
}

/** The error for a body; fails when the body is accepted. */
function rejection(body: unknown, type: AnyMessageType = LoginRequest): GatewayError {
	try {
		transcoder.bodyFromJson(type, body);
	} catch (error) {
		assert.ok(error instanceof GatewayError, String(error));
		assert.equal(error.code, ErrorCode.BAD_REQUEST);
		return error;
	}
	return assert.fail(`was taken: ${JSON.stringify(body)}`);
}

suite("text envelope", () => {
	test("is read with both spellings of its fields and with absent or null ones", () => {
		const expected = { protocol: 1005, seq: 2, traceId, body: { a: 1 } };
		assert.deepEqual(envelopeOf(JSON.stringify(expected)), expected);
		const { traceId: trace_id, ...rest } = expected;
		assert.deepEqual(envelopeOf(JSON.stringify({ ...rest, trace_id })), expected);
		assert.deepEqual(envelopeOf("{}"), { protocol: 0, seq: 0, traceId: "", body: undefined });
		assert.equal(envelopeOf('{"protocol":null,"seq":null,"unknown":[1]}')?.protocol, 0);
	});

	test("drops a trace id that is none", () => {
		for (const bad of ["x", 5, {}, "0".repeat(32)]) {
			assert.equal(envelopeOf(JSON.stringify({ traceId: bad }))?.traceId, "");
		}
	});

	test("is refused when it is no object or its numbers are no uint32", () => {
		const refused = ["", "{", "[]", "null", "5", '"x"', "\u0000", '{"protocol":-1}', '{"protocol":1.5}', '{"seq":"x"}'];
		refused.push('{"seq":4294967296}', '{"protocol":[1]}', '{"protocol":1e99}', "[".repeat(50_000));
		for (const text of refused) assert.equal(envelopeOf(text), undefined, text.slice(0, 40));
	});

	test("never throws, whatever the text", () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				envelopeOf(text);
			}),
			{ numRuns: 1000 },
		);
	});
});

suite("JSON bodies", () => {
	test("take field names in camel case and as in the .proto file", () => {
		for (const body of [
			{ username: "ada", deviceId: "d-1" },
			{ username: "ada", device_id: "d-1" },
		]) {
			const message = LoginRequest.decode(transcoder.bodyFromJson(LoginRequest, body));
			assert.deepEqual([message.username, message.deviceId], ["ada", "d-1"]);
		}
	});

	test("absent, null and {} are the empty message", () => {
		for (const body of [undefined, null, {}]) assert.equal(transcoder.bodyFromJson(LoginRequest, body).length, 0);
	});

	test("take 64-bit integers as number or string, and give them as strings", () => {
		for (const clientTimeMs of [1754530782000, "1754530782000"]) {
			const bytes = transcoder.bodyFromJson(HeartbeatRequest, { clientTimeMs });
			assert.equal(HeartbeatRequest.decode(bytes).clientTimeMs, 1754530782000);
			assert.deepEqual(transcoder.bodyToJson(HeartbeatRequest, bytes), { clientTimeMs: "1754530782000" });
		}
	});

	test("take enums by name or number, and give them by name", () => {
		for (const reason of ["REASON_ADMINISTRATIVE", 5]) {
			const bytes = transcoder.bodyFromJson(SessionRevoked, { reason });
			assert.equal(SessionRevoked.decode(bytes).reason, SessionRevoked_Reason.ADMINISTRATIVE);
			assert.deepEqual(transcoder.bodyToJson(SessionRevoked, bytes), { reason: "REASON_ADMINISTRATIVE" });
		}
	});

	test("take nested messages, lists, maps and oneofs", () => {
		const positions = [{ channel: "room:7", offset: "3", epoch: "e" }, { channel: "room:8" }];
		const connect = transcoder.bodyFromJson(ConnectRequest, { positions });
		assert.deepEqual(transcoder.bodyToJson(ConnectRequest, connect), { positions });
		const data = { a: "1", "": "2", constructor: "3" };
		const notification = transcoder.bodyFromJson(Notification, { data });
		assert.deepEqual(transcoder.bodyToJson(Notification, notification), { data });
		const request = transcoder.bodyFromJson(ForgotPasswordRequest, { request_code: { account: "ada" } });
		assert.equal(ForgotPasswordRequest.decode(request).requestCode?.account, "ada");
	});

	test("ignore unknown fields, as binary bodies do", () => {
		assert.equal(transcoder.bodyFromJson(LoginRequest, { newInVersion9: { deep: [1] } }).length, 0);
		const polluting = JSON.parse('{"__proto__":{"username":"eve"},"password":"p"}') as object;
		assert.equal(LoginRequest.decode(transcoder.bodyFromJson(LoginRequest, polluting)).username ?? "", "");
	});

	test("take base64 of the binary body, plain or URL-safe", () => {
		const bytes = LoginRequest.encode({ username: "ada", password: "\u{1F511}>>>???" }).finish();
		const standard = Buffer.from(bytes).toString("base64");
		for (const body of [standard, Buffer.from(bytes).toString("base64url")]) {
			assert.deepEqual(Buffer.from(transcoder.bodyFromJson(LoginRequest, body)), Buffer.from(bytes));
		}
		assert.match(rejection("not base64!").message, /base64/);
	});

	test("of the wrong type are refused by field name", () => {
		assert.match(rejection({ username: 5 }).message, /LoginRequest\.username: expected string/);
		assert.match(rejection({ device_id: ["x"] }).message, /LoginRequest\.deviceId: expected string/);
		assert.match(rejection({ positions: {} }, ConnectRequest).message, /ConnectRequest\.positions: expected array/);
		assert.match(rejection({ positions: [7] }, ConnectRequest).message, /ChannelPosition: expected object/);
		const offset = { positions: [{ offset: "-1" }] };
		assert.match(rejection(offset, ConnectRequest).message, /ChannelPosition\.offset: out of range/);
		for (const body of [5, true, [], [{}]]) assert.match(rejection(body).message, /LoginRequest: expected object/);
		// The library itself does not say which one is no base64.
		for (const data of ["###", "a", "a-b/c"]) {
			const draft = { channel: "a:b", data };
			assert.match(
				rejection(draft, PublishChannelRequest).message,
				/PublishChannelRequest\.data: expected base64/,
				data,
			);
			const operations = [{ publish: { text: "fine" } }, { publish: draft }];
			assert.match(rejection({ operations }, RunBatchRequest).message, /: PublishRequest\.data: expected base64/, data);
		}
	});

	test("are refused without repeating what they hold", () => {
		for (const password of [12345678, { hunter: "hunter2" }, ["hunter2"], "hunter2\ud800"]) {
			const { message } = rejection({ password });
			assert.doesNotMatch(message, /hunter|1234/);
			assert.match(message, /LoginRequest\.password: /);
		}
	});

	test("nested without end are refused, not decoded", () => {
		const depth = 10_000;
		const deep = JSON.parse(`{"username":${"[".repeat(depth)}${"]".repeat(depth)}}`) as object;
		assert.match(rejection(deep).message, /nested too deeply/);
	});

	test("become GatewayError or bytes, whatever the JSON", () => {
		const keys = fc.constantFrom("accessToken", "positions", "channel", "offset", "epoch", "access_token", "x");
		const { value } = fc.letrec<{ value: unknown }>((tie) => ({
			value: fc.oneof(
				{ depthSize: "small" },
				fc.jsonValue({ maxDepth: 1 }),
				fc.array(tie("value"), { maxLength: 3 }),
				fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
			),
		}));
		fc.assert(
			fc.property(value, (body) => {
				let bytes: Uint8Array;
				try {
					bytes = transcoder.bodyFromJson(ConnectRequest, body);
				} catch (error) {
					assert.ok(error instanceof GatewayError, String(error));
					return;
				}
				if (typeof body !== "string") ConnectRequest.decode(bytes);
			}),
			{ numRuns: 2000 },
		);
	});
});

suite("text frames from binary ones", () => {
	const parse = (text: string) => JSON.parse(text) as Record<string, unknown>;

	test("carry the body as JSON", () => {
		const { number, reply } = authRoutes.heartbeat;
		const frame = writer.reply(number, 7, reply, { serverTimeMs: 5 }, traceId);
		const expected = { protocol: 1005, seq: 7, body: { serverTimeMs: "5" }, traceId };
		assert.deepEqual(parse(transcoder.frameToJson(frame, reply)), expected);
	});

	test("carry an empty body as {}, an unknown one as base64", () => {
		const { number, reply } = authRoutes.heartbeat;
		const empty = writer.reply(number, 7, reply, {}, "");
		assert.deepEqual(parse(transcoder.frameToJson(empty, reply)), { protocol: 1005, seq: 7, body: {} });
		const frame = writer.reply(number, 7, reply, { serverTimeMs: 5 }, "");
		assert.deepEqual(parse(transcoder.frameToJson(frame, undefined)), { protocol: 1005, seq: 7, body: "EAU=" });
	});

	test("carry errors with the name of their code and no body", () => {
		const violations = [{ field: "device_id", description: "is required" }];
		const detail = { message: "no", retryable: true, retryAfterMs: 9, violations };
		const frame = writer.error(1001, 3, ErrorCode.VALIDATION_FAILED, detail, "");
		assert.deepEqual(parse(transcoder.frameToJson(frame, authRoutes.login.reply)), {
			protocol: 1001,
			seq: 3,
			code: "ERROR_CODE_VALIDATION_FAILED",
			error: detail,
		});
	});

	test("carry the position of a push, its offset as a string", () => {
		const position = { channel: "user:1", offset: 2 ** 53 - 1, epoch: "e1" };
		const { number, message } = pushes.notification;
		const frame = writer.push(number, message, { title: "hi" }, position);
		assert.deepEqual(parse(transcoder.frameToJson(frame, message)), {
			protocol: 1502,
			body: { title: "hi" },
			...position,
			offset: "9007199254740991",
		});
	});

	test("say the same as the golden frames: JSON back to bytes gives the same message", () => {
		for (const [name, { type, bytes }] of goldenFrames()) {
			const { body } = Envelope.decode(bytes);
			if (body === undefined) continue;
			const { body: json } = parse(transcoder.frameToJson(bytes, type));
			const back = transcoder.bodyFromJson(type, json);
			assert.equal(Buffer.from(back).toString("hex"), Buffer.from(body).toString("hex"), name);
		}
	});
});
