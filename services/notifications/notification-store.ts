// Notifications kept for users. Implementation: stores/sql.
import type { Age } from "../../common/age.ts";

export interface NotificationRecord {
	/** UUID version 7, so that ids sort by age. */
	readonly id: string;
	readonly userId: string;
	/** Names the template: `chat.invited`. */
	readonly type: string;
	readonly title: string;
	readonly text: string;
	readonly data: Readonly<Record<string, string>>;
	readonly createdAtMs: number;
	/** 0 until read. */
	readonly readAtMs: number;
	/** Another user, whom it names and with whose account it is deleted; "" for none. */
	readonly aboutUserId: string;
}

export interface NotificationQuery {
	readonly userId: string;
	readonly onlyUnread: boolean;
	/** Only those older than this id; "" for the latest. */
	readonly before: string;
	readonly limit: number;
	/** Characters of texts and data: none is read behind the one with which this is reached. Unless given, no such end. */
	readonly maxBytes?: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface NotificationStore {
	/** All or none; those whose id is there already are left as they are. */
	add(notifications: readonly NotificationRecord[]): Promise<void>;
	/** Latest first. */
	list(query: NotificationQuery): Promise<readonly NotificationRecord[]>;
	/** Counts up to `limit`. */
	unread(userId: string, limit: number): Promise<number>;
	/** @param ids - undefined: all. @returns how many had not been read before. */
	markRead(userId: string, ids: readonly string[] | undefined, atMs: number): Promise<number>;
	/** @returns how many were removed, at most `limit`. */
	deleteOld(age: Age, limit: number): Promise<number>;
}
