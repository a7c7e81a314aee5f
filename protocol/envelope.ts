// The outer envelope, read and written by hand: it is in every frame, and its reader and writer are reused, so that
// the common request costs no allocation beside its body. Field numbers are those of envelope.proto; property tests
// hold this file against the generated codec in both directions.
import type { ErrorCode } from "./codes.ts";
import type { MessageType } from "./contract.ts";
import { FrameReader, FrameWriter } from "./frame-coder.ts";
import { ErrorDetail, type ErrorDetailProperties } from "./gen/schema.ts";
import {
	MAX_TRACEPARENT,
	MAX_TRACESTATE,
	parseTraceparent,
	type TraceContext,
	traceparentOf,
} from "./trace-context.ts";

/** Tag byte: field number << 3 | wire type (0 varint, 2 length-delimited). */
const TAG_PROTOCOL = (1 << 3) | 0;
const TAG_SEQ = (2 << 3) | 0;
const TAG_CODE = (3 << 3) | 0;
const TAG_BODY = (4 << 3) | 2;
const TAG_ERROR = (5 << 3) | 2;
const TAG_TRACE_ID = (6 << 3) | 2;
const TAG_CHANNEL = (7 << 3) | 2;
const TAG_OFFSET = (8 << 3) | 0;
const TAG_EPOCH = (9 << 3) | 2;
const TAG_TRACEPARENT = (10 << 3) | 2;
const TAG_TRACESTATE = (11 << 3) | 2;

/** Longer frames are rare and of many lengths: a view of them is made each time. */
const MAX_KEPT_VIEW = 1024;

const TRACE_ID_LENGTH = 32;
/** W3C Trace Context, section 3.2.2.3: lower-case hexadecimal, not all zero. */
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;

/** Whether a string is a W3C trace id. */
export function isTraceId(text: string): boolean {
	return TRACE_ID.test(text);
}

/**
 * Reads request envelopes. One instance serves one loop: `read` overwrites what the call before it left.
 * Fields that only the server sends (code, error, channel, offset, epoch) are skipped.
 */
export class EnvelopeReader {
	/** Also decodes the body, so that no reader is made per message. */
	private readonly reader = new FrameReader(new Uint8Array(0));
	protocol = 0;
	seq = 0;
	/** The body's place in the frame: `[bodyStart, bodyEnd)`. */
	bodyStart = 0;
	bodyEnd = 0;
	/** Empty when absent or not a W3C trace id. */
	traceId = "";
	/** Of the sender; `traceId` is that of it. Undefined when absent or none. */
	context: TraceContext | undefined = undefined;
	private traceparent = "";
	private tracestate = "";

	/**
	 * Reads the envelope in `frame`.
	 *
	 * @returns false when the bytes are not an envelope; the other members are then meaningless.
	 */
	read(frame: Uint8Array): boolean {
		const reader = this.reader;
		reader.buf = frame;
		reader.pos = 0;
		reader.len = frame.length;
		this.protocol = 0;
		this.seq = 0;
		this.bodyStart = 0;
		this.bodyEnd = 0;
		this.traceId = "";
		this.context = undefined;
		this.traceparent = "";
		this.tracestate = "";
		try {
			while (reader.pos < reader.len) {
				const tag = reader.tag();
				switch (tag) {
					case TAG_PROTOCOL:
						this.protocol = reader.uint32();
						break;
					case TAG_SEQ:
						this.seq = reader.uint32();
						break;
					case TAG_BODY: {
						const length = reader.size();
						this.bodyStart = reader.pos;
						reader.skip(length);
						this.bodyEnd = reader.pos;
						break;
					}
					case TAG_TRACE_ID:
						this.traceId = this.readTraceId();
						break;
					case TAG_TRACEPARENT:
						this.traceparent = this.readText(MAX_TRACEPARENT);
						break;
					case TAG_TRACESTATE:
						this.tracestate = this.readText(MAX_TRACESTATE);
						break;
					default:
						reader.skipType(tag & 7, 0, tag >>> 3);
				}
			}
		} catch {
			return false;
		}
		if (this.traceparent !== "") this.takeTraceparent();
		return true;
	}

	/**
	 * Decodes a body that lies in `[start, end)` of `bytes`.
	 *
	 * @throws Error when the bytes there are not a message of that type.
	 */
	decodeBody<Message>(type: MessageType<Message, never>, bytes: Uint8Array, start: number, end: number): Message {
		const reader = this.reader;
		reader.buf = bytes;
		reader.pos = start;
		reader.len = end;
		reader.view = null;
		return type.decode(reader);
	}

	private takeTraceparent(): void {
		this.context = parseTraceparent(this.traceparent, this.tracestate);
		if (this.context !== undefined) this.traceId = this.context.traceId;
	}

	/** Characters beyond Latin-1 come out as others: neither text has any. */
	private readText(max: number): string {
		const length = this.reader.size();
		const start = this.reader.pos;
		this.reader.skip(length);
		if (length > max) return "";
		let text = "";
		for (let i = start; i < start + length; i++) text += String.fromCharCode(this.reader.buf[i] as number);
		return text;
	}

