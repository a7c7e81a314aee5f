// One request on its way through the gateway.

import type { Identity } from "../common/identity.ts";
import type { CallTrace } from "../common/tracing.ts";
import type { ChannelPosition } from "../messaging/broker.ts";
import type { LiveSubscriber } from "../messaging/live-audience.ts";
import type { ChannelGrant } from "../messaging/publisher.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { TraceContext } from "../protocol/trace-context.ts";
import type { Encoding } from "./encoding.ts";

/** The position in a channel at which a peer's subscription begins. */
export interface SubscribeResult extends ChannelPosition {
	/** Every push after the position asked for has been sent; false when none was asked for. */
	readonly isRecovered: boolean;
}

/** What a subscription has beside its channel and position. */
export interface SubscribeOptions {
	/** What entitles the user to it; the subscription ends with it. */
	readonly grant?: ChannelGrant | undefined;
	/** Differences between publications are sent, where the channel has them. */
	readonly deltas?: boolean;
}

/** What of an operator's code runs a call. */
export interface ServedBy {
	readonly module: string;
	/** The one on which it began last; 0 before it has begun on any. */
	readonly generation: number;
}

/** The other end of a call: a WebSocket connection, or an HTTP request. */
export interface Peer extends LiveSubscriber {
	/** Frames still reach the client. True also while the client is asked to reconnect and its calls in flight finish. */
	readonly isReachable: boolean;
	/** What it subscribes to is sent to it. An HTTP request has no connection that could be pushed to. */
	readonly takesPushes: boolean;
	readonly ip: string;
	readonly userAgent: string;
	/** The encoding of the client's last frame, in which it is answered. */
	readonly encoding: Encoding;
	/**
	 * Subscribes the peer to a recoverable channel, if the channel's authorizer permits it.
	 *
	 * @param since - missed pushes after this position are sent before this resolves; without it, only new pushes are sent.
	 * @returns the position after which live pushes are sent.
	 * @throws GatewayError PERMISSION_DENIED when the peer may not subscribe, RATE_LIMITED when it has too many subscriptions,
	 *   UNAVAILABLE when the broker or the authorizer does not answer.
	 */
	subscribeChannel(channel: string, since?: ChannelPosition, options?: SubscribeOptions): Promise<SubscribeResult>;
	unsubscribeChannel(channel: string): void;
}

/** Per-message data. Lives as long as its request; sent nowhere. */
export interface Call {
	readonly peer: Peer;
	readonly contract: AnyRouteContract;
	/** 0 when no reply is to be sent. */
	readonly seq: number;
	/** W3C trace id, or "" when the request is not traced. */
	readonly traceId: string;
	/** What the caller has sent of its trace; `traceId` is of it. */
	readonly context?: TraceContext | undefined;
	/** What is recorded of it; undefined where tracing is off. */
	readonly trace?: CallTrace | undefined;
	/** Undefined for a route of the gateway's own, and until the handler of a module's is called. */
	readonly servedBy?: ServedBy | undefined;
	/** The `X-Request-Id` of an HTTP request, the caller's or one that the gateway made; undefined for a frame. */
	readonly requestId?: string;
	/** What the caller calls this call, so that a repeat is known; "" for none, as in frames. @throws GatewayError BAD_REQUEST. */
	readonly idempotencyKey: string;
	/** The way in which a route is called over HTTP: `connect`, `rest`, `module`; undefined for a frame. */
	readonly style?: string;
	/** How long the caller waits, in milliseconds; undefined: as long as the gateway lets it. */
	readonly timeoutMs?: number | undefined;
	/** When the frame arrived, on the monotonic clock in milliseconds. */
	readonly receivedAtMs: number;
	/**
	 * The identity of the peer. Only for routes that are not public, which never run without one.
	 *
	 * @throws GatewayError UNAUTHENTICATED when there is none.
	 */
	identity(): Identity;
	/**
	 * Puts an authenticated session on the peer; replaces the identity it had. Does nothing when the peer has left, or was
	 * answered that this call is out of time: it may belong to another user by now.
	 */
	authenticate(identity: Identity): void;
	/**
	 * Takes tokens from the rate limits, beyond the route's cost.
	 *
	 * @returns 0, or how many milliseconds to wait until there are enough; none are taken then.
	 */
	takeTokens(cost: number): number;
	/** Takes the identity away after a logout; the peer may log in again. Does nothing when `authenticate` would not. */
	signOut(): void;
}
