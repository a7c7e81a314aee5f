// Known origins in Redis, for all processes: per account a sorted set of origins by when they were last used, by the clock of Redis.
import type { Logger } from "../../common/logger.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import { digest, KNOWN_MS, type KnownOrigins, MAX_KNOWN } from "./known-origins.ts";

/** KEYS[1] origins of the account; ARGV how long they are known, then origins. 1 for each that is known, else 0. */
const amongScript = new RedisScript(`${NOW}
local known = {}
for i = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  known[i - 1] = (score and tonumber(score) > now - tonumber(ARGV[1])) and 1 or 0
end
return known`);

/** KEYS[1] origins of the account; ARGV how long they are kept, how many, then origins. */
const recordScript = new RedisScript(`${NOW}
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[i]) end
local surplus = redis.call('ZREVRANGE', KEYS[1], ARGV[2], -1)
if #surplus > 0 then redis.call('ZREM', KEYS[1], unpack(surplus)) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`);

export class RedisKnownOrigins implements KnownOrigins {
	private readonly redis: RedisConnection;
	private readonly logger: Logger;

	constructor(redis: RedisConnection, logger: Logger) {
		this.redis = redis;
		this.logger = logger;
	}

	async among(account: string, origins: readonly string[]): Promise<readonly string[]> {
		try {
			const args = [KNOWN_MS, ...origins.map(digest)];
			const known = (await this.redis.run((client) => amongScript.run(client, this.key(account), args))) as number[];
			return origins.filter((_, index) => known[index] === 1);
		} catch (error) {
			this.logger.warn(
				{ err: error },
				"known addresses of an account could not be read; attempts count as from elsewhere",
			);
			return [];
		}
	}

	async record(account: string, origins: readonly string[]): Promise<void> {
		try {
			const args = [KNOWN_MS, MAX_KNOWN, ...origins.map(digest)];
			await this.redis.run((client) => recordScript.run(client, this.key(account), args));
		} catch (error) {
			this.logger.warn({ err: error }, "a login was not recorded among the known addresses of its account");
		}
	}

	async forget(account: string): Promise<void> {
		await this.redis.run((client) => client.del(this.key(account)));
	}

	private key(account: string): string {
		return `${this.redis.keyPrefix}known:${digest(account)}`;
	}
}
