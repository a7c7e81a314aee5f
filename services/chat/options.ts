// Limits of chat, each with its unit and what happens at it.

import type { BucketRate } from "../../common/token-bucket.ts";
import { type AppendQueueOptions, appendQueueDefaults } from "./append-queue.ts";
import { type MessageRelayOptions, messageRelayDefaults } from "./message-relay.ts";
import { type NoticeRelayOptions, noticeRelayDefaults } from "./notice-relay.ts";

export interface ChatOptions {
	/** Largest encoded content; more is PAYLOAD_TOO_LARGE. */
	readonly maxContentBytes: number;
	/** Messages that one user may send; more is RATE_LIMITED. Per process. */
	readonly userRate: BucketRate;
	/** Messages that one conversation takes; more is RATE_LIMITED. Per process. */
	readonly conversationRate: BucketRate;
	/** Joins, leaves, invitations and the like of one user. Per process. */
	readonly membershipRate: BucketRate;
	/** Users whom one user may invite; more is RATE_LIMITED. Per process. */
	readonly invitationRate: BucketRate;
	/** Invitations that one user is notified of; further ones send no notification and are only listed. Per process. */
	readonly invitedRate: BucketRate;
	/** Read marks that one user may move; more is RATE_LIMITED. Per process. */
	readonly readRate: BucketRate;
	/** How long after sending one may recall; owners and admins of a room may at any time. */
	readonly recallWindowMs: number;
	/** Rooms that one user may own, and be a member of; more is PRECONDITION_FAILED. */
	readonly maxOwnedRooms: number;
	readonly maxJoinedRooms: number;
	/** Members of a room whose creator names no number, and at most. */
	readonly defaultMaxMembers: number;
	readonly maxMembers: number;
	/** Read receipts go to everybody in conversations up to this size; in larger ones only to one's own devices. */
	readonly receiptMembers: number;
	/** One reader's receipts for a conversation are at least so far apart; the newest goes out. */
	readonly receiptIntervalMs: number;
	/** Entries of a block list; more is PRECONDITION_FAILED. */
	readonly maxBlocked: number;
	/** How long the messages of a room without members are kept. */
	readonly closedRoomKeptMs: number;
	/** How long messages are kept; 0: for ever. */
	readonly messageKeptMs: number;
	readonly append: AppendQueueOptions;
	readonly feed: MessageRelayOptions;
	readonly outbox: NoticeRelayOptions;
}

export const chatDefaults: ChatOptions = {
	maxContentBytes: 49_152,
	userRate: { perSecond: 20, burst: 60 },
	conversationRate: { perSecond: 200, burst: 400 },
	membershipRate: { perSecond: 1, burst: 30 },
	invitationRate: { perSecond: 0.2, burst: 100 },
	invitedRate: { perSecond: 0.02, burst: 20 },
	readRate: { perSecond: 20, burst: 100 },
	recallWindowMs: 120_000,
	maxOwnedRooms: 100,
	maxJoinedRooms: 500,
	defaultMaxMembers: 500,
	maxMembers: 10_000,
	receiptMembers: 100,
	receiptIntervalMs: 1000,
	maxBlocked: 1000,
	closedRoomKeptMs: 86_400_000,
	messageKeptMs: 0,
	append: appendQueueDefaults,
	feed: messageRelayDefaults,
	outbox: noticeRelayDefaults,
};
