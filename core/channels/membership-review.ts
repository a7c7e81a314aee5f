// The second chance of removals. That a user is no longer to hear a channel is told to every process once, without history;
// a process whose link was down just then would never know. So everybody who follows something is asked about again now
// and then, and at once when the link was interrupted.
import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Connection } from "../connection.ts";

export interface Follower {
	readonly connection: Connection;
	readonly channel: string;
	readonly identity: Identity;
}

export interface MembershipReviewOptions {
	readonly access: { canSubscribe(identity: Identity, channel: string): Promise<boolean> };
	/** Everybody who follows something; survives changes while it is gone through. */
	followers(): Iterable<Follower>;
	/** Takes off a channel who may no longer follow it. */
	expel(follower: Follower): void;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Between the end of one review and the beginning of the next. */
const INTERVAL_MS = 60_000;
/** Pause after a review that was not answered in full. */
const RETRY_MS = 5000;
/** Followers asked about at once: one read of the guard that most of them need. */
const BATCH = 250;

export class MembershipReview {
	private readonly options: MembershipReviewOptions;
	private dueAtMs: number;
	private isRunning = false;
	/** What is under way may have asked before the interruption. */
	private isHastened = false;

	constructor(options: MembershipReviewOptions) {
		this.options = options;
		this.dueAtMs = options.now() + INTERVAL_MS;
	}

	/** Begins at once, and once more if a review is under way. */
	runNow(): void {
		this.isHastened = true;
		this.sweep();
	}

	/** Begins when it is time. Call about once a second. */
	sweep(): void {
		if (this.isRunning || (!this.isHastened && this.options.now() < this.dueAtMs)) return;
		void this.run();
	}

	private async run(): Promise<void> {
		const { logger, now } = this.options;
		this.isRunning = true;
		this.isHastened = false;
		let pauseMs = RETRY_MS;
		try {
			if (await this.review()) pauseMs = INTERVAL_MS;
		} catch (error) {
			logger.debug({ err: error }, "who may still follow what could not be asked; the next round tries again");
		}
		this.dueAtMs = now() + pauseMs;
		this.isRunning = false;
	}

	/** @returns whether all were asked about. */
	private async review(): Promise<boolean> {
		let isComplete = true;
		let batch: Follower[] = [];
		for (const follower of this.options.followers()) {
			batch.push(follower);
			if (batch.length < BATCH) continue;
			if (!(await this.ask(batch))) isComplete = false;
			batch = [];
		}
		return (await this.ask(batch)) && isComplete;
	}

	private async ask(batch: readonly Follower[]): Promise<boolean> {
		const { access, expel } = this.options;
		let isComplete = true;
		const answers = await Promise.all(
			batch.map(({ identity, channel }) =>
				access.canSubscribe(identity, channel).catch((error: unknown) => {
					// One user who asks for too much elsewhere does not keep the others from being looked at.
					if (!(error instanceof GatewayError) || error.code !== ErrorCode.RATE_LIMITED) throw error;
					isComplete = false;
					return true;
				}),
			),
		);
		for (const [index, follower] of batch.entries()) {
			const { connection, channel, identity } = follower;
			if (answers[index] || connection.identity?.userId !== identity.userId) continue;
			if (connection.subscriptions.has(channel)) expel(follower);
		}
		return isComplete;
	}
}
