// Which users are in which channels, in Redis. Two hashes for each channel, in one slot: users with the time at which they came
// and the processes that they are on (`<since> <node> <node>`), and processes with the end of their leases by the server's clock.
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import type {
	ChannelPresencePage,
	ChannelPresenceStore,
	ChannelPresenceStoreOptions,
	JoinResult,
} from "./channel-presence-store.ts";

/** Reads what is held of a user: since when, by which processes, and whether any of them lives, except for one. */
const HELD = `${NOW}
local function held(user, except)
  local text = redis.call('HGET', KEYS[1], user)
  if not text then return nil end
  local since, nodes, live = nil, {}, false
  for word in string.gmatch(text, '%S+') do
    if not since then
      since = word
    elseif word ~= except then
      nodes[#nodes + 1] = word
      local ends = redis.call('HGET', KEYS[2], word)
      if ends and tonumber(ends) > now then live = true end
    end
  end
  return since, nodes, live
end
local function renew(node, leaseMs)
  local known = redis.call('HEXISTS', KEYS[2], node)
  redis.call('HSET', KEYS[2], node, string.format('%.0f', now + leaseMs))
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < leaseMs * 2 then redis.call('PEXPIRE', key, leaseMs * 2) end
  end
  return known
end`;

/** KEYS users, leases; ARGV user, node, lease in ms, most users. Returns 1 joined, 0 present, -1 full; and whether the node was known. */
const joinScript = new RedisScript(`${HELD}
local node, leaseMs = ARGV[2], tonumber(ARGV[3])
local known = redis.call('HEXISTS', KEYS[2], node)
local ends = redis.call('HGET', KEYS[2], node)
local here = ends and tonumber(ends) > now
local since, nodes, live = held(ARGV[1], node)
if not since and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return {-1, known} end
local text = redis.call('HGET', KEYS[1], ARGV[1])
local was = text and string.find(text .. ' ', ' ' .. node .. ' ', 1, true) and here
local joined = (live or was) and 0 or 1
if joined == 1 then since = string.format('%.0f', now) end
nodes = nodes or {}
nodes[#nodes + 1] = node
redis.call('HSET', KEYS[1], ARGV[1], since .. ' ' .. table.concat(nodes, ' '))
renew(node, leaseMs)
return {joined, known}`);

/** KEYS users, leases; ARGV user, node. Returns 1 when the user is there no more. */
const leaveScript = new RedisScript(`${HELD}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or not string.find(text .. ' ', ' ' .. ARGV[2] .. ' ', 1, true) then return 0 end
local since, nodes, live = held(ARGV[1], ARGV[2])
if live then
  redis.call('HSET', KEYS[1], ARGV[1], since .. ' ' .. table.concat(nodes, ' '))
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) end
return 1`);

/** KEYS users, leases; ARGV node, lease in ms. Returns whether the node was known, and the users who are gone. */
const renewScript = new RedisScript(`${HELD}
if redis.call('EXISTS', KEYS[1]) == 0 then return {0, {}} end
local known = renew(ARGV[1], tonumber(ARGV[2]))
local leases, dead = redis.call('HGETALL', KEYS[2]), {}
for i = 1, #leases, 2 do
  if tonumber(leases[i + 1]) <= now then dead[#dead + 1] = leases[i] end
end
if #dead == 0 then return {known, {}} end
for _, node in ipairs(dead) do redis.call('HDEL', KEYS[2], node) end
local gone, users = {}, redis.call('HKEYS', KEYS[1])
for _, user in ipairs(users) do
  local _, _, live = held(user, nil)
  if not live then
    redis.call('HDEL', KEYS[1], user)
    gone[#gone + 1] = user
  end
end
return {known, gone}`);

export class RedisChannelPresenceStore implements ChannelPresenceStore {
	private readonly redis: RedisConnection;
	private readonly options: ChannelPresenceStoreOptions;

	constructor(redis: RedisConnection, options: ChannelPresenceStoreOptions) {
		this.redis = redis;
		this.options = options;
	}

	async join(
		channel: string,
		userId: string,
		node: string,
	): Promise<{ readonly result: JoinResult; readonly isKnown: boolean }> {
		const { leaseMs, maxUsers } = this.options;
		const reply = await this.redis.run((client) =>
			joinScript.run(client, this.keys(channel), [userId, node, leaseMs, maxUsers]),
		);
		const [result, known] = reply as [number, number];
		return { result: result < 0 ? "full" : result === 1 ? "joined" : "present", isKnown: known === 1 };
	}

	async leave(channel: string, userId: string, node: string): Promise<boolean> {
		const reply = await this.redis.run((client) => leaveScript.run(client, this.keys(channel), [userId, node]));
		return reply === 1;
	}

	async renew(channel: string, node: string): Promise<{ readonly isKnown: boolean; readonly gone: readonly string[] }> {
		const reply = await this.redis.run((client) =>
			renewScript.run(client, this.keys(channel), [node, this.options.leaseMs]),
		);
		const [known, gone] = reply as [number, string[]];
		return { isKnown: known === 1, gone };
	}

	list(channel: string, cursor: string, limit: number): Promise<ChannelPresencePage> {
		return this.redis.run(async (client) => {
			const [users] = this.keys(channel);
			const [[next, flat], count] = await Promise.all([
				client.hscan(users, cursor === "" ? "0" : cursor, "COUNT", limit),
				client.hlen(users),
			]);
			const page = Array.from({ length: flat.length / 2 }, (_, at) => {
				return { userId: flat[2 * at] as string, sinceMs: Number.parseInt(flat[2 * at + 1] as string, 10) };
			});
			return { users: page, count, nextCursor: next === "0" ? "" : next };
		});
	}

	private keys(channel: string): [users: string, leases: string] {
		const base = `${this.redis.keyPrefix}channel-presence:{${channel}}`;
		return [`${base}:users`, `${base}:leases`];
	}
}
