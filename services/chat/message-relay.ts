// Publishes committed messages so that the order on a conversation's channel is the order of its sequence, over all
// processes. The process that commits a message claims its conversation in the same transaction unless another process
// has. The holder of the claim publishes everything up to the end, including what other processes committed meanwhile,
// and releases the claim only in a statement that proves the end was reached. The claim of a failed holder expires, and
// the sweep or the next commit takes over. A holder that was paused for longer than its claim, or a lost reply of the
// broker, can make a message appear twice, never out of order by loss: receivers skip a sequence that they have
// received.

import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import { LeaseTerm } from "../../common/lease-term.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type {
	AppendedBatch,
	AppendResult,
	ChatMessageStore,
	ClaimedConversation,
	MessageRecord,
	NewMessage,
	PublishClaim,
} from "./chat-message-store.ts";
import { EventsInFlight } from "./events-in-flight.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";

export type MessageRelayOptions = ChatOptions["relay"];

export interface MessageRelayServices {
	readonly messages: ChatMessageStore;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Hands a message over to the outputs that want it, besides; a message counts as published when this resolves, too. */
	readonly keepEvent?: ((message: MessageRecord) => Promise<void>) | undefined;
}

/** Puts one message on the channels where it belongs. */
export type PublishMessage = (message: MessageRecord) => Promise<void>;

/** A conversation that this process publishes. */
interface Feed {
	/** The sequence that comes next. */
	next: number;
	/** Committed here and not yet published, in order; there may be others' in between. */
	readonly queue: MessageRecord[];
	/** Others have committed something: ask the database. */
	hasMore: boolean;
	claimed: LeaseTerm;
	isRunning: boolean;
	readonly waiting: Map<number, (isDelivered: boolean) => void>;
	events: EventsInFlight | undefined;
}

const PAGE = 200;
/** Bytes of content read at once; after a page that reaches it, another one is read. */
const PAGE_BYTES = 1_048_576;
/** Abandoned conversations taken over at once. */
const MAX_TAKEN_OVER = 100;
/** Messages queued per conversation; beyond it they are read from the database when their turn comes. */
const MAX_QUEUED = 1000;
/** Bytes of content queued in all conversations together, the same. */
const MAX_QUEUED_BYTES = 16_777_216;

export class MessageRelay {
	private readonly services: MessageRelayServices;
	private readonly publish: PublishMessage;
	private readonly options: MessageRelayOptions;
	private readonly publisher: string;
	private readonly feeds = new Map<string, Feed>();
	private queuedBytes = 0;
	private readonly finished = new Map<string, number>();
	/** Conversations of commits whose outcome is not known here yet, with the number of such commits. */
	private readonly committing = new Map<string, number>();
	private releaseTimer: NodeJS.Timeout | undefined;
	private readonly sweeps: PeriodicTask;
	private closing = false;
	/** Runs and releases in flight; none of them rejects. */
	private readonly inFlight = new Set<Promise<void>>();

	constructor(services: MessageRelayServices, publish: PublishMessage, options: Partial<MessageRelayOptions> = {}) {
		this.services = services;
		this.publish = publish;
		this.options = { ...chatDefaults.relay, ...options };
		this.publisher = randomBytes(12).toString("base64url");
		this.sweeps = new PeriodicTask({
			intervalMs: this.options.sweepIntervalMs,
			run: () => this.takeOver(),
			onError: (error) => {
				services.logger.debug({ err: error }, "looking for unpublished messages failed; the next round tries again");
			},
		});
	}

	/** Begins to look for what dead processes left behind. */
	start(): void {
		this.sweeps.start();
	}

	/**
	 * Commits messages under a claim, and publishes what the claim covers.
	 *
	 * @param append - the transaction.
	 * @throws what `append` throws.
	 */
	async commit(
		messages: readonly NewMessage[],
		append: (claim: PublishClaim) => Promise<AppendedBatch>,
	): Promise<readonly AppendResult[]> {
		const conversationIds = new Set(messages.map((message) => message.conversationId));
		for (const id of conversationIds) this.committing.set(id, (this.committing.get(id) ?? 0) + 1);
		try {
			const term = this.term();
			const appending = append(this.claim());
			// In the same turn: on SQLite both go to its thread in one message, which is half of the wake-ups.
			if (this.finished.size > 0 && !this.closing) this.track(this.release());
			const { results, claimed } = await appending;
			const appended = results.flatMap((result) => (result.kind === "appended" ? [result.message] : []));
			this.committed(appended, claimed, term);
			return results;
		} finally {
			for (const id of conversationIds) {
				const others = (this.committing.get(id) ?? 1) - 1;
				if (others > 0) this.committing.set(id, others);
				else this.committing.delete(id);
			}
		}
	}

	/**
	 * Resolves when a message that this process publishes is on its channel: true; false when another process publishes
	 * it, or it could not be published now and will be later.
	 */
	delivered(message: MessageRecord): Promise<boolean> {
		const feed = this.feeds.get(message.conversationId);
		if (feed === undefined) return Promise.resolve(false);
		if (message.sequence < feed.next || !feed.isRunning) return Promise.resolve(message.sequence < feed.next);
		return new Promise((resolve) => feed.waiting.set(message.sequence, resolve));
	}

