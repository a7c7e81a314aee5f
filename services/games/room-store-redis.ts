// Rooms in Redis: a hash each, and a list for the log of the game. Every write is a script that first compares the fencing
// token, so that an owner that was paused, and replaced meanwhile, changes nothing when it wakes up.

import type { RedisConnection } from "../../stores/redis/connection.ts";
import { RedisScript } from "../../stores/redis/script.ts";
import type { ClaimedRoom, RoomClaim, RoomPlace, RoomStore, RoomWrite, SaveResult } from "./room-store.ts";

/** KEYS hash, log; ARGV owner, token. Sets `held` to the stored token, or returns -1 (fenced). */
const FENCE = `
local held = tonumber(redis.call('HGET', KEYS[1], '!token'))
if held then
  local token = tonumber(ARGV[2])
  if held > token or redis.call('HEXISTS', KEYS[1], '!closed') == 1
    or (held == token and redis.call('HGET', KEYS[1], '!owner') ~= ARGV[1]) then return -1 end
end`;

/** ARGV after owner and token: ttl, clears the log, numbers of set and removed fields, these, then log entries. */
const WRITE = `
redis.call('HSET', KEYS[1], '!owner', ARGV[1], '!token', ARGV[2])
local last = 6
for _ = 1, tonumber(ARGV[5]) do
  redis.call('HSET', KEYS[1], ARGV[last + 1], ARGV[last + 2])
  last = last + 2
end
for _ = 1, tonumber(ARGV[6]) do
  last = last + 1
  redis.call('HDEL', KEYS[1], ARGV[last])
end
if ARGV[4] == '1' then redis.call('DEL', KEYS[2]) end
for index = last + 1, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`;

/** 1 saved, -1 fenced, 0 missing. */
const saveScript = new RedisScript(`${FENCE}
if not held then return 0 end${WRITE}`);

/** As `saveScript`, in place of whatever is there. The log, which is not written whole, stays. */
const restoreScript = new RedisScript(`${FENCE}
redis.call('DEL', KEYS[1])${WRITE}`);

/** ARGV owner, token, how long to remember. Leaves the token and a mark. */
const closeScript = new RedisScript(`${FENCE}
if not held then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], '!owner', ARGV[1], '!token', ARGV[2], '!closed', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

/** ARGV owner, token seen, ttl. Returns all fields, or nothing. */
const claimScript = new RedisScript(`
if redis.call('HGET', KEYS[1], '!token') ~= ARGV[2] or redis.call('HEXISTS', KEYS[1], '!closed') == 1 then return false end
redis.call('HSET', KEYS[1], '!owner', ARGV[1])
redis.call('HINCRBY', KEYS[1], '!token', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return redis.call('HGETALL', KEYS[1])`);

export class RedisRoomStore implements RoomStore {
	private readonly redis: RedisConnection;

	/** @param redis - stays its opener's to close. */
	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	restore(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult> {
		return this.write(restoreScript, roomId, claim, write);
	}

	save(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult> {
		return this.write(saveScript, roomId, claim, write);
	}

	async close(roomId: string, { owner, token }: RoomClaim, rememberMs: number): Promise<SaveResult> {
		const args = [owner, token, rememberMs];
		return resultOf(await this.redis.run((client) => closeScript.run(client, this.keys(roomId), args)));
	}

	async locate(roomId: string): Promise<RoomPlace | undefined> {
		const [key = ""] = this.keys(roomId);
		const [owner, token, closed] = await this.redis.run((client) => client.hmget(key, "!owner", "!token", "!closed"));
		if (!owner || !token) return undefined;
		return { owner, token: Number(token), isClosed: closed === "1" };
	}

	async claim(roomId: string, owner: string, seenToken: number, ttlMs: number): Promise<ClaimedRoom | undefined> {
		const args = [owner, seenToken, ttlMs];
		const reply = await this.redis.run((client) => claimScript.run(client, this.keys(roomId), args));
		if (!Array.isArray(reply)) return undefined;
		const fields = new Map<string, string>();
		for (let index = 0; index < reply.length; index += 2) {
			const name = String(reply[index]);
			if (!name.startsWith("!")) fields.set(name, String(reply[index + 1]));
		}
		return { claim: { owner, token: seenToken + 1 }, fields };
	}

	async peek(roomIds: readonly string[], field: string): Promise<readonly (string | undefined)[]> {
		const keys = roomIds.map((roomId) => this.keys(roomId)[0] ?? "");
		// Sent in one go, answered in one go.
		const values = await this.redis.run((client) => Promise.all(keys.map((key) => client.hget(key, field))));
		return values.map((value) => value ?? undefined);
	}

	async readLog(roomId: string, start: number, count: number): Promise<readonly string[]> {
		const [, log = ""] = this.keys(roomId);
		if (count < 1) return [];
		return await this.redis.run((client) => client.lrange(log, start, start + count - 1));
	}

	private async write(
		script: RedisScript,
		roomId: string,
		{ owner, token }: RoomClaim,
		{ set, remove, clearsLog, log, ttlMs }: RoomWrite,
	): Promise<SaveResult> {
		const fields = [...set].flat();
		const numbers = [ttlMs, clearsLog ? 1 : 0, set.size, remove.length];
		const args = [owner, token, ...numbers, ...fields, ...remove, ...log];
		return resultOf(await this.redis.run((client) => script.run(client, this.keys(roomId), args)));
	}

	/** Of one slot in a Cluster. Ids come from clients: what cannot be one must not break out of the braces. */
	private keys(roomId: string): readonly string[] {
		const base = `${this.redis.keyPrefix}room:{${roomId.replaceAll(/[{}]/g, "_")}}`;
		return [base, `${base}:log`];
	}
}

function resultOf(reply: unknown): SaveResult {
	if (reply === 1) return "saved";
	return reply === -1 ? "fenced" : "missing";
}
