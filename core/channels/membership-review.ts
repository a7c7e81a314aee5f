// Makes up for missed removals. The removal of a user from a channel is published to every process once, without history; a
// process whose link was down at that time would never receive it. So the permission of every subscriber is checked again
// periodically, and at once after the link was interrupted.
import { batches } from "../../common/batches.ts";
import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { ChannelGrant } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Connection } from "../connection.ts";
import type { ChannelPermissions } from "./channel-permissions.ts";

export interface ChannelSubscriber {
	readonly connection: Connection;
	readonly channel: string;
	readonly identity: Identity;
	readonly grant: ChannelGrant | undefined;
}

export interface MembershipReviewOptions {
	readonly access: ChannelPermissions;
	/** All subscribers of all channels; may be changed while it is iterated. */
	subscribers(): Iterable<ChannelSubscriber>;
	/** Unsubscribes a connection whose user may no longer subscribe to the channel. */
	removeSubscriber(subscriber: ChannelSubscriber): void;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Between the end of one review and the beginning of the next. */
const INTERVAL_MS = 60_000;
/** Pause after an incomplete review. */
const RETRY_MS = 5000;
/** Subscribers checked at once: one read of the authorizer that most of them need. */
const BATCH = 250;

export class MembershipReview {
	private readonly options: MembershipReviewOptions;
	private dueAtMs: number;
	private isRunning = false;
	/** The running review may have checked subscribers before the interruption. */
	private isRequested = false;

	constructor(options: MembershipReviewOptions) {
		this.options = options;
		this.dueAtMs = options.now() + INTERVAL_MS;
	}

	/** Begins at once, or again after the running review. */
	runNow(): void {
		this.isRequested = true;
		this.sweep();
	}

	/** Begins when it is time. Call about once a second. */
	sweep(): void {
		if (this.isRunning || (!this.isRequested && this.options.now() < this.dueAtMs)) return;
		void this.run();
	}

	private async run(): Promise<void> {
		const { logger, now } = this.options;
		this.isRunning = true;
		this.isRequested = false;
		let pauseMs = RETRY_MS;
		try {
			if (await this.review()) pauseMs = INTERVAL_MS;
		} catch (error) {
			logger.debug({ err: error }, "membership review failed; will retry");
		}
		this.dueAtMs = now() + pauseMs;
		this.isRunning = false;
	}

	/** @returns whether all subscribers were checked. */
	private async review(): Promise<boolean> {
		let isComplete = true;
		for (const batch of batches(this.options.subscribers(), BATCH)) {
			if (!(await this.checkBatch(batch))) isComplete = false;
		}
		return isComplete;
	}

	private async checkBatch(batch: readonly ChannelSubscriber[]): Promise<boolean> {
		const { access, removeSubscriber } = this.options;
		let isComplete = true;
		const answers = await Promise.all(
			batch.map(({ identity, channel, grant }) =>
				access.canSubscribe(identity, channel, grant).catch((error: unknown) => {
					if (!(error instanceof GatewayError)) throw error;
					// Refused, with a reason.
					if (!error.retryable) return false;
					// A user who is over a rate limit must not prevent the check of the others.
					if (error.code !== ErrorCode.RATE_LIMITED) throw error;
					isComplete = false;
					return true;
				}),
			),
		);
		for (const [index, subscriber] of batch.entries()) {
			const { connection, channel, identity } = subscriber;
			if (answers[index] || connection.identity?.userId !== identity.userId) continue;
			if (connection.subscriptions.has(channel)) removeSubscriber(subscriber);
		}
		return isComplete;
	}
}
