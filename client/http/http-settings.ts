// The options of calls over HTTP, with their defaults, checked once.
import type { TokenPairProperties } from "../../protocol/gen/codec/auth.ts";
import type { BackoffOptions } from "../connection/backoff.ts";
import type { TokenSource, TokenStorage } from "../token-storage.ts";

/** What is used of `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
	readonly method: string;
	readonly headers: Record<string, string>;
	readonly body: Uint8Array<ArrayBuffer>;
	readonly signal: AbortSignal;
	readonly cache: "no-store";
	readonly credentials: "omit";
}

export interface FetchResponse {
	readonly ok: boolean;
	readonly status: number;
	readonly headers: { get(name: string): string | null };
	arrayBuffer(): Promise<ArrayBuffer>;
	text(): Promise<string>;
}

export interface HttpClientOptions {
	/** `https://host` or `http://host:port`, with a path before the routes if need be. Of several, a lost call takes the next one. */
	readonly url: string | readonly string[];
	/** Default: the global `fetch`. */
	readonly fetch?: Fetch;
	/** A bearer token that is not renewed, such as an API key. Without it the session is the one of `login` or of `tokens`. */
	readonly token?: string;
	readonly tokens?: TokenStorage;
	/** As in ClientOptions. */
	readonly getToken?: TokenSource;
	/** Deadline of a call with all its attempts, unless it brings its own, in milliseconds. Default 10,000. */
	readonly requestTimeoutMs?: number;
	/** How often a call that may be repeated is made while its reply is lost. Default 3. */
	readonly maxAttempts?: number;
	/** Waits between attempts. Default 500 ms, doubling up to 30,000 ms, full jitter. */
	readonly backoff?: Partial<BackoffOptions>;
	/** Faults that belong to no call: a token storage that throws. Default: console.error. */
	readonly onError?: (error: unknown) => void;
	/** In [0, 1), for jitter. Default Math.random. */
	readonly random?: () => number;
}

/** What calls need of the options. */
export interface HttpSettings {
	/** At least one, without a slash at the end. */
	readonly urls: readonly string[];
	/** undefined where there is none: calls fail then. */
	readonly fetch: Fetch | undefined;
	readonly requestTimeoutMs: number;
	readonly maxAttempts: number;
	readonly backoff: BackoffOptions;
	readonly random: () => number;
}

/** The session that calls are made in. */
export interface HttpSession {
	readonly tokens: TokenPairProperties | undefined;
	readonly needsToken: boolean;
	readonly canRefresh: boolean;
	/** Fetches stored tokens, the first time only. */
	load(): Promise<void>;
	refresh(): Promise<TokenPairProperties>;
}

export function globalFetch(): Fetch | undefined {
	const { fetch } = globalThis as { fetch?: Fetch };
	// Browsers insist on the global object as its receiver.
	return fetch?.bind(globalThis);
}

/**
 * @param protocols - those that are taken, such as `https:`.
 * @throws TypeError when there is none, or one that is of another protocol.
 */
export function checkedUrls(url: string | readonly string[], protocols: readonly string[]): readonly string[] {
	const urls = typeof url === "string" ? [url] : [...url];
	if (urls.length === 0) throw new TypeError("url must name at least one gateway");
	for (const { protocol } of urls.map((one) => new URL(one))) {
		if (!protocols.includes(protocol)) throw new TypeError(`url must be ${protocols.join(" or ")}, not ${protocol}`);
	}
	return urls;
}

/**
 * Addresses of routes, without a slash at the end.
 *
 * @throws TypeError as `checkedUrls`, and when one has a query or a fragment: paths are appended to it.
 */
export function checkedHttpUrls(url: string | readonly string[]): readonly string[] {
	const urls = checkedUrls(url, ["http:", "https:"]);
	if (urls.some((one) => /[?#]/.test(one))) throw new TypeError("url must have neither query nor fragment");
	return urls.map((one) => one.replace(/\/+$/, ""));
}

/** Where the routes of a gateway are that serves WebSockets there. */
export function httpUrlOf(webSocketUrl: string): string {
	const { protocol, host } = new URL(webSocketUrl);
	return `${protocol === "wss:" ? "https" : "http"}://${host}`;
}
