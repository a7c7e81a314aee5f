// Receives changes instead of polling, where the box publishes them: by keyspace notifications, if its server has them
// enabled (the gateway does not change that setting), and by what field services publish under the name of a key. Both
// are hints, delivered in batches.

import type { RedisPubSub } from "../../../stores/redis/pub-sub.ts";
import { type PointKey, pointKeyText } from "../boxes/box-points.ts";
import type { BoxLink } from "./box-link.ts";
import type { PointKeys } from "./dialect.ts";

export interface PointsWakeupsOptions {
	/** Changes within this time are delivered together. */
	readonly coalesceMs: number;
	/** Keys that are subscribed to; those beyond are only polled. */
	readonly maxWatchedKeys: number;
}

export class PointsWakeups {
	private readonly link: BoxLink;
	private readonly dialect: PointKeys;
	private readonly options: PointsWakeupsOptions;
	/** Pub/sub channel → text of the key that it is about. */
	private wanted: ReadonlyMap<string, string> = new Map();
	private readonly changed = new Set<string>();
	private listener: ((keyText: string) => void) | undefined;
	private pubSub: RedisPubSub | undefined;
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
		// No connection for a box without subscribers.
		if (keys.length > 0) this.pubSub ??= this.connect();
		const wanted = new Map<string, string>();
		for (const key of keys.slice(0, this.options.maxWatchedKeys)) {
			const redisKey = this.dialect.keyOf(key);
			if (redisKey === undefined) continue;
			const text = pointKeyText(key);
			wanted.set(redisKey, text);
			wanted.set(this.notificationChannel(redisKey), text);
		}
		this.wanted = wanted;
		this.pubSub?.remove([...before.keys()].filter((channel) => !wanted.has(channel)));
		this.pubSub?.add([...wanted.keys()].filter((channel) => !before.has(channel)));
	}

	close(): void {
		clearTimeout(this.timer);
		this.listener = undefined;
		this.wanted = new Map();
	}

	private notificationChannel(redisKey: string): string {
		return `__keyspace@${this.link.database}__:${redisKey}`;
	}

	private connect(): RedisPubSub {
		const listener = { message: (channel: string) => this.onMessage(channel) };
		return this.link.pubSub(listener, { what: "changes of points" });
	}

	private onMessage(channel: string): void {
		const text = this.wanted.get(channel);
		if (text === undefined) return;
		this.changed.add(text);
		this.timer ??= setTimeout(() => this.deliver(), this.options.coalesceMs).unref();
	}

	private deliver(): void {
		this.timer = undefined;
		const changed = [...this.changed];
		this.changed.clear();
		for (const text of changed) this.listener?.(text);
	}
}
