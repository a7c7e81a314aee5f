// Unary calls by the Connect protocol (connectrpc.com/docs/protocol): `POST /framegate.v1.ChatService/SendMessage` with the
// request message as JSON or protobuf, and GET for routes without side effects. Generated clients of connect-es, connect-go and
// the others, `buf curl` and plain curl call routes by it.
import type { HttpCall } from "../../../core/http-call.ts";
import type { HttpDispatcher } from "../../../core/http-dispatcher.ts";
import type { HttpHead } from "../../../core/http-request.ts";
import type { CompiledRoute } from "../../../core/route-table.ts";
import type { ServedRoutes } from "../../../core/served-routes.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { AnyMessageType, AnyRouteContract } from "../../../protocol/contract.ts";
import { GatewayError } from "../../../protocol/error.ts";
import type { JsonTranscoder } from "../../../protocol/json.ts";
import { MAX_SENT_BYTES } from "../../../protocol/message-bounds.ts";
import { MessageEncoder } from "../../../protocol/message-encoder.ts";
import { type CallOperation, type CallPath, type CallStyle, type FoundPath, NO_VARIABLES } from "./call-style.ts";
import { writeConnectError } from "./connect-error.ts";
import { decodeContent, parseJson } from "./content.ts";
import { queryParameters } from "./query.ts";

export interface ConnectStyleOptions {
	readonly routes: ServedRoutes;
	readonly dispatcher: HttpDispatcher;
	readonly json: () => JsonTranscoder;
	/** Of a request message. */
	readonly maxMessageBytes: () => number;
}

type Codec = "json" | "proto";
const CONTENT_TYPES: Readonly<Record<Codec, string>> = { json: "application/json", proto: "application/proto" };
const JSON_HEADERS = { "content-type": CONTENT_TYPES.json, "cache-control": "no-store" };
const PROTO_HEADERS = { "content-type": CONTENT_TYPES.proto, "cache-control": "no-store" };
/** What a character of JSON stands for in the encoded message at most: the one digit of a double. */
const BYTES_OF_CHARACTER = 8;
const ACCEPT_POST = Object.values(CONTENT_TYPES).join(", ");

/** The request message of a call, as it came. */
interface Incoming {
	readonly codec: Codec;
	readonly coding: string;
	readonly bytes: Uint8Array;
}

export class ConnectStyle implements CallStyle {
	private readonly options: ConnectStyleOptions;
	private readonly paths: () => ReadonlyMap<string, FoundPath>;
	private readonly encoder = new MessageEncoder();

	constructor(options: ConnectStyleOptions) {
		this.options = options;
		this.paths = options.routes.view(({ routes }) => {
			const served = routes.filter(({ contract }) => contract.rpcPath !== "");
			return new Map(
				served.map((route) => [route.contract.rpcPath, { path: this.pathOf(route), variables: NO_VARIABLES }]),
			);
		});
	}

	find(path: string): FoundPath | undefined {
		return this.paths().get(path);
	}

	private pathOf(route: CompiledRoute): CallPath {
		const post: CallOperation = { takesContent: true, run: (request) => this.run(route, request, readPost) };
		const get: CallOperation = { takesContent: false, run: (request) => this.run(route, request, readGet) };
		return {
			operations: new Map(
				route.contract.hasSideEffects
					? [["POST", post]]
					: [
							["POST", post],
							["GET", get],
						],
			),
			// A method that is not taken is answered by HTTP alone: the caller is no Connect client.
			writeError: (_head, error) => (error.code === ErrorCode.METHOD_NOT_ALLOWED ? { status: 405 } : errorReply(error)),
		};
	}

	private run(
		route: CompiledRoute,
		request: HttpRequest,
		read: (request: HttpRequest) => Incoming,
	): HttpReply | Promise<HttpReply> {
		try {
			const { codec, coding, bytes } = read(request);
			const timeoutMs = timeoutOf(request);
			const decoded = decodeContent(coding, bytes, this.options.maxMessageBytes());
			if (decoded instanceof Uint8Array) return this.call(route, request, codec, decoded, timeoutMs);
			return decoded.then((plain) => this.call(route, request, codec, plain, timeoutMs), errorReply);
		} catch (error) {
			return errorReply(error);
		}
	}

