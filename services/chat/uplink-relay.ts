// Writes committed messages to another system's log, in the order of their conversation, at least once: behind the relay that
// publishes them, and with a cursor of its own, so that the other system may be unavailable while chat goes on. The store keeps which
// conversations have something to write, and how far each is; one process at a time writes one conversation. A process that failed
// behind a write has not recorded it: the message is written again by the next one.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import { KeyedWork } from "../../common/keyed-work.ts";
import { LeaseTerm } from "../../common/lease-term.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { ChatMessageStore, MessageRecord, PublishClaim } from "./chat-message-store.ts";
import type { ChatUplinkStore } from "./chat-uplink-store.ts";
import type { MessageUplink } from "./message-uplink.ts";

export interface UplinkRelayServices {
	readonly messages: Pick<ChatMessageStore, "range">;
	readonly store: ChatUplinkStore;
	readonly uplink: MessageUplink;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface UplinkRelayOptions {
	/** Lease of the process that writes a conversation, in milliseconds; longer than the uplink may take. */
	readonly claimMs: number;
	/** How often conversations are looked for that a process has left. */
	readonly sweepIntervalMs: number;
	/** Longest wait of `whenWritten`. */
	readonly ackTimeoutMs: number;
}

const DEFAULTS: UplinkRelayOptions = { claimMs: 15_000, sweepIntervalMs: 1000, ackTimeoutMs: 5000 };
/** What a claim has left when it counts as over for messages that come: they are marked again. */
const CLAIM_MARGIN_MS = 1000;
/** Messages read and written at once, and bytes of their content. */
const PAGE = 200;
const PAGE_BYTES = 262_144;
/** Conversations written at once; further ones wait, each as one entry. */
const MAX_RUNNING = 16;
/** Conversations that one sweep takes over. */
const MAX_DUE = 500;
/** Conversations that wait to be written by this process; those beyond are left to the sweep, which finds their marks. */
const MAX_WAITING = 10_000;
/** Conversations of which it is known how far they are written; of a forgotten one, a reply may say less than is true. */
const MAX_KNOWN = 10_000;

interface Awaited {
	readonly sequence: number;
	resolve(isWritten: boolean): void;
}

export class UplinkRelay {
	/** Messages since the start. */
	written = 0;
	private readonly services: UplinkRelayServices;
	private readonly options: UplinkRelayOptions;
	private readonly publisher = randomBytes(12).toString("base64url");
	/** Conversations claimed here. What is committed meanwhile is found when they are acknowledged, and needs no mark. */
	private readonly held = new Map<string, LeaseTerm>();
	private readonly known = new Map<string, number>();
	private readonly awaited = new Map<string, Awaited[]>();
	private readonly work: KeyedWork<string>;
	private readonly sweeps: PeriodicTask;
	private closing = false;

	constructor(services: UplinkRelayServices, options: Partial<UplinkRelayOptions> = {}) {
		this.services = services;
		this.options = { ...DEFAULTS, ...options };
		this.work = new KeyedWork(MAX_RUNNING, (conversationId) => this.run(conversationId));
		this.sweeps = new PeriodicTask({
			intervalMs: this.options.sweepIntervalMs,
			run: () => this.takeOver(),
			onError: (error) => {
				services.logger.debug(
					{ err: error },
					"looking for messages to write to Kafka failed; the next round will retry",
				);
			},
		});
	}

	start(): void {
		this.sweeps.start();
	}

	/**
	 * A message is committed and will be published: from now on it will be written as well, by this process or another one.
	 *
	 * @throws GatewayError UNAVAILABLE when that could not be recorded.
	 */
	async add({ conversationId, sequence }: MessageRecord): Promise<void> {
		const leftMs = this.held.get(conversationId)?.remainingMs ?? 0;
		if (leftMs < CLAIM_MARGIN_MS) await this.services.store.mark(conversationId, sequence);
		if (!this.closing && this.work.size < MAX_WAITING) this.work.add(conversationId);
	}

