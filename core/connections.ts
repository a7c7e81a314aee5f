// The life cycle of connections: made, bound to a session, drained, closed. Which ones may stay is decided by the admission;
// the dispatcher handles the messages.

import type { Hooks } from "../common/hooks.ts";
import type { Identity } from "../common/identity.ts";
import { ipKey } from "../common/ip-key.ts";
import type { ConnectionListener } from "../messaging/live-audience.ts";
import { CloseCode } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";
import { tooManyBytes } from "./call-errors.ts";
import type { ChannelSubscriptions } from "./channel-subscriptions.ts";
import { ClientFaults, FLOOD_RETRY_MS } from "./client-faults.ts";
import { Connection, type ConnectionHost, ConnectionState } from "./connection.ts";
import { type ConnectionAdmission, type ConnectionRejection, eviction } from "./connection-admission.ts";
import type { ConnectionCounters } from "./connection-counters.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type Encoding, subProtocols, supportedProtocol } from "./encoding.ts";
import type { Hub } from "./hub.ts";
import type { IdentityUpdates } from "./identity-updates.ts";
import type { PushSender } from "./push-sender.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SessionRevocation } from "./session-revocation.ts";
import { type TextDialect, type TextWriter, textWriter } from "./text-dialect.ts";
import type { Socket, SocketEvents, UpgradeDecision, UpgradeRequest } from "./transport.ts";

export interface ConnectionsOptions {
	readonly hub: Hub;
	readonly admission: ConnectionAdmission;
	readonly dispatcher: Dispatcher;
	readonly pushes: PushSender;
	readonly channels: ChannelSubscriptions;
	readonly revocation: SessionRevocation;
	readonly identities: IdentityUpdates;
	readonly rates: RateLimits;
	readonly counters: ConnectionCounters;
	readonly dialects: readonly TextDialect[];
	readonly presence: readonly PresenceListener[];
	readonly listeners: readonly ConnectionListener[];
	/** What the operator's own code does at the end of a session's connection. */
	readonly hooks?: Pick<Hooks, "disconnect">;
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

/** What connections are closed with for what the client sent. */
const FAULT_CODES = new Set<number>([CloseCode.BAD_FRAME, CloseCode.LIMIT, CloseCode.TRY_LATER]);
/**
 * A client that goes on for so many bytes, without waiting as the error says, is cut off without a close frame: behind one the
 * library would read on, and reading is what a flood costs. Some large messages that were sent before the error was read fit.
 */
const MAX_REFUSED_BYTES = 262_144;

export class Connections implements SocketEvents<Connection>, ConnectionHost {
	readonly pushes: PushSender;
	readonly channels: ChannelSubscriptions;
	readonly toText: TextWriter;
	private readonly options: ConnectionsOptions;
	private nextId = 1;

	constructor(options: ConnectionsOptions) {
		this.options = options;
		this.pushes = options.pushes;
		this.channels = options.channels;
		this.toText = textWriter(options.dialects);
	}

	upgrade(request: UpgradeRequest): UpgradeDecision | GatewayError {
		const rejection = this.options.admission.upgradeRejection(ipKey(request.ip), this.options.now());
		if (rejection !== undefined) {
			this.options.counters.refused++;
			return rejection;
		}
		return { protocol: confirmedProtocol(request.protocols) };
	}

	open(socket: Socket, request: UpgradeRequest): Connection {
		const { hub, rates, counters, admission } = this.options;
		const addressKey = ipKey(request.ip);
		const connection = new Connection({
			id: this.nextId++,
			socket,
			host: this,
			ip: request.ip,
			addressKey,
			userAgent: request.userAgent,
			encoding: this.encodingOf(request),
			nowMs: this.options.now(),
			ipBucket: rates.addresses.hold(addressKey),
			ipByteBucket: rates.addressBytes.hold(addressKey),
		});
		hub.add(connection);
		admission.unauthenticated.add(connection);
		counters.opened++;
		return connection;
	}

	opened(connection: Connection, request: UpgradeRequest): void {
		const { admission, counters, dispatcher } = this.options;
		const rejection = admission.rejection(connection, request);
		if (rejection !== undefined) {
			counters.refused++;
			this.reject(connection, rejection);
			return;
		}
		const victim = admission.surplus(connection);
		if (victim !== undefined) {
			counters.evicted++;
			this.reject(victim, eviction());
		}
		if (request.token !== "") dispatcher.connect(connection, request.token);
	}

	message(connection: Connection, message: Uint8Array, isBinary: boolean): void {
		const { counters, dispatcher, rates } = this.options;
		counters.messagesIn++;
		counters.bytesIn += message.length;
		if (!connection.isOpen) {
			this.controlFrame(connection, message.length);
			return;
		}
		const nowMs = this.options.now();
		const waitMs = rates.takeReceivedBytes(connection, message.length, nowMs);
		if (waitMs === 0) {
			dispatcher.message(connection, message, isBinary);
			return;
		}
		counters.overByteBudget++;
		connection.faults ??= new ClientFaults(nowMs);
		if (connection.faults.refuseBytes(message.length, nowMs) > MAX_REFUSED_BYTES) this.cutOff(connection, nowMs);
		else dispatcher.refuseFrame(connection, message, isBinary, tooManyBytes(waitMs));
	}

	drain(connection: Connection): void {
		this.options.counters.drained++;
		connection.drained();
		for (const listener of this.options.listeners) listener.onDrained(connection);
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
		// The answer to a ping behind an error reply is no frame that the client sends by itself.
		if (connection.faults?.onPong() !== true) this.controlFrame(connection, bytes);
	}

