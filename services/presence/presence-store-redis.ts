// Who is connected, over all processes. One sorted set of processes by the time at which they count as dead; per process
// a set of its users; per user a hash of the processes that they are on. Whether somebody is online is decided by
// both, so that a process which dies takes its users with it at once, and the traces are removed later. Every command
// touches one key, so that they may live on different nodes of a Cluster.
//
// Whether a process is dead is a comparison of two processes' times. Their clocks may be apart by more than a process has
// to live, so that all times are turned into the server's.

import { batches } from "../../common/batches.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { RedisClient } from "../../stores/redis/redis-client.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import type { PresenceRecord, PresenceStore } from "./presence-store.ts";

/** How long it is known when a user was last seen, in milliseconds. */
const KEPT_MS = 90 * 86_400_000;
const BATCH = 500;
/** The list of live processes is read again after this, in milliseconds. */
const NODES_FRESH_MS = 500;
/** Field of a user's hash that is not a process. */
const SEEN = "seen";

/** KEYS[1] user; ARGV node, now, how long to keep. Returns the nodes that were there before. */
const arriveScript = new RedisScript(`
local before = redis.call('HKEYS', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], '1', 'seen', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return before`);

/** KEYS[1] user; ARGV node, now, how long to keep. Returns the nodes that are left, or nil: the node was not there. */
const departScript = new RedisScript(`
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return nil end
redis.call('HSET', KEYS[1], 'seen', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HKEYS', KEYS[1])`);

/** KEYS[1] the processes, whose server's clock is everybody's. Returns the time in milliseconds. */
const timeScript = new RedisScript(`${NOW}
return now`);

/** How long a measured difference of clocks is believed, in milliseconds. */
const SKEW_FRESH_MS = 5000;
/** Clocks that are not further apart count as equal: so much may be the way to the server and back. */
const SKEW_TOLERATED_MS = 100;
/** A reading that took longer says too little; so many are tried, and the quickest one counts. */
const READING_MS = 1000;
const READINGS = 3;

export class RedisPresenceStore implements PresenceStore {
	private readonly redis: RedisConnection;
	private readonly now: () => number;
	private skewMs = 0;
	private skewReadAtMs = Number.NEGATIVE_INFINITY;
	/** What the wall clock was ahead of the monotonic one when the difference was measured. */
	private wallOffsetMs = 0;
	private nodes: ReadonlyMap<string, number> = new Map();
	private nodesReadAtMs = Number.NEGATIVE_INFINITY;

	/** @param now - the clock that callers take their times from, in Unix milliseconds. */
	constructor(redis: RedisConnection, now: () => number) {
		this.redis = redis;
		this.now = now;
	}

	heartbeat(node: string, _nowMs: number, untilMs: number): Promise<boolean> {
		return this.redis.run(async (client) => {
			const added = await client.zadd(this.nodesKey(), await this.shared(client, untilMs), node);
			if (added > 0) this.nodesReadAtMs = Number.NEGATIVE_INFINITY;
			return added === 0;
		});
	}

	setOnline(node: string, userId: string, ownMs: number): Promise<boolean> {
		return this.redis.run(async (client) => {
			const nowMs = await this.shared(client, ownMs);
			// First the set that the sweep reads, so that a process that fails in between leaves nothing that no sweep finds.
			await client.sadd(this.nodeKey(node), userId);
			const before = await arriveScript.run(client, this.userKey(userId), [node, nowMs, KEPT_MS]);
			return !(await this.anyLive(client, before as string[], nowMs));
		});
	}

	setOffline(node: string, userId: string, ownMs: number): Promise<boolean> {
		return this.redis.run(async (client) => {
			const nowMs = await this.shared(client, ownMs);
			const left = await departScript.run(client, this.userKey(userId), [node, nowMs, KEPT_MS]);
			await client.srem(this.nodeKey(node), userId);
			return left !== null && !(await this.anyLive(client, left as string[], nowMs));
		});
	}

	get(userIds: readonly string[], ownMs: number): Promise<readonly PresenceRecord[]> {
		return this.redis.run(async (client) => {
			const nowMs = await this.shared(client, ownMs);
			const records: PresenceRecord[] = [];
			for (const part of batches(userIds, BATCH)) {
				const hashes = await Promise.all(part.map((userId) => client.hgetall(this.userKey(userId))));
				const named = hashes.flatMap((fields) => Object.keys(fields));
				const live = await this.knownNodes(client, nowMs, named);
				part.forEach((userId, index) => {
					const fields = hashes[index] ?? {};
					const isOnline = Object.keys(fields).some((field) => isLive(live, field, nowMs));
					records.push({ userId, isOnline, lastSeenMs: Number(fields[SEEN] ?? 0) });
				});
			}
			return records;
		});
	}

