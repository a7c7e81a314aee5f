// Sessions in Redis, shared by all processes: a session survives the process that opened it. One flat hash per session that
// expires with it, and per user a sorted set of session ids by expiry. Every script touches one key, so that the two
// may live on different nodes of a Cluster; the index may name a session that is gone, never miss one whose
// tokens were given out.

import { batches } from "../../common/batches.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { RedisClient } from "../../stores/redis/redis-client.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import {
	byAge,
	ENDED_KEPT_MS,
	type RotateResult,
	type Rotation,
	type SessionProfile,
	type SessionRecord,
	type SessionStore,
	type TouchedSessions,
} from "./session-store.ts";

/** Commands in flight for one call that concerns many sessions. */
const BATCH = 200;
/** More sessions of one user than any policy allows; the rest waits for its expiry. */
const MAX_LISTED = 1000;

/** KEYS[1] session; ARGV expiry, then fields and values. */
const createScript = new RedisScript(`
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1`);

/**
 * KEYS[1] index; ARGV session id, expiry. The index lives as long as its last session. What has expired is decided by Redis,
 * as it is for the sessions: a process that is ahead would take out sessions that are still used, and no revocation finds them.
 */
const indexScript = new RedisScript(`${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last[2])))
return 1`);

/** Whether the profile of a session is of a later version than `version`. */
const IS_LATER = `
local function isLater(key, version)
  return (tonumber(redis.call('HGET', key, 'version') or '0') or 0) > tonumber(version)
end`;

/**
 * KEYS[1] session; ARGV expected generation, expiry, leeway, version, then fields and values of the profile. 1 rotated, 0 reused,
 * 2 repeated within the leeway, -1 missing. The time is that of Redis: processes may be hours apart.
 */
const rotateScript = new RedisScript(`${NOW}${IS_LATER}
local generation = redis.call('HGET', KEYS[1], 'generation')
if not generation then return -1 end
if generation ~= ARGV[1] then
  local leeway = tonumber(ARGV[3])
  local since = now - (tonumber(redis.call('HGET', KEYS[1], 'rotatedAtMs')) or 0)
  if leeway > 0 and since <= leeway and tonumber(generation) == tonumber(ARGV[1]) + 1 then return 2 end
  return 0
end
redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('HSET', KEYS[1], 'expiresAtMs', ARGV[2], 'rotatedAtMs', string.format('%.0f', now))
if not isLater(KEYS[1], ARGV[4]) then redis.call('HSET', KEYS[1], unpack(ARGV, 5)) end
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return 1`);

const ROTATE_RESULTS: Readonly<Record<string, RotateResult>> = { 1: "rotated", 0: "reused", 2: "repeated" };

/** KEYS[1] session; ARGV version, then fields and values of the profile. Writes only to an existing session. */
const profileScript = new RedisScript(`${IS_LATER}
if redis.call('HEXISTS', KEYS[1], 'userId') == 0 or isLater(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1`);

/**
 * KEYS[1] session; ARGV now. 1 and the version of its profile when touched, 0 missing, -1 ended. Writes only to an existing
 * session: no partial one is left.
 */
const touchScript = new RedisScript(`
if redis.call('HEXISTS', KEYS[1], 'userId') == 1 then
  redis.call('HSET', KEYS[1], 'lastSeenAtMs', ARGV[1])
  return 1 + (tonumber(redis.call('HGET', KEYS[1], 'version') or '0') or 0)
end
return -redis.call('EXISTS', KEYS[1])`);

/** KEYS[1] session; ARGV how long to remember. Leaves a mark in the session's place. 1 ended, 0 was not there. */
const deleteScript = new RedisScript(`
if redis.call('HEXISTS', KEYS[1], 'userId') == 0 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`);

