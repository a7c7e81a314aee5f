// The life cycle of connections: which are accepted, to which session they are bound, when they are closed and with which
// reason. The dispatcher handles the messages.

import type { Identity } from "../common/identity.ts";
import { ipKey } from "../common/ip-key.ts";
import type { ChannelPosition } from "../messaging/broker.ts";
import type { ConnectionListener, FrameTexts } from "../messaging/live-audience.ts";
import type { NodeEvent, RevocationReason } from "../messaging/node-bus.ts";
import { CloseCode } from "../protocol/codes.ts";
import type { AnyMessageType, PushContract } from "../protocol/contract.ts";
import { EnvelopeReader, EnvelopeWriter, type Position } from "../protocol/envelope.ts";
import { pushContracts, pushes } from "../protocol/gen/schema.ts";
import { isSendable } from "../protocol/message-bounds.ts";
import type { SubscribeResult } from "./call.ts";
import type { ChannelSubscriptions } from "./channel-subscriptions.ts";
import { Connection, type ConnectionHost, ConnectionState } from "./connection.ts";
import { type AdmissionLimits, ConnectionAdmission, FULL_RETRY_MS, noRoom } from "./connection-admission.ts";
import type { ConnectionCounters } from "./connection-counters.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type Encoding, topicOf } from "./encoding.ts";
import type { Hub } from "./hub.ts";
import type { OriginPolicy } from "./origin.ts";
import type { RateLimits } from "./rate-limits.ts";
import { REVOCATION_REASONS, RevokedSessions } from "./revoked-sessions.ts";
import type { TextDialect } from "./text-dialect.ts";
import type { Socket, SocketEvents, Transport, UpgradeDecision, UpgradeRequest } from "./transport.ts";

/** Limits on connections. Replaced as a whole on reload. */
export interface ConnectionLimits extends AdmissionLimits {
	readonly maxConnectionsPerUser: number;
	readonly maxConnectionsPerSession: number;
	readonly authTimeoutMs: number;
	readonly heartbeatIntervalMs: number;
	readonly idleTimeoutMs: number;
	/** How long a connection is kept after its access token ran out. */
	readonly tokenGraceMs: number;
}

export interface GatewayOptions {
	readonly hub: Hub;
	readonly dispatcher: Dispatcher;
	readonly rates: RateLimits;
	readonly counters: ConnectionCounters;
	readonly limits: ConnectionLimits;
	readonly isOriginAllowed: OriginPolicy;
	readonly dialects: readonly TextDialect[];
	/** A push was larger than what the gateway sends, in the encoding of those who were to get it, and was not sent. */
	readonly onOversized?: (protocol: number) => void;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Is notified which users have a connection to this process. Calls are cheap and never throw. */
export interface PresenceListener {
	/** A user has the first connection here. */
	onOnline(userId: string): void;
	/** A user's last connection here is gone. */
	onOffline(userId: string): void;
}

/** Sub-protocols that the gateway supports, with the initial encoding of each. */
export const subProtocols: ReadonlyMap<string, Encoding> = new Map([
	["framegate.v1", "protobuf"],
	["framegate.v1.json", "json"],
]);

/**
 * Connections over the limit are accepted and get an error frame and a close code, since a browser cannot read an HTTP error.
 * Beyond this many more, accepting them would itself be the overload, and the upgrade is answered with a plain 503.
 */
const OVERLIMIT_CONNECTIONS = 500;

export class Gateway implements SocketEvents<Connection>, ConnectionHost {
	limits: ConnectionLimits;
	/** Set once the transport exists; publishing before that reaches nobody, as there is nobody. */
	transport: Transport | undefined = undefined;
	/** Set before listening. */
	channels: ChannelSubscriptions | undefined = undefined;
	readonly presence: PresenceListener[] = [];
	/** Are notified when a connection drains or closes. */
	readonly watchers: ConnectionListener[] = [];
	/** While draining, new connections are sent elsewhere. */
	draining = false;
	private readonly options: GatewayOptions;
	private readonly writer = new EnvelopeWriter();
	private readonly reader = new EnvelopeReader();
	private nextId = 1;
	private readonly admission: ConnectionAdmission;
	private readonly revoked = new RevokedSessions();

