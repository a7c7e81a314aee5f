// Replies with content that is worth compressing, in the coding that the client takes. They are compressed by the thread pool,
// off the event loop.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { listHeader } from "../../core/http-request.ts";
import type { HttpReply, HttpRequest } from "../../core/transport.ts";

const compress = promisify(gzip);

/** Shorter content is not worth the work of compressing it. */
export const MIN_COMPRESSED_BYTES = 1024;

/**
 * Whether a client takes a content coding (RFC 9110 section 12.5.3).
 *
 * @param acceptEncoding - the header; undefined: a client that says nothing gets content as it is.
 * @param names - of the coding, in lower case.
 */
export function acceptsCoding(acceptEncoding: string | undefined, ...names: readonly string[]): boolean {
	let isAny = false;
	for (const item of listHeader(acceptEncoding?.toLowerCase())) {
		const [coding, ...parameters] = item.split(";").map((part) => part.trim());
		const weight = parameters.find((parameter) => parameter.startsWith("q="));
		const isTaken = weight === undefined || Number(weight.slice("q=".length)) > 0;
		if (names.includes(coding ?? "")) return isTaken;
		if (coding === "*") isAny = isTaken;
	}
	return isAny;
}

const GZIP_NAMES = ["gzip", "x-gzip"] as const;

/** Whether a content coding is gzip: names are taken in any case, and x-gzip is the same (RFC 9110 sections 8.4.1 and 8.4.1.3). */
export const isGzip = (coding: string): boolean => GZIP_NAMES.some((name) => name === coding.toLowerCase());

/** Whether a client takes gzip. */
export const acceptsGzip = (acceptEncoding: string | undefined): boolean =>
	acceptsCoding(acceptEncoding, ...GZIP_NAMES);

/**
 * Adds gzip to a handler.
 *
 * @param handle - gives the same object for as long as the reply is the same: it is compressed once.
 */
export function gzipReply(handle: () => Promise<HttpReply>): (request: HttpRequest) => Promise<HttpReply> {
	const compressed = new WeakMap<HttpReply, Promise<HttpReply>>();
	return async ({ headers }) => {
		const reply = await handle();
		// A cache must not give one to those who want the other (RFC 9110 section 12.5.5).
		const varied = { ...reply, headers: { vary: "accept-encoding", ...reply.headers } };
		if (!acceptsGzip(headers.get("accept-encoding"))) return varied;
		let smaller = compressed.get(reply);
		if (smaller === undefined) {
			smaller = compress(reply.body ?? "").then((body) => {
				return { ...varied, headers: { ...varied.headers, "content-encoding": "gzip" }, body };
			});
			compressed.set(reply, smaller);
		}
		return smaller;
	};
}
