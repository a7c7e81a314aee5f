// The canaries of all nodes: a hash of those that go on, and for each a hash of what the processes say of it and a text with its code. All keys
// have one hash tag, so that a script of a Cluster may use them together.
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { NOW, RedisScript } from "../../stores/redis/script.ts";
import type { CanaryBoard, CanaryEnd, CanaryEntry, CanaryState } from "./canary-board.ts";

/** KEYS of all: those that go on, the canary, its content, the codes that were gone back from. ARGV id, module, content, ttl. */
const BEGIN = new RedisScript(`${NOW}
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[2], 'begun', now)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

/** ARGV member, figures. Returns the time since it began, and names and values. */
const REPORT = new RedisScript(`${NOW}
local begun = redis.call('HGET', KEYS[2], 'begun')
if not begun then return {} end
redis.call('HSET', KEYS[2], 'figures:' .. ARGV[1], ARGV[2])
return { now - begun, redis.call('HGETALL', KEYS[2]) }
`);

/** ARGV id, module, end, digest, ttl. Returns what it ended as. */
const END = new RedisScript(`
local ended = redis.call('HGET', KEYS[2], 'ended')
if ended then return ended end
redis.call('HSET', KEYS[2], 'ended', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('DEL', KEYS[3])
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[3] == 'withdrawn' then
  redis.call('HSET', KEYS[4], ARGV[2], ARGV[4])
  redis.call('PEXPIRE', KEYS[4], ARGV[5])
end
return ARGV[3]
`);

/** One that goes on for longer is forgotten, and so is what one ended as, and the code that was gone back from. */
const KEPT_MS = 30 * 86_400_000;
const FIGURES = "figures:";

export class RedisCanaryBoard implements CanaryBoard {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async begin(id: string, module: string, content: string): Promise<void> {
		await this.run(BEGIN, id, [id, module, content, KEPT_MS]);
	}

	async report(id: string, member: string, figures: string): Promise<CanaryState | undefined> {
		const answer = (await this.run(REPORT, id, [member, figures])) as readonly [number?, (readonly string[])?];
		const [elapsedMs, pairs] = answer;
		if (elapsedMs === undefined || pairs === undefined) return undefined;
		const all = new Map<string, string>();
		let ended: CanaryEnd | undefined;
		for (let index = 0; index < pairs.length; index += 2) {
			const [name = "", value = ""] = [pairs[index], pairs[index + 1]];
			if (name === "ended") ended = value as CanaryEnd;
			else if (name.startsWith(FIGURES)) all.set(name.slice(FIGURES.length), value);
		}
		return { elapsedMs, ended, figures: all };
	}

	async end(id: string, module: string, as: CanaryEnd, digest: string): Promise<CanaryEnd> {
		return (await this.run(END, id, [id, module, as, digest, KEPT_MS])) as CanaryEnd;
	}

	async all(): Promise<readonly CanaryEntry[]> {
		const ids = await this.redis.run((client) => client.hkeys(this.key("canaries")));
		const contents = await Promise.all(
			ids.map(async (id) => ({ id, content: await this.redis.run((client) => client.get(this.contentKey(id))) })),
		);
		// One may have ended between.
		return contents.flatMap(({ id, content }) => (content === null ? [] : [{ id, content }]));
	}

	async passed(): Promise<ReadonlyMap<string, string>> {
		return new Map(Object.entries(await this.redis.run((client) => client.hgetall(this.key("passed")))));
	}

	async pass(module: string, digest: string): Promise<void> {
		const key = this.key("passed");
		if (digest === "") {
			await this.redis.run((client) => client.hdel(key, module));
			return;
		}
		await this.redis.run((client) => client.hset(key, module, digest));
		await this.redis.run((client) => client.pexpire(key, KEPT_MS));
	}

	private key(name: string): string {
		return `${this.redis.keyPrefix}modules:{reload}:${name}`;
	}

	private contentKey(id: string): string {
		return this.key(`canary-code:${id}`);
	}

	private run(script: RedisScript, id: string, args: readonly (string | number)[]): Promise<unknown> {
		const keys = [this.key("canaries"), this.key(`canary:${id}`), this.contentKey(id), this.key("passed")];
		return this.redis.run((client) => script.run(client, keys, args));
	}
}
