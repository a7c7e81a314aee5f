// One client: its socket, its identity and encoding, and its calls in flight. The state machine is small:
// open → (leaving) → closing → closed; whether an open connection is authenticated shows in its identity.

import type { Identity } from "../common/identity.ts";
import { type BucketRate, TokenBucket } from "../common/token-bucket.ts";
import type { ChannelPosition } from "../messaging/broker.ts";
import type { FrameTexts } from "../messaging/live-audience.ts";
import { type CloseCode, type CloseDetail, closeReason } from "../protocol/codes.ts";
import type { AnyMessageType } from "../protocol/contract.ts";
import { isSendable } from "../protocol/message-bounds.ts";
import type { Peer, SubscribeOptions, SubscribeResult } from "./call.ts";
import type { CallQueue } from "./call-queue.ts";
import type { ClientFaults } from "./client-faults.ts";
import { deltaTopic, type Encoding, topicOf } from "./encoding.ts";
import type { Socket } from "./transport.ts";

export const ConnectionState = {
	OPEN: 0,
	/** Accepts no further requests, and closes when those in flight are answered. */
	LEAVING: 1,
	CLOSING: 2,
	CLOSED: 3,
} as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** What a connection needs of the gateway around it. One object, shared by all connections. */
export interface ConnectionHost {
	/** The text frame for a binary one, in the connection's dialect; undefined when the dialect has no message for it. */
	toText(connection: Connection, frame: Uint8Array, bodyType: AnyMessageType | undefined): string | undefined;
	readonly pushes: { pushFrame(connection: Connection, frame: Uint8Array, texts?: FrameTexts): void };
	readonly channels: {
		subscribeChannel(
			connection: Connection,
			channel: string,
			since: ChannelPosition | undefined,
			options?: SubscribeOptions,
		): Promise<SubscribeResult>;
		unsubscribeChannel(connection: Connection, channel: string): void;
	};
	/** The identity changed; `previous` and `next` are undefined when signed out. */
	onIdentityChanged(connection: Connection, previous: Identity | undefined, next: Identity | undefined): void;
}

export interface ConnectionOptions {
	readonly id: number;
	readonly socket: Socket;
	readonly host: ConnectionHost;
	readonly ip: string;
	/** What counts as one address. */
	readonly addressKey: string;
	readonly userAgent: string;
	readonly encoding: Encoding;
	readonly nowMs: number;
	readonly ipBucket: TokenBucket;
	/** Bytes that come from the address. */
	readonly ipByteBucket: TokenBucket;
}

export class Connection implements Peer {
	readonly id: number;
	readonly socket: Socket;
	readonly ip: string;
	readonly addressKey: string;
	readonly userAgent: string;
	readonly openedAtMs: number;
	/** When anything last came from the client, on the monotonic clock. */
	lastReceivedMs: number;
	lastPingMs: number;
	/** Since when the client has owed a login: the last answer that it got counts, not what it waited for that. */
	unauthenticatedSinceMs: number;
	/** Until when the last answer before a login asked the client to wait. */
	loginWaitUntilMs = 0;
	state: ConnectionState = ConnectionState.OPEN;
	/** When closing began; the socket is torn down if the client does not take part. */
	closingSinceMs = 0;
	/** The access token behind the identity has run out: only public routes are served until it is refreshed. */
	tokenExpired = false;
	identity: Identity | undefined = undefined;
	/** The encoding of the client's last frame; replies and pushes use it. */
	encoding: Encoding;
	/** Calls in flight and calls that wait for them; undefined until a call was not answered at once. */
	calls: CallQueue | undefined = undefined;
	readonly bucket = new TokenBucket();
	readonly ipBucket: TokenBucket;
	readonly byteBucket = new TokenBucket();
	readonly ipByteBucket: TokenBucket;
	/** Undefined until a ping or a pong came. */
	controlBucket: TokenBucket | undefined = undefined;
	/** The bucket of the user; undefined until authenticated. */
	userBucket: TokenBucket | undefined = undefined;
	/** Of an API key: how its bucket fills, in place of the rates of connections, users and addresses. */
	keyRate: BucketRate | undefined = undefined;
	/** Errors of the client's making; undefined until there is one. */
	faults: ClientFaults | undefined = undefined;
	private readonly host: ConnectionHost;
	private topics: Set<string> | undefined = undefined;
	/** Of the topics, those of which it is sent differences; undefined while there are none. */
	private deltaTopics: Set<string> | undefined = undefined;
	/** A close that waits for room in the byte budget. */
	private deferredClose: { readonly code: CloseCode; readonly reason: string } | undefined = undefined;

