// The options of a client, with their defaults, checked once when the client is made.
import type { BackoffOptions } from "./connection/backoff.ts";
import type { WebSocketConstructor } from "./connection/link.ts";
import { checkedHttpUrls, checkedUrls, type Fetch, globalFetch, httpUrlOf } from "./http/http-settings.ts";
import type { TokenSource, TokenStorage } from "./token-storage.ts";

export interface ClientOptions {
	/**
	 * `ws://host:port/ws` or `wss://…`. Of several, every attempt to connect takes the next one, from the first on: the
	 * nodes of a gateway that has no load balancer before it. Give clients different orders to spread them.
	 */
	readonly url: string | readonly string[];
	/**
	 * Where `client.http` calls: `https://host`, several as for `url`. Default: the hosts of `url`, without the path.
	 */
	readonly httpUrl?: string | readonly string[];
	/** Default: the global WebSocket of browsers and of Node 22. */
	readonly WebSocket?: WebSocketConstructor;
	/** For `client.http`. Default: the global fetch. */
	readonly fetch?: Fetch;
	readonly tokens?: TokenStorage;
	/**
	 * Gets a token of an identity provider, whose issuer the gateway knows: asked before the first connection, before a token expires and
	 * when one has. Without it the session is the one of `login`, `loginGuest` or `tokens`. An error that it throws counts as a provider
	 * that is unavailable, and it is asked again; a GatewayError UNAUTHENTICATED ends the session.
	 */
	readonly getToken?: TokenSource;
	/** Deadline of a request unless it brings its own, in milliseconds. Default 10,000. */
	readonly requestTimeoutMs?: number;
	/** Longest wait for the WebSocket handshake, in milliseconds. Default 10,000. */
	readonly openTimeoutMs?: number;
	/** Waits between attempts to connect. Default 500 ms, doubling up to 30,000 ms, full jitter. */
	readonly backoff?: Partial<BackoffOptions>;
	/** Requests held while there is no connection; one more fails at once with UNAVAILABLE. Default 1000. */
	readonly maxQueuedRequests?: number;
	/**
	 * Requests sent and not answered yet; one more waits in the queue. Default 50: below the 64 that a gateway serves at
	 * once by default, as requests that were given up here may still be running there.
	 */
	readonly maxInFlightRequests?: number;
	/** How often one idempotent request is sent over lost connections before it fails. Default 3. */
	readonly maxAttempts?: number;
	/** Faults that belong to no request: a listener or a token storage that throws. Default: console.error. */
	readonly onError?: (error: unknown) => void;
	/** In [0, 1), for jitter. Default Math.random. */
	readonly random?: () => number;
}

/** Options with every default filled in. */
export interface Settings {
	/** At least one. */
	readonly urls: readonly string[];
	/** As many as the options name, or as there are urls. */
	readonly httpUrls: readonly string[];
	readonly WebSocket: WebSocketConstructor;
	readonly fetch: Fetch | undefined;
	readonly tokens: TokenStorage;
	readonly getToken: TokenSource | undefined;
	readonly requestTimeoutMs: number;
	readonly openTimeoutMs: number;
	readonly backoff: BackoffOptions;
	readonly maxQueuedRequests: number;
	readonly maxInFlightRequests: number;
	readonly maxAttempts: number;
	readonly onError: (error: unknown) => void;
	readonly random: () => number;
}

/**
 * Fills in the defaults.
 *
 * @throws TypeError when an option makes no sense, or there is no WebSocket to use.
 */
export function settingsOf(options: ClientOptions): Settings {
	const urls = checkedUrls(options.url, ["ws:", "wss:"]);
	const httpUrls = options.httpUrl === undefined ? urls.map(httpUrlOf) : checkedHttpUrls(options.httpUrl);
	const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
	if (WebSocket === undefined) throw new TypeError("there is no global WebSocket: pass one as options.WebSocket");
	return {
		urls,
		httpUrls,
		WebSocket,
		fetch: options.fetch ?? globalFetch(),
		tokens: options.tokens ?? {},
		getToken: options.getToken,
		requestTimeoutMs: positive(options, "requestTimeoutMs", 10_000),
		openTimeoutMs: positive(options, "openTimeoutMs", 10_000),
		backoff: { minMs: options.backoff?.minMs ?? 500, maxMs: options.backoff?.maxMs ?? 30_000 },
		maxQueuedRequests: positive(options, "maxQueuedRequests", 1000),
		maxInFlightRequests: positive(options, "maxInFlightRequests", 50),
		maxAttempts: positive(options, "maxAttempts", 3),
		onError: options.onError ?? ((error) => console.error("framegate client:", error)),
		random: options.random ?? Math.random,
	};
}

type NumberOption = "requestTimeoutMs" | "openTimeoutMs" | "maxQueuedRequests" | "maxInFlightRequests" | "maxAttempts";

function positive(options: ClientOptions, name: NumberOption, fallback: number): number {
	const value = options[name] ?? fallback;
	if (!(value > 0)) throw new TypeError(`${name} must be a positive number`);
	return value;
}
