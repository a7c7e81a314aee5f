// Publishes how far users have read: the first receipt at once, then at most one per interval, conversation and reader,
// the newest. A receipt is a position, so the next one makes up for a receipt that was skipped, or lost with this
// process.

import type { Logger } from "../../common/logger.ts";
import { eventsChannel } from "../../common/user-channels.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import type { ConversationAudience } from "./audience.ts";
import type { ChatRoomStore } from "./chat-room-store.ts";
import type { ChatOptions } from "./options.ts";
import { isPrivateConversation } from "./wire.ts";

export interface ReadReceiptsServices {
	readonly rooms: ChatRoomStore;
	readonly audience: ConversationAudience;
	readonly publisher: Publisher;
	readonly logger: Logger;
}

export type ReadReceiptsOptions = Pick<ChatOptions, "receiptMembers" | "receiptIntervalMs">;

export interface ReadMark {
	readonly conversationId: string;
	readonly userId: string;
	readonly sequence: number;
}

interface Pause {
	/** To be published at its end. */
	next: ReadMark | undefined;
	readonly timer: NodeJS.Timeout;
}

/** Readers that pause at once; receipts of more wait for the next mark of their reader. */
const MAX_PAUSES = 50_000;

export class ReadReceipts {
	private readonly services: ReadReceiptsServices;
	private readonly options: ReadReceiptsOptions;
	private readonly pauses = new Map<string, Pause>();
	private readonly sending = new Set<Promise<void>>();

	constructor(services: ReadReceiptsServices, options: ReadReceiptsOptions) {
		this.services = services;
		this.options = options;
	}

	/** Never rejects. Resolves when the receipt is published, or deferred to the end of the interval. */
	async report(mark: ReadMark): Promise<void> {
		const key = `${mark.conversationId}\n${mark.userId}`;
		const pause = this.pauses.get(key);
		if (pause !== undefined) {
			if (mark.sequence > (pause.next?.sequence ?? 0)) pause.next = mark;
			return;
		}
		if (this.pauses.size >= MAX_PAUSES) return;
		if (this.options.receiptIntervalMs > 0) this.pauseFor(key);
		await this.send(key, mark);
	}

	/** Publishes the deferred receipts. */
	async close(): Promise<void> {
		for (const [key, { next, timer }] of this.pauses) {
			clearTimeout(timer);
			this.pauses.delete(key);
			if (next !== undefined) void this.send(key, next);
		}
		await Promise.all(this.sending);
	}

	private pauseFor(key: string): void {
		const timer = setTimeout(() => {
			const next = this.pauses.get(key)?.next;
			this.pauses.delete(key);
			if (next !== undefined) void this.report(next);
		}, this.options.receiptIntervalMs);
		timer.unref();
		this.pauses.set(key, { next: undefined, timer });
	}

	private async send(key: string, mark: ReadMark): Promise<void> {
		const sending = this.publish(mark).catch((error: unknown) => {
			this.services.logger.debug({ err: error }, "publishing a read receipt failed; will retry");
			const pause = this.pauses.get(key);
			if (pause !== undefined) pause.next ??= mark;
		});
		this.sending.add(sending);
		await sending;
		this.sending.delete(sending);
	}

	private async publish(mark: ReadMark): Promise<void> {
		const channels = [...(await this.channelsFor(mark))];
		const { publisher } = this.services;
		await Promise.all(channels.map((channel) => publisher.publish(channel, pushes.readReceipt, mark)));
	}

	private async channelsFor({ conversationId, userId }: ReadMark): Promise<Iterable<string>> {
		const { rooms, audience } = this.services;
		const own = eventsChannel(userId);
		if (!isPrivateConversation(conversationId)) {
			const memberCount = (await rooms.byId(conversationId))?.memberCount ?? 0;
			if (memberCount > this.options.receiptMembers) return [own];
		}
		return new Set([own, ...(await audience.channelsFrom(userId, conversationId, eventsChannel))]);
	}
}
