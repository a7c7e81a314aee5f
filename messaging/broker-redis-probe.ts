// Whether what is published on a server arrives in this process, by the way that channels take: a script, and sharded
// pub/sub. Each server has a channel of this process alone.
import { randomBytes } from "node:crypto";
import type { Probe } from "../common/probe.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import { Echo } from "../stores/redis/echo.ts";
import { RedisScript } from "../stores/redis/script.ts";
import type { RedisShards } from "./broker-redis-shards.ts";
import type { RedisSubscriptions } from "./broker-redis-subscriptions.ts";

/** KEYS[1]: pub/sub channel; ARGV[1]: what is published. */
const publishScript = new RedisScript(`return redis.call('SPUBLISH', KEYS[1], ARGV[1])`);

interface ServerProbe {
	readonly key: string;
	readonly echo: Echo;
}

export class RedisBrokerProbe implements Probe {
	/** What the probes' messages come under; no channel has this name. */
	static readonly CHANNEL = "";
	readonly name = "redis-subscriptions";
	private readonly redis: RedisConnection;
	private readonly shards: RedisShards;
	private readonly subscriptions: RedisSubscriptions;
	private readonly process = randomBytes(9).toString("base64url");
	/** As many as there are masters. */
	private readonly servers = new Map<string, ServerProbe>();

	constructor(redis: RedisConnection, shards: RedisShards, subscriptions: RedisSubscriptions) {
		this.redis = redis;
		this.shards = shards;
		this.subscriptions = subscriptions;
	}

	async check(): Promise<void> {
		if (!this.subscriptions.isReady) {
			for (const { echo } of this.servers.values()) echo.invalidate();
			throw new Error("the connection that channels arrive on is down, or its subscriptions are refused");
		}
		const tags = this.shards.tagsOfOwners();
		for (const [owner, { key }] of this.servers) {
			if (key === this.keyOf(tags.get(owner) ?? "")) continue;
			this.servers.delete(owner);
			void this.subscriptions.unsubscribe(key);
		}
		await Promise.all([...tags].map(([owner, tag]) => this.checkServer(owner, this.keyOf(tag))));
	}

	/** @param payload - of a message under `CHANNEL`: the server's key, a blank, and the number of the message. */
	received(payload: Buffer): void {
		const [key, id] = payload.toString().split(" ");
		for (const server of this.servers.values()) if (server.key === key) server.echo.received(Number(id));
	}

	private async checkServer(owner: string, key: string): Promise<void> {
		await this.subscriptions.subscribe(RedisBrokerProbe.CHANNEL, key);
		const server = this.servers.get(owner) ?? { key, echo: this.echoOf(key) };
		this.servers.set(owner, server);
		await server.echo.check();
	}

	private echoOf(key: string): Echo {
		const send = (id: number) => this.redis.run((client) => publishScript.run(client, key, [`${key} ${id}`]));
		return new Echo({
			what: "messages of channels",
			send,
			onSilence: (error) => this.subscriptions.restart(key, error),
		});
	}

	private keyOf(tag: string): string {
		return `${this.redis.channelPrefix}probe:{${tag}}:${this.process}`;
	}
}
