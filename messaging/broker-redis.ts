// Channels in Redis 7: a stream each, and sharded pub/sub. One script appends and fans out; what arrives elsewhere is the
// finished frame. Works on one server, on a master that Sentinels know, and on a Cluster, where a channel's keys and its
// pub/sub channel share one slot.
import { randomBytes } from "node:crypto";
import { Cluster, type Redis } from "ioredis";
import type { Logger } from "../common/logger.ts";
import type { Probe } from "../common/probe.ts";
import { checkChannelName } from "../protocol/channel-name.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import type { RedisScript } from "../stores/redis/script.ts";
import {
	type Broker,
	type BrokerListener,
	type ChannelHistory,
	type ChannelPosition,
	type HistoryLimits,
	type HistoryUsage,
	type KeyedFrame,
	otherContent,
	type Published,
	type PublishKey,
	type PublishOptions,
} from "./broker.ts";
import { HistoryAccount } from "./broker-redis-account.ts";
import { RedisBrokerProbe } from "./broker-redis-probe.ts";
import {
	historyScript,
	parseHistory,
	parsePublication,
	parsePublished,
	parsePublishedTogether,
	publishScript,
	publishTogetherScript,
	shortenScript,
} from "./broker-redis-scripts.ts";
import { RedisShards } from "./broker-redis-shards.ts";
import { RedisSubscriptions } from "./broker-redis-subscriptions.ts";

export interface RedisBrokerOptions {
	/**
	 * How much longer than its log a channel's position is kept, in milliseconds: a channel without publications for that long
	 * keeps its epoch, and its subscribers need no reset.
	 */
	readonly positionKeptMs?: number;
	/** Between two probes of a connection that subscribes. */
	readonly pingIntervalMs?: number;
}

type Argument = string | number | Buffer;

const DAY_MS = 86_400_000;
const PING_INTERVAL_MS = 5000;
/** A life that begins with a read has no log yet whose life could be added. */
const MIN_KEPT_MS = 60_000;

export class RedisBroker implements Broker {
	/** Subscriptions stand, and what is published on each server arrives here. */
	readonly probe: Probe;
	private readonly redis: RedisConnection;
	private readonly positionKeptMs: number;
	private readonly shards: RedisShards;
	private readonly subscriptions: RedisSubscriptions;
	private readonly account: HistoryAccount;
	/** Epochs of this process: unlike those of any other, and numbered. */
	private readonly epochPrefix = randomBytes(9).toString("base64url");
	private epochs = 0;
	private listener: BrokerListener | undefined;
	private notifiesWhenReady = false;

	/** @param redis - stays its opener's to close, after the broker. */
	constructor(redis: RedisConnection, logger: Logger, options: RedisBrokerOptions = {}) {
		this.redis = redis;
		this.positionKeptMs = options.positionKeptMs ?? DAY_MS;
		this.account = new HistoryAccount(redis, logger, (channel) => this.baseKey(channel));
		const loadScripts = (node: Redis) => {
			// Ahead of use, so that publishes which are not awaited one by one keep their order. Failing is an outage, or the
			// script is sent in full later.
			for (const script of [publishScript, publishTogetherScript, historyScript, shortenScript])
				script.load(node).catch(() => {});
		};
		this.shards = new RedisShards(redis, () => this.subscriptions.topologyChanged(), loadScripts);
		const { maxReconnectDelayMs } = redis;
		const pingIntervalMs = options.pingIntervalMs ?? PING_INTERVAL_MS;
		const subscriptionsLogger = logger.child({ address: redis.address });
		this.subscriptions = new RedisSubscriptions(
			this.shards,
			{ pingIntervalMs, maxReconnectDelayMs },
			subscriptionsLogger,
			{
				message: (channel, payload) => {
					if (channel === RedisBrokerProbe.CHANNEL) probe.received(payload);
					else this.listener?.onPublication(channel, parsePublication(payload));
				},
				interrupted: () => this.notifyInterrupted(),
			},
		);
		const probe = new RedisBrokerProbe(redis, this.shards, this.subscriptions);
		this.probe = probe;
		this.subscriptions.topologyChanged();
	}

