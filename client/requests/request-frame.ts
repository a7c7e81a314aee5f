// Requests as bytes: the frame of one, with the envelope written by hand so that the body is encoded in place, and the body alone.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { WireWriter } from "../../protocol/codec/wire-writer.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { TraceOptions } from "./routes.ts";

/** Field number << 3 | wire type, of envelope.proto. */
const TAG_PROTOCOL = (1 << 3) | 0;
const TAG_SEQ = (2 << 3) | 0;
const TAG_BODY = (4 << 3) | 2;
const TAG_TRACE_ID = (6 << 3) | 2;
const TAG_TRACEPARENT = (10 << 3) | 2;
const TAG_TRACESTATE = (11 << 3) | 2;

/**
 * @param seq - 0 when no reply is wanted.
 * @param trace - what the request belongs to.
 * @throws GatewayError BAD_REQUEST when the properties are not of the route's request.
 */
export function requestFrame(
	route: AnyWireRoute,
	seq: number,
	properties: unknown,
	trace: TraceOptions,
): Uint8Array<ArrayBuffer> {
	const writer = new WireWriter();
	writer.uint32(TAG_PROTOCOL).uint32(route.number);
	if (seq !== 0) writer.uint32(TAG_SEQ).uint32(seq);
	const before = writer.len;
	writer.uint32(TAG_BODY).fork();
	const start = writer.len;
	encode(route, properties, writer);
	if (writer.len === start) writer.abandon(before);
	else writer.ldelim();
	const { traceId, traceparent, tracestate } = trace;
	if (traceId) writer.uint32(TAG_TRACE_ID).string(traceId);
	if (traceparent) writer.uint32(TAG_TRACEPARENT).string(traceparent);
	if (tracestate) writer.uint32(TAG_TRACESTATE).string(tracestate);
	return writer.finish();
}

/** @throws GatewayError BAD_REQUEST when the properties are not of the route's request. */
export function requestBody(route: AnyWireRoute, properties: unknown): Uint8Array<ArrayBuffer> {
	const writer = new WireWriter();
	encode(route, properties, writer);
	return writer.finish();
}

function encode({ name, request }: AnyWireRoute, properties: unknown, writer: WireWriter): void {
	try {
		request.encode(properties, writer);
	} catch (cause) {
		const problem = cause instanceof Error ? `: ${cause.message}` : "";
		throw new GatewayError(ErrorCode.BAD_REQUEST, `${name}: not a ${request.typeName}${problem}`, { cause });
	}
}
