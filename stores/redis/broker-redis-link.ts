// One connection that holds subscriptions: to the server, or to one master of a Cluster.
import type { Redis } from "ioredis";

export interface LinkListener {
	/** Usable, with no subscription on it yet. */
	ready(link: SubscriptionLink): void;
	/** All its subscriptions are gone. */
	lost(link: SubscriptionLink, reason: Error | undefined): void;
	/** The server has ended subscriptions, as their slots went elsewhere. */
	moved(link: SubscriptionLink): void;
	message(key: string, payload: Buffer): void;
}

export class SubscriptionLink {
	private readonly redis: Redis;
	/** Given up, and not closed yet. */
	private isDropped = false;
	private isChecking = false;

	constructor(redis: Redis, listener: LinkListener) {
		this.redis = redis;
		let reason: Error | undefined;
		redis.on("ready", () => listener.ready(this));
		redis.on("error", (error: Error) => {
			reason = error;
		});
		redis.on("close", () => {
			this.isDropped = false;
			listener.lost(this, reason);
		});
		redis.on("moved", () => listener.moved(this));
		redis.on("smessageBuffer", (key: Buffer, payload: Buffer) => listener.message(key.toString(), payload));
	}

	get isReady(): boolean {
		return this.redis.status === "ready" && !this.isDropped;
	}

	/** Resolves when the server has confirmed. */
	async subscribe(key: string): Promise<void> {
		await this.redis.ssubscribe(key);
	}

	async unsubscribe(key: string): Promise<void> {
		await this.redis.sunsubscribe(key);
	}

	/** Finds a connection that only looks alive: no answer within the command timeout drops it. */
	async check(): Promise<void> {
		if (this.isChecking || !this.isReady) return;
		this.isChecking = true;
		try {
			await this.redis.ping();
		} catch {
			this.restart();
		} finally {
			this.isChecking = false;
		}
	}

	/** Drops the connection and makes it anew. */
	restart(): void {
		if (!this.isReady) return;
		this.isDropped = true;
		this.redis.disconnect(true);
	}

	close(): void {
		this.redis.disconnect();
	}
}
