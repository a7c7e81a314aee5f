// What runs behind a client: keeps a connection up, signs in before anything else goes out, presents the positions of
// its channels, and hands pushes and replies to those who wait for them.

import type { AnyWireRoute } from "../../protocol/codec/wire.ts";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { authPushes, authRoutes, type ConnectResponse } from "../../protocol/gen/codec/auth.ts";
import { channelPushes } from "../../protocol/gen/codec/channel.ts";
import { Envelope } from "../../protocol/gen/codec/envelope.ts";
import { identityRoutes } from "../../protocol/gen/codec/identity.ts";
import { Channels, type Recovery, subscribedBy } from "../channels/channels.ts";
import { Subscriptions } from "../channels/subscriptions.ts";
import { errorOfClose } from "../errors.ts";
import { HttpClient } from "../http/http-client.ts";
import { KeyedListeners } from "../keyed-listeners.ts";
import { Listeners } from "../listeners.ts";
import type { Settings } from "../options.ts";
import { RequestClient } from "../requests/request-client.ts";
import { Connector } from "./connector.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { CloseInfo, Link } from "./link.ts";
import { NodeMigration } from "./node-migration.ts";
import { endsSession, Session } from "./session.ts";

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

/** Routes whose success authenticates the connection and subscribes it to the user's own channels. */
const SIGNS_IN: ReadonlySet<number> = new Set([
	authRoutes.connect.number,
	authRoutes.login.number,
	identityRoutes.loginGuest.number,
]);

export class ConnectionManager {
	readonly requestClient: RequestClient;
	readonly session: Session;
	readonly http: HttpClient;
	readonly channels: Channels;
	readonly subscriptions: Subscriptions;
	readonly stateListeners: Listeners<[ClientState, StateDetail]>;
	readonly recoveryListeners: Listeners<[Recovery]>;
	/** By channel. */
	readonly channelListeners: KeyedListeners<[Recovery]>;
	readonly onError: (error: unknown) => void;
	private readonly connector: Connector;
	private readonly heartbeat: Heartbeat;
	private readonly migration: NodeMigration;
	private waiters: Waiter[] = [];
	private currentState: ClientState = "closed";
	private link: Link | undefined;

	constructor(settings: Settings) {
		const { onError } = settings;
		this.onError = onError;
		this.requestClient = new RequestClient(settings, {
			onSuccess: (contract, reply) => this.onSuccess(contract, reply),
			onSettled: () => this.migration.onSettled(),
			refresh: () => (this.session.canRefresh ? this.session.refresh() : undefined),
		});
		this.subscriptions = new Subscriptions(onError);
		this.stateListeners = new Listeners(onError);
		this.recoveryListeners = new Listeners(onError);
		this.channelListeners = new KeyedListeners(onError);
		this.channels = new Channels({
			onPush: (envelope) => this.subscriptions.deliver(envelope),
			onRecovery: (recovery) => {
				this.recoveryListeners.emit(recovery);
				this.channelListeners.emit(recovery.channel, recovery);
			},
		});
		this.session = new Session(settings.tokens, onError, {
			sendRefreshToken: (refreshToken) => this.sendRefreshToken(refreshToken),
			getToken: settings.getToken,
			// Otherwise it is presented when signing in.
			presentToken: async () => (this.currentState === "ready" ? await this.presentToken() : undefined),
			onEnded: () => this.onSessionEnded(),
		});
		this.http = new HttpClient({ ...settings, urls: settings.httpUrls }, this.session, (route, reply) =>
			this.onHttpSuccess(route, reply),
		);
		this.heartbeat = new Heartbeat((timeoutMs) => this.beat(timeoutMs), settings.random);
		this.migration = new NodeMigration({
			hold: () => this.requestClient.hold(),
			inFlightCount: () => this.requestClient.inFlightCount,
			go: () => this.connector.reopen("the node is about to stop", 0),
		});
		this.connector = new Connector(settings, {
			onConnecting: () => this.setState("connecting"),
			onOpen: (link) => void this.onOpen(link),
			onFrame: (frame, link) => this.onFrame(frame, link),
			onLost: (info, retryInMs) => this.onLost(info, retryInMs),
			onRefused: (info) => this.onRefused(info),
		});
	}

	get state(): ClientState {
		return this.currentState;
	}

	get isRunning(): boolean {
		return this.connector.isRunning;
	}

	start(): void {
		this.connector.start();
	}

	/** Starts, and waits until requests are served; see `Client.connect`. */
	connect(): Promise<void> {
		if (this.requestClient.isOpen) return Promise.resolve();
		const served = new Promise<void>((resolve, reject) => this.waiters.push({ resolve, reject }));
		this.connector.start();
		return served;
	}

	close(): void {
		this.connector.stop();
		this.onDisconnected();
		this.setState("closed");
		this.failAll(new GatewayError(ErrorCode.UNAVAILABLE, "the client was closed"));
	}

