// Tells what was committed about conversations: changes of rooms and members, recalls. The store keeps each notice, written
// in the transaction of the change itself, until it has been told; so a broker that is away, or a process that dies, delays
// what is told and loses nothing. One process at a time tells of one conversation, in the order of the commits. What was told
// by a process that died before it noted so is told again, under the number that it had.
import { randomBytes } from "node:crypto";
import { AlignedInterval } from "../../common/aligned-interval.ts";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { PublishClaim } from "./chat-message-store.ts";
import type { ChatOutboxStore, NumberedNotice } from "./chat-outbox-store.ts";

export interface ChatOutboxOptions {
	/** How long a process that died while it told keeps others from going on. */
	readonly claimMs: number;
	/** How often to look for what was not told; also the pause after a failure. */
	readonly sweepIntervalMs: number;
	/** How long the one who changed something waits for it to be told. */
	readonly flushTimeoutMs: number;
}

export const chatOutboxDefaults: ChatOutboxOptions = { claimMs: 4000, sweepIntervalMs: 1000, flushTimeoutMs: 500 };

export interface ChatOutboxServices {
	readonly outbox: ChatOutboxStore;
	readonly clock: Clock;
	readonly logger: Logger;
}

/** Tells one notice to everybody whom it concerns. */
export type PublishNotice = (conversationId: string, numbered: NumberedNotice) => Promise<void>;

const PAGE = 100;
/** Conversations taken up by one look. */
const MAX_DUE = 100;

export class NoticeRelay {
	private readonly services: ChatOutboxServices;
	private readonly tell: PublishNotice;
	private readonly options: ChatOutboxOptions;
	private readonly publisher = randomBytes(12).toString("base64url");
	private readonly running = new Map<string, Promise<void>>();
	private sweeps: AlignedInterval | undefined;
	private sweeping: Promise<void> | undefined;
	private closing = false;

	constructor(services: ChatOutboxServices, tell: PublishNotice, options: Partial<ChatOutboxOptions> = {}) {
		this.services = services;
		this.tell = tell;
		this.options = { ...chatOutboxDefaults, ...options };
	}

	/** Begins to look for what was not told. */
	start(): void {
		this.sweeps = new AlignedInterval(() => void this.sweep(), this.options.sweepIntervalMs);
	}

	/**
	 * Tells what there is to tell of a conversation. Never rejects: what is not told now is told later. Resolves when it is
	 * told, or another process does so, or it takes long.
	 */
	async flush(conversationId: string): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const patience = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, this.options.flushTimeoutMs);
		});
		await Promise.race([this.run(conversationId), patience]);
		clearTimeout(timer);
	}

	/** Tells what was left, by whomever. */
	async sweep(): Promise<void> {
		this.sweeping ??= this.look().finally(() => {
			this.sweeping = undefined;
		});
		await this.sweeping;
	}

	/** Finishes what is under way; the rest is left to other processes. */
	async close(): Promise<void> {
		this.closing = true;
		this.sweeps?.stop();
		await this.sweeping;
		await Promise.all(this.running.values());
	}

	private async look(): Promise<void> {
		try {
			const due = await this.services.outbox.pendingConversations(this.services.clock.now(), MAX_DUE);
			await Promise.all(due.map((conversationId) => this.run(conversationId)));
		} catch (error) {
			this.services.logger.debug({ err: error }, "looking for untold changes failed; the next round tries again");
		}
	}

	private async run(conversationId: string): Promise<void> {
		// Whoever runs now may have looked before the caller's commit.
		for (let run = this.running.get(conversationId); run !== undefined; run = this.running.get(conversationId))
			await run;
		if (this.closing) return;
		const run = this.drain(conversationId)
			.catch((error: unknown) => this.postpone(conversationId, error))
			.finally(() => this.running.delete(conversationId));
		this.running.set(conversationId, run);
		await run;
	}

	private async drain(conversationId: string): Promise<void> {
		const { outbox } = this.services;
		if (!(await outbox.acquire(conversationId, this.claim()))) return;
		for (let hasMore = true; hasMore && !this.closing; ) {
			const notices = await outbox.pending(conversationId, PAGE);
			let told = 0;
			let failure: GatewayError | undefined;
			const beganAtMs = this.services.clock.monotonic();
			for (const numbered of notices) {
				// Half of the claim is for telling, the other for noting it.
				if (told > 0 && this.services.clock.monotonic() - beganAtMs > this.options.claimMs / 2) break;
				try {
					await this.tell(conversationId, numbered);
				} catch (error) {
					failure = passing(error);
					if (failure !== undefined) break;
					// What can never be told must not keep back what comes behind it.
					this.services.logger.error({ err: error, conversationId }, "a change of a conversation cannot be told");
				}
				told = numbered.number;
			}
			hasMore = await outbox.acknowledge(conversationId, told, this.claim());
			if (failure !== undefined) throw failure;
		}
		if (this.closing) await outbox.release(conversationId, this.claim(0));
	}

	private async postpone(conversationId: string, error: unknown): Promise<void> {
		this.services.logger.warn({ err: error, conversationId }, "changes are committed but not told yet");
		try {
			await this.services.outbox.release(conversationId, this.claim(this.options.sweepIntervalMs));
		} catch (later) {
			this.services.logger.debug({ err: later, conversationId }, "the claim runs out by itself");
		}
	}

	private claim(ms = this.options.claimMs): PublishClaim {
		const nowMs = this.services.clock.now();
		return { publisher: this.publisher, nowMs, untilMs: nowMs + ms };
	}
}

/** @returns what may be over the next time; undefined when it will not. */
function passing(error: unknown): GatewayError | undefined {
	const failure = GatewayError.from(error);
	return failure.code === ErrorCode.UNAVAILABLE || failure.code === ErrorCode.TIMEOUT ? failure : undefined;
}
