// The Redis channels that this process is subscribed to: one link per server, and a repair that repeats until the server that
// owns a channel has confirmed its subscription.

import { AlignedInterval } from "../common/aligned-interval.ts";
import type { Logger } from "../common/logger.ts";
import { OutageLog } from "../stores/redis/outage-log.ts";
import { RetryTimer } from "../stores/redis/retry-timer.ts";
import { isAnswer, type LinkListener, SubscriptionLink } from "../stores/redis/subscription-link.ts";
import type { RedisShards } from "./broker-redis-shards.ts";

interface Subscription {
	readonly channel: string;
	readonly key: string;
	readonly slot: number;
	/** The first confirmation, which `subscribe` waits for. */
	opened: Promise<void>;
	isOpen: boolean;
	confirmedOn: SubscriptionLink | undefined;
}

export interface SubscriptionListener {
	message(channel: string, payload: Buffer): void;
	/** Messages of channels may have been missed; the subscriptions are confirmed again. */
	interrupted(): void;
}

/** Subscribe commands in flight at once while repairing. */
const BATCH = 500;
const MAX_REDIRECTIONS = 3;
/** Pauses between two attempts at what a server refuses grow to this. */
const MAX_REFUSED_PAUSE_MS = 5000;

export interface SubscriptionsOptions {
	/** Between two probes of each link. */
	readonly pingIntervalMs: number;
	readonly maxReconnectDelayMs: number;
}

export class RedisSubscriptions implements LinkListener {
	private readonly shards: RedisShards;
	private readonly logger: Logger;
	private readonly log: OutageLog;
	private readonly listener: SubscriptionListener;
	private readonly maxReconnectDelayMs: number;
	private readonly byKey = new Map<string, Subscription>();
	private readonly links = new Map<string, SubscriptionLink>();
	private readonly pings: AlignedInterval;
	private readonly refused = new RetryTimer(MAX_REFUSED_PAUSE_MS);
	private repairing = false;
	private repairAgain = false;
	/** Subscriptions that were confirmed have been lost. */
	private incomplete = false;
	private closed = false;

	constructor(shards: RedisShards, options: SubscriptionsOptions, logger: Logger, listener: SubscriptionListener) {
		this.shards = shards;
		this.logger = logger;
		const texts = { lost: "Redis subscriptions lost; trying again", restored: "Redis can be subscribed to again" };
		this.log = new OutageLog(logger, texts, true);
		this.listener = listener;
		this.maxReconnectDelayMs = options.maxReconnectDelayMs;
		this.pings = new AlignedInterval(() => {
			for (const link of this.links.values()) void link.check();
		}, options.pingIntervalMs);
	}

	/** Every server can be subscribed to, and has confirmed the channels that were subscribed to before. */
	get isReady(): boolean {
		return this.areLinksReady && !this.incomplete;
	}

	private get areLinksReady(): boolean {
		return this.links.size > 0 && [...this.links.values()].every((link) => link.isReady);
	}

	/** Call when servers or their slots may have changed. */
	topologyChanged(): void {
		if (this.closed) return;
		const owners = this.shards.owners();
		for (const [owner, link] of this.links) {
			if (owners.has(owner)) continue;
			this.links.delete(owner);
			link.close();
			this.doubt(link);
		}
		for (const owner of owners) {
			if (this.links.has(owner)) continue;
			const { maxReconnectDelayMs } = this;
			this.links.set(owner, new SubscriptionLink({ open: () => this.shards.open(owner), maxReconnectDelayMs }, this));
		}
		this.repair();
	}

	/** @throws Error when the server is unavailable, or does not confirm. */
	subscribe(channel: string, key: string): Promise<void> {
		const known = this.byKey.get(key);
		if (known !== undefined) return known.opened;
		const slot = this.shards.slotOf(key);
		const subscription: Subscription = {
			channel,
			key,
			slot,
			opened: Promise.resolve(),
			isOpen: false,
			confirmedOn: undefined,
		};
		this.byKey.set(key, subscription);
		subscription.opened = this.open(subscription);
		return subscription.opened;
	}

	/** Resolves when no more messages will be delivered, even if the unsubscribe command failed. */
	async unsubscribe(key: string): Promise<void> {
		const subscription = this.byKey.get(key);
		if (subscription === undefined) return;
		this.byKey.delete(key);
		await this.sendUnsubscribe(subscription);
	}

	/** Drops the connection that a subscription is on, and makes another one. */
	restart(key: string, reason: Error): void {
		const subscription = this.byKey.get(key);
		if (subscription !== undefined) this.linkOf(subscription)?.restart(reason);
	}

	close(): void {
		this.closed = true;
		this.pings.stop();
		this.refused.stop();
		this.byKey.clear();
		for (const link of this.links.values()) link.close();
		this.links.clear();
	}

