// The client: requests with deadlines, typed pushes, and a session that outlives connections. It reconnects by
// itself, signs in again before anything else goes out, and renews its tokens before they expire.

import type { AnyWireRoute, WirePush, WireRoute } from "../protocol/codec/wire.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	authRoutes,
	type LoginRequestProperties,
	type LoginResponse,
	type LogoutResponse,
	type SessionInfoProperties,
	type TokenPairProperties,
	type UserProperties,
} from "../protocol/gen/codec/auth.ts";
import {
	identityRoutes,
	type JoinAccountRequestProperties,
	type JoinAccountResponse,
	type LoginGuestRequestProperties,
	type LoginGuestResponse,
} from "../protocol/gen/codec/identity.ts";
import { AppChannels } from "./channels/app-channels.ts";
import { Channel } from "./channels/channel.ts";
import type { Recovery } from "./channels/channels.ts";
import type { PushInfo } from "./channels/subscriptions.ts";
import { type ClientState, ConnectionManager, type StateDetail } from "./connection/connection-manager.ts";
import { endsSession } from "./connection/session.ts";
import type { HttpClient } from "./http/http-client.ts";
import type { Unsubscribe } from "./listeners.ts";
import { type ClientOptions, type Settings, settingsOf } from "./options.ts";
import type { ClientContext, ClientPart } from "./requests/client-context.ts";
import { retry } from "./requests/retry.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "./requests/routes.ts";

/**
 * Makes a client, to which parts are added by `use`. It does nothing until `connect`, `login` or `connectWithToken`.
 *
 * @throws TypeError when an option makes no sense.
 */
export function createClient(options: ClientOptions): Client {
	return new Client(settingsOf(options));
}

export class Client {
	/** Typed methods of protocol block 1xxx: `client.auth.getUserInfo({ userId })`. */
	readonly auth: RouteMethods<typeof authRoutes>;
	private readonly context: ClientContext;
	private readonly parts = new Map<ClientPart<unknown>, unknown>();
	private readonly settings: Settings;
	private readonly connectionManager: ConnectionManager;
	private readonly appChannels: AppChannels;

	constructor(settings: Settings) {
		this.settings = settings;
		this.connectionManager = new ConnectionManager(settings);
		this.auth = this.routes(authRoutes);
		this.context = {
			request: this.request.bind(this),
			on: this.on.bind(this),
			onRecovery: this.onRecovery.bind(this),
			onReady: (listener: () => void) => this.onState((state) => state === "ready" && listener()),
			onClosed: (listener: () => void) => this.onState((state) => state === "closed" && listener()),
			unsubscribe: (channel: string) => this.connectionManager.channels.forget(channel),
			onError: settings.onError,
		};
		const { channels, subscriptions, channelListeners } = this.connectionManager;
		this.appChannels = new AppChannels({
			context: this.context,
			channels,
			on: (contract, listener, channel) => subscriptions.add(contract, listener, channel),
			onRecovery: (channel, listener) => channelListeners.add(channel, listener),
			onInterrupted: (listener) => this.onState((state) => state !== "ready" && listener()),
		});
	}

	/**
	 * The part of the client that knows one protocol block, such as `chatPart`; made at the first use. Only what a program
	 * imports is in its bundle.
	 */
	use<Part>(part: ClientPart<Part>): Part {
		if (!this.parts.has(part)) this.parts.set(part, part(this.context));
		return this.parts.get(part) as Part;
	}

	/** The same routes over HTTP, in the same session: `client.http.auth.getUserInfo()`. */
	get http(): HttpClient {
		return this.connectionManager.http;
	}

	get state(): ClientState {
		return this.connectionManager.state;
	}

	/** What the server reported about the present session; undefined until signed in. */
	get sessionInfo(): SessionInfoProperties | undefined {
		return this.connectionManager.session.info;
	}

	get user(): UserProperties | undefined {
		return this.connectionManager.session.user;
	}

	get tokens(): TokenPairProperties | undefined {
		return this.connectionManager.session.tokens;
	}

	/**
	 * Connects, and signs in if there are tokens. Fulfilled once requests are served; a server that is not there yet
	 * is tried again until `close()`.
	 *
	 * @throws GatewayError UNAUTHENTICATED when the tokens are refused (the client stays connected, for a login);
	 * otherwise the error of the server's close code, or UNAVAILABLE after `close()`.
	 */
	connect(): Promise<void> {
		return this.connectionManager.connect();
	}

	/** Ends the connection for good; requests that wait fail with UNAVAILABLE. The session itself stays. */
	close(): void {
		this.connectionManager.close();
	}

	/** Signs in by name and password, connecting if need be. Tokens go to the token storage. */
	async login(credentials: LoginRequestProperties, options: RequestOptions = {}): Promise<LoginResponse> {
		this.beginSession();
		return this.request(authRoutes.login, credentials, options);
	}

