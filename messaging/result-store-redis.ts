// Results of calls over all nodes: a key of Redis for each, which Redis forgets by itself.
import type { RedisConnection } from "../stores/redis/connection.ts";
import { RedisScript } from "../stores/redis/script.ts";
import type { KnownCall, ResultClaim, ResultKey, ResultStore } from "./result-store.ts";

/** The first character of what is kept: a call that runs, one that is done, and one whose result is not kept. */
const RUNNING = "R";
const DONE = "B";
/** The result in base64, as earlier versions keep it: they read none that is written here, and take it for one that is not kept. */
const DONE_BASE64 = "D";
const DONE_LARGE = "L";
/** That character, and a SHA-256 in base64url. */
const HEAD_LENGTH = 1 + 43;

/**
 * KEYS the key; ARGV fingerprint, running ms, kept ms. What is kept of a call that runs: `R`, fingerprint, when the first call with the
 * key began, until when this one counts as running. Returns what is there, or the time of the first call where the caller may run.
 */
const CLAIM = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local present = redis.call('GET', KEYS[1])
local since, kept = now, tonumber(ARGV[3])
if present then
  if string.sub(present, 1, 1) ~= 'R' then return present end
  local began, ends = string.match(string.sub(present, 45), '^(%d+) (%d+)$')
  if tonumber(ends) > now or string.sub(present, 2, 44) ~= ARGV[1] then return present end
  since, kept = tonumber(began), redis.call('PTTL', KEYS[1])
end
local value = string.format('R%s%.0f %.0f', ARGV[1], since, now + tonumber(ARGV[2]))
redis.call('SET', KEYS[1], value, 'PX', math.max(1, kept))
return string.format('%.0f', since)
`);

/** KEYS the key; ARGV what is there while the call runs begins with. */
const ABANDON = new RedisScript(`
local present = redis.call('GET', KEYS[1])
if not present or string.sub(present, 1, 44) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

export class RedisResultStore implements ResultStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async claim(call: ResultKey, runningMs: number, keptMs: number): Promise<ResultClaim> {
		const args = [call.fingerprint, Math.ceil(runningMs), keptMs];
		const reply = await this.redis.run((client) => CLAIM.runBuffer(client, [this.keyOf(call)], args));
		const sinceMs = Number((reply as Buffer).toString("latin1", 0, HEAD_LENGTH));
		return Number.isNaN(sinceMs) ? knownCall(reply as Buffer) : { state: "claimed", sinceMs };
	}

	async find(call: Pick<ResultKey, "owner" | "key">): Promise<KnownCall | undefined> {
		const present = await this.redis.run((client) => client.getBuffer(this.keyOf(call)));
		return present === null ? undefined : knownCall(present);
	}

	async complete(call: ResultKey, result: Uint8Array | undefined, keptMs: number): Promise<void> {
		const head = Buffer.from(`${result === undefined ? DONE_LARGE : DONE}${call.fingerprint}`);
		const kept = result === undefined ? head : Buffer.concat([head, result]);
		await this.redis.run((client) => client.set(this.keyOf(call), kept, "PX", keptMs));
	}

	async abandon(call: ResultKey): Promise<void> {
		await this.redis.run((client) => ABANDON.run(client, [this.keyOf(call)], [`${RUNNING}${call.fingerprint}`]));
	}

	private keyOf({ owner, key }: Pick<ResultKey, "owner" | "key">): string {
		return `${this.redis.keyPrefix}result:{${owner}}:${key}`;
	}
}

function knownCall(present: Buffer): KnownCall {
	const head = present.toString("latin1", 0, HEAD_LENGTH);
	const fingerprint = head.slice(1);
	if (head.startsWith(RUNNING)) return { state: "running", fingerprint };
	const kept = present.subarray(HEAD_LENGTH);
	if (head.startsWith(DONE)) return { state: "done", fingerprint, result: kept };
	const result = head.startsWith(DONE_BASE64) ? Buffer.from(kept.toString("latin1"), "base64") : undefined;
	return { state: "done", fingerprint, result };
}
