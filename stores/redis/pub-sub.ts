// Channels and patterns of one server, kept subscribed: after every reconnect, and until the server confirms, however
// often it refuses. In a Cluster any master will do, as what is published there is passed on by all of them.

import { AlignedInterval } from "../../common/aligned-interval.ts";
import { batches } from "../../common/batches.ts";
import type { Logger } from "../../common/logger.ts";
import type { RedisConnection } from "./connection.ts";
import { OutageLog } from "./outage-log.ts";
import { RetryTimer } from "./retry-timer.ts";
import { isAnswer, type LinkListener, SubscriptionLink } from "./subscription-link.ts";

export interface PubSubListener {
	/** @param name - what was subscribed to: a channel, or a pattern. */
	message(name: string, payload: Buffer, channel: string): void;
	/** The server confirmed these, for the first time or again: what was published before is lost. */
	subscribed?(names: readonly string[]): void;
}

export interface PubSubOptions {
	/** What arrives on it, for the log: "node events". */
	readonly what: string;
	/** Names of one command, all of which a server refuses if it refuses one. */
	readonly namesPerCommand?: number;
	/** Between two probes of the connection. */
	readonly pingIntervalMs?: number;
}

const defaults = { namesPerCommand: 500, pingIntervalMs: 5000 };
/** Pauses between two attempts at what a server refuses grow to this. */
const MAX_REFUSED_PAUSE_MS = 5000;

interface Wanted {
	readonly isPattern: boolean;
	isConfirmed: boolean;
}

export class RedisPubSub implements LinkListener {
	private readonly listener: PubSubListener;
	private readonly namesPerCommand: number;
	private readonly wanted = new Map<string, Wanted>();
	private readonly log: OutageLog;
	private readonly refused = new RetryTimer(MAX_REFUSED_PAUSE_MS);
	private readonly link: SubscriptionLink;
	private readonly pings: AlignedInterval;
	/** Counts connections: a confirmation of the one before is worth nothing. */
	private generation = 0;
	private unconfirmed = 0;
	private isSubscribing = false;
	private again = false;

	/** Connects in the background. @param redis - stays its opener's to close. */
	constructor(redis: RedisConnection, logger: Logger, listener: PubSubListener, options: PubSubOptions) {
		const { what, namesPerCommand, pingIntervalMs } = { ...defaults, ...options };
		this.listener = listener;
		this.namesPerCommand = namesPerCommand;
		const lost = `Redis: ${what} cannot be received; trying again`;
		this.log = new OutageLog(
			logger.child({ address: redis.address }),
			{ lost, restored: `Redis: ${what} are received again` },
			true,
		);
		const { maxReconnectDelayMs } = redis;
		this.link = new SubscriptionLink({ open: () => redis.open(), maxReconnectDelayMs }, this);
		this.pings = new AlignedInterval(() => void this.link.check(), pingIntervalMs);
	}

	/** The server has confirmed everything that is wanted. */
	get isSubscribed(): boolean {
		return this.link.isReady && this.unconfirmed === 0;
	}

	/** Subscribes, now or as soon as it is possible. @param areChannels - false: the names are patterns. */
	add(names: readonly string[], areChannels = true): void {
		for (const name of names) {
			if (this.wanted.has(name)) continue;
			this.wanted.set(name, { isPattern: !areChannels, isConfirmed: false });
			this.unconfirmed++;
		}
		this.subscribe();
	}

	remove(names: readonly string[]): void {
		for (const isPattern of [false, true]) {
			const some = names.filter((name) => this.wanted.get(name)?.isPattern === isPattern);
			for (const name of some) {
				if (!this.wanted.get(name)?.isConfirmed) this.unconfirmed--;
				this.wanted.delete(name);
			}
			this.unsubscribe(some, isPattern);
		}
	}

	/** Makes another connection. */
	restart(reason: Error): void {
		this.link.restart(reason);
	}

	close(): void {
		this.pings.stop();
		this.refused.stop();
		this.wanted.clear();
		this.unconfirmed = 0;
		this.link.close();
	}

	ready(): void {
		this.subscribe();
	}

	lost(_link: SubscriptionLink, reason: Error | undefined): void {
		this.generation++;
		for (const each of this.wanted.values()) each.isConfirmed = false;
		this.unconfirmed = this.wanted.size;
		this.log.lost(reason);
	}

	message(name: string, payload: Buffer, channel: string): void {
		if (this.wanted.has(name)) this.listener.message(name, payload, channel);
		// The unsubscribe command failed at the time.
		else this.unsubscribe([name], name !== channel);
	}

	private subscribe(): void {
		this.again = true;
		if (!this.isSubscribing) void this.subscribeAll();
	}

	private async subscribeAll(): Promise<void> {
		this.isSubscribing = true;
		while (this.again) {
			this.again = false;
			const error = await this.subscribeOnce();
			if (!this.link.isReady) continue;
			if (error !== undefined) {
				this.log.lost(error);
				this.refused.schedule(() => this.subscribe());
			} else if (this.unconfirmed === 0) {
				this.refused.reset();
				this.link.settled();
				this.log.restored();
			}
		}
		this.isSubscribing = false;
	}

	/** Tries each name once. Returns the last error with which the server refused some. */
	private async subscribeOnce(): Promise<Error | undefined> {
		let rejection: Error | undefined;
		for (const isPattern of [false, true]) {
			const missing = [...this.wanted].filter(([, each]) => each.isPattern === isPattern && !each.isConfirmed);
			for (const batch of batches(missing, this.namesPerCommand)) {
				if (!this.link.isReady) return rejection;
				rejection = (await this.confirm(batch, isPattern)) ?? rejection;
			}
		}
		return rejection;
	}

	/** Returns the server's error reply. */
	private async confirm(some: readonly (readonly [string, Wanted])[], isPattern: boolean): Promise<Error | undefined> {
		const { generation } = this;
		const names = some.map(([name]) => name);
		try {
			await this.link.subscribe(isPattern ? "psubscribe" : "subscribe", names);
		} catch (error) {
			if (isAnswer(error)) return error as Error;
			// Not known to be subscribed, nor not to be.
			if (generation === this.generation) this.restart(error as Error);
			return undefined;
		}
		if (generation !== this.generation) return undefined;
		const confirmed: string[] = [];
		for (const [name, wanted] of some) {
			// One that was removed meanwhile is unsubscribed by now, even if it was added again.
			if (this.wanted.get(name) !== wanted) continue;
			wanted.isConfirmed = true;
			this.unconfirmed--;
			confirmed.push(name);
		}
		if (confirmed.length > 0) this.listener.subscribed?.(confirmed);
		return undefined;
	}

	/** What fails is made up for at the next message of what is not wanted. */
	private unsubscribe(names: readonly string[], isPattern: boolean): void {
		if (!this.link.isReady) return;
		for (const some of batches(names, this.namesPerCommand)) {
			this.link.unsubscribe(isPattern ? "psubscribe" : "subscribe", some).catch(() => undefined);
		}
	}
}
