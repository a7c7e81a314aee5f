// One connection that holds subscriptions. It reconnects by itself, with none of them: its user subscribes again and calls
// `settled` when all of them are confirmed. Until then the pauses between two connections grow.
import { type Redis, ReplyError } from "ioredis";
import { RetryTimer } from "./retry-timer.ts";

/** The commands, which are also the names of the three kinds of subscriptions. */
export type SubscribeCommand = "subscribe" | "psubscribe" | "ssubscribe";

export interface LinkListener {
	/** Usable, with no subscription on it yet. */
	ready(link: SubscriptionLink): void;
	/** All its subscriptions are gone. */
	lost(link: SubscriptionLink, reason: Error | undefined): void;
	/** The server has ended subscriptions, as their slots went elsewhere. */
	moved?(link: SubscriptionLink): void;
	/**
	 * @param name - what was subscribed to: a channel, or a pattern.
	 * @param channel - where it was published.
	 */
	message(name: string, payload: Buffer, channel: string): void;
}

export interface LinkOptions {
	/** Opens a connection that does not come back by itself; undefined where there is no server yet. */
	readonly open: () => Redis | undefined;
	readonly maxReconnectDelayMs: number;
}

export class SubscriptionLink {
	private readonly options: LinkOptions;
	private readonly listener: LinkListener;
	private readonly reconnects: RetryTimer;
	private redis: Redis | undefined;
	private isChecking = false;
	private isClosed = false;

	constructor(options: LinkOptions, listener: LinkListener) {
		this.options = options;
		this.listener = listener;
		this.reconnects = new RetryTimer(options.maxReconnectDelayMs);
		this.connect();
	}

	get isReady(): boolean {
		return this.redis?.status === "ready";
	}

	/** Resolves when the server has confirmed all names. @param names - one, where the command is SSUBSCRIBE. */
	async subscribe(command: SubscribeCommand, names: readonly string[]): Promise<void> {
		const redis = this.usable();
		await redis[command](...(names as [string, ...string[]]));
		if (this.redis !== redis) throw new Error("the connection was given up meanwhile");
	}

	async unsubscribe(command: SubscribeCommand, names: readonly string[]): Promise<void> {
		const redis = this.usable();
		if (command === "subscribe") await redis.unsubscribe(...names);
		else if (command === "psubscribe") await redis.punsubscribe(...names);
		else await redis.sunsubscribe(...names);
	}

	/** Finds a connection that only looks alive: no answer within the command timeout drops it. */
	async check(): Promise<void> {
		const { redis } = this;
		if (this.isChecking || redis === undefined || !this.isReady) return;
		this.isChecking = true;
		try {
			await redis.ping();
		} catch (error) {
			// A server that refuses PING has answered.
			if (this.redis === redis && !isAnswer(error)) this.restart(error as Error);
		} finally {
			this.isChecking = false;
		}
	}

	/** Drops the connection and makes another one, after a pause. */
	restart(reason: Error): void {
		const { redis } = this;
		if (redis === undefined || !this.isReady) return;
		this.redis = undefined;
		redis.disconnect();
		this.lose(reason);
	}

	/** Its subscriptions stand: should it be lost again, the next connection follows soon. */
	settled(): void {
		if (this.isReady) this.reconnects.reset();
	}

	close(): void {
		this.isClosed = true;
		this.reconnects.stop();
		const { redis } = this;
		this.redis = undefined;
		redis?.disconnect();
	}

	private usable(): Redis {
		const { redis } = this;
		if (redis === undefined || redis.status !== "ready") throw new Error("no connection for subscriptions");
		return redis;
	}

	private connect(): void {
		if (this.isClosed) return;
		const redis = this.options.open();
		if (redis === undefined) {
			this.reconnects.schedule(() => this.connect());
			return;
		}
		this.redis = redis;
		const { listener } = this;
		const isCurrent = () => this.redis === redis;
		let reason: Error | undefined;
		redis.on("error", (error: Error) => {
			reason = error;
		});
		redis.on("ready", () => isCurrent() && listener.ready(this));
		redis.on("end", () => {
			if (!isCurrent()) return;
			this.redis = undefined;
			this.lose(reason);
		});
		redis.on("moved", () => isCurrent() && listener.moved?.(this));
		const deliver = (channel: Buffer, payload: Buffer) => {
			const name = channel.toString();
			if (isCurrent()) listener.message(name, payload, name);
		};
		redis.on("messageBuffer", deliver);
		redis.on("smessageBuffer", deliver);
		redis.on("pmessageBuffer", (pattern: string | Buffer, channel: Buffer, payload: Buffer) => {
			if (isCurrent()) listener.message(pattern.toString(), payload, channel.toString());
		});
	}

	private lose(reason: Error | undefined): void {
		this.reconnects.schedule(() => this.connect());
		this.listener.lost(this, reason);
	}
}

/** Whether the server itself refused, and everything else on the connection is as before. */
export function isAnswer(error: unknown): boolean {
	return error instanceof ReplyError;
}