	constructor(options: GatewayOptions) {
		this.options = options;
		this.limits = options.limits;
		this.admission = new ConnectionAdmission(options);
	}

	upgrade(request: UpgradeRequest): UpgradeDecision | undefined {
		if (this.options.hub.size >= this.limits.maxConnections + OVERLIMIT_CONNECTIONS) {
			this.options.counters.refused++;
			return undefined;
		}
		return { protocol: request.protocols.find((name) => subProtocols.has(name)) ?? "" };
	}

	open(socket: Socket, request: UpgradeRequest): Connection {
		const { hub, rates, counters } = this.options;
		const offered = request.protocols.find((name) => subProtocols.has(name));
		const addressKey = ipKey(request.ip);
		const connection = new Connection({
			...{ id: this.nextId++, socket, host: this },
			...{ ip: request.ip, addressKey },
			userAgent: request.userAgent,
			encoding: subProtocols.get(offered ?? "") ?? this.encodingOf(request),
			nowMs: this.options.now(),
			ipBucket: rates.addresses.hold(addressKey),
			ipByteBucket: rates.addressBytes.hold(addressKey),
		});
		hub.add(connection);
		this.admission.unauthenticated.add(connection);
		counters.opened++;
		return connection;
	}

	opened(connection: Connection, request: UpgradeRequest): void {
		const rejection = this.draining
			? noRoom("this node is stopping", FULL_RETRY_MS)
			: this.admission.rejection(connection, request.origin, this.limits);
		if (rejection !== undefined) {
			this.options.counters.refused++;
			this.options.dispatcher.sendUnsolicitedError(connection, rejection.error);
			const { retryAfterMs } = rejection.error;
			connection.close(rejection.code, this.options.now(), retryAfterMs > 0 ? { retryAfterMs } : {});
			return;
		}
		const victim = this.admission.surplus(connection, this.limits);
		if (victim !== undefined) this.evict(victim);
		if (request.token !== "") this.options.dispatcher.connect(connection, request.token);
	}

	message(connection: Connection, message: Uint8Array, isBinary: boolean): void {
		const { counters, dispatcher, rates } = this.options;
		counters.messagesIn++;
		counters.bytesIn += message.length;
		if (!connection.isOpen) {
			this.controlFrame(connection, 0);
			return;
		}
		const waitMs = rates.takeReceivedBytes(connection, message.length, this.options.now());
		if (waitMs === 0) {
			dispatcher.message(connection, message, isBinary);
			return;
		}
		counters.overByteBudget++;
		dispatcher.refuseFrame(connection, message, isBinary, waitMs);
	}

	drain(connection: Connection): void {
		this.options.counters.drained++;
		connection.drained();
		for (const watcher of this.watchers) watcher.onDrained(connection);
	}

	dropped(connection: Connection): void {
		// The transport also reports what it drops of a connection that is being closed for the first drop.
		if (connection.state >= ConnectionState.CLOSING) return;
		this.options.counters.dropped++;
		connection.closeWhenDrained(CloseCode.SLOW_CONSUMER, this.options.now());
	}

	ping(connection: Connection, bytes: number): void {
		this.controlFrame(connection, bytes);
	}

	pong(connection: Connection, bytes: number): void {
		connection.lastReceivedMs = this.options.now();
		this.controlFrame(connection, bytes);
	}

	/**
	 * A frame that is no request was received: a ping, which the library answers, a pong, or a frame after the close. Each is
	 * cheap, but the library reads a socket for as long as data is available: a client that never stops would block the loop.
	 */
	private controlFrame(connection: Connection, bytes: number): void {
		const { rates, counters } = this.options;
		const nowMs = this.options.now();
		counters.controlFrames++;
		if (rates.takeControl(connection, nowMs) === 0 && rates.takeReceivedBytes(connection, bytes, nowMs) === 0) return;
		counters.controlFloods++;
		if (connection.state >= ConnectionState.CLOSING) connection.socket.terminate();
		else connection.close(CloseCode.LIMIT, nowMs, { text: "too many control frames" });
	}

