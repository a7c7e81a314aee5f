// Entity tags of replies, and the conditions that requests make of them (RFC 9110 section 13).
import { hash } from "node:crypto";
import { listHeader } from "../../core/http-request.ts";
import type { HttpReply } from "../../core/transport.ts";
import { MIN_COMPRESSED_BYTES } from "./gzip-reply.ts";

/** The tag of content: the same content has the same one on every node. */
export function etagOf(body: string | Uint8Array): string {
	return `"${hash("sha256", body, "base64url").slice(0, 27)}"`;
}

/** The tag of the same content in gzip: a strong one is of one coding alone (RFC 9110 section 8.8.3.3). */
export function codedTag(tag: string): string {
	return `${tag.slice(0, -1)}-gzip"`;
}

/**
 * Whether a tag, or the one of the same content in gzip, is among those of a condition.
 *
 * @param condition - `If-Match` or `If-None-Match`: `*`, or tags.
 * @param isWeak - `W/"…"` is as good, as it is for `If-None-Match` only.
 */
export function matches(condition: string, tag: string, isWeak: boolean): boolean {
	return matching(condition, tag, isWeak) !== undefined;
}

/** The tag that meets a condition, as the client has it. */
function matching(condition: string, tag: string, isWeak: boolean): string | undefined {
	if (condition.trim() === "*") return tag;
	const tags = [tag, codedTag(tag)];
	const known = listHeader(condition).map((one) => (isWeak && one.startsWith("W/") ? one.slice("W/".length) : one));
	return known.find((one) => tags.includes(one));
}

/** Adds its tag to the reply of a GET; 304 where the client has it already. */
export function withTag(reply: HttpReply, ifNoneMatch: string | undefined): HttpReply {
	if (reply.status !== 200) return reply;
	const { body = "" } = reply;
	const etag = etagOf(body);
	const headers = { ...reply.headers, "cache-control": "private, no-cache", etag };
	const known = ifNoneMatch === undefined ? undefined : matching(ifNoneMatch, etag, true);
	if (known === undefined) return { ...reply, headers };
	const { "content-type": _, ...kept } = headers as Record<string, string>;
	// What the reply itself would say (RFC 9110 section 15.4.5).
	const varied = body.length < MIN_COMPRESSED_BYTES ? {} : { vary: "accept-encoding" };
	return { status: 304, headers: { ...kept, ...varied, etag: known } };
}
