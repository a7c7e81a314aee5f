// A user's membership in a conversation.

/** `left`: out, but muted until a time that coming back does not shorten. */
export type MemberState = "member" | "invited" | "banned" | "left";

export interface MemberRecord {
	readonly conversationId: string;
	readonly userId: string;
	/** "" when the account is gone. Not written. */
	readonly username: string;
	readonly state: MemberState;
	/** A ChatRole. */
	readonly role: number;
	readonly joinedAtMs: number;
	readonly mutedUntilMs: number;
	readonly readSequence: number;
}
