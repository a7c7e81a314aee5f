// A subscription to an application channel as a program has it. Several of one channel share what the connection is sent.
import type { PresenceEvent } from "../../protocol/gen/codec/application-channel.ts";
import type { SubscriptionRevoked_Reason } from "../../protocol/gen/enums.ts";
import type { ChannelPlace, Recovery } from "./channels.ts";

/** One publication, whole: deltas are applied already. */
export interface AppPublication {
	readonly channel: string;
	readonly data: Uint8Array;
	/** Where it stands in the channel. */
	readonly offset: number;
	readonly epoch: string;
	/** The user who published; "" for a backend. */
	readonly publisherId: string;
	/** Unix milliseconds. */
	readonly publishedAtMs: number;
	readonly publicationId: string;
	/** The data as UTF-8 text. */
	text(): string;
	/** The data as JSON. @throws SyntaxError when it is none. */
	json(): unknown;
}

/** Why a subscription has ended other than by `close`. */
export type SubscriptionEnd = SubscriptionRevoked_Reason | Error;

export interface AppSubscribeOptions {
	/** Called for each publication, those that are recovered included. May be called before `subscribe` resolves. */
	readonly onPublication?: (publication: AppPublication) => void;
	/** Called for each user who comes or goes; presence events are asked for when this is given. */
	readonly onPresence?: (event: PresenceEvent) => void;
	/** Called when it is known what became of the channel after a reconnect or a gap; see `Client.onRecovery`. */
	readonly onRecovery?: (recovery: Recovery) => void;
	/** Called once when the gateway has ended the subscription: it does not come back by itself. */
	readonly onEnded?: (end: SubscriptionEnd) => void;
	/** Asks for deltas, which save bytes where publications are alike. */
	readonly delta?: boolean;
	/** Continue after this position, such as one that was stored. Of an epoch that has ended, nothing is recovered. */
	readonly since?: ChannelPlace;
	/** A subscription token, or where to get one: asked before each subscription, and again before it expires. */
	readonly token?: string | (() => string | Promise<string>);
	/** Milliseconds until the first subscription fails with TIMEOUT. */
	readonly timeoutMs?: number;
}

export interface AppSubscription {
	readonly channel: string;
	/** The last publication that was delivered, or where the subscription began. */
	readonly position: ChannelPlace | undefined;
	/** Everything after `since` was delivered; undefined when no position was given. */
	readonly recovered: boolean | undefined;
	/** Closed, or ended by the gateway. */
	readonly isClosed: boolean;
	/** Ends it; the connection is unsubscribed with the last one of the channel. */
	close(): Promise<void>;
}
