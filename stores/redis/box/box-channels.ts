// Hears what field services publish: one connection for all who listen, opened when the first one does. What is told
// while the box is away is lost, and listeners are told that they may have missed something.
import type { Redis } from "ioredis";
import type { BoxLink } from "./box-link.ts";

export interface BoxListener {
	heard(message: string, channel: string): void;
	/** Listening begins, or begins again. */
	began(): void;
}

/** Messages that are longer are not looked at, in UTF-16 units. */
const MAX_MESSAGE_LENGTH = 64 * 1024;

export class BoxChannels {
	private readonly link: BoxLink;
	/** By channel or pattern; fixed once the box is put together. */
	private readonly listeners = new Map<string, BoxListener>();
	private redis: Redis | undefined;

	constructor(link: BoxLink) {
		this.link = link;
	}

	/** @param name - a channel, or with a `*` in it a pattern, and not one that is listened to already. */
	listen(name: string, listener: BoxListener): void {
		this.listeners.set(name, listener);
		if (this.redis === undefined) this.redis = this.connect();
		else if (this.redis.status === "ready") void this.subscribe(this.redis, name);
	}

	/** The connection itself ends with its link. */
	close(): void {
		this.listeners.clear();
	}

	private connect(): Redis {
		const redis = this.link.subscriber();
		redis.on("ready", () => {
			for (const name of this.listeners.keys()) void this.subscribe(redis, name);
		});
		redis.on("message", (channel: string, message: string) => this.hear(channel, message, channel));
		redis.on("pmessage", (pattern: string, channel: string, message: string) => this.hear(pattern, message, channel));
		return redis;
	}

	private async subscribe(redis: Redis, name: string): Promise<void> {
		try {
			await (name.includes("*") ? redis.psubscribe(name) : redis.subscribe(name));
		} catch {
			// The connection broke off: the next "ready" tries again.
			return;
		}
		this.listeners.get(name)?.began();
	}

	private hear(name: string, message: string, channel: string): void {
		if (message.length <= MAX_MESSAGE_LENGTH) this.listeners.get(name)?.heard(message, channel);
	}
}