	close(connection: Connection, code: number): void {
		const { hub, rates, counters, dispatcher } = this.options;
		this.channels?.forget(connection);
		hub.remove(connection);
		this.admission.unauthenticated.delete(connection);
		dispatcher.forget(connection);
		rates.addresses.release(connection.addressKey);
		rates.addressBytes.release(connection.addressKey);
		if (connection.identity !== undefined) rates.users.release(connection.identity.userId);
		this.notifyIfOffline(connection.identity?.userId);
		for (const watcher of this.watchers) watcher.onClosed(connection);
		connection.markClosed();
		counters.closedBy(code);
	}

	identityChanged(connection: Connection, previous: Identity | undefined, next: Identity | undefined): void {
		const { hub, rates } = this.options;
		hub.rebind(connection, previous, next);
		if (next === undefined) this.admission.unauthenticated.add(connection);
		else this.admission.unauthenticated.delete(connection);
		if (previous?.userId !== next?.userId) {
			if (previous !== undefined) {
				rates.users.release(previous.userId);
				// The subscriptions of one user end before the next user gets the connection.
				for (const channel of [...connection.subscriptions]) this.unsubscribeChannel(connection, channel);
				for (const watcher of this.watchers) watcher.onClosed(connection);
			}
			connection.userBucket = next === undefined ? undefined : rates.users.hold(next.userId);
		}
		if (previous?.userId !== next?.userId) this.notifyIfOffline(previous?.userId);
		if (next === undefined) return;
		if (previous?.userId !== next.userId && hub.countOfUser(next.userId) === 1) {
			for (const keeper of this.presence) keeper.onOnline(next.userId);
		}
		const revoked = this.revoked.reasonOf(next.sessionId);
		if (revoked !== undefined) {
			this.revoke(connection, next.sessionId, revoked);
			return;
		}
		this.closeOldest(
			hub.ofSession,
			hub.countOfSession(next.sessionId),
			next.sessionId,
			this.limits.maxConnectionsPerSession,
		);
		this.closeOldest(hub.ofUser, hub.countOfUser(next.userId), next.userId, this.limits.maxConnectionsPerUser);
	}

	toText(connection: Connection, frame: Uint8Array, bodyType: AnyMessageType | undefined): string | undefined {
		const dialect = this.options.dialects.find(({ encoding }) => encoding === connection.encoding);
		return dialect?.write(connection, frame, bodyType);
	}

	join(connection: Connection, topic: string): void {
		this.options.hub.subscribe(connection, topic);
	}

	leave(connection: Connection, topic: string): void {
		this.options.hub.unsubscribe(connection, topic);
	}

	subscribeChannel(
		connection: Connection,
		channel: string,
		since: ChannelPosition | undefined,
	): Promise<SubscribeResult> {
		if (this.channels === undefined) throw new Error("no channels yet");
		return this.channels.subscribeChannel(connection, channel, since);
	}

	unsubscribeChannel(connection: Connection, channel: string): void {
		this.channels?.unsubscribeChannel(connection, channel);
	}

	/** Sends a push to one connection. */
	push<Message, Properties>(
		connection: Connection,
		contract: PushContract<Message, Properties>,
		message: Properties,
		position?: Position,
	): void {
		const frame = this.writer.push(contract.number, contract.message, message, position);
		if (!connection.send(frame, contract.message)) this.oversized(frame);
	}

	/**
	 * Sends one frame to every subscriber of a topic: the same bytes to all, and once more in each text dialect that
	 * has subscribers.
	 */
	publish(topic: string, frame: Uint8Array): void {
		if (this.transport === undefined) return;
		const isWhole = isSendable(frame);
		if (isWhole) this.transport.publish(topicOf(topic, "protobuf"), frame);
		else this.oversized(frame);
		for (const dialect of isWhole ? this.options.dialects : []) {
			const textTopic = topicOf(topic, dialect.encoding);
			if (this.transport.subscriberCount(textTopic) === 0) continue;
			const text = dialect.write(undefined, frame, this.pushType(frame));
			if (text !== undefined && isSendable(text)) this.transport.publish(textTopic, text);
			else if (text !== undefined) this.oversized(frame);
		}
	}

