// The client: requests with deadlines, typed pushes, and a session that outlives connections. It reconnects by
// itself, signs in again before anything else goes out, and renews its tokens before they expire.

import { CloseCode, ErrorCode } from "../protocol/codes.ts";
import type { AnyRouteContract, PushContract, RouteContract } from "../protocol/contract.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	authRoutes,
	type ChannelRecovery,
	type ConnectResponse,
	Envelope,
	type LoginRequestProperties,
	type LoginResponse,
	type LogoutResponse,
	pushes,
	type SessionInfoProperties,
	type TokenPairProperties,
	type UserProperties,
} from "../protocol/gen/schema.ts";
import { Connector } from "./connector.ts";
import { errorOfClose } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { CloseInfo, Link } from "./link.ts";
import { Listeners, type Unsubscribe } from "./listeners.ts";
import { Mover } from "./mover.ts";
import { type ClientOptions, type Settings, settingsOf } from "./options.ts";
import { Positions } from "./positions.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "./routes.ts";
import { endsSession, Session } from "./session.ts";
import { type PushInfo, Subscriptions } from "./subscriptions.ts";

/**
 * Where a client is: `connecting` (a WebSocket is being opened), `open` (connected, nobody signed in), `ready`
 * (signed in), `backoff` (waiting to try again) or `closed` (not trying).
 */
export type ClientState = "connecting" | "open" | "ready" | "backoff" | "closed";

/** What comes with a change of state. */
export interface StateDetail {
	/** With `backoff` and `closed`: how the connection ended, unless `close()` ended it. */
	readonly close?: CloseInfo;
	/** With `backoff`: milliseconds until the next attempt. */
	readonly retryInMs?: number;
}

interface Waiter {
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

const EMPTY = new Uint8Array(0);

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
	private readonly settings: Settings;
	private readonly connector: Connector;
	private readonly exchange: Exchange;
	private readonly session: Session;
	private readonly heartbeat: Heartbeat;
	private readonly mover: Mover;
	private readonly positions = new Positions();
	private readonly stateListeners: Listeners<[ClientState, StateDetail]>;
	private readonly recoveryListeners: Listeners<[ChannelRecovery]>;
	private readonly subscriptions: Subscriptions;
	private waiters: Waiter[] = [];
	private currentState: ClientState = "closed";
	private link: Link | undefined;

	constructor(settings: Settings) {
		this.settings = settings;
		this.exchange = new Exchange(settings, {
			onSuccess: (contract, reply) => this.onSuccess(contract, reply),
			onSettled: () => this.mover.settled(),
			refresh: () => (this.session.canRefresh ? this.session.refresh() : undefined),
		});
		this.subscriptions = new Subscriptions(settings.onError);
		this.stateListeners = new Listeners(settings.onError);
		this.recoveryListeners = new Listeners(settings.onError);
		this.session = new Session(
			settings.tokens,
			settings.onError,
			(refreshToken) => this.exchange.call(authRoutes.refreshToken, { refreshToken }, {}, true),
			() => this.onSessionEnded(),
		);
		this.heartbeat = new Heartbeat((timeoutMs) => this.beat(timeoutMs), settings.random);
		this.mover = new Mover({
			hold: () => this.exchange.hold(),
			inFlightCount: () => this.exchange.inFlightCount,
			go: () => this.connector.reopen("the node is about to stop", 0),
		});
		this.connector = new Connector(settings, {
			onConnecting: () => this.setState("connecting"),
			onOpen: (link) => void this.onOpen(link),
			onFrame: (frame, link) => this.onFrame(frame, link),
			onLost: (info, retryInMs) => this.onLost(info, retryInMs),
			onRefused: (info) => this.onRefused(info),
		});
		this.auth = this.routes(authRoutes);
	}

	get state(): ClientState {
		return this.currentState;
	}

	/** What the server told about the present session; undefined until signed in. */
	get sessionInfo(): SessionInfoProperties | undefined {
		return this.session.info;
	}

