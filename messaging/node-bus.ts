// Small facts that every gateway process must hear of, at most once and without history: a session ended, a user's
// rights changed. Not for pushes: those have their own, recoverable path.
import type { ChannelPosition } from "./broker.ts";

/** Why a session ended; the wire form is SessionRevoked.Reason. */
export type RevocationReason = "logged-out" | "replaced" | "password-changed" | "token-reused" | "administrative";

export interface SessionsRevoked {
	readonly type: "sessions-revoked";
	readonly sessionIds: readonly string[];
	readonly reason: RevocationReason;
}

/** A user was let into a channel, or out of it: the user's connections follow suit. */
export interface MembershipChanged {
	readonly type: "membership-changed";
	readonly userId: string;
	readonly channel: string;
	readonly follows: boolean;
	/** Of somebody let out: what was published up to here is still theirs. */
	readonly after?: ChannelPosition;
}

export type NodeEvent = SessionsRevoked | MembershipChanged;

export interface NodeBus {
	/** Tells all processes, this one included. Resolves when it is on its way. */
	publish(event: NodeEvent): Promise<void>;
	/**
	 * @param interrupted - called when events may have been missed, once they are heard again: what they would have said is to
	 *   be looked up.
	 * @returns a function that ends the subscription.
	 */
	subscribe(listener: (event: NodeEvent) => void, interrupted?: () => void): () => void;
	close(): Promise<void>;
}
