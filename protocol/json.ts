// Text frames: the same envelope as proto3 JSON, with one kindness for people. The envelope's `body` is the body
// message itself as JSON, not base64; a base64 string is understood as well. Transcoding happens at the edge of the
// process, so that handlers only ever see decoded messages. Runs on protobufjs' own ProtoJSON extension.
import protobuf from "protobufjs";
import protojson from "protobufjs/ext/protojson.js";
import { BatchJsonWriter } from "./batch-json.ts";
import { CanonicalJson } from "./canonical-json.ts";
import { ErrorCode, replyCode } from "./codes.ts";
import type { AnyMessageType } from "./contract.ts";
import { EnvelopeReader, isTraceId } from "./envelope.ts";
import { GatewayError } from "./error.ts";
import reflection from "./gen/reflection.json" with { type: "json" };
import { DataBatch, Envelope, type Envelope as EnvelopeMessage, pushes } from "./gen/schema.ts";
import { jsonBytes, jsonOfBytes } from "./json-message.ts";
import { MessageEncoder } from "./message-encoder.ts";
import { parseTraceparent, type TraceContext } from "./trace-context.ts";

/** A request as a text frame carries it: everything but the body decoded. */
export interface JsonRequest {
	readonly protocol: number;
	readonly seq: number;
	readonly traceId: string;
	/** Of the sender; `traceId` is that of it. */
	readonly context?: TraceContext | undefined;
	/** A JSON object, a base64 string, or absent. */
	readonly body: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** ProtoJSON lets integers come as numbers or as decimal strings; absent is 0. */
function uint32Of(value: unknown): number | undefined {
	if (value === undefined || value === null) return 0;
	const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
	const isUint32 = typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= 0xffffffff;
	return isUint32 ? number : undefined;
}

/**
 * Reads the envelope of a text frame, which is parsed already.
 *
 * @returns undefined when the value is not an envelope: not an object, or `protocol` or `seq` no uint32.
 */
export function jsonEnvelope(value: unknown): JsonRequest | undefined {
	if (!isObject(value)) return undefined;
	const protocol = uint32Of(value["protocol"]);
	const seq = uint32Of(value["seq"]);
	if (protocol === undefined || seq === undefined) return undefined;
	const { traceparent, tracestate } = value;
	const context =
		typeof traceparent === "string"
			? parseTraceparent(traceparent, typeof tracestate === "string" ? tracestate : "")
			: undefined;
	if (context !== undefined) return { protocol, seq, traceId: context.traceId, context, body: value["body"] };
	const traceId = value["traceId"] ?? value["trace_id"] ?? "";
	return {
		protocol,
		seq,
		traceId: typeof traceId === "string" && isTraceId(traceId) ? traceId : "",
		body: value["body"],
	};
}

/** The body in the text of an envelope that was read before. */
export function jsonBody(text: string): unknown {
	return (JSON.parse(text) as { readonly body?: unknown }).body;
}

/** Turns bodies and frames between proto3 JSON and protobuf bytes. Holds the reflection of every message type. */
export class JsonTranscoder {
	private readonly types = new Map<string, protobuf.Type>();
	private readonly root: protobuf.Root;
	private readonly envelopes = new EnvelopeReader();
	private readonly encoder = new MessageEncoder();
	private readonly batches = new BatchJsonWriter();
	private readonly canonical = new CanonicalJson();

	/** @param root - holds the messages; those of the product unless given. */
	constructor(root: protobuf.Root = protobuf.Root.fromJSON(reflection)) {
		protojson.install();
		rememberNames(root);
		this.root = root;
	}

	/**
	 * Encodes a request body that came as JSON.
	 *
	 * @throws GatewayError BAD_REQUEST, naming the field, when the JSON is not that message.
	 */
	bodyFromJson(type: AnyMessageType, body: unknown): Uint8Array {
		if (body === undefined || body === null) return new Uint8Array(0);
		if (typeof body === "string") return bytesFromBase64(body);
		if (type.json !== undefined) return type.json.transcoding?.toBytes(body, false) ?? jsonBytes(body);
		try {
			const reflected = this.reflect(type);
			const canonical = this.canonical.read(reflected, body);
			if (canonical !== undefined) return this.encoder.encode(type, canonical);
			// The parser ignores unknown enum names as it ignores unknown fields; but the client expects a name to have an effect.
			refuseUnknownNames(reflected, body);
			const message = reflected.fromJson(body, { ignoreUnknownFields: true });
			return this.encoder.encode(type, message);
		} catch (error) {
			const text = describe(error);
			const field = text === INVALID_BASE64 ? fieldWithoutBase64(this.reflect(type), body) : undefined;
			const problem = field === undefined ? text : `${field}: expected base64 string`;
			throw new GatewayError(ErrorCode.BAD_REQUEST, `body is not a ${type.typeName}: ${problem}`);
		}
	}

	/** A decoded or encoded body as a JSON value. */
	bodyToJson(type: AnyMessageType, bytes: Uint8Array): unknown {
		if (type.json !== undefined) {
			const { transcoding } = type.json;
			return transcoding === undefined ? jsonOfBytes(bytes) : transcoding.fromBytes(bytes, false);
		}
		const reflected = this.reflect(type);
		return reflected.toJson(reflected.decode(bytes));
	}

	/**
	 * A message as a JSON value.
	 *
	 * @param message - as `encode` takes it.
	 */
	messageToJson(type: AnyMessageType, message: object): unknown {
		const json = type.json === undefined ? this.canonical.write(this.reflect(type), message) : undefined;
		return json ?? this.bodyToJson(type, this.encoder.encode(type, message));
	}