	/**
	 * Resolves when a message is written by this process: true; false when another one writes it, or it could not be written now and will
	 * be later.
	 */
	whenWritten({ conversationId, sequence }: MessageRecord): Promise<boolean> {
		if ((this.known.get(conversationId) ?? 0) >= sequence) return Promise.resolve(true);
		if (this.closing) return Promise.resolve(false);
		return new Promise((resolve) => {
			const timer = setTimeout(() => resolve(false), this.options.ackTimeoutMs);
			const end = (isWritten: boolean): void => {
				clearTimeout(timer);
				resolve(isWritten);
			};
			const waiting = this.awaited.get(conversationId);
			if (waiting === undefined) this.awaited.set(conversationId, [{ sequence, resolve: end }]);
			else waiting.push({ sequence, resolve: end });
			this.work.add(conversationId);
		});
	}

	/** Looks once for what other processes have left. */
	sweep(): Promise<void> {
		return this.sweeps.run();
	}

	/** Finishes what is in flight; the rest is left to other processes. */
	async close(): Promise<void> {
		this.closing = true;
		await this.sweeps.close();
		await this.work.settled();
		for (const conversationId of this.awaited.keys()) this.answer(conversationId, 0, true);
	}

	private async takeOver(): Promise<void> {
		for (const conversationId of await this.services.store.pendingConversations(MAX_DUE)) this.work.add(conversationId);
	}

	private async run(conversationId: string): Promise<void> {
		try {
			await this.drain(conversationId);
		} catch (error) {
			this.held.delete(conversationId);
			this.services.logger.debug({ err: error, conversationId }, "writing chat messages to Kafka failed; will retry");
			const retry = this.claim(this.options.sweepIntervalMs);
			await this.services.store.release(conversationId, retry).catch(() => undefined);
		} finally {
			this.held.delete(conversationId);
			this.answer(conversationId, 0, true);
		}
	}

	private async drain(conversationId: string): Promise<void> {
		const { store, messages, uplink } = this.services;
		let term = this.term();
		let progress = this.closing ? undefined : await store.acquire(conversationId, this.claim());
		// The last acknowledgement ends the claim; the first one is due even if there is nothing to write.
		for (let isFirst = true; progress !== undefined; isFirst = false) {
			const { writtenSequence, lastSequence } = progress;
			if (!isFirst && writtenSequence >= lastSequence) return;
			if (this.closing) {
				await store.release(conversationId, this.claim(0));
				return;
			}
			this.held.set(conversationId, term);
			const range = { from: writtenSequence + 1, to: Number.MAX_SAFE_INTEGER, limit: PAGE, maxBytes: PAGE_BYTES };
			const page = await messages.range({ conversationId, ...range, backwards: false });
			if (term.isOver) return;
			await uplink.send(page);
			this.written += page.length;
			// None: they were removed for their age since they were committed.
			const sequence = page.at(-1)?.sequence ?? lastSequence;
			this.remember(conversationId, sequence);
			this.answer(conversationId, sequence, false);
			// A message that comes from now on may be too late for the acknowledgement to see it.
			this.held.delete(conversationId);
			term = this.term();
			progress = await store.acknowledge(conversationId, sequence, this.claim());
		}
	}

	private remember(conversationId: string, sequence: number): void {
		if (this.known.size >= MAX_KNOWN && !this.known.has(conversationId)) this.known.clear();
		this.known.set(conversationId, sequence);
	}

	/** @param isOver - what is not written up to here is not written by this run. */
	private answer(conversationId: string, upTo: number, isOver: boolean): void {
		const waiting = this.awaited.get(conversationId);
		if (waiting === undefined) return;
		const rest: Awaited[] = [];
		for (const entry of waiting) {
			if (entry.sequence <= upTo) entry.resolve(true);
			else if (isOver) entry.resolve(false);
			else rest.push(entry);
		}
		if (rest.length === 0) this.awaited.delete(conversationId);
		else this.awaited.set(conversationId, rest);
	}

	private claim(ttlMs = this.options.claimMs): PublishClaim {
		return { publisher: this.publisher, ttlMs };
	}

	/** Of a claim that is requested now. */
	private term(): LeaseTerm {
		return new LeaseTerm(this.services.clock, this.options.claimMs);
	}
}
