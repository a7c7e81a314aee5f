// W3C Trace Context, as it goes to services and into records.
import { randomBytes } from "node:crypto";

/** The header `traceparent` of a span of its own. @param traceId - 32 lower-case hexadecimal digits. */
export function traceParent(traceId: string): string {
	const span = randomBytes(8);
	// Not all zero.
	span[0] = (span[0] as number) | 1;
	return `00-${traceId}-${span.toString("hex")}-01`;
}
