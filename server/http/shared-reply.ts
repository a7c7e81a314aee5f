// Replies of pages that need no login, made at most once in a while: however often strangers request such a page, it costs the
// same.
import type { HttpReply } from "../../core/transport.ts";

/**
 * A handler that gives every request the reply that was made last, until that one is `ms` old. Requests that come while one is
 * being made wait for it.
 *
 * @param now - monotonic milliseconds.
 * @param make - a reply that it rejects is not given to later requests.
 */
export function sharedReply(
	ms: number,
	now: () => number,
	make: () => HttpReply | Promise<HttpReply>,
): () => Promise<HttpReply> {
	let last: Promise<HttpReply> | undefined;
	let madeAtMs = 0;
	return () => {
		const nowMs = now();
		if (last !== undefined && nowMs - madeAtMs < ms) return last;
		const fresh = makeReply(make);
		fresh.catch(() => {
			if (last === fresh) last = undefined;
		});
		last = fresh;
		madeAtMs = nowMs;
		return fresh;
	};
}

/** The body as bytes, so that it is encoded once too. */
async function makeReply(make: () => HttpReply | Promise<HttpReply>): Promise<HttpReply> {
	const reply = await make();
	return typeof reply.body === "string" ? { ...reply, body: Buffer.from(reply.body) } : reply;
}
