// The frame of a request: the envelope, written by hand so that the body is encoded in place.
import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { WireWriter } from "../../protocol/codec/wire-writer.ts";

/** Field number << 3 | wire type, of envelope.proto. */
const TAG_PROTOCOL = (1 << 3) | 0;
const TAG_SEQ = (2 << 3) | 0;
const TAG_BODY = (4 << 3) | 2;
const TAG_TRACE_ID = (6 << 3) | 2;

/**
 * @param seq - 0 when no reply is wanted.
 * @param traceId - "" for none.
 * @throws TypeError when the properties are not of the route's request.
 */
export function requestFrame(
	{ number, request }: AnyWireRoute,
	seq: number,
	properties: unknown,
	traceId: string,
): Uint8Array<ArrayBuffer> {
	const writer = new WireWriter();
	writer.uint32(TAG_PROTOCOL).uint32(number);
	if (seq !== 0) writer.uint32(TAG_SEQ).uint32(seq);
	const before = writer.len;
	writer.uint32(TAG_BODY).fork();
	const start = writer.len;
	request.encode(properties, writer);
	if (writer.len === start) writer.abandon(before);
	else writer.ldelim();
	if (traceId !== "") writer.uint32(TAG_TRACE_ID).string(traceId);
	return writer.finish();
}
