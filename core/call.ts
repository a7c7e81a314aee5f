// One request on its way through the gateway.

import type { Identity } from "../common/identity.ts";
import type { ChannelPosition } from "../messaging/broker.ts";
import type { LiveSubscriber } from "../messaging/live-audience.ts";
import type { AnyRouteContract } from "../protocol/contract.ts";
import type { Encoding } from "./encoding.ts";

/** Where a peer stands in a channel that it has begun to follow. */
export interface SubscribeResult extends ChannelPosition {
	/** Every push after the position asked for has been sent; false when none was asked for. */
	readonly isRecovered: boolean;
}

/** The other end of a call: a WebSocket connection, or an HTTP request. */
export interface Peer extends LiveSubscriber {
	/** What is sent still arrives: also while it is sent elsewhere, and what is under way is finished. */
	readonly isReachable: boolean;
	readonly ip: string;
	readonly userAgent: string;
	/** What the client last spoke, and is answered in. */
	readonly encoding: Encoding;
	/**
	 * Begins to follow a recoverable channel, if the channel's guard lets it.
	 *
	 * @param since - what was missed after this position is sent before this resolves; without it, only what is new comes.
	 * @returns the position after which live pushes follow.
	 * @throws GatewayError PERMISSION_DENIED when the peer may not, RATE_LIMITED when it follows too many, UNAVAILABLE when the
	 *   broker or the guard does not answer.
	 */
	follow(channel: string, since?: ChannelPosition): Promise<SubscribeResult>;
	unfollow(channel: string): void;
}

/** Per-message data. Lives as long as its request; sent nowhere. */
export interface Call {
	readonly peer: Peer;
	readonly contract: AnyRouteContract;
	/** 0 when the client wants no reply. */
	readonly seq: number;
	/** W3C trace id, or "" when the request is not traced. */
	readonly traceId: string;
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
	 * answered that this call is out of time: it may be somebody else by now.
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
