// Values of modules in Redis. Four keys for each module, in one slot: a hash of values (`<version> <end> <text>`, an end of 0 for none),
// a sorted set of the keys by their bytes, one of the ends, and a hash of what all values take and how often one was written. Redis cannot
// let single fields expire before version 7.4; values whose time is over are not read, and further writes remove them.
import type { RedisConnection } from "../../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../../stores/redis/script.ts";
import {
	type KeyQuery,
	REMOVED_PER_WRITE,
	VALUE_OVERHEAD_BYTES,
	type ValueStore,
	type ValueWrite,
	type ValueWritten,
} from "../value-store.ts";

/** `read` gives version, text and cost of what is there and counts; KEYS values, index, ends, totals. */
const SHARED = `${NOW}
local function cost(key, text) return #key + #text + ${VALUE_OVERHEAD_BYTES} end
local function parse(key)
  local held = redis.call('HGET', KEYS[1], key)
  if not held then return nil end
  local version, ends, from = string.match(held, '^(%d+) (%d+) ()')
  return version, tonumber(ends), string.sub(held, from)
end
local function remove(key, text)
  redis.call('HDEL', KEYS[1], key)
  redis.call('ZREM', KEYS[2], key)
  redis.call('ZREM', KEYS[3], key)
  redis.call('HINCRBY', KEYS[4], 'bytes', -cost(key, text))
end
local function read(key)
  local version, ends, text = parse(key)
  if not version or (ends > 0 and ends <= now) then return nil end
  return version, text
end`;

/** ARGV key. */
const GET = new RedisScript(`${SHARED}
local version, text = read(ARGV[1])
if not version then return nil end
return {version, text}`);

/** ARGV key, text, ttl in ms, most bytes, whether there is a condition, version. Returns the new version, "" (conflict) or "full". */
const SET = new RedisScript(`${SHARED}
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ${REMOVED_PER_WRITE})
for _, key in ipairs(due) do
  local _, _, text = parse(key)
  if text then remove(key, text) else redis.call('ZREM', KEYS[3], key) end
end
local key, text, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local version, present = read(key)
if ARGV[5] == '1' and ARGV[6] ~= (version or '') then return '' end
if not version then
  local _, _, over = parse(key)
  if over then remove(key, over) end
end
local added = cost(key, text) - (present and cost(key, present) or 0)
local total = tonumber(redis.call('HGET', KEYS[4], 'bytes') or '0')
if added > 0 and total + added > tonumber(ARGV[4]) then return 'full' end
local written = string.format('%.0f', redis.call('HINCRBY', KEYS[4], 'version', 1))
local ends = ttl > 0 and string.format('%.0f', now + ttl) or '0'
redis.call('HSET', KEYS[1], key, written .. ' ' .. ends .. ' ' .. text)
redis.call('ZADD', KEYS[2], 0, key)
if ttl > 0 then redis.call('ZADD', KEYS[3], ends, key) else redis.call('ZREM', KEYS[3], key) end
redis.call('HINCRBY', KEYS[4], 'bytes', added)
return written`);

/** ARGV key, whether there is a condition, version. */
const DELETE = new RedisScript(`${SHARED}
local version, text = read(ARGV[1])
if not version or (ARGV[2] == '1' and ARGV[3] ~= version) then return 0 end
remove(ARGV[1], text)
return 1`);

/** ARGV first key with what comes before it, last one, most keys. Of those whose time is over, as many are skipped. */
const LIST = new RedisScript(`${SHARED}
local found, from, limit = {}, ARGV[1], tonumber(ARGV[3])
for _ = 1, 20 do
  local page = redis.call('ZRANGE', KEYS[2], from, ARGV[2], 'BYLEX', 'LIMIT', 0, limit)
  for _, key in ipairs(page) do
    if #found < limit and read(key) then found[#found + 1] = key end
    from = '(' .. key
  end
  if #found >= limit or #page < limit then break end
end
return found`);

export class RedisValueStore implements ValueStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async get(module: string, key: string) {
		const reply = await this.redis.run((client) => GET.run(client, this.keysOf(module), [key]));
		if (reply === null) return undefined;
		const [version, text] = reply as readonly [string, string];
		return { version, text };
	}

	async set(module: string, key: string, write: ValueWrite): Promise<ValueWritten> {
		const { text, ttlMs, ifVersion, maxBytes } = write;
		const args = [key, text, ttlMs, maxBytes, ...condition(ifVersion)];
		const reply = (await this.redis.run((client) => SET.run(client, this.keysOf(module), args))) as string;
		if (reply === "") return { state: "conflict" };
		return reply === "full" ? { state: "full" } : { state: "written", version: reply };
	}

	async delete(module: string, key: string, ifVersion: string | undefined): Promise<boolean> {
		const args = [key, ...condition(ifVersion)];
		return (await this.redis.run((client) => DELETE.run(client, this.keysOf(module), args))) === 1;
	}

	async keys(module: string, { prefix, after, limit }: KeyQuery): Promise<readonly string[]> {
		const [from, begin] = [Buffer.from(after), Buffer.from(prefix)];
		const first = after !== "" && Buffer.compare(from, begin) >= 0 ? `(${after}` : prefix === "" ? "-" : `[${prefix}`;
		// No text in UTF-8 has a byte 255: behind all that begin with the prefix.
		const last = prefix === "" ? "+" : Buffer.concat([Buffer.from(`(${prefix}`), Buffer.of(255)]);
		const args = [first, last, limit];
		return (await this.redis.run((client) => LIST.run(client, this.keysOf(module), args))) as string[];
	}

	private keysOf(module: string): readonly string[] {
		return ["values", "index", "ends", "totals"].map((part) => `${this.redis.keyPrefix}module:{${module}}:${part}`);
	}
}

const condition = (ifVersion: string | undefined) => (ifVersion === undefined ? ["0", ""] : ["1", ifVersion]);
