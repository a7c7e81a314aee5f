// Block lists: the users from whom a user does not want to receive anything.

import type { Clock } from "../../common/clock.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { fieldError } from "../../protocol/error.ts";
import { presenceChannel } from "../presence/presence-channel.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import { isPlainId, precondition } from "./chat-errors.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";

export interface ChatBlocksServices {
	readonly blocks: ChatBlockStore;
	readonly publisher: Publisher;
	readonly quota?: StorageQuota;
	readonly clock: Clock;
}

export class ChatBlocks {
	private readonly services: ChatBlocksServices;
	private readonly options: ChatOptions;

	constructor(services: ChatBlocksServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		this.options = { ...chatDefaults, ...options };
	}

	/**
	 * Blocks some users and unblocks others. A blocked user no longer receives the user's presence changes either.
	 *
	 * @throws GatewayError VALIDATION_FAILED (oneself, too long an id), PRECONDITION_FAILED (list full), UNAVAILABLE.
	 */
	async change(userId: string, block: readonly string[], unblock: readonly string[]): Promise<void> {
		const { blocks, publisher, clock } = this.services;
		if (block.length === 0 && unblock.length === 0) return;
		if (block.includes(userId)) throw fieldError("block_user_ids", "must not hold your own id");
		// User ids are UUIDs; a longer text is no user id.
		if (block.some((id) => !isPlainId(id) || id.length > 36))
			throw fieldError("block_user_ids", "must hold ids of users");
		if (block.length > 0) this.services.quota?.take(userId, stored.block * block.length);
		const limits = { maxBlocked: this.options.maxBlocked, nowMs: clock.now() };
		const isChanged = await blocks.change(userId, block, unblock, limits);
		if (!isChanged) throw precondition(`a block list holds at most ${limits.maxBlocked} users`);
		for (const blockedId of block) await publisher.removeUser(blockedId, presenceChannel(userId));
	}

	/** Those of `userIds` who have blocked the user. */
	blockersAmong(userIds: readonly string[], userId: string): Promise<ReadonlySet<string>> {
		return this.services.blocks.blockersAmong(userIds, userId);
	}
}