	private async onOpen(link: Link): Promise<void> {
		this.link = link;
		this.requestClient.attach(link);
		this.setState("open");
		await this.session.load();
		if (this.link !== link) return;
		if (this.session.tokens === undefined && !this.session.canRefresh) {
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

	/** Presents the access token, renewed or fetched first if it has expired or there is none. `onSignedIn` does the rest. */
	async signIn(): Promise<void> {
		if (this.session.needsToken) await this.session.refresh();
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
		const request = { accessToken, positions: this.channels.present(), deltaChannels: this.channels.presentDeltas() };
		return this.requestClient.call(authRoutes.connect, request, {}, true);
	}

	/** For calls over HTTP the tokens are renewed without a connection, too. */
	private sendRefreshToken(refreshToken: string): Promise<unknown> {
		const { refreshToken: route } = authRoutes;
		if (!this.requestClient.isAttached) return this.http.request(route, { refreshToken });
		return this.requestClient.call(route, { refreshToken }, {}, true);
	}

	private openGate(error?: unknown): void {
		const waiters = this.waiters;
		this.waiters = [];
		for (const waiter of waiters) {
			if (error === undefined) waiter.resolve();
			else waiter.reject(error);
		}
		this.requestClient.open();
	}

	private onSignedIn(): void {
		// A listener of a recovery may have closed the client.
		if (this.link === undefined) return;
		this.requestClient.maxMessageBytes = this.session.info?.maxMessageBytes ?? 0;
		this.setState("ready");
		// A listener may have closed the client.
		if (this.link === undefined) return;
		this.heartbeat.start(this.session.info?.heartbeatIntervalMs ?? 0);
		this.session.keepFresh();
		this.openGate();
	}

	private onSessionEnded(): void {
		this.forgetPlaces();
		if (this.currentState !== "ready") return;
		this.heartbeat.stop();
		this.setState("open");
	}

	private forgetPlaces(): void {
		this.channels.clear();
		this.subscriptions.forgetReceived();
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
			this.requestClient.onReply(envelope);
			return;
		}
		if (envelope.protocol === authPushes.reconnect.number) this.onReconnect(envelope);
		if (envelope.protocol === channelPushes.channelReset.number) this.onChannelReset(envelope);
		this.channels.receive(envelope);
	}

	private onSuccess(contract: AnyWireRoute, reply: unknown): void {
		const { number } = contract;
		this.observe(contract, reply);
		for (const [channel, place] of subscribedBy(reply)) this.channels.subscribed(channel, place);
		if (number === authRoutes.connect.number) this.channels.resumed((reply as ConnectResponse).recoveries ?? []);
		if (SIGNS_IN.has(number)) this.onSignedIn();
	}

	/** A session that begins over HTTP is that of the connection, too: it is opened again and signs in. */
	private onHttpSuccess(contract: AnyWireRoute, reply: unknown): void {
		this.observe(contract, reply);
		if (SIGNS_IN.has(contract.number) && this.link !== undefined) this.connector.reopen("another session began", 0);
	}

	private observe(contract: AnyWireRoute, reply: unknown): void {
		const previousUserId = this.session.user?.id ?? "";
		this.session.observe(contract, reply);
		const userId = this.session.user?.id ?? "";
		// The channels of another user are not continued.
		if (previousUserId !== "" && userId !== "" && userId !== previousUserId) this.forgetPlaces();
	}

	private onChannelReset(envelope: Envelope): void {
		try {
			const { channel, offset = 0, epoch = "" } = channelPushes.channelReset.message.decode(envelope.body ?? EMPTY);
			if (channel) this.channels.reset(channel, { offset, epoch });
		} catch (error) {
			this.onError(error);
		}
	}

	/** The node is about to stop. */
	private onReconnect(envelope: Envelope): void {
		try {
			const { delayMs } = authPushes.reconnect.message.decode(envelope.body ?? EMPTY);
			this.connector.preferDelay(delayMs);
			this.migration.announce(delayMs ?? 0);
		} catch (error) {
			this.onError(error);
		}
	}

	private async beat(timeoutMs: number): Promise<void> {
		try {
			await this.requestClient.call(authRoutes.heartbeat, { clientTimeMs: Date.now() }, { timeoutMs }, true);
		} catch (error) {
			const { code } = GatewayError.from(error);
			if (code === ErrorCode.TIMEOUT) this.connector.reopen("the server is silent");
			else if (code === ErrorCode.TOKEN_EXPIRED) await this.session.refresh().catch(() => {});
		}
	}

	private onDisconnected(): void {
		this.link = undefined;
		this.channels.interrupted();
		this.requestClient.detach();
		this.heartbeat.stop();
		this.migration.cancel();
		this.session.pause();
	}

	private onLost(info: CloseInfo, retryInMs: number): void {
		this.onDisconnected();
		this.setState("backoff", { close: info, retryInMs });
		this.requestClient.connectionLost();
	}

	private onRefused(info: CloseInfo): void {
		this.onDisconnected();
		if (info.code === CloseCode.REVOKED) this.session.forget();
		this.setState("closed", { close: info });
		this.failAll(errorOfClose(info));
	}

	private failAll(error: GatewayError): void {
		const waiters = this.waiters;
		this.waiters = [];
		for (const waiter of waiters) waiter.reject(error);
		this.requestClient.failAll(error);
	}

	private setState(state: ClientState, detail: StateDetail = {}): void {
		if (state === this.currentState && state !== "backoff") return;
		this.currentState = state;
		this.stateListeners.emit(state, detail);
	}
}