	pushFrame(connection: Connection, frame: Uint8Array, texts?: FrameTexts): void {
		const { encoding } = connection;
		if (encoding === "protobuf" || texts === undefined) {
			const type = encoding === "protobuf" ? undefined : this.pushType(frame);
			if (!connection.send(frame, type)) this.oversized(frame);
			return;
		}
		if (!texts.has(encoding)) texts.set(encoding, this.toText(connection, frame, this.pushType(frame)));
		const text = texts.get(encoding);
		if (text === undefined || !connection.isReachable) return;
		if (isSendable(text)) connection.socket.send(text);
		else this.oversized(frame);
	}

	private oversized(frame: Uint8Array): void {
		this.options.counters.oversized++;
		this.options.onOversized?.(this.reader.read(frame) ? this.reader.protocol : 0);
	}

	/** What the body of a push frame is; only asked for clients that speak JSON. */
	private pushType(frame: Uint8Array): AnyMessageType | undefined {
		return this.reader.read(frame) ? pushContracts.get(this.reader.protocol)?.message : undefined;
	}

	/** Handles an event that another process, or this one, published to all. */
	nodeEvent(event: NodeEvent): void {
		switch (event.type) {
			case "sessions-revoked":
				for (const sessionId of event.sessionIds) this.revokeSession(sessionId, event.reason);
				return;
			case "membership-changed":
				this.channels?.membershipChanged(event.userId, event.channel, event.follows, event.after);
				return;
			default:
				event satisfies never;
		}
	}

	private revokeSession(sessionId: string, reason: RevocationReason): void {
		this.revoked.record(sessionId, reason, this.options.now());
		for (const connection of this.options.hub.ofSession(sessionId)) this.revoke(connection, sessionId, reason);
	}

	/** Forgets sessions revoked so long ago that every login of that time is settled. Call about once a second. */
	sweep(nowMs: number): void {
		this.revoked.sweep(nowMs);
	}

	/** Sends SessionRevoked to a client, and closes its connection. */
	revoke(connection: Connection, sessionId: string, reason: RevocationReason): void {
		this.push(connection, pushes.sessionRevoked, { sessionId, reason: REVOCATION_REASONS[reason] });
		connection.close(CloseCode.REVOKED, this.options.now(), { text: reason });
	}

	/** Asks a client to reconnect to another node after a delay. */
	requestReconnect(connection: Connection, delayMs: number, reason: string): void {
		this.push(connection, pushes.reconnect, { delayMs: Math.ceil(delayMs), reason });
	}

	/**
	 * What a client speaks that offered no sub-protocol and has said nothing yet. A browser that brings its token in the
	 * address is an older front end, where such are served; it could do nothing with a binary frame.
	 */
	private encodingOf({ origin, token }: UpgradeRequest): Encoding {
		const isOlderFrontEnd = origin !== "" && token !== "";
		const isServed = this.options.dialects.some(({ encoding }) => encoding === "edge-json");
		return isOlderFrontEnd && isServed ? "edge-json" : "protobuf";
	}

	private evict(victim: Connection): void {
		this.options.counters.evicted++;
		const { code, error } = noRoom("another connection needs the place of one that has not logged in", FULL_RETRY_MS);
		this.options.dispatcher.sendUnsolicitedError(victim, error);
		victim.close(code, this.options.now(), { retryAfterMs: FULL_RETRY_MS });
	}

	/** Connections that have not logged in. */
	get unauthenticatedCount(): number {
		return this.admission.unauthenticated.size;
	}

	private notifyIfOffline(userId: string | undefined): void {
		if (userId === undefined || this.options.hub.countOfUser(userId) > 0) return;
		for (const keeper of this.presence) keeper.onOffline(userId);
	}

	/** A newer connection takes the place of the oldest ones over a limit. */
	private closeOldest(of: Hub["ofUser"], count: number, key: string, max: number): void {
		if (count <= max) return;
		const surplus = of.call(this.options.hub, key).slice(0, count - max);
		for (const connection of surplus) connection.close(CloseCode.REPLACED, this.options.now());
	}
}