	get user(): UserProperties | undefined {
		return this.session.user;
	}

	get tokens(): TokenPairProperties | undefined {
		return this.session.tokens;
	}

	/**
	 * Connects, and signs in if there are tokens. Fulfilled once requests are served; a server that is not there yet
	 * is tried again until `close()`.
	 *
	 * @throws GatewayError UNAUTHENTICATED when the tokens are refused (the client stays connected, for a login);
	 * otherwise what the server closed with, or UNAVAILABLE after `close()`.
	 */
	connect(): Promise<void> {
		if (this.exchange.isOpen) return Promise.resolve();
		const served = new Promise<void>((resolve, reject) => this.waiters.push({ resolve, reject }));
		this.connector.start();
		return served;
	}

	/** Ends the connection for good; requests that wait fail with UNAVAILABLE. The session itself stays. */
	close(): void {
		this.connector.stop();
		this.standDown();
		this.setState("closed");
		this.failAll(new GatewayError(ErrorCode.UNAVAILABLE, "the client was closed"));
	}

	/** Signs in by name and password, connecting if need be. Tokens go to the token storage. */
	async login(credentials: LoginRequestProperties, options: RequestOptions = {}): Promise<LoginResponse> {
		if (!this.connector.isRunning) {
			// The stored session is being replaced; resuming it first would only delay.
			this.session.forget();
			this.connector.start();
		}
		return this.request(authRoutes.login, credentials, options);
	}

	/** Signs in with tokens from elsewhere, connecting if need be; without a refresh token until that one expires. */
	async connectWithToken(tokens: TokenPairProperties | string): Promise<void> {
		this.session.adopt(typeof tokens === "string" ? { accessToken: tokens } : tokens);
		if (!this.exchange.isOpen) return this.connect();
		try {
			await this.signIn();
		} catch (error) {
			if (endsSession(error)) this.session.forget();
			throw error;
		}
	}

	/** Renews the tokens now. Happens by itself before they expire. */
	refresh(): Promise<TokenPairProperties> {
		return this.session.refresh();
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
		if (!this.connector.isRunning) {
			return Promise.reject(new GatewayError(ErrorCode.UNAVAILABLE, "the client is not connected"));
		}
		return this.exchange.call(contract, properties, options, false) as Promise<Reply>;
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
		return this.exchange.send(contract, properties);
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
		return this.subscriptions.add(contract, listener);
	}

	onState(listener: (state: ClientState, detail: StateDetail) => void): Unsubscribe {
		return this.stateListeners.add(listener);
	}

	/** Listens to what became of the recoverable channels after a reconnect; `recovered: false` means a hole. */
	onRecovery(listener: (recovery: ChannelRecovery) => void): Unsubscribe {
		return this.recoveryListeners.add(listener);
	}

	private async onOpen(link: Link): Promise<void> {
		this.link = link;
		this.exchange.attach(link);
		this.setState("open");
		await this.session.load();
		if (this.link !== link) return;
		if (this.session.tokens === undefined) {
			this.openGate();
			return;
		}
		try {
			await this.signIn();
		} catch (error) {
			// If the connection is gone, its loss is being dealt with already.
			if (this.link !== link) return;
			if (endsSession(error)) {
				this.session.forget();
				this.openGate(error);
			} else {
				const { retryAfterMs } = GatewayError.from(error);
				this.connector.reopen("could not sign in", retryAfterMs > 0 ? retryAfterMs : undefined);
			}
		}
	}

	/** Presents the access token, renewed first if it has expired. `onSignedIn` does the rest. */
	private async signIn(): Promise<void> {
		if (this.session.isExpired && this.session.canRefresh) await this.session.refresh();
		try {
			await this.presentToken();
		} catch (error) {
			const expired = error instanceof GatewayError && error.code === ErrorCode.TOKEN_EXPIRED;
			if (!expired || !this.session.canRefresh) throw error;
			await this.session.refresh();
			await this.presentToken();
		}
	}

