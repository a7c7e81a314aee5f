// `fetch` for modules: with a deadline, a limit of the answer's length, and an end with the generation.
import type { FetchOptions } from "../../module/index.ts";

export interface FetchBounds {
	/** Of a request that does not say less or more, in milliseconds. */
	readonly timeoutMs: number;
	/** Of the body of an answer. */
	readonly maxBytes: number;
}

const MAX_TIMEOUT_MS = 60_000;
/** Without a body, whatever the answer says. */
const EMPTY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** What sends a request of a module. */
export type Send = (url: URL, init: RequestInit) => Promise<Response>;

/** @param signal - of the generation. @param send - may refuse an address. */
export function moduleFetch(signal: AbortSignal, bounds: FetchBounds, send: Send = (url, init) => fetch(url, init)) {
	return async (url: string | URL, options: FetchOptions = {}): Promise<Response> => {
		const { timeoutMs = bounds.timeoutMs, signal: own, ...init } = options;
		if (!(timeoutMs > 0) || timeoutMs > MAX_TIMEOUT_MS) {
			throw new RangeError(`fetch: timeoutMs must be above 0 and at most ${MAX_TIMEOUT_MS}`);
		}
		// What is looked at is what is sent: the other notations of an address are none any more.
		const parsed = new URL(url);
		const { protocol } = parsed;
		if (protocol !== "http:" && protocol !== "https:") throw new TypeError("fetch: only http and https are fetched");
		const signals = [signal, AbortSignal.timeout(timeoutMs), ...(own ? [own] : [])];
		// What an address leads to by a redirect is not what the module has looked at.
		const answer = await send(parsed, { redirect: "error", ...init, signal: AbortSignal.any(signals) });
		return bounded(answer, bounds.maxBytes);
	};
}

/** The same answer, whose body fails beyond a length. */
function bounded(answer: Response, maxBytes: number): Response {
	if (answer.body === null || EMPTY.has(answer.status)) return answer;
	const tooLong = () => new RangeError(`fetch: the answer is longer than modules.fetch.maxBytes (${maxBytes})`);
	if (Number(answer.headers.get("content-length") ?? 0) > maxBytes) {
		void answer.body.cancel().catch(() => {});
		throw tooLong();
	}
	let bytes = 0;
	const counted = new TransformStream<Uint8Array, Uint8Array>({
		transform: (chunk, controller) => {
			bytes += chunk.byteLength;
			if (bytes > maxBytes) controller.error(tooLong());
			else controller.enqueue(chunk);
		},
	});
	const { status, statusText, headers } = answer;
	const result = new Response(answer.body.pipeThrough(counted), { status, statusText, headers });
	Object.defineProperty(result, "url", { value: answer.url });
	return result;
}