	constructor(options: ConnectionOptions) {
		this.id = options.id;
		this.socket = options.socket;
		this.host = options.host;
		this.ip = options.ip;
		this.addressKey = options.addressKey;
		this.userAgent = options.userAgent;
		this.encoding = options.encoding;
		this.ipBucket = options.ipBucket;
		this.ipByteBucket = options.ipByteBucket;
		this.openedAtMs = options.nowMs;
		this.lastReceivedMs = options.nowMs;
		this.lastPingMs = options.nowMs;
		this.unauthenticatedSinceMs = options.nowMs;
	}

	get isOpen(): boolean {
		return this.state === ConnectionState.OPEN;
	}

	get takesPushes(): boolean {
		return true;
	}

	/** Frames still reach the client. True also while the connection is leaving and its calls in flight finish. */
	get isReachable(): boolean {
		return this.state <= ConnectionState.LEAVING;
	}

	authenticate(identity: Identity): void {
		if (!this.isReachable) return;
		const previous = this.identity;
		this.identity = identity;
		this.tokenExpired = false;
		this.host.onIdentityChanged(this, previous, identity);
	}

	signOut(): void {
		const previous = this.identity;
		if (previous === undefined || !this.isReachable) return;
		this.identity = undefined;
		// The time of every received frame is recorded, so the last received frame is the logout itself.
		this.unauthenticatedSinceMs = this.lastReceivedMs;
		this.host.onIdentityChanged(this, previous, undefined);
	}

	/**
	 * A request was answered, or refused with a time to wait. A client that owes a login has its time for that from here on: it
	 * cannot log in while the gateway is working on it, or has asked it to wait.
	 */
	restartLoginTime(nowMs: number, waitMs: number): void {
		if (this.identity !== undefined) return;
		this.unauthenticatedSinceMs = nowMs;
		this.loginWaitUntilMs = nowMs + waitMs;
	}

	/** The process was paused for so long and could not read: the timeouts of this connection are extended by it. */
	extendTimeouts(pausedMs: number, nowMs: number): void {
		this.lastReceivedMs = Math.min(nowMs, this.lastReceivedMs + pausedMs);
		this.lastPingMs = Math.min(nowMs, this.lastPingMs + pausedMs);
		this.unauthenticatedSinceMs = Math.min(nowMs, this.unauthenticatedSinceMs + pausedMs);
		this.closingSinceMs = Math.min(nowMs, this.closingSinceMs + pausedMs);
	}

	/**
	 * Sends a frame in the client's encoding. One that does not fit into the byte budget is reported by the transport as
	 * dropped, which ends the connection.
	 *
	 * @param frame - binary envelope, copied before this returns.
	 * @param bodyType - what its body is, for clients that use JSON.
	 * @returns false when it is larger than what the gateway sends, and was not sent.
	 */
	send(frame: Uint8Array, bodyType: AnyMessageType | undefined): boolean {
		if (!this.isReachable) return true;
		if (!isSendable(frame)) return false;
		if (this.encoding === "protobuf") {
			this.socket.send(frame);
			return true;
		}
		const text = this.host.toText(this, frame, bodyType);
		if (text === undefined) return true;
		if (!isSendable(text)) return false;
		this.socket.send(text);
		return true;
	}

	push(frame: Uint8Array, texts?: FrameTexts): void {
		this.host.pushes.pushFrame(this, frame, texts);
	}

	bufferedBytes(): number {
		return this.socket.bufferedBytes();
	}

	join(topic: string): void {
		if (this.isOpen) this.subscribe(topic);
	}

	leave(topic: string): void {
		this.unsubscribe(topic);
	}

