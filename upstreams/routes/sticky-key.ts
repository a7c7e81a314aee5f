// What a call is sticky by: who calls, or a field of the request. A field is searched for in the bytes; nothing is decoded.
import type { Identity } from "../../common/identity.ts";
import { FrameReader } from "../../protocol/frame-coder.ts";
import type { RouteCall } from "./route-backend.ts";

/** `user`, `session` and `address` are the caller's; a number is that of a field at the top of the request. */
export type StickyBy = "user" | "session" | "address" | number;

/** @returns undefined for a call without such a key, which goes to any endpoint. */
export function stickyKeyOf(by: StickyBy | undefined, { identity, ip, body }: StickyCall): string | undefined {
	switch (by) {
		case undefined:
			return undefined;
		case "user":
			return identity?.userId;
		case "session":
			return identity?.sessionId;
		case "address":
			return ip;
		default:
			return fieldText(body, by);
	}
}

type StickyCall = Pick<RouteCall, "ip" | "body"> & {
	readonly identity: Pick<Identity, "userId" | "sessionId"> | undefined;
};

/** The value of a field as a text that is equal for equal values; the last one counts, as in a decoded message. */
function fieldText(body: Uint8Array, field: number): string | undefined {
	const reader = new FrameReader(body);
	let start = -1;
	let end = -1;
	try {
		while (reader.pos < reader.len) {
			const tag = reader.uint32();
			const at = reader.pos;
			reader.skipType(tag & 7, 0, tag >>> 3);
			if (tag >>> 3 === field) [start, end] = [at, reader.pos];
		}
	} catch {
		return undefined;
	}
	return start < 0 ? undefined : Buffer.from(body.buffer, body.byteOffset + start, end - start).toString("latin1");
}