	private call(
		route: CompiledRoute,
		request: HttpRequest,
		codec: Codec,
		bytes: Uint8Array,
		timeoutMs: number | undefined,
	): HttpReply | Promise<HttpReply> {
		const isJson = codec === "json";
		return this.options.dispatcher.run({
			route,
			style: "connect",
			head: request,
			ip: request.ip,
			bodyBytes: bytes.length,
			body: isJson ? () => this.fromJson(route.contract, bytes) : bytes,
			encoding: isJson ? "json" : "protobuf",
			timeoutMs,
			writeReply: (call, reply) => this.reply(call, reply, codec),
			writeError: errorReply,
		});
	}

	private fromJson({ request }: AnyRouteContract, bytes: Uint8Array): Uint8Array {
		const value = parseJson(bytes);
		if (typeof value !== "object" || value === null) {
			throw new GatewayError(ErrorCode.BAD_REQUEST, "the content is not a JSON object");
		}
		return this.options.json().bodyFromJson(request, value);
	}

	private reply(call: HttpCall, reply: object, codec: Codec): HttpReply {
		const type = call.contract.reply;
		if (codec === "proto") return { status: 200, headers: PROTO_HEADERS, body: this.encode(type, reply) };
		const body = JSON.stringify(this.options.json().messageToJson(type, reply));
		if (body.length > MAX_SENT_BYTES / BYTES_OF_CHARACTER) this.encode(type, reply);
		return { status: 200, headers: JSON_HEADERS, body };
	}

	/** @throws Error for more than may be sent. */
	private encode(type: AnyMessageType, reply: object): Uint8Array {
		const bytes = this.encoder.encode(type, reply);
		if (bytes.length > MAX_SENT_BYTES) throw new Error(`a reply of more than ${MAX_SENT_BYTES} bytes`);
		return bytes;
	}
}

function readPost({ headers, body }: HttpRequest): Incoming {
	const type = headers.get("content-type") ?? "";
	const codec = codecOf(type);
	if (codec === undefined) throw new UnsupportedMediaType();
	requireVersion(headers.get("connect-protocol-version"), "1", "Connect-Protocol-Version");
	return { codec, coding: headers.get("content-encoding") ?? "", bytes: body };
}

function readGet({ query }: HttpRequest): Incoming {
	const parameters = queryParameters(query);
	const codec = parameters.get("encoding")?.toString() ?? "";
	if (codec !== "json" && codec !== "proto") throw new UnsupportedMediaType();
	requireVersion(parameters.get("connect")?.toString(), "v1", "connect");
	const message = parameters.get("message");
	if (message === undefined) throw new GatewayError(ErrorCode.BAD_REQUEST, "expected the parameter message");
	const isBase64 = parameters.get("base64")?.toString() === "1";
	const bytes = isBase64 ? Buffer.from(message.toString("latin1"), "base64url") : message;
	return { codec, coding: parameters.get("compression")?.toString() ?? "", bytes };
}

function codecOf(contentType: string): Codec | undefined {
	// As nearly all clients write it.
	if (contentType === CONTENT_TYPES.proto) return "proto";
	if (contentType === CONTENT_TYPES.json) return "json";
	const [type = "", ...parameters] = contentType
		.toLowerCase()
		.split(";")
		.map((part) => part.trim());
	if (type === CONTENT_TYPES.proto) return "proto";
	if (type !== CONTENT_TYPES.json) return undefined;
	return parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter)) ? "json" : undefined;
}

/** The version may be left out, so that plain curl need not know of it. */
function requireVersion(value: string | undefined, expected: string, name: string): void {
	if (value === undefined || value === expected) return;
	throw new GatewayError(ErrorCode.BAD_REQUEST, `${name} is not ${expected}`);
}

function timeoutOf({ headers }: HttpHead): number | undefined {
	const text = headers.get("connect-timeout-ms");
	if (text === undefined) return undefined;
	if (/^\d{1,10}$/.test(text)) return Number(text);
	throw new GatewayError(ErrorCode.BAD_REQUEST, "Connect-Timeout-Ms is not a number of at most 10 digits");
}

/** Neither JSON nor protobuf: the one error that is HTTP's own. */
class UnsupportedMediaType extends Error {}

function errorReply(thrown: unknown): HttpReply {
	if (thrown instanceof UnsupportedMediaType) return { status: 415, headers: { "accept-post": ACCEPT_POST } };
	const error = GatewayError.from(thrown);
	const { status, body } = writeConnectError(error);
	const headers: Record<string, string> = { "content-type": CONTENT_TYPES.json };
	if (error.retryAfterMs > 0) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
	// RFC 9110 section 12.5.3.
	if (error.code === ErrorCode.UNSUPPORTED_MEDIA_TYPE) headers["accept-encoding"] = "gzip, identity";
	if (status === 401) headers["www-authenticate"] = "Bearer";
	return { status, headers, body };
}