	private presentToken(): Promise<unknown> {
		const accessToken = this.session.tokens?.accessToken ?? "";
		return this.exchange.call(authRoutes.connect, { accessToken, positions: this.positions.list() }, {}, true);
	}

	private openGate(refusal?: unknown): void {
		const waiters = this.waiters;
		this.waiters = [];
		for (const waiter of waiters) {
			if (refusal === undefined) waiter.resolve();
			else waiter.reject(refusal);
		}
		this.exchange.open();
	}

	private onSignedIn(recoveries: readonly ChannelRecovery[]): void {
		for (const recovery of recoveries) {
			this.positions.recovered(recovery);
			this.recoveryListeners.emit(recovery);
		}
		this.exchange.maxMessageBytes = this.session.info?.maxMessageBytes ?? 0;
		this.setState("ready");
		// A listener may have closed the client.
		if (this.link === undefined) return;
		this.heartbeat.start(this.session.info?.heartbeatIntervalMs ?? 0);
		this.session.keepFresh();
		this.openGate();
	}

	private onSessionEnded(): void {
		this.positions.clear();
		if (this.currentState !== "ready") return;
		this.heartbeat.stop();
		this.setState("open");
	}

	private onFrame(frame: Uint8Array, link: Link): void {
		let envelope: Envelope;
		try {
			envelope = Envelope.decode(frame);
		} catch {
			link.abandon("undecodable frame");
			return;
		}
		if (envelope.seq) {
			this.exchange.onReply(envelope);
			return;
		}
		if (envelope.protocol === pushes.reconnect.number) this.onReconnect(envelope);
		this.positions.note(envelope);
		this.subscriptions.deliver(envelope);
	}

	private onSuccess(contract: AnyRouteContract, reply: unknown): void {
		this.session.observe(contract, reply);
		if (contract.number === authRoutes.login.number) this.onSignedIn([]);
		if (contract.number === authRoutes.connect.number) {
			this.onSignedIn(((reply as ConnectResponse).recoveries ?? []) as ChannelRecovery[]);
		}
	}

	/** The node is about to stop. */
	private onReconnect(envelope: Envelope): void {
		try {
			const { delayMs } = pushes.reconnect.message.decode(envelope.body ?? EMPTY);
			this.connector.wish(delayMs);
			this.mover.announce(delayMs ?? 0);
		} catch (error) {
			this.settings.onError(error);
		}
	}

	private async beat(timeoutMs: number): Promise<void> {
		try {
			await this.exchange.call(authRoutes.heartbeat, { clientTimeMs: Date.now() }, { timeoutMs }, true);
		} catch (error) {
			const { code } = GatewayError.from(error);
			if (code === ErrorCode.TIMEOUT) this.connector.reopen("the server is silent");
			else if (code === ErrorCode.TOKEN_EXPIRED) await this.session.refresh().catch(() => {});
		}
	}

	private standDown(): void {
		this.link = undefined;
		this.exchange.detach();
		this.heartbeat.stop();
		this.mover.cancel();
		this.session.pause();
	}

	private onLost(info: CloseInfo, retryInMs: number): void {
		this.standDown();
		this.setState("backoff", { close: info, retryInMs });
		this.exchange.connectionLost();
	}

	private onRefused(info: CloseInfo): void {
		this.standDown();
		if (info.code === CloseCode.REVOKED) this.session.forget();
		this.setState("closed", { close: info });
		this.failAll(errorOfClose(info));
	}

	private failAll(error: GatewayError): void {
		const waiters = this.waiters;
		this.waiters = [];
		for (const waiter of waiters) waiter.reject(error);
		this.exchange.failAll(error);
	}

	private setState(state: ClientState, detail: StateDetail = {}): void {
		if (state === this.currentState && state !== "backoff") return;
		this.currentState = state;
		this.stateListeners.emit(state, detail);
	}
}
