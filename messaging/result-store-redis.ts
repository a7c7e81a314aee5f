// Results of calls over all nodes: of each owner a hash by key, and a sorted set of when each key is forgotten.
import type { RedisConnection } from "../stores/redis/connection.ts";
import { RedisScript } from "../stores/redis/script.ts";
import {
	MAX_RESULTS_PER_OWNER,
	RESULT_KEPT_MS,
	type ResultClaim,
	type ResultKey,
	type ResultStore,
} from "./result-store.ts";

/** The first character of what is kept: a call that runs, one that is done, and one whose result is not kept. */
const RUNNING = "R";
const DONE = "D";
const DONE_LARGE = "L";
/** SHA-256 in base64url. */
const FINGERPRINT_LENGTH = 43;

/** KEYS hash, set; ARGV key, fingerprint, running ms, keys at most, kept ms. @returns what is there, "" for nothing, "F" for full. */
const CLAIM = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 200)
if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
  redis.call('ZREM', KEYS[2], unpack(gone))
end
local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
if score and tonumber(score) > now then
  local present = redis.call('HGET', KEYS[1], ARGV[1])
  if present then return present end
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 'F' end
redis.call('HSET', KEYS[1], ARGV[1], 'R' .. ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return ''
`);

/** KEYS hash, set; ARGV key, what is kept, kept ms. */
const COMPLETE = new RedisScript(`
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], time[1] * 1000 + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
`);

/** KEYS hash, set; ARGV key, what is there while the call runs. */
const ABANDON = new RedisScript(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
`);

export class RedisResultStore implements ResultStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async claim({ owner, key, fingerprint }: ResultKey, runningMs: number): Promise<ResultClaim> {
		const args = [key, fingerprint, Math.ceil(runningMs), MAX_RESULTS_PER_OWNER, RESULT_KEPT_MS];
		const present = await this.redis.run(async (client) => String(await CLAIM.run(client, this.keys(owner), args)));
		if (present === "") return { state: "claimed" };
		if (present === "F") return { state: "full" };
		const theirs = present.slice(1, 1 + FINGERPRINT_LENGTH);
		if (present.startsWith(RUNNING)) return { state: "running", fingerprint: theirs };
		const isKept = present.startsWith(DONE);
		const result = isKept ? Buffer.from(present.slice(1 + FINGERPRINT_LENGTH), "base64") : undefined;
		return { state: "done", fingerprint: theirs, result };
	}

	async complete({ owner, key, fingerprint }: ResultKey, result: Uint8Array | undefined): Promise<void> {
		const kept =
			result === undefined
				? `${DONE_LARGE}${fingerprint}`
				: `${DONE}${fingerprint}${Buffer.from(result).toString("base64")}`;
		await this.redis.run((client) => COMPLETE.run(client, this.keys(owner), [key, kept, RESULT_KEPT_MS]));
	}

	async abandon({ owner, key, fingerprint }: ResultKey): Promise<void> {
		await this.redis.run((client) => ABANDON.run(client, this.keys(owner), [key, `${RUNNING}${fingerprint}`]));
	}

	/** In one slot of a Cluster. */
	private keys(owner: string): readonly string[] {
		const key = `${this.redis.keyPrefix}results:{${owner}}`;
		return [key, `${key}:until`];
	}
}
