// Hears of changes instead of asking, where the box tells: by keyspace notifications, if its server has them switched on
// (which is not ours to do), and by what field services publish under the name of a key. Both are hints, told on in
// bunches.
import type { Redis } from "ioredis";
import { type PointKey, pointKeyText } from "../../../ports/box-points.ts";
import type { BoxLink } from "./box-link.ts";
import type { PointKeys } from "./dialect.ts";

export interface PointsWakeupsOptions {
	/** Changes within so long are told together. */
	readonly coalesceMs: number;
	/** Keys that are listened for; those beyond are only polled. */
	readonly maxWatchedKeys: number;
}

/** Channels of one command. */
const CHANNELS_PER_COMMAND = 500;

export class PointsWakeups {
	private readonly link: BoxLink;
	private readonly dialect: PointKeys;
	private readonly options: PointsWakeupsOptions;
	/** Pub/sub channel → what it tells of. */
	private wanted: ReadonlyMap<string, string> = new Map();
	private readonly changed = new Set<string>();
	private listener: ((keyText: string) => void) | undefined;
	private redis: Redis | undefined;
	private timer: NodeJS.Timeout | undefined;

	constructor(link: BoxLink, dialect: PointKeys, options: PointsWakeupsOptions) {
		this.link = link;
		this.dialect = dialect;
		this.options = options;
	}

	onChange(listener: (keyText: string) => void): void {
		this.listener = listener;
	}

	/** As `BoxPoints.watch`. */
	watch(keys: readonly PointKey[]): void {
		const before = this.wanted;
		// No connection for a box that nobody watches.
		if (this.redis === undefined && keys.length > 0) this.redis = this.connect();
		const wanted = new Map<string, string>();
		for (const key of keys.slice(0, this.options.maxWatchedKeys)) {
			const redisKey = this.dialect.keyOf(key);
			if (redisKey === undefined) continue;
			const text = pointKeyText(key);
			wanted.set(redisKey, text);
			wanted.set(this.notificationChannel(redisKey), text);
		}
		this.wanted = wanted;
		this.subscribe([...wanted.keys()].filter((channel) => !before.has(channel)));
		this.unsubscribe([...before.keys()].filter((channel) => !wanted.has(channel)));
	}

	close(): void {
		clearTimeout(this.timer);
		this.listener = undefined;
		this.wanted = new Map();
	}

	private notificationChannel(redisKey: string): string {
		return `__keyspace@${this.redis?.options.db ?? 0}__:${redisKey}`;
	}

	private connect(): Redis {
		const redis = this.link.subscriber();
		// Also what was asked for while there was no connection.
		redis.on("ready", () => this.subscribe([...this.wanted.keys()]));
		redis.on("message", (channel: string) => this.heard(channel));
		return redis;
	}

	private heard(channel: string): void {
		const text = this.wanted.get(channel);
		if (text === undefined) {
			// The server could not be told at the time.
			this.unsubscribe([channel]);
			return;
		}
		this.changed.add(text);
		this.timer ??= setTimeout(() => this.tell(), this.options.coalesceMs).unref();
	}

	private tell(): void {
		this.timer = undefined;
		const changed = [...this.changed];
		this.changed.clear();
		for (const text of changed) this.listener?.(text);
	}

	private subscribe(channels: readonly string[]): void {
		this.send(channels, (redis, some) => redis.subscribe(...some));
	}

	private unsubscribe(channels: readonly string[]): void {
		this.send(channels, (redis, some) => redis.unsubscribe(...some));
	}

	/** What fails is made up for at the next "ready", or at the next message of what is not wanted. */
	private send(
		channels: readonly string[],
		command: (redis: Redis, some: readonly string[]) => Promise<unknown>,
	): void {
		const { redis } = this;
		if (redis?.status !== "ready") return;
		for (let from = 0; from < channels.length; from += CHANNELS_PER_COMMAND) {
			command(redis, channels.slice(from, from + CHANNELS_PER_COMMAND)).catch(() => undefined);
		}
	}
}
