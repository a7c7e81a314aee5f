// Indexes over the rooms of all processes in Redis. Each key is written by itself, so that they may live on different nodes of
// a Cluster.

import type { RedisConnection } from "../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import type { OwnerStates, RoomDirectory } from "./room-directory.ts";

/** A user's index outlives its last entry by so much at most. */
const USER_KEPT_MS = 7 * 86_400_000;

/** KEYS leases; ARGV owner, lease. Redis' own clock, so that those of the processes need not agree. */
const renewScript = new RedisScript(`${NOW}
local held = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return held > now and 1 or 0`);

/** KEYS leases. Returns those in force, and those that are not. */
const ownersScript = new RedisScript(`${NOW}
local bound = string.format('%.0f', now)
return {redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. bound, '+inf'), redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', bound)}`);

/** KEYS leases; ARGV owner. */
const liveScript = new RedisScript(`${NOW}
return tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0') > now and 1 or 0`);

/** KEYS leases; ARGV owner. One that came back meanwhile is not forgotten. */
const forgetScript = new RedisScript(`${NOW}
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0') <= now then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1`);

/** KEYS rooms of the user; ARGV room, most, how long to keep. */
const enterScript = new RedisScript(`
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then
  if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
  redis.call('SADD', KEYS[1], ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

export class RedisRoomDirectory implements RoomDirectory {
	private readonly redis: RedisConnection;

	/** @param redis - stays its opener's to close. */
	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async renew(owner: string, leaseMs: number): Promise<boolean> {
		return (await this.redis.run((client) => renewScript.run(client, this.key("leases"), [owner, leaseMs]))) === 1;
	}

	async release(owner: string): Promise<void> {
		await this.redis.run((client) => client.zadd(this.key("leases"), 0, owner));
	}

	async owners(): Promise<OwnerStates> {
		const reply = await this.redis.run((client) => ownersScript.run(client, this.key("leases"), []));
		const [live, dead] = reply as [string[], string[]];
		return { live: new Set(live), dead };
	}

	async isLive(owner: string): Promise<boolean> {
		return (await this.redis.run((client) => liveScript.run(client, this.key("leases"), [owner]))) === 1;
	}

	async own(owner: string, roomId: string): Promise<void> {
		await this.redis.run((client) => client.sadd(this.key("owned-by", owner), roomId));
	}

	async disown(owner: string, roomIds: readonly string[]): Promise<void> {
		if (roomIds.length === 0) return;
		await this.redis.run((client) => client.srem(this.key("owned-by", owner), ...roomIds));
	}

	async ownedBy(owner: string, limit: number): Promise<readonly string[]> {
		return await this.redis.run((client) => client.srandmember(this.key("owned-by", owner), limit));
	}

	async forget(owner: string): Promise<void> {
		await this.redis.run((client) => forgetScript.run(client, this.key("leases"), [owner]));
	}

	async list(roomId: string, game: string): Promise<void> {
		await this.redis.run(async (client) => {
			await Promise.all([this.key("list"), this.key("list", game)].map((key) => client.zadd(key, 0, roomId)));
		});
	}

	async unlist(roomId: string, game: string): Promise<void> {
		await this.redis.run(async (client) => {
			await Promise.all([this.key("list"), this.key("list", game)].map((key) => client.zrem(key, roomId)));
		});
	}

	async listed(game: string, before: string, limit: number): Promise<readonly string[]> {
		const key = game === "" ? this.key("list") : this.key("list", game);
		const from = before === "" ? "+" : `(${before}`;
		return await this.redis.run((client) => client.zrevrangebylex(key, from, "-", "LIMIT", 0, limit));
	}

	async enter(userId: string, roomId: string, max: number): Promise<boolean> {
		const args = [roomId, max, USER_KEPT_MS];
		return (await this.redis.run((client) => enterScript.run(client, this.key("of-user", userId), args))) === 1;
	}

	async leave(userId: string, roomIds: readonly string[]): Promise<void> {
		if (roomIds.length === 0) return;
		await this.redis.run((client) => client.srem(this.key("of-user", userId), ...roomIds));
	}

	async roomsOf(userIds: readonly string[]): Promise<readonly (readonly string[])[]> {
		return await this.redis.run((client) =>
			Promise.all(userIds.map((userId) => client.smembers(this.key("of-user", userId)))),
		);
	}

	private key(...parts: readonly string[]): string {
		return `${this.redis.keyPrefix}rooms:${parts.join(":")}`;
	}
}
