// The channels that this process hears, and what keeps it hearing them: one link per server, and a repair that goes on
// until each channel is confirmed by the server that owns it. Nothing relies on the client's own resubscribing, which
// confirms nothing.
import type { Logger } from "../../ports/logger.ts";
import { Rounds } from "../../ports/rounds.ts";
import { type LinkListener, SubscriptionLink } from "./broker-redis-link.ts";
import type { RedisShards } from "./broker-redis-shards.ts";

interface Subscription {
	readonly channel: string;
	readonly key: string;
	readonly slot: number;
	/** The first confirmation, which `subscribe` waits for. */
	opened: Promise<void>;
	confirmedOn: SubscriptionLink | undefined;
}

export interface SubscriptionListener {
	message(channel: string, payload: Buffer): void;
	/** Channels were not heard for a while, and are again. */
	interrupted(): void;
}

/** Subscriptions under way at once while repairing. */
const BATCH = 500;
const MAX_REDIRECTIONS = 3;

export class RedisSubscriptions implements LinkListener {
	private readonly shards: RedisShards;
	private readonly logger: Logger;
	private readonly listener: SubscriptionListener;
	private readonly byKey = new Map<string, Subscription>();
	private readonly links = new Map<string, SubscriptionLink>();
	private readonly lostLinks = new Set<SubscriptionLink>();
	private readonly pings: Rounds;
	private repairing = false;
	private repairAgain = false;
	private closed = false;

	constructor(shards: RedisShards, pingIntervalMs: number, logger: Logger, listener: SubscriptionListener) {
		this.shards = shards;
		this.logger = logger;
		this.listener = listener;
		this.pings = new Rounds(() => {
			for (const link of this.links.values()) void link.check();
		}, pingIntervalMs);
	}

	/** Every server can be subscribed to. */
	get isReady(): boolean {
		return this.links.size > 0 && [...this.links.values()].every((link) => link.isReady);
	}

	/** Call when servers or their slots may have changed. */
	topologyChanged(): void {
		if (this.closed) return;
		const owners = this.shards.owners();
		for (const [owner, link] of this.links) {
			if (owners.has(owner)) continue;
			this.links.delete(owner);
			this.lostLinks.delete(link);
			link.close();
		}
		for (const owner of owners) {
			if (this.links.has(owner)) continue;
			const redis = this.shards.connect(owner);
			if (redis !== undefined) this.links.set(owner, new SubscriptionLink(redis, this));
		}
		this.repair();
	}

	/** @throws Error when the server is away, or does not confirm. */
	subscribe(channel: string, key: string): Promise<void> {
		const known = this.byKey.get(key);
		if (known !== undefined) return known.opened;
		const slot = this.shards.slotOf(key);
		const subscription: Subscription = { channel, key, slot, opened: Promise.resolve(), confirmedOn: undefined };
		this.byKey.set(key, subscription);
		subscription.opened = this.open(subscription);
		return subscription.opened;
	}

	/** Resolves when nothing more will be heard, even if the server could not be told. */
	async unsubscribe(key: string): Promise<void> {
		const subscription = this.byKey.get(key);
		if (subscription === undefined) return;
		this.byKey.delete(key);
		await this.silence(subscription);
	}

	close(): void {
		this.closed = true;
		this.pings.stop();
		this.byKey.clear();
		for (const link of this.links.values()) link.close();
		this.links.clear();
	}

	ready(link: SubscriptionLink): void {
		if (this.lostLinks.delete(link)) this.logger.info({}, "Redis can be subscribed to again");
		this.repair();
	}

	lost(link: SubscriptionLink, reason: Error | undefined): void {
		if (this.closed || ![...this.links.values()].includes(link)) return;
		this.doubt(link);
		if (this.lostLinks.has(link)) return;
		this.lostLinks.add(link);
		this.logger.warn({ err: reason }, "Redis subscriptions lost; reconnecting");
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
			if (subscription.confirmedOn === link) subscription.confirmedOn = undefined;
		}
	}

	private linkOf(subscription: Subscription): SubscriptionLink | undefined {
		return this.links.get(this.shards.ownerOf(subscription.slot) ?? "nobody");
	}

	private async open(subscription: Subscription): Promise<void> {
		try {
			for (let attempt = 0; this.byKey.get(subscription.key) === subscription; attempt++) {
				const error = await this.confirm(subscription);
				if (error === undefined) return;
				if (!isMoved(error) || attempt === MAX_REDIRECTIONS) throw error;
				await this.shards.refresh();
			}
			throw new Error("unsubscribed meanwhile");
		} catch (error) {
			if (this.byKey.get(subscription.key) === subscription) {
				this.byKey.delete(subscription.key);
				// It may still take effect, after the time that we gave it.
				void this.silence(subscription);
			}
			throw error;
		}
	}

	private async silence(subscription: Subscription): Promise<void> {
		const link = this.linkOf(subscription);
		if (!link?.isReady) return;
		try {
			await link.unsubscribe(subscription.key);
		} catch (error) {
			this.logger.debug({ err: error }, "Redis could not be told to end a subscription");
		}
	}

	/** Subscribes where the channel lives now. Returns what went wrong. */
	private async confirm(subscription: Subscription): Promise<Error | undefined> {
		const link = this.linkOf(subscription);
		if (!link?.isReady) return new Error("no connection for subscriptions");
		try {
			await link.subscribe(subscription.key);
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
				// The link's return repairs what is left.
				else this.linkOf(batch[index] as Subscription)?.restart();
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
}

function isMoved(error: Error): boolean {
	return error.message.startsWith("MOVED ");
}
