// The content of calls: JSON within bounds, and gzip that inflates to no more than was allowed to come in the first place.
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { HttpHead } from "../../../core/http-request.ts";
import type { HttpReply, HttpRequest } from "../../../core/transport.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { FRAME_JSON_BOUNDS, jsonExcess } from "../../../protocol/json-bounds.ts";
import { codedTag } from "../etag.ts";
import { acceptsGzip, isGzip, MIN_COMPRESSED_BYTES } from "../gzip-reply.ts";

const inflate = promisify(gunzip);
const compress = promisify(gzip);
const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws GatewayError BAD_REQUEST that says what is wrong, and never repeats what was sent. */
export function parseJson(bytes: Uint8Array): unknown {
	let text: string;
	try {
		text = decoder.decode(bytes);
	} catch {
		throw new GatewayError(ErrorCode.BAD_REQUEST, "the content is not UTF-8");
	}
	const excess = jsonExcess(text, FRAME_JSON_BOUNDS);
	if (excess !== undefined) throw new GatewayError(ErrorCode.BAD_REQUEST, `the content is ${excess}`);
	try {
		return JSON.parse(text) as unknown;
	} catch {
		throw new GatewayError(ErrorCode.BAD_REQUEST, "the content is not JSON");
	}
}

/**
 * Undoes the coding of content.
 *
 * @param coding - `gzip`, or `identity` or "" for none, in any case.
 * @param maxBytes - of what comes out.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE for another coding. The promise rejects with PAYLOAD_TOO_LARGE, BAD_REQUEST.
 */
export function decodeContent(coding: string, bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array> {
	if (coding === "" || coding.toLowerCase() === "identity") return bytes;
	if (isGzip(coding)) return inflated(bytes, maxBytes);
	const message = `content in the coding ${coding.slice(0, 40)} is not taken; gzip and identity are`;
	throw new GatewayError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, message);
}

/**
 * Content of a method that may have some, as a JSON object; none is an empty one.
 *
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE, BAD_REQUEST, VALIDATION_FAILED.
 */
export function jsonObject({ headers, body }: Pick<HttpRequest, "headers" | "body">): Record<string, unknown> {
	if (body.length === 0) return {};
	const type = (headers.get("content-type") ?? "").toLowerCase().split(";", 1)[0]?.trim();
	if (type !== "application/json") {
		const message = "content of another type than application/json is not taken";
		throw new GatewayError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, message);
	}
	const value = parseJson(body);
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	const violations = [{ field: "", description: "must be an object" }];
	throw new GatewayError(ErrorCode.VALIDATION_FAILED, "the content must be an object", { violations });
}

async function inflated(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
	if (bytes.length === 0) return bytes;
	try {
		return await inflate(bytes, { maxOutputLength: maxBytes });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
			throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, `the content inflates to more than ${maxBytes} bytes`);
		}
		throw new GatewayError(ErrorCode.BAD_REQUEST, "the content is not gzip");
	}
}

/** A reply in the coding that its client takes, if it is long enough for that. */
export function encodeContent(head: HttpHead, reply: HttpReply): HttpReply | Promise<HttpReply> {
	const { body = "" } = reply;
	if (body.length < MIN_COMPRESSED_BYTES) return reply;
	// A cache must not give one to those who want the other (RFC 9110 section 12.5.5).
	const headers = { ...reply.headers, vary: "accept-encoding" };
	if (!acceptsGzip(head.headers.get("accept-encoding"))) return { ...reply, headers };
	const etag = reply.headers?.["etag"];
	const ofCoding = { "content-encoding": "gzip", ...(etag === undefined ? {} : { etag: codedTag(etag) }) };
	return compress(body).then((shorter) => ({ ...reply, headers: { ...headers, ...ofCoding }, body: shorter }));
}