	subscribeChannel(channel: string, since?: ChannelPosition, options?: SubscribeOptions): Promise<SubscribeResult> {
		return this.host.channels.subscribeChannel(this, channel, since, options);
	}

	unsubscribeChannel(channel: string): void {
		this.host.channels.unsubscribeChannel(this, channel);
	}

	/** Changes the encoding to that of the client's last frame, and its subscriptions to the topics of that encoding. */
	setEncoding(encoding: Encoding): void {
		if (this.encoding === encoding) return;
		const topics = this.topics;
		if (topics) for (const topic of topics) this.socket.unsubscribe(this.transportTopic(topic));
		this.encoding = encoding;
		if (topics) for (const topic of topics) this.socket.subscribe(this.transportTopic(topic));
	}

	/** Also while it is leaving, as its calls in flight may subscribe; `join` is for open connections only. */
	subscribe(topic: string): void {
		if (!this.isReachable) return;
		this.topics ??= new Set();
		if (this.topics.has(topic)) return;
		this.topics.add(topic);
		this.socket.subscribe(this.transportTopic(topic));
	}

	unsubscribe(topic: string): void {
		if (!this.topics?.delete(topic)) return;
		this.socket.unsubscribe(this.transportTopic(topic));
		if (this.deltaTopics !== undefined) this.setDelta(topic, false);
	}

	/** From the next publication on it is sent differences on a topic that it is subscribed to, or whole publications. */
	takeDeltas(topic: string, takes: boolean): void {
		if (!this.topics?.has(topic) || (this.deltaTopics?.has(topic) ?? false) === takes) return;
		this.socket.unsubscribe(this.transportTopic(topic));
		this.setDelta(topic, takes);
		this.socket.subscribe(this.transportTopic(topic));
	}

	private setDelta(topic: string, takes: boolean): void {
		if (takes) {
			this.deltaTopics ??= new Set();
			this.deltaTopics.add(topic);
		} else this.deltaTopics?.delete(topic);
		if (this.deltaTopics?.size === 0) this.deltaTopics = undefined;
	}

	private transportTopic(topic: string): string {
		return topicOf(this.deltaTopics?.has(topic) ? deltaTopic(topic) : topic, this.encoding);
	}

	get subscriptions(): ReadonlySet<string> {
		return this.topics ?? NO_TOPICS;
	}

	/**
	 * Closes with a code and its reason.
	 *
	 * @param detail - what the reason adds to the name of the code.
	 */
	close(code: CloseCode, nowMs: number, detail?: CloseDetail): void {
		if (this.state >= ConnectionState.CLOSING) return;
		this.state = ConnectionState.CLOSING;
		this.closingSinceMs = nowMs;
		this.socket.end(code, closeReason(code, detail));
	}

	/**
	 * Closes a client whose byte budget is full: a close frame would not fit either, so it is sent when the client has
	 * read something. A client that never reads is torn down by the sweep. Topics are unsubscribed: their pushes would arrive
	 * after an unreported gap, and the client would reconnect with a position beyond it.
	 */
	closeWhenDrained(code: CloseCode, nowMs: number): void {
		if (this.state >= ConnectionState.CLOSING) return;
		this.state = ConnectionState.CLOSING;
		this.closingSinceMs = nowMs;
		this.deferredClose = { code, reason: closeReason(code) };
		this.socket.unsubscribeDeferred([...this.subscriptions].map((topic) => this.transportTopic(topic)));
	}

	/** The client has read something. */
	drained(): void {
		if (this.deferredClose === undefined || this.state !== ConnectionState.CLOSING) return;
		const { code, reason } = this.deferredClose;
		this.deferredClose = undefined;
		this.socket.end(code, reason);
	}

	/** Accepts no further requests. @returns whether requests are in flight; call `close` when they are settled. */
	beginDrain(): boolean {
		if (this.state === ConnectionState.OPEN) this.state = ConnectionState.LEAVING;
		return this.state === ConnectionState.LEAVING && this.calls !== undefined && this.calls.length > 0;
	}

	/** The socket is gone. */
	markClosed(): void {
		this.state = ConnectionState.CLOSED;
	}
}

const NO_TOPICS: ReadonlySet<string> = new Set();