	private readTraceId(): string {
		const length = this.reader.size();
		const start = this.reader.pos;
		this.reader.skip(length);
		if (length !== TRACE_ID_LENGTH) return "";
		let text = "";
		for (let i = start; i < start + TRACE_ID_LENGTH; i++) text += String.fromCharCode(this.reader.buf[i] as number);
		return isTraceId(text) ? text : "";
	}
}

/** Where a push stands in its recoverable channel. */
export interface Position {
	readonly channel: string;
	readonly offset: number;
	readonly epoch: string;
}

/**
 * Writes reply and push envelopes into one growing buffer. What a method returns is a view of that buffer, good
 * until the next call: send it (uWebSockets.js copies) or copy it first, by `new Uint8Array(view)` (the `slice` of the
 * Buffer that it is would be a view again).
 */
export class EnvelopeWriter {
	/** Works on Buffers where there are any, on plain bytes in browsers. */
	private readonly writer: FrameWriter;
	/** Views of the buffer's beginning by length: replies of one kind are of few lengths. */
	private views: (Uint8Array | undefined)[] = [];
	private viewed: Uint8Array | undefined = undefined;

	/** @param writer - one that checks, for messages that come from outside of this code base. */
	constructor(writer = new FrameWriter()) {
		this.writer = writer;
	}

	/** A successful reply. */
	reply<Properties>(
		protocol: number,
		seq: number,
		type: MessageType<unknown, Properties>,
		message: Properties,
		traceId: string,
	): Uint8Array {
		const writer = this.begin(protocol, seq);
		this.body(type, message);
		if (traceId !== "") writer.uint32(TAG_TRACE_ID).string(traceId);
		return this.written();
	}

	/** A failed reply. */
	error(protocol: number, seq: number, code: ErrorCode, detail: ErrorDetailProperties, traceId: string): Uint8Array {
		const writer = this.begin(protocol, seq);
		writer.uint32(TAG_CODE).uint32(code);
		ErrorDetail.encode(detail, writer.uint32(TAG_ERROR).fork()).ldelim();
		if (traceId !== "") writer.uint32(TAG_TRACE_ID).string(traceId);
		return this.written();
	}

	/** A push, with its position if its channel is recoverable, and with its trace if that is recorded. */
	push<Properties>(
		protocol: number,
		type: MessageType<unknown, Properties>,
		message: Properties,
		position?: Position,
		context?: TraceContext,
	): Uint8Array {
		const writer = this.begin(protocol, 0);
		this.body(type, message);
		if (context !== undefined) this.context(context);
		if (position !== undefined) {
			if (position.channel !== "") writer.uint32(TAG_CHANNEL).string(position.channel);
			if (position.offset !== 0) writer.uint32(TAG_OFFSET).uint64(position.offset);
			if (position.epoch !== "") writer.uint32(TAG_EPOCH).string(position.epoch);
		}
		return this.written();
	}

	/** A request; the client's side of the same envelope. */
	request<Properties>(
		protocol: number,
		seq: number,
		type: MessageType<unknown, Properties>,
		message: Properties,
		traceId: string,
		context?: TraceContext,
	): Uint8Array {
		const writer = this.begin(protocol, seq);
		this.body(type, message);
		if (traceId !== "") writer.uint32(TAG_TRACE_ID).string(traceId);
		if (context !== undefined) this.context(context);
		return this.written();
	}

	private context(context: TraceContext): void {
		const { writer } = this;
		writer.uint32(TAG_TRACEPARENT).string(traceparentOf(context));
		if (context.state !== "") writer.uint32(TAG_TRACESTATE).string(context.state);
	}

	/** What was written since `begin`. Makes no garbage for lengths that it has seen. */
	private written(): Uint8Array {
		const { buf, pos } = this.writer;
		if (pos > MAX_KEPT_VIEW) return new Uint8Array(buf.buffer, buf.byteOffset, pos);
		if (buf !== this.viewed) {
			this.viewed = buf;
			this.views = new Array<Uint8Array | undefined>(MAX_KEPT_VIEW + 1).fill(undefined);
		}
		const kept = this.views[pos];
		if (kept !== undefined) return kept;
		const view = new Uint8Array(buf.buffer, buf.byteOffset, pos);
		this.views[pos] = view;
		return view;
	}

	private begin(protocol: number, seq: number): FrameWriter {
		const writer = this.writer;
		writer.pos = 0;
		writer.states = null;
		if (protocol !== 0) writer.uint32(TAG_PROTOCOL).uint32(protocol);
		if (seq !== 0) writer.uint32(TAG_SEQ).uint32(seq);
		return writer;
	}

	/** proto3: an empty body is not written. */
	private body<Properties>(type: MessageType<unknown, Properties>, message: Properties): void {
		const writer = this.writer;
		const start = writer.pos;
		writer.uint32(TAG_BODY).fork();
		const bodyStart = writer.pos;
		type.encode(message, writer);
		const empty = writer.pos === bodyStart;
		writer.ldelim();
		if (empty) writer.pos = start;
	}
}
