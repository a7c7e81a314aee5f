// Entity tags of replies, and the conditions that requests make of them (RFC 9110 section 13).
import { hash } from "node:crypto";
import { listHeader } from "../../core/http-request.ts";
import type { HttpReply } from "../../core/transport.ts";

/** The tag of content: the same content has the same one on every node. */
export function etagOf(body: string | Uint8Array): string {
	return `"${hash("sha256", body, "base64url").slice(0, 27)}"`;
}

/**
 * Whether a tag is among those of a condition.
 *
 * @param condition - `If-Match` or `If-None-Match`: `*`, or tags.
 * @param isWeak - `W/"…"` is as good, as it is for `If-None-Match` only.
 */
export function matches(condition: string, tag: string, isWeak: boolean): boolean {
	if (condition.trim() === "*") return true;
	return listHeader(condition).some((one) => one === tag || (isWeak && one === `W/${tag}`));
}

/** Adds its tag to the reply of a GET; 304 where the client has it already. */
export function withTag(reply: HttpReply, ifNoneMatch: string | undefined): HttpReply {
	if (reply.status !== 200) return reply;
	const etag = etagOf(reply.body ?? "");
	const headers = { ...reply.headers, "cache-control": "private, no-cache", etag };
	if (ifNoneMatch === undefined || !matches(ifNoneMatch, etag, true)) return { ...reply, headers };
	const { "content-type": _, ...kept } = headers as Record<string, string>;
	return { status: 304, headers: kept };
}
