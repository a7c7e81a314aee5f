// Revocations of issuers' tokens in Redis, for all processes: one key each, which expires when no token that it is about can be good.
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { RedisScript } from "../../stores/redis/script.ts";
import type { TokenRevocations } from "./token-revocations.ts";

/** KEYS[1] revocation; ARGV issued until, how long it is kept. The later of two holds. */
const revokeScript = new RedisScript(`
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
if known > tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`);

export class RedisTokenRevocations implements TokenRevocations {
	private readonly redis: RedisConnection;
	private readonly keptMs: number;

	/** @param keptMs - how long revocations are kept. */
	constructor(redis: RedisConnection, keptMs: number) {
		this.redis = redis;
		this.keptMs = keptMs;
	}

	voidUntil(keys: readonly string[]): Promise<readonly number[]> {
		return this.redis.run(async (client) => {
			// In one round trip; the keys lie on several nodes of a Cluster.
			const found = await Promise.all(keys.map((key) => client.get(this.key(key))));
			return found.map((text) => Number(text ?? 0));
		});
	}

	revoke(keys: readonly string[], issuedUntilMs: number): Promise<void> {
		return this.redis.run(async (client) => {
			await Promise.all(keys.map((key) => revokeScript.run(client, this.key(key), [issuedUntilMs, this.keptMs])));
		});
	}

	private key(key: string): string {
		return `${this.redis.keyPrefix}void-tokens:${key}`;
	}
}