	/**
	 * The text frame for a binary one that this process has written.
	 *
	 * @param bodyType - what the body is; undefined leaves it as base64.
	 */
	frameToJson(frame: Uint8Array, bodyType: AnyMessageType | undefined): string {
		const batch = bodyType === DataBatch ? this.batchToJson(frame) : undefined;
		if (batch !== undefined) return batch;
		const envelope: EnvelopeMessage = Envelope.decode(frame);
		const json: Record<string, unknown> = { protocol: envelope.protocol };
		if (envelope.seq) json["seq"] = envelope.seq;
		if (envelope.code) json["code"] = `ERROR_CODE_${replyCode(envelope.code).name}`;
		if (envelope.error) json["error"] = this.errorToJson(envelope.error);
		else if (bodyType) json["body"] = this.bodyToJson(bodyType, envelope.body ?? new Uint8Array(0));
		else if (envelope.body?.length) json["body"] = Buffer.from(envelope.body).toString("base64");
		if (envelope.traceId) json["traceId"] = envelope.traceId;
		if (envelope.channel) json["channel"] = envelope.channel;
		// proto3 JSON writes 64-bit integers as strings.
		if (envelope.offset) json["offset"] = String(envelope.offset);
		if (envelope.epoch) json["epoch"] = envelope.epoch;
		if (envelope.traceparent) json["traceparent"] = envelope.traceparent;
		if (envelope.tracestate) json["tracestate"] = envelope.tracestate;
		return JSON.stringify(json);
	}

	/** Undefined when it is not just a batch, with nothing behind it. */
	private batchToJson(frame: Uint8Array): string | undefined {
		const { envelopes } = this;
		const isBatch = envelopes.read(frame) && envelopes.protocol === pushes.dataBatch.number && envelopes.seq === 0;
		if (!isBatch || envelopes.bodyEnd !== frame.length) return undefined;
		return this.batches.write(frame, envelopes.bodyStart, envelopes.bodyEnd);
	}

	private errorToJson(error: NonNullable<EnvelopeMessage["error"]>): unknown {
		return this.lookup("framegate.v1.ErrorDetail").toJson(error);
	}

	private reflect(type: AnyMessageType): protobuf.Type {
		return type.reflected ?? this.lookup(type.typeName);
	}

	private lookup(typeName: string): protobuf.Type {
		let reflected = this.types.get(typeName);
		if (reflected === undefined) {
			reflected = this.root.lookupType(typeName);
			this.types.set(typeName, reflected);
		}
		return reflected;
	}
}

/**
 * The extension asks for the full names of types and fields with each value, and the library puts them together from all of their parents
 * each time: a fifth of what a small message takes.
 */
function rememberNames(namespace: protobuf.NamespaceBase): void {
	const remember = (object: protobuf.ReflectionObject) => {
		Object.defineProperty(object, "fullName", { value: object.fullName });
	};
	for (const nested of namespace.nestedArray) {
		if (nested instanceof protobuf.Type) for (const object of [nested, ...nested.fieldsArray]) remember(object);
		if (nested instanceof protobuf.Namespace) rememberNames(nested);
	}
}

/** @throws Error, of the form that `describe` reads, for the name of an enum's value that does not exist. */
function refuseUnknownNames(type: protobuf.Type, body: unknown): void {
	if (!isObject(body)) return;
	for (const field of type.fieldsArray) {
		const { resolvedType } = field.resolve();
		const value = body[field.name] ?? body[field.protoName];
		if (resolvedType === null || value === undefined) continue;
		for (const item of Array.isArray(value) ? value : [value]) {
			if (resolvedType instanceof protobuf.Type) refuseUnknownNames(resolvedType, item);
			else if (typeof item === "string" && !Object.hasOwn(resolvedType.values, item)) {
				throw new Error(`${type.name}.${field.name}: no such value`);
			}
		}
	}
}

/** What the library says of a text that is no base64, wherever it is. */
const INVALID_BASE64 = "invalid encoding";

/** The field with such a text; undefined when none is found. */
function fieldWithoutBase64(type: protobuf.Type, body: unknown): string | undefined {
	if (!isObject(body)) return undefined;
	for (const field of type.fieldsArray) {
		const { resolvedType } = field.resolve();
		const value = body[field.name] ?? body[field.protoName];
		const items = Array.isArray(value) ? value : field.map && isObject(value) ? Object.values(value) : [value];
		for (const item of items) {
			if (resolvedType instanceof protobuf.Type) {
				const inner = fieldWithoutBase64(resolvedType, item);
				if (inner !== undefined) return inner;
			} else if (field.type === "bytes" && typeof item === "string" && !isBase64(item)) {
				return `${type.name}.${field.name}`;
			}
		}
	}
	return undefined;
}

function isBase64(text: string): boolean {
	try {
		protobuf.util.base64.decode(text.replaceAll("-", "+").replaceAll("_", "/"), new Uint8Array(text.length), 0);
		return true;
	} catch {
		return false;
	}
}

function bytesFromBase64(text: string): Uint8Array {
	if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) {
		throw new GatewayError(ErrorCode.BAD_REQUEST, "body is neither a JSON object nor base64");
	}
	return Buffer.from(text, "base64");
}

/**
 * What protobufjs says of a bad value, without the value: `LoginRequest.password: expected string: 12345` would carry a
 * secret into replies and logs. Its messages are `name: problem` or `name: problem: value`.
 */
function describe(error: unknown): string {
	// The stack ran out while the bad value was written down.
	if (error instanceof RangeError) return "nested too deeply";
	const message = error instanceof Error ? error.message : String(error);
	const [name = "", problem = ""] = message.replace(/^\./, "").split(": ", 2);
	return (problem === "" ? name : `${name}: ${problem}`).slice(0, 300);
}