	/** A message that waits here was taken back: what is published of it is that. */
	recalled(message: MessageRecord): void {
		const queue = this.feeds.get(message.conversationId)?.queue;
		const index = queue?.findIndex((waiting) => waiting.sequence === message.sequence) ?? -1;
		const [before] = index >= 0 ? (queue?.splice(index, 1, message) ?? []) : [];
		if (before !== undefined) this.queuedBytes += message.content.length - before.content.length;
	}

	/** Takes over what processes that died have left unpublished. */
	sweep(): Promise<void> {
		return this.sweeps.run();
	}

	/** Publishes what is queued and releases the claims; what fails is left to other processes. */
	async close(): Promise<void> {
		this.closing = true;
		await this.sweeps.close();
		clearTimeout(this.releaseTimer);
		this.releaseTimer = undefined;
		// Each may begin another one.
		while (this.inFlight.size > 0) await Promise.all(this.inFlight);
		await this.release();
	}

	private async takeOver(): Promise<void> {
		const term = this.term();
		this.forgetFailed();
		const claimed = await this.services.messages.claimAbandoned(this.claim(), MAX_TAKEN_OVER);
		for (const conversation of claimed) {
			const feed = this.open(conversation, term);
			feed.hasMore = true;
			this.run(conversation.conversationId);
		}
	}

	private claim(ttlMs = this.options.claimMs): PublishClaim {
		return { publisher: this.publisher, ttlMs };
	}

	/** Of a claim that is requested now. */
	private term(): LeaseTerm {
		return new LeaseTerm(this.services.clock, this.options.claimMs);
	}

	/**
	 * Takes what was just committed; messages in the order of their sequence.
	 *
	 * @param claimed - what the commit has put under the claim of this process.
	 */
	private committed(
		messages: readonly MessageRecord[],
		claimed: readonly ClaimedConversation[],
		term: LeaseTerm,
	): void {
		const ours = new Map(claimed.map((entry) => [entry.conversationId, this.open(entry, term)]));
		for (const message of messages) {
			// Without the claim, another process publishes, even if a feed of this process is still being released.
			const feed = ours.get(message.conversationId);
			if (feed === undefined || message.sequence < feed.next) continue;
			const hasRoom = feed.queue.length < MAX_QUEUED && this.queuedBytes < MAX_QUEUED_BYTES;
			if (!hasRoom) {
				feed.hasMore = true;
				continue;
			}
			feed.queue.push(message);
			this.queuedBytes += message.content.length;
		}
		for (const conversationId of ours.keys()) this.run(conversationId);
	}

	private open({ conversationId, publishedSequence }: ClaimedConversation, term: LeaseTerm): Feed {
		const open = this.feeds.get(conversationId);
		if (open !== undefined) {
			if (term.remainingMs > open.claimed.remainingMs) open.claimed = term;
			// What was published shows in the database late, or first if another process published it.
			open.next = Math.max(open.next, publishedSequence + 1);
			return open;
		}
		const feed: Feed = {
			next: publishedSequence + 1,
			queue: [],
			hasMore: false,
			isRunning: false,
			claimed: term,
			waiting: new Map(),
			events: undefined,
		};
		this.feeds.set(conversationId, feed);
		return feed;
	}

	private run(conversationId: string): void {
		const feed = this.feeds.get(conversationId);
		if (feed === undefined || feed.isRunning) return;
		feed.isRunning = true;
		this.track(
			this.drain(conversationId, feed).then(
				() => this.settle(conversationId, feed),
				async (error: unknown) => {
					// What no output has is published again: receivers skip what they have received.
					feed.next = Math.min(feed.next, (await feed.events?.settled()) ?? feed.next);
					feed.events = undefined;
					this.abandon(conversationId, feed, error);
				},
			),
		);
	}

	private track(work: Promise<void>): void {
		this.inFlight.add(work);
		void work.finally(() => this.inFlight.delete(work));
	}

	private async drain(conversationId: string, feed: Feed): Promise<void> {
		for (;;) {
			const head = feed.queue[0];
			if (head !== undefined && head.sequence === feed.next) {
				this.unqueue(feed);
				await this.publishNext(conversationId, feed, head);
			} else if (head !== undefined && head.sequence < feed.next) {
				this.unqueue(feed);
			} else if (head !== undefined || (feed.hasMore && !this.closing)) {
				await this.publishStored(conversationId, feed, head?.sequence);
			} else if (feed.events !== undefined) {
				await feed.events.settle();
				feed.events = undefined;
			} else {
				return;
			}
		}
	}

	private unqueue(feed: Feed): void {
		this.queuedBytes -= feed.queue.shift()?.content.length ?? 0;
	}