	/** Can publish, and subscribe everywhere. */
	get isReady(): boolean {
		return this.redis.isReady && this.subscriptions.isReady;
	}

	listen(listener: BrokerListener): void {
		this.listener = listener;
	}

	async publish(channel: string, frame: Uint8Array, options: PublishOptions): Promise<Published> {
		const { base, keys, args, isShort } = this.call(channel, options);
		const { once } = options;
		args.push(Buffer.from(frame));
		if (once !== undefined) {
			keys.push(onceKey(base, once));
			args.push(once.keptMs, once.print ?? "");
		}
		const published = parsePublished(await this.redis.run(() => this.runOnce(publishScript, base, keys, args)));
		const { offset, epoch, left, isUnkept, nodes } = published;
		if (typeof left === "string") {
			if (left !== (once?.print ?? "")) throw otherContent();
			return { offset, epoch, isRepeat: true };
		}
		this.account.record(channel, left, frame.length, options.historyTtlMs, isShort || isUnkept);
		return options.countsNodes && nodes !== undefined ? { offset, epoch, nodes } : { offset, epoch };
	}

	async publishTogether(
		channel: string,
		frames: readonly KeyedFrame[],
		options: PublishOptions,
	): Promise<readonly Published[]> {
		const { base, keys, args, isShort } = this.call(channel, options);
		let bytes = 0;
		args.push(frames[0]?.once.keptMs ?? 0);
		for (const { frame, once } of frames) {
			bytes += frame.length;
			keys.push(onceKey(base, once));
			args.push(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength), once.print ?? "");
		}
		const reply = await this.redis.run(() => this.runOnce(publishTogetherScript, base, keys, args));
		const { left, isUnkept, published } = parsePublishedTogether(reply);
		const isNew = published.some(({ print }) => print === undefined);
		if (isNew) this.account.record(channel, left, bytes, options.historyTtlMs, isShort || isUnkept);
		return published.map(({ offset, epoch, print }, index) => {
			if (print === undefined) return { offset, epoch };
			if (print !== (frames[index]?.once.print ?? "")) throw otherContent();
			return { offset, epoch, isRepeat: true };
		});
	}

	async published(channel: string, once: PublishKey): Promise<Published | undefined> {
		const known = await this.redis.run((client) => client.get(onceKey(this.baseKey(channel), once)));
		if (known === null) return undefined;
		const [offset, epoch = "", print = ""] = known.split(" ");
		if (print !== (once.print ?? "")) throw otherContent();
		return { offset: Number(offset), epoch, isRepeat: true };
	}

	async subscribe(channel: string): Promise<void> {
		const name = this.pubSubName(channel);
		await this.redis.run(() => this.subscriptions.subscribe(channel, name));
	}

	async unsubscribe(channel: string): Promise<void> {
		await this.subscriptions.unsubscribe(this.pubSubName(channel));
	}

	async history(
		channel: string,
		since: ChannelPosition | undefined,
		limit: number,
		maxBytes = Number.MAX_SAFE_INTEGER,
	): Promise<ChannelHistory> {
		const base = this.baseKey(channel);
		const wanted = since === undefined ? 0 : limit;
		const args = [
			this.nextEpoch(),
			since?.epoch ?? "",
			since?.offset ?? 0,
			wanted,
			Math.max(this.positionKeptMs, MIN_KEPT_MS),
			maxBytes,
		];
		const keys = [`${base}:log`, `${base}:meta`];
		const reply = await this.redis.run((client) => historyScript.runBuffer(client, keys, args));
		const { top, publications } = parseHistory(reply);
		if (since === undefined) return { publications, top, isComplete: true };
		const first = publications[0]?.offset ?? top.offset + 1;
		const last = publications.at(-1)?.offset ?? since.offset;
		const isComplete = top.epoch === since.epoch && first === since.offset + 1 && last === top.offset;
		return { publications, top, isComplete };
	}

	async positions(channels: readonly string[]): Promise<readonly (ChannelPosition | undefined)[]> {
		const keys = channels.map((channel) => `${this.baseKey(channel)}:meta`);
		const replies = await this.redis.run((client) =>
			// Sent in one go, answered in one go; a Cluster's servers each get theirs.
			Promise.all(keys.map((key) => client.hmget(key, "offset", "epoch"))),
		);
		return replies.map(([offset, epoch]) => {
			return offset && epoch ? { offset: Number(offset), epoch } : undefined;
		});
	}

	async activeChannels(prefix: string): Promise<readonly string[]> {
		const before = `${this.redis.channelPrefix}ch:{`;
		const pattern = `${(before + prefix).replace(/[\\*?[\]]/g, "\\$&")}*`;
		const nodes = this.shards.connections();
		const lists = await this.redis.run(() =>
			Promise.all(nodes.map((node) => node.call("PUBSUB", "SHARDCHANNELS", pattern) as Promise<string[]>)),
		);
		return lists.flat().map((name) => name.slice(before.length, -1));
	}

	limitHistory(limits: HistoryLimits): void {
		this.account.limit(limits);
	}

	historyUsage(): HistoryUsage {
		return this.account.usage;
	}

	async close(): Promise<void> {
		this.account.close();
		this.subscriptions.close();
		this.listener = undefined;
	}

	/** Once positions can be read, as the listener does next. */
	private notifyInterrupted(): void {
		if (this.redis.isReady) {
			this.listener?.onInterrupted();
			return;
		}
		if (this.notifiesWhenReady) return;
		this.notifiesWhenReady = true;
		this.redis.client.once("ready", () => {
			this.notifiesWhenReady = false;
			this.listener?.onInterrupted();
		});
	}

	/**
	 * Publishes without a second attempt when a connection breaks: a Cluster client's own attempts would publish twice what
	 * was carried out and not answered. What a server declined to carry out may be sent elsewhere.
	 */
	private async runOnce(script: RedisScript, base: string, keys: readonly string[], args: readonly Argument[]) {
		const { client } = this.redis;
		if (!(client instanceof Cluster)) return await script.run(client, keys, args);
		const node = this.shards.nodeOf(this.shards.slotOf(base));
		if (node === undefined) {
			void this.shards.refresh();
			throw new Error("the server of this slot is not known, or away");
		}
		try {
			return await script.run(node, keys, args);
		} catch (error) {
			if (error instanceof Error && /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(error.message)) {
				return await script.run(client, keys, args);
			}
			void this.shards.refresh();
			throw error;
		}
	}

	/** What scripts that publish begin with. */
	private call(channel: string, { historySize, historyBytes, historyTtlMs }: PublishOptions) {
		const base = this.baseKey(channel);
		const { account, shards } = this;
		const isShort = account.isSuspended && account.isShort(shards.ownerOf(shards.slotOf(base)));
		const size = isShort ? 0 : historySize;
		const lives = [historyTtlMs, historyTtlMs + this.positionKeptMs];
		const args: Argument[] = [this.nextEpoch(), size, ...lives, historyBytes];
		const keys = [`${base}:log`, `${base}:meta`, this.pubSubName(channel)];
		return { base, keys, args, isShort };
	}

	/** What the keys of a channel begin with. The braces put them, and the pub/sub channel, into one slot. */
	private baseKey(channel: string): string {
		checkChannelName(channel);
		return `${this.redis.keyPrefix}ch:{${channel}}`;
	}

	private pubSubName(channel: string): string {
		checkChannelName(channel);
		return `${this.redis.channelPrefix}ch:{${channel}}`;
	}

	private nextEpoch(): string {
		return `${this.epochPrefix}${(this.epochs++).toString(36)}`;
	}
}

function onceKey(base: string, { key }: PublishKey): string {
	return `${base}:once:${key}`;
}
