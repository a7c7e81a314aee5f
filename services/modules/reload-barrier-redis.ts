// The barrier over all nodes: a sorted set of the processes that are alive, and a hash of the one round that there is. All keys have one
// hash tag, so that a script of a Cluster may use them together.
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import type { ReloadBarrier, RoundStage, RoundState } from "./reload-barrier.ts";

/** KEYS of all: members, round, the last decision, the content of the round. ARGV member, ttl. Returns the id of the open round, or "". */
const JOIN = new RedisScript(`${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], 3600000)
local round = redis.call('HMGET', KEYS[2], 'id', 'closed')
if round[1] and not round[2] then return round[1] end
return ''
`);

/** ARGV id, member, content, ttl. */
const OPEN = new RedisScript(`${NOW}
local round = redis.call('HMGET', KEYS[2], 'id', 'closed')
if round[1] and not round[2] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'member:' .. ARGV[2], '1')
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')) do
  redis.call('HSET', KEYS[2], 'member:' .. member, '1')
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[4])
return 1
`);

/** ARGV id. */
const CONTENT = new RedisScript(`
if redis.call('HGET', KEYS[2], 'id') ~= ARGV[1] then return false end
return redis.call('GET', KEYS[4])
`);

/** ARGV id. Returns the names and values of the round, then those of its members that are alive. */
const READ = new RedisScript(`${NOW}
if redis.call('HGET', KEYS[2], 'id') ~= ARGV[1] then return {} end
return { redis.call('HGETALL', KEYS[2]), redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf') }
`);

/** ARGV id, field, value. */
const REPORT = new RedisScript(`
if redis.call('HGET', KEYS[2], 'id') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
`);

/** ARGV id, decision, ttl of the last decision. */
const DECIDE = new RedisScript(`
if redis.call('HGET', KEYS[2], 'id') ~= ARGV[1] then return false end
local present = redis.call('HGET', KEYS[2], 'decision')
if present then return present end
redis.call('HSET', KEYS[2], 'decision', ARGV[2])
redis.call('SET', KEYS[3], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return ARGV[2]
`);

/** For processes that were cut off; older than this they have been started again since. */
const LAST_KEPT_MS = 7 * 86_400_000;

/** Of a module that is not replaced any more, and of one that is gone. */
const BUNDLES_KEPT_MS = 30 * 86_400_000;

export class RedisReloadBarrier implements ReloadBarrier {
	private readonly redis: RedisConnection;
	private readonly keys: readonly string[];

	constructor(redis: RedisConnection) {
		this.redis = redis;
		this.keys = ["members", "round", "last", "content"].map((name) => `${redis.keyPrefix}modules:{reload}:${name}`);
	}

	async join(member: string, ttlMs: number): Promise<string | undefined> {
		const id = String(await this.run(JOIN, [member, Math.ceil(ttlMs)]));
		return id === "" ? undefined : id;
	}

	async leave(member: string): Promise<void> {
		await this.redis.run((client) => client.zrem(this.keys[0] as string, member));
	}

	async open(id: string, member: string, content: string, ttlMs: number): Promise<boolean> {
		return (await this.run(OPEN, [id, member, content, Math.ceil(ttlMs)])) === 1;
	}

	async content(id: string): Promise<string | undefined> {
		const content = await this.run(CONTENT, [id]);
		return typeof content === "string" ? content : undefined;
	}

	async read(id: string): Promise<RoundState | undefined> {
		const [pairs, alive] = (await this.run(READ, [id])) as readonly (readonly string[])[];
		if (pairs === undefined || alive === undefined) return undefined;
		const fields = new Map<string, string>();
		for (let index = 0; index < pairs.length; index += 2)
			fields.set(pairs[index] as string, pairs[index + 1] as string);
		const below = (prefix: string) =>
			new Map(
				[...fields].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
			);
		const members = [...below("member:").keys()].sort();
		return {
			id,
			members,
			alive: new Set(alive.filter((member) => members.includes(member))),
			decision: fields.get("decision"),
			prepared: below("prepared:"),
			done: below("done:"),
		};
	}

	async report(id: string, member: string, stage: RoundStage, content: string): Promise<boolean> {
		return (await this.run(REPORT, [id, `${stage}:${member}`, content])) === 1;
	}

	async decide(id: string, decision: string): Promise<string | undefined> {
		const decided = await this.run(DECIDE, [id, decision, LAST_KEPT_MS]);
		return typeof decided === "string" ? decided : undefined;
	}

	async close(id: string): Promise<void> {
		await this.run(REPORT, [id, "closed", "1"]);
	}

	/** The opener of a round alone does so: nobody writes between. */
	async keep(module: string, bundle: string, limit: number): Promise<void> {
		const others = (await this.kept(module)).filter((one) => one !== bundle);
		const text = JSON.stringify([bundle, ...others].slice(0, limit));
		await this.redis.run((client) => client.set(this.keptKey(module), text, "PX", BUNDLES_KEPT_MS));
	}

	async kept(module: string): Promise<readonly string[]> {
		const text = await this.redis.run((client) => client.get(this.keptKey(module)));
		return text === null ? [] : (JSON.parse(text) as readonly string[]);
	}

	async last(): Promise<{ readonly id: string; readonly decision: string } | undefined> {
		const text = await this.redis.run((client) => client.get(this.keys[2] as string));
		if (text === null) return undefined;
		const end = text.indexOf(" ");
		return { id: text.slice(0, end), decision: text.slice(end + 1) };
	}

	private keptKey(module: string): string {
		return `${this.redis.keyPrefix}modules:{reload}:kept:${module}`;
	}

	private run(script: RedisScript, args: readonly (string | number)[]): Promise<unknown> {
		return this.redis.run((client) => script.run(client, this.keys, args));
	}
}
