// The connection to the Redis of a box, and whether the box is reachable. While it is not, calls are refused at once,
// and only this file checks whether it is back, a few times a second.

import { type ChainableCommander, Redis, ReplyError } from "ioredis";
import { untilRoundMs } from "../../../common/aligned-interval.ts";
import type { Logger } from "../../../common/logger.ts";
import { LoopTurns } from "../../../common/loop-turns.ts";
import type { Probe } from "../../../common/probe.ts";
import { type GatewayError, unavailable } from "../../../protocol/error.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { HandshakeError } from "../../../stores/redis/handshake.ts";
import { type PubSubListener, type PubSubOptions, RedisPubSub } from "../../../stores/redis/pub-sub.ts";
import { RedisScript } from "../../../stores/redis/script.ts";
import { type BoxCondition, BoxState } from "../boxes/box.ts";
import type { BoxOptions } from "../boxes/options.ts";

export interface BoxLinkOptions extends Partial<Pick<BoxOptions, "commandTimeoutMs" | "connectTimeoutMs">> {
	/** As the box is configured; "" for the first. */
	readonly name: string;
	/** One server, or a master that Sentinels know. */
	readonly url: string;
	/** Calls that may wait for a reply; beyond it a call is refused at once. */
	readonly maxInFlight?: number;
	/** Longest pause between two attempts to reconnect. */
	readonly maxReconnectDelayMs?: number;
	/** How often a box that is up is asked whether it still is, unless it has just answered something else. */
	readonly heartbeatMs?: number;
	/** How often a box that is unreachable or loading is asked. */
	readonly recheckMs?: number;
}

const defaults = { heartbeatMs: 1000, recheckMs: 250 };

/** Of documents that are parsed in one turn of the event loop: about a millisecond. */
const PARSED_BYTES_PER_TURN = 64 * 1024;

/** `retryAfterMs` of a refused request. */
const RETRY_AFTER_MS = 1000;

const MAX_LOGGED_REJECTIONS = 10;

/** Points are read and commands handed over by scripts. This one reads no keys. */
const probeScript = new RedisScript("return 1");

export type ReplyOrError = readonly [error: Error | null, reply: unknown];

export class BoxLink {
	readonly probe: Probe;
	/** Taken for each document of the box before it is parsed, in bytes: other connections are served between the turns. */
	readonly parsing = new LoopTurns(PARSED_BYTES_PER_TURN);
	private readonly what: string;
	private readonly redis: RedisConnection;
	private readonly client: Redis;
	private readonly listeners: ((condition: BoxCondition) => void)[] = [];
	/** As many as parts of the box listen. */
	private readonly pubSubs: RedisPubSub[] = [];
	private readonly heartbeatMs: number;
	private readonly recheckMs: number;
	private readonly logger: Logger;
	private timer: NodeJS.Timeout | undefined;
	/** Whether it has answered anything since the last heartbeat. */
	private hasAnswered = false;
	private isClosed = false;
	private lastError: Error | undefined;
	/** Kinds of error replies that were logged since the box came up. */
	private readonly loggedRejections = new Set<string>();
	private current: BoxCondition = { state: BoxState.DOWN, reason: "not connected yet", sinceMs: Date.now() };

	/** Opens the connection; does not wait for it. @throws Error when the URL is malformed or names a Cluster. */
	constructor(options: BoxLinkOptions, logger: Logger) {
		const { name, heartbeatMs = defaults.heartbeatMs, recheckMs = defaults.recheckMs, ...redis } = options;
		this.what = name === "" ? "the box" : `the box ${name}`;
		this.heartbeatMs = heartbeatMs;
		this.recheckMs = recheckMs;
		this.logger = logger.child({ box: name });
		// The keys belong to the field services: no prefix is added.
		this.redis = openRedis({ ...redis, keyPrefix: "", waitsForLoading: false }, this.logger);
		const { client } = this.redis;
		if (!(client instanceof Redis)) {
			void this.redis.close();
			throw new Error("a box is one Redis server, not a Cluster");
		}
		this.client = client;
		client.on("ready", () => this.schedule(0));
		client.on("error", (error: Error) => {
			this.lastError = error;
		});
		client.on("close", () => this.become(BoxState.DOWN, reasonOf(this.lastError)));
		this.probe = { name: name === "" ? "box" : `box:${name}`, check: () => this.checkScripts() };
	}

	get condition(): BoxCondition {
		return this.current;
	}

	get isUp(): boolean {
		return this.current.state === BoxState.UP;
	}

	/** Listeners are called after each change of `condition`, in the order of registration. */
	onCondition(listener: (condition: BoxCondition) => void): void {
		this.listeners.push(listener);
	}

