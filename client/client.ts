// The client: requests with deadlines, typed pushes, and a session that outlives connections. It reconnects by
// itself, signs in again before anything else goes out, and renews its tokens before they expire.

import { ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract, PushContract, RouteContract } from "../protocol/contract.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	authRoutes,
	type LoginRequestProperties,
	type LoginResponse,
	type LogoutResponse,
	type SessionInfoProperties,
	type TokenPairProperties,
	type UserProperties,
} from "../protocol/gen/schema.ts";
import { Channel } from "./channels/channel.ts";
import type { Recovery } from "./channels/channels.ts";
import type { PushInfo } from "./channels/subscriptions.ts";
import { type Chat, createChat } from "./chat/chat.ts";
import { type ClientState, ConnectionManager, type StateDetail } from "./connection/connection-manager.ts";
import { endsSession } from "./connection/session.ts";
import { createEdge, type Edge } from "./edge/edge.ts";
import { createRooms, type Rooms } from "./games/rooms.ts";
import type { Unsubscribe } from "./listeners.ts";
import { type ClientOptions, type Settings, settingsOf } from "./options.ts";
import { retry } from "./requests/retry.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "./requests/routes.ts";

/**
 * Makes a client. It does nothing until `connect`, `login` or `connectWithToken`.
 *
 * @throws TypeError when an option makes no sense.
 */
export function createClient(options: ClientOptions): Client {
	return new Client(settingsOf(options));
}

export class Client {
	/** Typed methods of protocol block 1xxx: `client.auth.getUserInfo({ userId })`. */
	readonly auth: RouteMethods<typeof authRoutes>;
	/** Game rooms, protocol block 2xxx: `client.rooms.join({ roomId })`. */
	readonly rooms: Rooms;
	/** Conversations, protocol block 3xxx: `client.chat.send(roomId, "hello")`. */
	readonly chat: Chat;
	/** Field boxes, protocol block 4xxx: `client.edge.subscribe({ channels: [1001] })`. */
	readonly edge: Edge;
	private readonly settings: Settings;
	private readonly engine: ConnectionManager;

	constructor(settings: Settings) {
		this.settings = settings;
		this.engine = new ConnectionManager(settings);
		this.auth = this.routes(authRoutes);
		const caller = {
			request: this.request.bind(this),
			on: this.on.bind(this),
			onRecovery: this.onRecovery.bind(this),
			onReady: (listener: () => void) => this.onState((state) => state === "ready" && listener()),
			onClosed: (listener: () => void) => this.onState((state) => state === "closed" && listener()),
			unfollow: (channel: string) => this.engine.channels.forget(channel),
			onError: settings.onError,
		};
		this.rooms = createRooms(caller);
		this.chat = createChat(caller);
		this.edge = createEdge(caller);
	}

	get state(): ClientState {
		return this.engine.state;
	}

	/** What the server told about the present session; undefined until signed in. */
	get sessionInfo(): SessionInfoProperties | undefined {
		return this.engine.session.info;
	}

	get user(): UserProperties | undefined {
		return this.engine.session.user;
	}

	get tokens(): TokenPairProperties | undefined {
		return this.engine.session.tokens;
	}

	/**
	 * Connects, and signs in if there are tokens. Fulfilled once requests are served; a server that is not there yet
	 * is tried again until `close()`.
	 *
	 * @throws GatewayError UNAUTHENTICATED when the tokens are refused (the client stays connected, for a login);
	 * otherwise what the server closed with, or UNAVAILABLE after `close()`.
	 */
	connect(): Promise<void> {
		return this.engine.connect();
	}

	/** Ends the connection for good; requests that wait fail with UNAVAILABLE. The session itself stays. */
	close(): void {
		this.engine.close();
	}

	/** Signs in by name and password, connecting if need be. Tokens go to the token storage. */
	async login(credentials: LoginRequestProperties, options: RequestOptions = {}): Promise<LoginResponse> {
		if (!this.engine.isRunning) {
			// The stored session is being replaced; resuming it first would only delay.
			this.engine.session.forget();
			this.engine.start();
		}
		return this.request(authRoutes.login, credentials, options);
	}

	/** Signs in with tokens from elsewhere, connecting if need be; without a refresh token until that one expires. */
	async connectWithToken(tokens: TokenPairProperties | string): Promise<void> {
		this.engine.session.adopt(typeof tokens === "string" ? { accessToken: tokens } : tokens);
		if (!this.engine.exchange.isOpen) return this.connect();
		try {
			await this.engine.signIn();
		} catch (error) {
			if (endsSession(error)) this.engine.session.forget();
			throw error;
		}
	}

	/** Renews the tokens now. Happens by itself before they expire. */
	refresh(): Promise<TokenPairProperties> {
		return this.engine.session.refresh();
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
	 * @throws GatewayError the server's refusal; TIMEOUT after the deadline; UNAVAILABLE when the connection was lost,
	 * the client is closed or too many requests wait. The signal's reason when it aborts.
	 */
	request<Request, RequestProperties, Reply, ReplyProperties>(
		contract: RouteContract<Request, RequestProperties, Reply, ReplyProperties>,
		properties: RequestProperties,
		options: RequestOptions = {},
	): Promise<Reply> {
		if (!this.engine.isRunning) {
			return Promise.reject(new GatewayError(ErrorCode.UNAVAILABLE, "the client is not connected"));
		}
		const { exchange } = this.engine;
		if (!options.retry || !contract.idempotent) {
			return exchange.call(contract, properties, options, false) as Promise<Reply>;
		}
		const once = (timeoutMs: number) =>
			exchange.call(contract, properties, { ...options, timeoutMs }, false) as Promise<Reply>;
		const { requestTimeoutMs, backoff, random } = this.settings;
		const timeoutMs = options.timeoutMs ?? requestTimeoutMs;
		const goesOn = (): boolean => this.engine.isRunning;
		return retry(once, { timeoutMs, signal: options.signal, backoff, random, goesOn });
	}

	/**
	 * Sends a message that wants no reply (seq 0), now or never.
	 *
	 * @returns false when it was dropped: not connected, not signed in yet, or too much is waiting to be sent.
	 */
	send<RequestProperties>(
		contract: RouteContract<unknown, RequestProperties, unknown, unknown>,
		properties: RequestProperties,
	): boolean {
		return this.engine.exchange.send(contract, properties);
	}

	/** Typed methods of a route table: `client.routes(authRoutes).heartbeat()`. */
	routes<Routes extends Readonly<Record<string, AnyRouteContract>>>(routes: Routes): RouteMethods<Routes> {
		return routeMethods(routes, (contract, properties, options) => this.request(contract, properties, options));
	}

	/** Listens to a push: `client.on(pushes.notification, (notification) => …)`. */
	on<Message, Properties>(
		contract: PushContract<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe {
		return this.engine.subscriptions.add(contract, listener);
	}

	/** One recoverable channel: its typed pushes, where it stands, and what became of it after a reconnect. */
	channel(name: string): Channel {
		return new Channel(name, this.engine);
	}

	onState(listener: (state: ClientState, detail: StateDetail) => void): Unsubscribe {
		return this.engine.stateListeners.add(listener);
	}

	/**
	 * Listens to what became of recoverable channels: each after a reconnect, and any that turns out to have a hole.
	 * With `recovered: false` something is missing before the next push: fetch the state anew.
	 */
	onRecovery(listener: (recovery: Recovery) => void): Unsubscribe {
		return this.engine.recoveryListeners.add(listener);
	}
}
