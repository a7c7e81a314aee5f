// Publishes what was committed about conversations: changes of rooms and members, recalls. The store keeps each notice,
// written in the transaction of the change itself, until it is published; so an unavailable broker or a failed process
// delays notices and loses none. One process at a time publishes the notices of one conversation, in the order of the
// commits. A notice that a process published before it failed, without an acknowledgement, is published again, under
// the same number.

import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import { LeaseTerm } from "../../common/lease-term.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { PublishClaim } from "./chat-message-store.ts";
import type { ChatOutboxStore, NumberedNotice } from "./chat-outbox-store.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";

export type NoticeRelayOptions = ChatOptions["outbox"];

export interface NoticeRelayServices {
	readonly outbox: ChatOutboxStore;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** Publishes one notice to every user whom it concerns. */
export type PublishNotice = (conversationId: string, numbered: NumberedNotice) => Promise<void>;

const PAGE = 100;
/** Conversations acquired by one sweep. */
const MAX_DUE = 100;

export class NoticeRelay {
	private readonly services: NoticeRelayServices;
	private readonly publishNotice: PublishNotice;
	private readonly options: NoticeRelayOptions;
	private readonly publisher = randomBytes(12).toString("base64url");
	private readonly running = new Map<string, Promise<void>>();
	private readonly sweeps: PeriodicTask;
	private closing = false;

	constructor(services: NoticeRelayServices, publishNotice: PublishNotice, options: Partial<NoticeRelayOptions> = {}) {
		this.services = services;
		this.publishNotice = publishNotice;
		this.options = { ...chatDefaults.outbox, ...options };
		this.sweeps = new PeriodicTask({
			intervalMs: this.options.sweepIntervalMs,
			run: () => this.sweepOnce(),
			onError: (error) => {
				services.logger.debug({ err: error }, "looking for unpublished notices failed; the next round will retry");
			},
		});
	}

	/** Starts the sweep for unpublished notices. */
	start(): void {
		this.sweeps.start();
	}

	/**
	 * Publishes the pending notices of a conversation. Never rejects: what is not published now is published later.
	 * Resolves when they are published, when another process publishes them, or at the timeout.
	 */
	async flush(conversationId: string): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, this.options.flushTimeoutMs);
		});
		await Promise.race([this.run(conversationId), timeout]);
		clearTimeout(timer);
	}

	/** Publishes the notices that this and other processes left unpublished. */
	sweep(): Promise<void> {
		return this.sweeps.run();
	}

	/** Finishes the runs in flight; the rest is left to other processes. */
	async close(): Promise<void> {
		this.closing = true;
		await this.sweeps.close();
		await Promise.all(this.running.values());
	}

	private async sweepOnce(): Promise<void> {
		const due = await this.services.outbox.pendingConversations(MAX_DUE);
		await Promise.all(due.map((conversationId) => this.run(conversationId)));
	}

	private async run(conversationId: string): Promise<void> {
		// A run in flight may have read the outbox before the caller's commit.
		for (let run = this.running.get(conversationId); run !== undefined; run = this.running.get(conversationId))
			await run;
		if (this.closing) return;
		const run = this.drain(conversationId)
			.catch((error: unknown) => this.releaseAfterFailure(conversationId, error))
			.finally(() => this.running.delete(conversationId));
		this.running.set(conversationId, run);
		await run;
	}

	private async drain(conversationId: string): Promise<void> {
		const { outbox } = this.services;
		let term = this.term();
		if (!(await outbox.acquire(conversationId, this.claim()))) return;
		for (let hasMore = true; hasMore && !this.closing; ) {
			const notices = await outbox.pending(conversationId, PAGE);
			let published = 0;
			let failure: GatewayError | undefined;
			for (const numbered of notices) {
				// Half of the claim's time is for publishing, the other half for the acknowledgement; which renews it, or finds that
				// another process has it, before anything more is published.
				if (term.isOver || (published > 0 && term.remainingMs < this.options.claimMs / 2)) break;
				try {
					await this.publishNotice(conversationId, numbered);
				} catch (error) {
					failure = transientError(error);
					if (failure !== undefined) break;
					// A notice that can never be published must not block the notices after it.
					this.services.logger.error(
						{ err: error, conversationId },
						"a notice of a conversation cannot be published; dropped",
					);
				}
				published = numbered.number;
			}
			term = this.term();
			hasMore = await outbox.acknowledge(conversationId, published, this.claim());
			if (failure !== undefined) throw failure;
		}
		if (this.closing) await outbox.release(conversationId, this.claim(0));
	}

	private async releaseAfterFailure(conversationId: string, error: unknown): Promise<void> {
		this.services.logger.warn({ err: error, conversationId }, "publishing committed changes failed; will retry");
		try {
			await this.services.outbox.release(conversationId, this.claim(this.options.sweepIntervalMs));
		} catch (later) {
			this.services.logger.debug({ err: later, conversationId }, "the claim expires by itself");
		}
	}

	private claim(ttlMs = this.options.claimMs): PublishClaim {
		return { publisher: this.publisher, ttlMs };
	}

	/** Of a claim that is requested now. */
	private term(): LeaseTerm {
		return new LeaseTerm(this.services.clock, this.options.claimMs);
	}
}

/** @returns the error if a retry may succeed; undefined for a permanent one. */
function transientError(error: unknown): GatewayError | undefined {
	const failure = GatewayError.from(error);
	return failure.code === ErrorCode.UNAVAILABLE || failure.code === ErrorCode.TIMEOUT ? failure : undefined;
}