	/**
	 * Runs commands.
	 *
	 * @throws GatewayError UNAVAILABLE: without a cause when nothing was sent; else `isRejection(error.cause)` is true
	 *   when the server refused it, and false when it did not answer.
	 */
	async run<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
		if (!this.isUp) throw this.unavailableError();
		try {
			const reply = await this.redis.run(() => commands(this.client));
			this.hasAnswered = true;
			return reply;
		} catch (error) {
			this.updateCondition((error as GatewayError).cause);
			throw this.unavailableError((error as GatewayError).cause);
		}
	}

	/**
	 * Sends commands together and gives their replies in order. What the server refuses fails alone, as that command's error.
	 *
	 * @throws GatewayError UNAVAILABLE as `run`, when the server did not answer all of them or is loading.
	 */
	async pipeline(fill: (pipeline: ChainableCommander) => void): Promise<readonly ReplyOrError[]> {
		if (!this.isUp) throw this.unavailableError();
		const replies = await this.run(async (client) => {
			const pipeline = client.pipeline();
			fill(pipeline);
			return (await pipeline.exec()) ?? [];
		});
		for (const [error] of replies) {
			if (error === null || (isRejection(error) && !isLoading(error))) continue;
			this.updateCondition(error);
			throw this.unavailableError(error);
		}
		return replies;
	}

	/** The database that the URL names. */
	get database(): number {
		return this.redis.database;
	}

	/** A further connection, for subscriptions, which it keeps whatever happens to it. Closed with this one. */
	pubSub(listener: PubSubListener, options: PubSubOptions): RedisPubSub {
		const pubSub = new RedisPubSub(this.redis, this.logger, listener, options);
		this.pubSubs.push(pubSub);
		return pubSub;
	}

	async close(): Promise<void> {
		this.isClosed = true;
		clearTimeout(this.timer);
		this.listeners.length = 0;
		for (const pubSub of this.pubSubs) pubSub.close();
		await this.redis.close();
	}

	/** The error of operations that need the box while it is unreachable. */
	private unavailableError(cause?: unknown): GatewayError {
		return unavailable(this.what, RETRY_AFTER_MS, cause);
	}

	/** Derives the condition of the box from a failed command. */
	private updateCondition(error: unknown): void {
		if (isLoading(error)) this.become(BoxState.LOADING, "it is loading its data");
		// A lost connection is reported by the connection itself. A box that keeps it open and does not answer is not.
		else if (error instanceof Error && error.message === "Command timed out") {
			this.become(BoxState.DOWN, reasonOf(error));
		} else if (isRejection(error)) this.logRejection(error as Error);
	}

	/** A box that answers but refuses our commands: missing permissions, a script that runs on, a full memory. */
	private logRejection(error: Error): void {
		const kind = error.message.split(" ", 1)[0] ?? "";
		// A key of another type is handled by the caller that reads it.
		if (kind === "WRONGTYPE" || this.loggedRejections.has(kind) || this.loggedRejections.size >= MAX_LOGGED_REJECTIONS)
			return;
		this.loggedRejections.add(kind);
		this.logger.warn({ err: error }, "the box refuses a command");
	}

	private become(state: BoxState, reason: string): void {
		if (this.isClosed) return;
		if (state === this.current.state) this.current = { ...this.current, reason };
		else {
			this.current = { state, reason, sinceMs: Date.now() };
			this.loggedRejections.clear();
			this.logger.info({ state, reason }, "the condition of the box changed");
			for (const listener of this.listeners) listener(this.current);
		}
		this.schedule(state === BoxState.UP ? untilRoundMs(this.heartbeatMs) : this.recheckMs);
	}

	private schedule(delayMs: number): void {
		if (this.isClosed) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => void this.ask(), delayMs).unref();
	}

	private async ask(): Promise<void> {
		// Without a connection, the condition changes with the connection's events.
		if (!this.redis.isReady) return;
		// A reply to another command since the last heartbeat counts as a heartbeat.
		const { hasAnswered } = this;
		this.hasAnswered = false;
		if (this.isUp && hasAnswered) {
			this.schedule(untilRoundMs(this.heartbeatMs));
			return;
		}
		try {
			await this.check();
		} catch {
			this.schedule(this.recheckMs);
		}
	}

	/** The box answers, and runs scripts. */
	private async checkScripts(): Promise<void> {
		await this.check();
		await this.run((client) => probeScript.run(client, [], []));
	}

	/** A round trip to the server, read-only: the gateway writes no data of its own into a box. */
	private async check(): Promise<void> {
		if (!this.redis.isReady) throw this.unavailableError();
		try {
			await this.client.ping();
		} catch (error) {
			if (isLoading(error)) this.updateCondition(error);
			else this.become(BoxState.DOWN, reasonOf(error as Error));
			throw this.unavailableError(error);
		}
		this.lastError = undefined;
		this.become(BoxState.UP, "");
	}
}

/** Whether an error is the server's own answer, so that the command was certainly not carried out. */
export function isRejection(error: unknown): boolean {
	return error instanceof ReplyError;
}

/** Shown to clients: no addresses. */
function reasonOf(error: Error | undefined): string {
	if (error === undefined) return "the connection was lost";
	if (error instanceof HandshakeError) return refusedStep(error);
	const { code } = error as NodeJS.ErrnoException;
	if (code === "ECONNREFUSED") return "connection refused";
	if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its host is not known";
	if (code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "ETIMEDOUT") return "its host cannot be reached";
	if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(error.message)) return "it refuses the gateway's credentials";
	return /timed? ?out/i.test(error.message) ? "it does not answer" : "the connection was lost";
}

function refusedStep({ step, cause }: HandshakeError): string {
	if (!isRejection(cause)) return "it does not answer";
	const isDenied = /^(NOAUTH|WRONGPASS|NOPERM)/.test((cause as Error).message);
	return isDenied ? "it refuses the gateway's credentials" : `it refuses ${step.split(" ", 1)[0]}`;
}

function isLoading(error: unknown): boolean {
	return isRejection(error) && (error as Error).message.startsWith("LOADING");
}
