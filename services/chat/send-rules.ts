// Who may send which message. Pure functions, which the store asks under the lock of the conversation: on SQLite in the thread of
// the database, so that this module imports types only.
import type { AppendResult, NewMessage } from "./chat-message-store.ts";

/** What is known of the sender of a message when it is decided. */
export interface SendFacts {
	/** A conversation that is not there has none. */
	readonly member: SenderMembership | undefined;
	/** In a private conversation: the other user has blocked the sender. */
	readonly isBlocked: boolean;
	/** The message that this one replies to is in the conversation. */
	readonly hasReplyTarget: boolean;
	/** By the clock of the store. */
	readonly nowMs: number;
}

export interface SenderMembership {
	readonly state: string;
	/** 0: not muted. */
	readonly mutedUntilMs: number;
}

type Rejection = Exclude<AppendResult, { readonly kind: "appended" | "repeated" | "conflict" }>;

/** @returns why a message may not be sent; undefined when it may. */
export function rejectionOf({ replyToId }: NewMessage, facts: SendFacts): Rejection | undefined {
	const { member, nowMs } = facts;
	if (member === undefined || member.state === "invited" || member.state === "left") return { kind: "not-member" };
	if (member.state !== "member") return { kind: "banned" };
	if (member.mutedUntilMs > nowMs) return { kind: "muted", remainingMs: member.mutedUntilMs - nowMs };
	if (facts.isBlocked) return { kind: "blocked" };
	if (replyToId !== "" && !facts.hasReplyTarget) return { kind: "no-reply-target" };
	return undefined;
}