	ready(): void {
		this.repair();
	}

	lost(link: SubscriptionLink, reason: Error | undefined): void {
		if (this.closed || ![...this.links.values()].includes(link)) return;
		this.doubt(link);
		this.log.lost(reason);
		// A Cluster may have another master for these slots by now.
		void this.shards.refresh();
	}

	moved(link: SubscriptionLink): void {
		this.doubt(link);
		void this.shards.refresh().then(() => this.repair());
	}

	message(key: string, payload: Buffer): void {
		const subscription = this.byKey.get(key);
		if (subscription !== undefined) this.listener.message(subscription.channel, payload);
	}

	private doubt(link: SubscriptionLink): void {
		for (const subscription of this.byKey.values()) {
			if (subscription.confirmedOn !== link) continue;
			subscription.confirmedOn = undefined;
			if (subscription.isOpen) this.incomplete = true;
		}
	}

	private hasUnconfirmed(): boolean {
		for (const subscription of this.byKey.values()) {
			if (subscription.isOpen && subscription.confirmedOn !== this.linkOf(subscription)) return true;
		}
		return false;
	}

	private linkOf(subscription: Subscription): SubscriptionLink | undefined {
		return this.links.get(this.shards.ownerOf(subscription.slot) ?? "nobody");
	}

	private async open(subscription: Subscription): Promise<void> {
		try {
			for (let attempt = 0; this.byKey.get(subscription.key) === subscription; attempt++) {
				const error = await this.confirm(subscription);
				if (error === undefined) {
					subscription.isOpen = true;
					return;
				}
				if (!isMoved(error) || attempt === MAX_REDIRECTIONS) throw error;
				await this.shards.refresh();
			}
			throw new Error("unsubscribed meanwhile");
		} catch (error) {
			if (this.byKey.get(subscription.key) === subscription) {
				this.byKey.delete(subscription.key);
				// It may still take effect, after the time that we gave it.
				void this.sendUnsubscribe(subscription);
			}
			throw error;
		}
	}

	private async sendUnsubscribe(subscription: Subscription): Promise<void> {
		const link = this.linkOf(subscription);
		if (!link?.isReady) return;
		try {
			await link.unsubscribe("ssubscribe", [subscription.key]);
		} catch (error) {
			this.logger.debug({ err: error }, "unsubscribing from a Redis channel failed");
		}
	}

	/** Subscribes where the channel lives now. Returns what went wrong. */
	private async confirm(subscription: Subscription): Promise<Error | undefined> {
		const link = this.linkOf(subscription);
		if (!link?.isReady) return new Error("no connection for subscriptions");
		try {
			await link.subscribe("ssubscribe", [subscription.key]);
			subscription.confirmedOn = link;
			return undefined;
		} catch (error) {
			return error instanceof Error ? error : new Error(String(error));
		}
	}

	private repair(): void {
		if (this.repairing) {
			this.repairAgain = true;
			return;
		}
		void this.repairUntilDone();
	}

	private async repairUntilDone(): Promise<void> {
		this.repairing = true;
		do {
			this.repairAgain = false;
			if (await this.repairOnce()) {
				await this.shards.refresh();
				this.repairAgain = true;
			}
		} while (this.repairAgain && !this.closed);
		this.repairing = false;
		this.incomplete = this.hasUnconfirmed();
		if (!this.isReady || this.closed) return;
		this.refused.reset();
		for (const link of this.links.values()) link.settled();
		this.log.restored();
	}

	/** Confirms what is not, where there is a link for it. Returns whether some channels live elsewhere by now. */
	private async repairOnce(): Promise<boolean> {
		let restored = 0;
		let moved = false;
		const batch: Subscription[] = [];
		const flush = async () => {
			const errors = await Promise.all(batch.map((subscription) => this.confirm(subscription)));
			for (const [index, error] of errors.entries()) {
				if (error === undefined) restored++;
				else if (isMoved(error)) moved = true;
				else this.failed(batch[index] as Subscription, error);
			}
			batch.length = 0;
		};
		for (const subscription of this.byKey.values()) {
			const link = this.linkOf(subscription);
			if (!link?.isReady || subscription.confirmedOn === link) continue;
			batch.push(subscription);
			if (batch.length >= BATCH) await flush();
		}
		await flush();
		if (restored > 0 && !this.closed) this.listener.interrupted();
		return moved;
	}

	/** What the server refuses is tried again later; of anything else it is not known what the link still has. */
	private failed(subscription: Subscription, error: Error): void {
		if (!isAnswer(error)) {
			// The link's return repairs what is left.
			this.linkOf(subscription)?.restart(error);
			return;
		}
		this.log.lost(error);
		this.refused.schedule(() => this.repair());
	}
}

function isMoved(error: Error): boolean {
	return error.message.startsWith("MOVED ");
}
