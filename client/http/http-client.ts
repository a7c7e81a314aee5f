// The typed routes over HTTP, for what needs no connection: pages that read once, scripts, backends. With the session of a client
// (`client.http`), or with one of its own.
import type { AnyWireRoute, WireRoute } from "../../protocol/codec/wire.ts";
import {
	authRoutes,
	type LoginRequestProperties,
	type LoginResponse,
	type LogoutResponse,
	type TokenPairProperties,
} from "../../protocol/gen/codec/auth.ts";
import { Session } from "../connection/session.ts";
import { type RouteMethods, routeMethods } from "../requests/routes.ts";
import { HttpCaller, type HttpReplyListener, type HttpRequestOptions } from "./http-caller.ts";
import {
	checkedHttpUrls,
	globalFetch,
	type HttpClientOptions,
	type HttpSession,
	type HttpSettings,
} from "./http-settings.ts";

export class HttpClient {
	/** Typed methods of protocol block 1xxx. */
	readonly auth: RouteMethods<typeof authRoutes, HttpRequestOptions>;
	private readonly caller: HttpCaller;
	private readonly session: HttpSession;

	/** @param onSuccess - gets every reply: that of a login has the tokens of a session. */
	constructor(settings: HttpSettings, session: HttpSession, onSuccess: HttpReplyListener) {
		this.session = session;
		this.caller = new HttpCaller(settings, session, onSuccess);
		this.auth = this.routes(authRoutes);
	}

	get tokens(): TokenPairProperties | undefined {
		return this.session.tokens;
	}

	/**
	 * Makes a call. A lost reply makes a call go out again that is idempotent or has a key; see `HttpRequestOptions`.
	 *
	 * @throws GatewayError the server's error; TIMEOUT after the deadline; UNAVAILABLE when the gateway was not reached; PRECONDITION_FAILED
	 * when the route needs a connection. The signal's reason when it aborts.
	 */
	request<Request, RequestProperties, Reply, ReplyProperties>(
		contract: WireRoute<Request, RequestProperties, Reply, ReplyProperties>,
		properties: RequestProperties,
		options: HttpRequestOptions = {},
	): Promise<Reply> {
		return this.caller.call(contract, properties, options) as Promise<Reply>;
	}

	/** Typed methods of a route table: `http.routes(chatRoutes).getHistory({ roomId })`. */
	routes<Routes extends Readonly<Record<string, AnyWireRoute>>>(
		routes: Routes,
	): RouteMethods<Routes, HttpRequestOptions> {
		return routeMethods(routes, (contract, properties, options?: HttpRequestOptions) =>
			this.request(contract, properties, options),
		);
	}

	/** Begins a session; its tokens are used from now on, and renewed when they have run out. */
	login(credentials: LoginRequestProperties, options: HttpRequestOptions = {}): Promise<LoginResponse> {
		return this.request(authRoutes.login, credentials, options);
	}

	/** Ends the session, or all sessions of the user, and forgets the tokens. */
	logout(options: { readonly allSessions?: boolean } & HttpRequestOptions = {}): Promise<LogoutResponse> {
		const { allSessions = false, ...rest } = options;
		return this.request(authRoutes.logout, { allSessions }, rest);
	}
}

/**
 * A client without a WebSocket.
 *
 * @throws TypeError when an option makes no sense.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
	const urls = checkedHttpUrls(options.url);
	const { requestTimeoutMs = 10_000, maxAttempts = 3, onError = reportToConsole } = options;
	for (const [name, value] of Object.entries({ requestTimeoutMs, maxAttempts })) {
		if (!(value > 0)) throw new TypeError(`${name} must be a positive number`);
	}
	const session = new Session(options.tokens ?? {}, onError, {
		sendRefreshToken: (refreshToken) => client.request(authRoutes.refreshToken, { refreshToken }),
		getToken: options.getToken,
		presentToken: async () => undefined,
		onEnded: () => undefined,
	});
	if (options.token !== undefined) session.adopt({ accessToken: options.token });
	const settings: HttpSettings = {
		urls,
		fetch: options.fetch ?? globalFetch(),
		requestTimeoutMs,
		maxAttempts,
		backoff: { minMs: options.backoff?.minMs ?? 500, maxMs: options.backoff?.maxMs ?? 30_000 },
		random: options.random ?? Math.random,
	};
	const client: HttpClient = new HttpClient(settings, session, (route, reply) => session.observe(route, reply));
	return client;
}

function reportToConsole(error: unknown): void {
	console.error("framegate client:", error);
}
