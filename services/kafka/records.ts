// The records that the gateway writes to Kafka and reads from it. As JSON, a message has the names and types of the records of older IM
// gateways; as Protocol Buffers it is the message of kafka.proto. The header `content-type` says which.

import type { GatewayEventProperties, UplinkMessageProperties } from "../../protocol/gen/schema.ts";
import {
	DownlinkMessage,
	type DownlinkMessageProperties,
	GatewayEvent,
	UplinkMessage,
} from "../../protocol/gen/schema.ts";
import type { KafkaOptions } from "./options.ts";

export type RecordFormat = KafkaOptions["uplink"]["format"];

/** Headers of records. Values are UTF-8. */
export const RECORD_HEADERS = {
	/** `application/json`, or `application/x-protobuf`. */
	contentType: "content-type",
	/** `message`, `event` or `request`; of a record to be published: `message` or `data`. */
	type: "framegate-type",
	/** The id by which a repeat is known. */
	messageId: "framegate-message-id",
	/** Whom a record is for: `user:ID`, `channel:NAME` or `all`. */
	target: "framegate-target",
	/** What is left out of a record, and why. */
	omitted: "framegate-omitted",
	/** Of a dead letter: what was wrong with it, where it was, how often it was tried. */
	error: "framegate-error",
	source: "framegate-source",
	attempts: "framegate-attempts",
} as const;

export const CONTENT_TYPES: Readonly<Record<RecordFormat, string>> = {
	json: "application/json",
	protobuf: "application/x-protobuf",
};

/** A record of which nothing can be made, now or later. */
export class RecordProblem extends Error {
	constructor(message: string) {
		super(message);
		this.name = "RecordProblem";
	}
}

type Strings = Readonly<Record<string, string>>;

/** Every field is there, also where it is empty: consumers of older gateways count on it. */
export function encodeUplink(message: UplinkMessageProperties, format: RecordFormat): Uint8Array {
	if (format === "protobuf") return UplinkMessage.encode(message).finish();
	const { traceId, userId, gatewayId, conversationId, messageType, content, clientMsgId, timestamp, headers } = message;
	return jsonBytes({
		trace_id: traceId ?? "",
		user_id: userId ?? "",
		gateway_id: gatewayId ?? "",
		conversation_id: conversationId ?? "",
		message_type: messageType ?? 0,
		content: content ?? "",
		client_msg_id: clientMsgId ?? "",
		timestamp: timestamp ?? 0,
		headers: headers ?? {},
	});
}

export function encodeEvent(event: GatewayEventProperties, format: RecordFormat): Uint8Array {
	if (format === "protobuf") return GatewayEvent.encode(event).finish();
	const { eventId, type, gatewayId, atMs, userId, sessionId, conversationId, details } = event;
	return jsonBytes({
		event_id: eventId ?? "",
		type: type ?? "",
		gateway_id: gatewayId ?? "",
		at_ms: atMs ?? 0,
		user_id: userId ?? "",
		session_id: sessionId ?? "",
		conversation_id: conversationId ?? "",
		details: details ?? {},
	});
}

function jsonBytes(value: object): Uint8Array {
	return Buffer.from(JSON.stringify(value));
}

/**
 * Reads a message for a user.
 *
 * @param contentType - as the header has it; undefined is JSON.
 * @throws RecordProblem that names the field.
 */
export function decodeDownlink(value: Uint8Array, contentType: string | undefined): DownlinkMessageProperties {
	const format = formatOf(contentType);
	return checked(format === "protobuf" ? fromProtobuf(value) : fromJson(value));
}

/** Behind a semicolon are parameters such as a character set. */
export function formatOf(contentType: string | undefined): RecordFormat {
	const type = (contentType ?? CONTENT_TYPES.json).split(";", 1)[0]?.trim().toLowerCase();
	if (type === CONTENT_TYPES.json) return "json";
	if (type === CONTENT_TYPES.protobuf || type === "application/protobuf") return "protobuf";
	throw new RecordProblem("content-type must be application/json or application/x-protobuf");
}

function fromProtobuf(value: Uint8Array): DownlinkMessageProperties {
	try {
		return DownlinkMessage.decode(value);
	} catch {
		throw new RecordProblem("the value is no DownlinkMessage");
	}
}

function fromJson(value: Uint8Array): DownlinkMessageProperties {
	let parsed: unknown;
	try {
		parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
	} catch {
		throw new RecordProblem("the value is no JSON");
	}
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
		throw new RecordProblem("the value is no JSON object");
	}
	const fields = parsed as Record<string, unknown>;
	return {
		traceId: text(fields, "trace_id"),
		targetUserId: text(fields, "target_user_id"),
		messageId: text(fields, "message_id"),
		conversationId: text(fields, "conversation_id"),
		senderId: text(fields, "sender_id"),
		messageType: number(fields, "message_type", MAX_MESSAGE_TYPE),
		content: text(fields, "content"),
		seqId: number(fields, "seq_id", Number.MAX_SAFE_INTEGER),
		timestamp: number(fields, "timestamp", Number.MAX_SAFE_INTEGER),
		headers: strings(fields, "headers"),
	};
}

const MAX_MESSAGE_TYPE = 4_294_967_295;
/** Characters of an id, and of a trace id. */
const MAX_ID = 256;
/** Bytes of a content, as of what backends publish. */
const MAX_CONTENT_BYTES = 49_152;
const MAX_HEADERS = 64;
const MAX_HEADER_BYTES = 8192;

function text(fields: Record<string, unknown>, name: string): string {
	const value = fields[name] ?? "";
	if (typeof value !== "string") throw new RecordProblem(`${name} must be a text`);
	return value;
}

/** Also as a text, in which some languages write numbers of 64 bits. */
function number(fields: Record<string, unknown>, name: string, max: number): number {
	const value = fields[name] ?? 0;
	const parsed = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
	if (typeof parsed !== "number" || !Number.isSafeInteger(parsed) || parsed < 0 || parsed > max) {
		throw new RecordProblem(`${name} must be a whole number from 0 to ${max}`);
	}
	return parsed;
}

function strings(fields: Record<string, unknown>, name: string): Strings {
	const value = fields[name] ?? {};
	const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
	if (!isMap || !Object.values(value).every((each) => typeof each === "string")) {
		throw new RecordProblem(`${name} must be an object of texts`);
	}
	return value as Strings;
}

function checked(message: DownlinkMessageProperties): DownlinkMessageProperties {
	const { traceId, targetUserId, messageId, conversationId, senderId, content = "", headers = {} } = message;
	const ids = {
		trace_id: traceId,
		target_user_id: targetUserId,
		message_id: messageId,
		conversation_id: conversationId,
	};
	for (const [name, id = ""] of Object.entries({ ...ids, sender_id: senderId })) {
		if (id.length > MAX_ID) throw new RecordProblem(`${name} must have at most ${MAX_ID} characters`);
	}
	if (Buffer.byteLength(content) > MAX_CONTENT_BYTES) {
		throw new RecordProblem(`content must have at most ${MAX_CONTENT_BYTES} bytes`);
	}
	const pairs = Object.entries(headers).flat();
	const bytes = pairs.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
	if (pairs.length > 2 * MAX_HEADERS || bytes > MAX_HEADER_BYTES) {
		throw new RecordProblem(`headers must be at most ${MAX_HEADERS} with ${MAX_HEADER_BYTES} bytes`);
	}
	return message;
}