	/**
	 * Signs in as a guest, connecting if need be; the first time, the guest is created.
	 *
	 * @param guest - `deviceSecret`: 32 characters or more, made at random and kept by the device.
	 */
	async loginGuest(guest: LoginGuestRequestProperties, options: RequestOptions = {}): Promise<LoginGuestResponse> {
		this.beginSession();
		return this.request(identityRoutes.loginGuest, guest, options);
	}

	/** Makes the guest who is signed in an account: a new one, or that of a token. Session and user id stay. */
	joinAccount(account: JoinAccountRequestProperties, options: RequestOptions = {}): Promise<JoinAccountResponse> {
		return this.request(identityRoutes.joinAccount, account, options);
	}

	/** Signs in with tokens from elsewhere, connecting if need be; without a refresh token until that one expires. */
	async connectWithToken(tokens: TokenPairProperties | string): Promise<void> {
		this.connectionManager.session.adopt(typeof tokens === "string" ? { accessToken: tokens } : tokens);
		if (!this.connectionManager.requestClient.isOpen) return this.connect();
		try {
			await this.connectionManager.signIn();
		} catch (error) {
			if (endsSession(error)) this.connectionManager.session.forget();
			throw error;
		}
	}

	/** Starts without the stored session: it is being replaced, and resuming it first would only delay. */
	private beginSession(): void {
		if (this.connectionManager.isRunning) return;
		this.connectionManager.session.forget();
		this.connectionManager.start();
	}

	/** Renews the tokens now. Happens by itself before they expire. */
	refresh(): Promise<TokenPairProperties> {
		return this.connectionManager.session.refresh();
	}

	/** Ends this session, or all sessions of the user, and forgets the tokens. */
	logout(options: { readonly allSessions?: boolean } & RequestOptions = {}): Promise<LogoutResponse> {
		const { allSessions = false, ...rest } = options;
		return this.request(authRoutes.logout, { allSessions }, rest);
	}

	/**
	 * Makes a request. While there is no connection it waits, within its deadline; if the connection is lost before the
	 * reply, an idempotent request is sent again and any other fails.
	 *
	 * @throws GatewayError the server's error; TIMEOUT after the deadline; UNAVAILABLE when the connection was lost,
	 * the client is closed or too many requests wait. The signal's reason when it aborts.
	 */
	request<Request, RequestProperties, Reply, ReplyProperties>(
		contract: WireRoute<Request, RequestProperties, Reply, ReplyProperties>,
		properties: RequestProperties,
		options: RequestOptions = {},
	): Promise<Reply> {
		if (!this.connectionManager.isRunning) {
			return Promise.reject(new GatewayError(ErrorCode.UNAVAILABLE, "the client is not connected"));
		}
		const { requestClient } = this.connectionManager;
		if (!options.retry || !contract.idempotent) {
			return requestClient.call(contract, properties, options, false) as Promise<Reply>;
		}
		const { requestTimeoutMs, backoff, random } = this.settings;
		const timeoutMs = options.timeoutMs ?? requestTimeoutMs;
		const once = (leftMs: number) =>
			requestClient.call(contract, properties, { ...options, timeoutMs, leftMs }, false) as Promise<Reply>;
		const shouldContinue = (): boolean => this.connectionManager.isRunning;
		return retry(once, { timeoutMs, signal: options.signal, backoff, random, shouldContinue });
	}

	/**
	 * Sends a message that wants no reply (seq 0), now or never.
	 *
	 * @returns false when it was dropped: not connected, not signed in yet, or too much is waiting to be sent.
	 */
	send<RequestProperties>(
		contract: WireRoute<unknown, RequestProperties, unknown, unknown>,
		properties: RequestProperties,
	): boolean {
		return this.connectionManager.requestClient.send(contract, properties);
	}

	/** Typed methods of a route table: `client.routes(authRoutes).heartbeat()`. */
	routes<Routes extends Readonly<Record<string, AnyWireRoute>>>(routes: Routes): RouteMethods<Routes> {
		return routeMethods(routes, (contract, properties, options) => this.request(contract, properties, options));
	}

	/** Listens to a push: `client.on(pushes.notification, (notification) => …)`. */
	on<Message, Properties>(
		contract: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe {
		return this.connectionManager.subscriptions.add(contract, listener);
	}

	/**
	 * One recoverable channel: its typed pushes, its position, and its recovery after a reconnect. For application channels, also
	 * `subscribe`, `publish`, `history` and `presence`: `client.channel("scores:today").subscribe({ onPublication })`.
	 */
	channel(name: string): Channel {
		return new Channel(name, this.connectionManager, this.appChannels);
	}

	onState(listener: (state: ClientState, detail: StateDetail) => void): Unsubscribe {
		return this.connectionManager.stateListeners.add(listener);
	}

	/**
	 * Listens to the recovery of channels: of each after a reconnect, and of any that turns out to have a gap.
	 * With `recovered: false` something is missing before the next push: fetch the state again.
	 */
	onRecovery(listener: (recovery: Recovery) => void): Unsubscribe {
		return this.connectionManager.recoveryListeners.add(listener);
	}
}