export class RedisSessionStore implements SessionStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	create(session: SessionRecord): Promise<void> {
		return this.redis.run(async (client) => {
			const { profile, ...own } = session;
			const fields = [...Object.entries(own).flat(), ...fieldsOf(profile)];
			// The index second, or a list in between would remove the id as missing. If the second command fails, the call
			// fails, and a session whose tokens no client received needs no index.
			await createScript.run(client, this.sessionKey(session.id), [session.expiresAtMs, ...fields]);
			await this.index(client, session.userId, session.id, session.expiresAtMs);
		});
	}

	get(id: string): Promise<SessionRecord | undefined> {
		return this.redis.run((client) => this.read(client, id));
	}

	listByUser(userId: string): Promise<readonly SessionRecord[]> {
		return this.redis.run(async (client) => {
			const key = this.indexKey(userId);
			const ids = await client.zrange(key, "0", String(MAX_LISTED - 1));
			const found: SessionRecord[] = [];
			const gone: string[] = [];
			await inBatches(ids, async (id) => {
				const session = await this.read(client, id);
				if (session === undefined) gone.push(id);
				else found.push(session);
			});
			await this.dropFromIndex(client, userId, gone);
			return found.sort(byAge);
		});
	}

	rotate(rotation: Rotation): Promise<RotateResult> {
		const { id, userId, expectedGeneration, expiresAtMs, profile, leewayMs } = rotation;
		return this.redis.run(async (client) => {
			const args = [expectedGeneration, expiresAtMs, leewayMs, profile.version, ...fieldsOf(profile)];
			// The index first: should the second command fail, it outlives the session, and not the other way round.
			await this.index(client, userId, id, expiresAtMs);
			return ROTATE_RESULTS[String(await rotateScript.run(client, this.sessionKey(id), args))] ?? "missing";
		});
	}

	setProfile(ids: readonly string[], profile: SessionProfile): Promise<void> {
		return this.redis.run(async (client) => {
			const args = [profile.version, ...fieldsOf(profile)];
			await inBatches(ids, async (id) => void (await profileScript.run(client, this.sessionKey(id), args)));
		});
	}

	touch(ids: readonly string[], lastSeenAtMs: number): Promise<TouchedSessions> {
		return this.redis.run(async (client) => {
			const ended: string[] = [];
			const versions = new Map<string, number>();
			await inBatches(ids, async (id) => {
				const result = Number(await touchScript.run(client, this.sessionKey(id), [lastSeenAtMs]));
				if (result === -1) ended.push(id);
				else if (result > 0) versions.set(id, result - 1);
			});
			return { ended, versions };
		});
	}

	delete(userId: string, ids: readonly string[]): Promise<readonly string[]> {
		return this.redis.run(async (client) => {
			const deleted: string[] = [];
			await inBatches(ids, async (id) => {
				if ((await deleteScript.run(client, this.sessionKey(id), [ENDED_KEPT_MS])) === 1) deleted.push(id);
			});
			await this.dropFromIndex(client, userId, ids);
			return deleted;
		});
	}

	/** The caller that opened the connection closes it. */
	async close(): Promise<void> {}

	private async index(client: RedisClient, userId: string, id: string, expiresAtMs: number): Promise<void> {
		await indexScript.run(client, this.indexKey(userId), [id, expiresAtMs]);
	}

	private async dropFromIndex(client: RedisClient, userId: string, ids: readonly string[]): Promise<void> {
		if (ids.length > 0) await client.zrem(this.indexKey(userId), ...ids);
	}

	private async read(client: RedisClient, id: string): Promise<SessionRecord | undefined> {
		const fields = await client.hgetall(this.sessionKey(id));
		const userId = fields["userId"];
		if (userId === undefined) return undefined;
		return {
			id,
			userId,
			deviceId: fields["deviceId"] ?? "",
			deviceName: fields["deviceName"] ?? "",
			ip: fields["ip"] ?? "",
			createdAtMs: Number(fields["createdAtMs"]),
			lastSeenAtMs: Number(fields["lastSeenAtMs"]),
			expiresAtMs: Number(fields["expiresAtMs"]),
			generation: Number(fields["generation"]),
			rotatedAtMs: Number(fields["rotatedAtMs"]),
			profile: {
				nickname: fields["nickname"] ?? "",
				email: fields["email"] ?? "",
				avatarUrl: fields["avatarUrl"] ?? "",
				roles: rolesOf(fields["roles"]),
				version: Number(fields["version"] ?? 0),
				registeredAtMs: Number(fields["registeredAtMs"] ?? 0),
				...issuedOf(fields),
			},
		};
	}

	private sessionKey(id: string): string {
		return `${this.redis.keyPrefix}session:${id}`;
	}

	private indexKey(userId: string): string {
		return `${this.redis.keyPrefix}user-sessions:${userId}`;
	}
}

function issuedOf(fields: Readonly<Record<string, string>>): Pick<SessionProfile, "issued"> {
	const { issuer, username = "", identityKey = "", tokenName = "" } = fields;
	return issuer === undefined ? {} : { issued: { issuer, username, identityKey, tokenName } };
}

async function inBatches(ids: readonly string[], each: (id: string) => Promise<void>): Promise<void> {
	for (const batch of batches(ids, BATCH)) {
		await Promise.all(batch.map(each));
	}
}

/** Roles as JSON, like everything in a hash a text. */
function fieldsOf({ roles, issued, ...profile }: SessionProfile): readonly (string | number)[] {
	const fields = Object.entries({ ...profile, ...issued }).flat();
	return roles === undefined ? fields : [...fields, "roles", JSON.stringify(roles)];
}

function rolesOf(json: string | undefined): readonly string[] | undefined {
	if (json === undefined) return undefined;
	const roles: unknown = JSON.parse(json);
	return Array.isArray(roles) ? roles.map(String) : [];
}
