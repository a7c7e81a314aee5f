// Small events for every gateway process, delivered at most once and without history: a session ended, a user's rights
// changed. Not for pushes: those have their own, recoverable path.
import type { ChannelPosition } from "./broker.ts";

/** Why a session ended; the wire form is SessionRevoked.Reason. */
export type RevocationReason =
	| "logged-out"
	| "replaced"
	| "password-changed"
	| "token-reused"
	| "administrative"
	| "account-deleted";

export interface SessionsRevoked {
	readonly type: "sessions-revoked";
	readonly sessionIds: readonly string[];
	readonly reason: RevocationReason;
}

/** A user was added to a channel, or removed: the user's connections are subscribed or unsubscribed. */
export interface MembershipChanged {
	readonly type: "membership-changed";
	readonly userId: string;
	readonly channel: string;
	readonly follows: boolean;
	/** For a removal: the user still gets publications up to this position. */
	readonly after?: ChannelPosition;
}

/** An administrator asked one process for a reload, or has changed routes: the others look at what there is now. */
export interface ReloadRequested {
	readonly type: "reload-requested";
	readonly what: "modules" | "configuration" | "routes";
	/** Also modules that clients in the field cannot call as before. */
	readonly acceptContractChanges: boolean;
	/** Of the process that was asked, which does it anyway. */
	readonly origin: string;
}

/** An account was changed: the user's connections have these roles from now on. */
export interface UserChanged {
	readonly type: "user-changed";
	readonly userId: string;
	/** Of the account: what is older is out of date. */
	readonly version: number;
	readonly roles: readonly string[];
}

/** An account was deleted: what processes remember of the user is forgotten. */
export interface UserDeleted {
	readonly type: "user-deleted";
	readonly userId: string;
}

export type NodeEvent = SessionsRevoked | MembershipChanged | ReloadRequested | UserChanged | UserDeleted;

export interface NodeBus {
	/** Publishes to all processes, this one included. Resolves when the event is sent. */
	publish(event: NodeEvent): Promise<void>;
	/**
	 * @param interrupted - called when events may have been missed, once they are received again: the listener has to read the
	 *   state that they would have reported.
	 * @returns a function that ends the subscription.
	 */
	subscribe(listener: (event: NodeEvent) => void, interrupted?: () => void): () => void;
	close(): Promise<void>;
}
