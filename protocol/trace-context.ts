// Where a span belongs: the identity that is passed on from process to process, as W3C Trace Context writes it
// (https://www.w3.org/TR/trace-context/).
export interface TraceContext {
	/** 32 lower-case hexadecimal digits, not all zero. */
	readonly traceId: string;
	/** 16 lower-case hexadecimal digits, not all zero: the parent of what is done next. */
	readonly spanId: string;
	/** Spans of this trace are exported. */
	readonly isSampled: boolean;
	/** `tracestate`, passed on as it came; "" for none. */
	readonly state: string;
}

/** Section 3.2: version, trace id, parent id, flags; a later version may have more behind. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Section 3.3: members of visible ASCII and spaces; a receiver takes at least 512 characters. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
export const MAX_TRACESTATE = 512;
/** Longer ones are of no version that there is. */
export const MAX_TRACEPARENT = 128;

/** @returns undefined when the text is no `traceparent`. A `tracestate` that is none is left out. */
export function parseTraceparent(text: string, state = ""): TraceContext | undefined {
	if (text.length > MAX_TRACEPARENT) return undefined;
	const parts = TRACEPARENT.exec(text);
	if (parts === null) return undefined;
	const [, traceId = "", spanId = "", flags = "", more] = parts;
	if (more !== undefined && text.startsWith("00")) return undefined;
	const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
	return { traceId, spanId, isSampled, state: TRACESTATE.test(state) ? state : "" };
}

export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
	return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** The headers that pass a context on. */
export function contextHeaders(context: TraceContext): Record<string, string> {
	const traceparent = traceparentOf(context);
	return context.state === "" ? { traceparent } : { traceparent, tracestate: context.state };
}
