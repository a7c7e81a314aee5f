// Leases over all nodes: one key each, which Redis lets expire.

import type { RedisConnection } from "../stores/redis/connection.ts";
import { RedisScript } from "../stores/redis/script.ts";
import type { LeaseStore } from "./lease.ts";

const TAKE = new RedisScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`);

const RELEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

export class RedisLeaseStore implements LeaseStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	take(name: string, holder: string, ttlMs: number): Promise<string> {
		const lifeMs = Math.max(1, Math.ceil(ttlMs));
		return this.redis.run(async (client) => String(await TAKE.run(client, this.key(name), [holder, lifeMs])));
	}

	release(name: string, holder: string): Promise<boolean> {
		return this.redis.run(async (client) => (await RELEASE.run(client, this.key(name), [holder])) === 1);
	}

	private key(name: string): string {
		return `${this.redis.keyPrefix}lease:${name}`;
	}
}