	/** What this process did not commit itself, or forgot. */
	private async publishStored(conversationId: string, feed: Feed, before: number | undefined): Promise<void> {
		feed.hasMore = false;
		const to = before === undefined ? Number.MAX_SAFE_INTEGER : before - 1;
		const within = { limit: PAGE, backwards: false, maxBytes: PAGE_BYTES, isShared: true };
		const range = { conversationId, from: feed.next, to, ...within };
		const stored = await this.services.messages.range(range);
		if (before !== undefined && stored.length === 0) throw new Error("a committed message is missing");
		const bytes = stored.reduce((sum, { content }) => sum + content.length, 0);
		if (before === undefined && (stored.length === PAGE || bytes >= PAGE_BYTES)) feed.hasMore = true;
		for (const message of stored) {
			if (message.sequence !== feed.next) throw new Error("a committed message is missing");
			await this.publishNext(conversationId, feed, message);
		}
	}

	private async publishNext(conversationId: string, feed: Feed, message: MessageRecord): Promise<void> {
		if (feed.claimed.remainingMs < this.options.claimMs / 2) {
			await feed.events?.settle();
			const term = this.term();
			const stands = await this.services.messages.renew(conversationId, feed.next - 1, this.claim());
			if (!stands) throw new Error("another process has taken over");
			feed.claimed = term;
		}
		await this.publish(message);
		feed.next = message.sequence + 1;
		feed.waiting.get(message.sequence)?.(true);
		feed.waiting.delete(message.sequence);
		if (this.services.keepEvent === undefined) return;
		feed.events ??= new EventsInFlight();
		feed.events.add(message.sequence, this.services.keepEvent(message));
		if (feed.events.isFull) await feed.events.settle();
	}

	private settle(conversationId: string, feed: Feed): void {
		feed.isRunning = false;
		answer(feed);
		this.finished.set(conversationId, feed.next - 1);
		if (!this.closing) this.releaseSoon();
	}

	/**
	 * Stops after a failure. The claim expires by itself, and the process that sweeps or commits first continues. The
	 * feed is kept for a while, since it has the most recent state of what has been published.
	 */
	private abandon(conversationId: string, feed: Feed, error: unknown): void {
		this.services.logger.warn({ err: error, conversationId }, "chat messages are committed but not published yet");
		feed.isRunning = false;
		while (feed.queue.length > 0) this.unqueue(feed);
		feed.hasMore = true;
		answer(feed);
		// Earlier than the claim would expire; without effect if another process holds the claim by now.
		const retry = this.claim(this.options.sweepIntervalMs);
		this.services.messages.renew(conversationId, feed.next - 1, retry).catch((renewError: unknown) => {
			this.services.logger.debug({ err: renewError, conversationId }, "the claim expires by itself");
		});
	}

	/** Feeds that failed, and that another process has taken over since. */
	private forgetFailed(): void {
		for (const [conversationId, feed] of this.feeds) {
			if (!feed.isRunning && feed.claimed.remainingMs < -this.options.claimMs) this.feeds.delete(conversationId);
		}
	}

	private releaseSoon(): void {
		this.releaseTimer ??= setTimeout(() => this.track(this.release()), this.options.releaseWindowMs);
	}

	private async release(): Promise<void> {
		clearTimeout(this.releaseTimer);
		this.releaseTimer = undefined;
		const published = new Map<string, number>();
		for (const [conversationId, sequence] of this.finished) {
			// A commit in flight may have been published already, by the run of another commit. When it reports, it must find
			// this feed, since the published sequence that the commit has read is older.
			if (this.committing.has(conversationId)) continue;
			this.finished.delete(conversationId);
			const feed = this.feeds.get(conversationId);
			if (feed !== undefined && !feed.isRunning) published.set(conversationId, sequence);
		}
		if (this.finished.size > 0) this.releaseSoon();
		if (published.size === 0) return;
		try {
			const kept = new Set(await this.services.messages.release(published, this.claim()));
			for (const [conversationId, sequence] of published) {
				if (this.closing && kept.has(conversationId)) await this.handOver(conversationId, sequence);
				else this.released(conversationId, sequence, kept.has(conversationId));
			}
		} catch (error) {
			for (const conversationId of published.keys()) {
				const feed = this.feeds.get(conversationId);
				if (feed !== undefined && !feed.isRunning) this.abandon(conversationId, feed, error);
			}
		}
	}

	/**
	 * While closing: other processes have committed since, and publish that themselves. The claim ends now, and records
	 * how far it was published; otherwise they would wait for its end, and publish again what was published since its
	 * renewal.
	 */
	private async handOver(conversationId: string, sequence: number): Promise<void> {
		this.feeds.delete(conversationId);
		await this.services.messages.renew(conversationId, sequence, this.claim(0));
	}

	private released(conversationId: string, sequence: number, isKept: boolean): void {
		const feed = this.feeds.get(conversationId);
		// A commit that came right behind the release has claimed the conversation again, and may even have been published by
		// now: forgetting that would leave its claim valid, and its messages would be published once more.
		if (feed === undefined || feed.isRunning || feed.next !== sequence + 1) return;
		if (isKept) {
			feed.hasMore = true;
			this.run(conversationId);
		} else {
			this.feeds.delete(conversationId);
		}
	}
}

/** Resolves the waiting callers of a feed with false: their messages are not published yet. */
function answer(feed: Feed): void {
	for (const resolve of feed.waiting.values()) resolve(false);
	feed.waiting.clear();
}