	async *online(ownMs: number): AsyncIterable<readonly string[]> {
		const nowMs = await this.redis.run((client) => this.shared(client, ownMs));
		const live = await this.redis.run((client) => this.knownNodes(client, nowMs, []));
		for (const [node, untilMs] of live) {
			if (untilMs <= nowMs) continue;
			let cursor = "0";
			do {
				const from = cursor;
				const page = await this.redis.run((client) => client.sscan(this.nodeKey(node), from, "COUNT", BATCH));
				cursor = page[0];
				if (page[1].length > 0) yield page[1];
			} while (cursor !== "0");
		}
	}

	expire(ownMs: number, limit: number): Promise<readonly string[]> {
		return this.redis.run(async (client) => {
			const nowMs = await this.shared(client, ownMs);
			const dead = await client.zrangebyscore(this.nodesKey(), "-inf", nowMs, "WITHSCORES");
			const gone: string[] = [];
			for (let at = 0; at < dead.length && gone.length < limit; at += 2) {
				const node = dead[at] as string;
				await this.expireNode(client, node, Number(dead[at + 1]), nowMs, limit, gone);
			}
			return gone;
		});
	}

	forget(userId: string): Promise<void> {
		return this.redis.run(async (client) => void (await client.del(this.userKey(userId))));
	}

	/** The caller that opened the connection closes it. */
	async close(): Promise<void> {}

	private async expireNode(
		client: RedisClient,
		node: string,
		diedAtMs: number,
		nowMs: number,
		limit: number,
		gone: string[],
	): Promise<void> {
		while (gone.length < limit) {
			const userIds = await client.srandmember(this.nodeKey(node), Math.min(BATCH, limit - gone.length));
			if (userIds.length === 0) {
				await client.zrem(this.nodesKey(), node);
				return;
			}
			for (const userId of userIds) {
				const left = await departScript.run(client, this.userKey(userId), [node, diedAtMs, KEPT_MS]);
				if (left !== null && !(await this.anyLive(client, left as string[], nowMs))) gone.push(userId);
				await client.srem(this.nodeKey(node), userId);
			}
		}
	}

	/** Converts a time of this process's clock to the Redis server's clock. */
	private async shared(client: RedisClient, ownMs: number): Promise<number> {
		const isFresh = performance.now() - this.skewReadAtMs < SKEW_FRESH_MS;
		// The wall clock was set, or the machine was suspended, since.
		const isSet = Math.abs(this.now() - performance.now() - this.wallOffsetMs) > SKEW_TOLERATED_MS;
		if (!isFresh || isSet) await this.measureSkew(client);
		return ownMs + this.skewMs;
	}

	/**
	 * The quickest of some readings, if the first one took long: a process that was paused between sending and receiving would
	 * take half of that time for a difference of clocks, and the living for dead.
	 */
	private async measureSkew(client: RedisClient): Promise<void> {
		let best = { tookMs: Number.POSITIVE_INFINITY, skewMs: 0 };
		for (let reading = 0; reading < READINGS && best.tookMs > READING_MS; reading++) {
			const [sentAtMs, sentMs] = [performance.now(), this.now()];
			const serverMs = Number(await timeScript.run(client, this.nodesKey(), []));
			const tookMs = performance.now() - sentAtMs;
			if (tookMs < best.tookMs) best = { tookMs, skewMs: serverMs - (sentMs + tookMs / 2) };
		}
		this.skewMs = Math.abs(best.skewMs) <= SKEW_TOLERATED_MS ? 0 : Math.round(best.skewMs);
		this.skewReadAtMs = performance.now();
		this.wallOffsetMs = this.now() - performance.now();
	}

	private async anyLive(client: RedisClient, nodes: readonly string[], nowMs: number): Promise<boolean> {
		const others = nodes.filter((node) => node !== SEEN);
		if (others.length === 0) return false;
		const live = await this.knownNodes(client, nowMs, others);
		return others.some((node) => isLive(live, node, nowMs));
	}

	/**
	 * All processes with the time at which their heartbeat expires, read again when one of those named is not among them.
	 */
	private async knownNodes(
		client: RedisClient,
		nowMs: number,
		named: readonly string[],
	): Promise<ReadonlyMap<string, number>> {
		const ageMs = nowMs - this.nodesReadAtMs;
		const isFresh = ageMs >= 0 && ageMs < NODES_FRESH_MS;
		if (isFresh && named.every((node) => node === SEEN || this.nodes.has(node))) return this.nodes;
		const flat = await client.zrange(this.nodesKey(), "0", "-1", "WITHSCORES");
		const nodes = new Map<string, number>();
		for (let at = 0; at < flat.length; at += 2) nodes.set(flat[at] as string, Number(flat[at + 1]));
		this.nodes = nodes;
		this.nodesReadAtMs = nowMs;
		return nodes;
	}

	private nodesKey(): string {
		return `${this.redis.keyPrefix}presence-nodes`;
	}

	private nodeKey(node: string): string {
		return `${this.redis.keyPrefix}presence-node:${node}`;
	}

	private userKey(userId: string): string {
		return `${this.redis.keyPrefix}presence:${userId}`;
	}
}

function isLive(nodes: ReadonlyMap<string, number>, node: string, nowMs: number): boolean {
	return (nodes.get(node) ?? 0) > nowMs;
}