	close(connection: Connection, code: number): void {
		const { hub, admission, rates, counters, dispatcher, channels, listeners } = this.options;
		channels.forget(connection);
		hub.remove(connection);
		admission.unauthenticated.delete(connection);
		dispatcher.forget(connection);
		rates.addresses.release(connection.addressKey);
		rates.addressBytes.release(connection.addressKey);
		if (connection.identity !== undefined) rates.users.release(connection.identity.userId);
		if (this.options.hooks?.disconnect !== undefined) this.notifyHook(connection, connection.identity);
		this.notifyIfOffline(connection.identity?.userId);
		for (const listener of listeners) listener.onClosed(connection);
		connection.markClosed();
		counters.closedBy(code);
		if (FAULT_CODES.has(code)) {
			rates.chargeFault(connection.addressKey, this.options.now());
		}
	}

	onIdentityChanged(connection: Connection, previous: Identity | undefined, next: Identity | undefined): void {
		const { hub, admission, presence, revocation, identities } = this.options;
		hub.rebind(connection, previous, next);
		const hasLeft = previous !== undefined && previous.sessionId !== next?.sessionId;
		if (hasLeft && this.options.hooks?.disconnect !== undefined) this.notifyHook(connection, previous);
		if (next === undefined) admission.unauthenticated.add(connection);
		else admission.unauthenticated.delete(connection);
		if (previous?.userId !== next?.userId) {
			this.userChanged(connection, previous?.userId, next);
			this.notifyIfOffline(previous?.userId);
		}
		if (next === undefined) return;
		if (previous?.userId !== next.userId) {
			for (const listener of this.options.listeners) listener.onAuthenticated?.(connection);
		}
		if (next.key === undefined && previous?.userId !== next.userId && hub.countOfUser(next.userId) === 1) {
			for (const listener of presence) listener.onOnline(next.userId);
		}
		if (revocation.endIfRevoked(connection, next.sessionId)) return;
		identities.renewBound(connection, next.userId);
		// Closing those of the session may leave the user with few enough.
		this.replace(admission.surplusOfSession(next));
		this.replace(admission.surplusOfUser(next));
	}

	/** The subscriptions of one user end before the next user gets the connection. */
	private userChanged(connection: Connection, previousId: string | undefined, next: Identity | undefined): void {
		const { rates, channels, listeners } = this.options;
		if (previousId !== undefined) {
			rates.users.release(previousId);
			for (const channel of [...connection.subscriptions]) channels.unsubscribeChannel(connection, channel);
			for (const listener of listeners) listener.onClosed(connection);
		}
		connection.userBucket = next === undefined ? undefined : rates.users.hold(next.userId);
		connection.keyRate = next?.key?.rate;
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
		if (connection.state >= ConnectionState.CLOSING) this.cutOff(connection, nowMs);
		else
			connection.close(CloseCode.TRY_LATER, nowMs, { text: "too many control frames", retryAfterMs: FLOOD_RETRY_MS });
	}

	/** Ends the connection of a client that goes on sending against all limits. What it has sent already is not even read. */
	private cutOff(connection: Connection, nowMs: number): void {
		this.options.rates.chargeFault(connection.addressKey, nowMs);
		connection.socket.terminate();
	}

	/**
	 * The encoding of a client that has sent nothing yet. One that offers no sub-protocol and brings its token in the address is a
	 * client of an IM gateway, where such are served, in a browser or not. Else a browser that does so is an older front end, where
	 * those are served; it could do nothing with a binary frame. Frameworks for native clients send an Origin as well, and can send
	 * the token in a header.
	 */
	private encodingOf({ origin, protocols, isTokenInQuery }: UpgradeRequest): Encoding {
		const supported = subProtocols.get(supportedProtocol(protocols) ?? "");
		if (supported !== undefined) return supported;
		if (!isTokenInQuery || protocols.length > 0) return "protobuf";
		const isServed = (dialect: Encoding) => this.options.dialects.some(({ encoding }) => encoding === dialect);
		if (isServed("im-json")) return "im-json";
		return origin !== "" && isServed("edge-json") ? "edge-json" : "protobuf";
	}

	private reject(connection: Connection, { code, error }: ConnectionRejection): void {
		this.options.dispatcher.sendUnsolicitedError(connection, error);
		const { retryAfterMs, message: text } = error;
		connection.close(code, this.options.now(), retryAfterMs > 0 ? { retryAfterMs } : { text });
	}

	private replace(connections: readonly Connection[]): void {
		for (const connection of connections) connection.close(CloseCode.TAKEN_OVER, this.options.now());
	}

	private notifyHook({ ip }: Connection, identity: Identity | undefined): void {
		// An API key is no user.
		if (identity !== undefined && identity.key === undefined) this.options.hooks?.disconnect?.({ identity, ip });
	}

	private notifyIfOffline(userId: string | undefined): void {
		if (userId === undefined || this.options.hub.countOfUser(userId) > 0) return;
		for (const listener of this.options.presence) listener.onOffline(userId);
	}
}

/** A sub-protocol as RFC 6455 section 4.1 has it: a token of RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The sub-protocol to confirm. Where the gateway supports none of those that a client offers, it is the client's first one: a
 * browser drops a connection on which none is confirmed, and could not read why it is rejected.
 */
function confirmedProtocol(offered: readonly string[]): string {
	const [first = ""] = offered;
	return supportedProtocol(offered) ?? (TOKEN.test(first) ? first : "");
}
