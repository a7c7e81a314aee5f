// A user's membership in a conversation.
import type { ChatRole } from "../../protocol/gen/schema.ts";

/** `left`: out, but muted until a time that coming back does not shorten. */
export type MemberState = "member" | "invited" | "banned" | "left";

export interface MemberRecord {
	readonly conversationId: string;
	readonly userId: string;
	/** "" when the account is gone. Not written. */
	readonly username: string;
	readonly state: MemberState;
	readonly role: ChatRole;
	readonly joinedAtMs: number;
	readonly mutedUntilMs: number;
	readonly readSequence: number;
}
