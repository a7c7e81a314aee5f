// What the logs of all channels take, over all processes that share a Redis, and what is done when it is too much. A log is
// written by a script that may touch the keys of its channel only, as these are of one slot. So each process gathers how long
// the logs are that it wrote, and reports that to an account of a few keys; a process that finds the account exceeded shortens the
// longest logs. A log that expires leaves the account by the same clock, and one that was reported wrong, or not at all since
// its process died, is right again with its next publication.
import { Cluster, type Redis } from "ioredis";
import type { Logger } from "../common/logger.ts";
import type { RedisConnection } from "../stores/redis/connection.ts";
import { RedisScript } from "../stores/redis/script.ts";
import type { HistoryLimits, HistoryUsage } from "./broker.ts";
import { shortenScript } from "./broker-redis-scripts.ts";
import { historyExcess, historyKindOf, historyKinds, shortenedSizes } from "./history-budget.ts";

/** What a log takes beside its frames: its key, its meta and the room that Redis reserves for the next entries. */
export const LOG_BYTES = 4800;
/** A log that would be shorter is dropped whole. */
const MIN_LOG_BYTES = 2 * LOG_BYTES;
/** Logs written that one process gathers; more of them are reported at once. */
const MAX_GATHERED = 10_000;
/** Between a publication and its report. */
const REPORT_MS = 1000;
/** Part of the budget that one process publishes before it reports at once. */
const EARLY_SHARE = 1 / 64;
/** Logs reported by one script, expired ones that it sweeps, and logs that are looked at to be shortened. */
const BATCH = 500;
const MAX_SHORTENED = 200;
/** Rounds of shortening after one report; the next report goes on. */
const MAX_ROUNDS = 8;
/** Part of `maxmemory` that logs may take, whatever the configured bytes: sessions, leases and presence need the rest. */
const MAXMEMORY_SHARE = 0.5;
/** Logs are written again when this much less is used than at which that ended, as a part of `maxmemory`. */
const HYSTERESIS = 0.05;
/** Between two lines about logs that are shortened. */
const QUIET_MS = 60_000;

/**
 * KEYS until, totals, then the sizes of each kind; ARGV most that is swept, then of each log: kind, channel, bytes, life in ms.
 * `until` has `<kind> <channel>` by the time at which the log expires. Returns the totals by kind.
 */
const accountScript = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function set(kind, channel, bytes)
  local sizes = KEYS[3 + kind]
  local before = tonumber(redis.call('ZSCORE', sizes, channel) or '0')
  if bytes > 0 then redis.call('ZADD', sizes, bytes, channel) else redis.call('ZREM', sizes, channel) end
  if bytes ~= before then redis.call('HINCRBY', KEYS[2], kind, string.format('%.0f', bytes - before)) end
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local kind, channel = string.match(member, '^(%d+) (.*)$')
  redis.call('ZREM', KEYS[1], member)
  set(tonumber(kind), channel, 0)
end
for at = 2, #ARGV, 4 do
  local kind, channel, bytes = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local member = kind .. ' ' .. channel
  set(kind, channel, bytes)
  if bytes > 0 then redis.call('ZADD', KEYS[1], now + tonumber(ARGV[at + 3]), member) else redis.call('ZREM', KEYS[1], member) end
end
local totals = {}
for kind = 0, #KEYS - 3 do totals[kind + 1] = tonumber(redis.call('HGET', KEYS[2], kind) or '0') end
return totals`);

interface Report {
	readonly bytes: number;
	readonly ttlMs: number;
}

export class HistoryAccount {
	private limits: HistoryLimits = { historyTotalBytes: Number.POSITIVE_INFINITY, historyMemoryShare: 1 };
	private readonly redis: RedisConnection;
	private readonly logger: Logger;
	private readonly baseKey: (channel: string) => string;
	private readonly keys: readonly string[];
	private readonly gathered = new Map<string, Report>();
	/** By kind, as of the last report. */
	private totals: readonly number[] = historyKinds.map(() => 0);
	/** Servers that have too little memory for logs, as `host:port`; "" where there is one server. */
	private readonly short = new Set<string>();
	private maxMemoryBytes = 0;
	private isMemoryKnown = false;
	private unreportedBytes = 0;
	private shortened = 0;
	private unkept = 0;
	private timer: NodeJS.Timeout | undefined;
	private isReporting = false;
	private isClosed = false;
	private quietUntilMs = Number.NEGATIVE_INFINITY;

	/** @param baseKey - what the keys of a channel begin with. */
	constructor(redis: RedisConnection, logger: Logger, baseKey: (channel: string) => string) {
		this.redis = redis;
		this.logger = logger;
		this.baseKey = baseKey;
		const base = `${redis.keyPrefix}ch-logs:{logs}`;
		this.keys = [`${base}:until`, `${base}:totals`, ...historyKinds.map((kind) => `${base}:${kind}`)];
	}

	get usage(): HistoryUsage {
		return {
			bytesByKind: new Map(historyKinds.map((kind, index) => [kind, this.totals[index] ?? 0])),
			budgetBytes: this.budgetBytes,
			shortened: this.shortened,
			unkept: this.unkept,
			isSuspended: this.isSuspended,
		};
	}

	limit(limits: HistoryLimits): void {
		this.limits = limits;
	}

	/** Some server has too little memory for logs. */
	get isSuspended(): boolean {
		return this.short.size > 0;
	}

	/** @param owner - the server of a channel, as `RedisShards.ownerOf` has it. */
	isShort(owner: string | undefined): boolean {
		return this.short.has(owner ?? "");
	}

	/**
	 * Records what a publication left in the log of its channel.
	 *
	 * @param bytes - of frames.
	 * @param addedBytes - of the frame that was published.
	 * @param ttlMs - life of the log.
	 */
	record(channel: string, bytes: number, addedBytes: number, ttlMs: number, isUnkept: boolean): void {
		if (isUnkept) this.unkept++;
		this.gathered.set(channel, { bytes: bytes > 0 ? bytes + LOG_BYTES : 0, ttlMs });
		this.unreportedBytes += addedBytes;
		if (this.isReporting) return;
		if (this.isUrgent) void this.report();
		else this.reportSoon();
	}

	close(): void {
		this.isClosed = true;
		clearTimeout(this.timer);
	}

	/** Much was published since the last report; or there was none, and it is not known yet what Redis can hold. */
	private get isUrgent(): boolean {
		if (!this.isMemoryKnown || this.gathered.size >= MAX_GATHERED) return true;
		return this.unreportedBytes >= this.budgetBytes * EARLY_SHARE;
	}

	private get budgetBytes(): number {
		const { historyTotalBytes } = this.limits;
		return this.maxMemoryBytes > 0
			? Math.min(historyTotalBytes, this.maxMemoryBytes * MAXMEMORY_SHARE)
			: historyTotalBytes;
	}

	private reportSoon(): void {
		if (this.timer !== undefined || this.isClosed) return;
		this.timer = setTimeout(() => {
			this.timer = undefined;
			if (!this.isReporting) void this.report();
		}, REPORT_MS).unref();
	}

	private async report(): Promise<void> {
		this.isReporting = true;
		try {
			do {
				this.unreportedBytes = 0;
				await this.lookAtMemory();
				await this.account();
				for (let round = 0; round < MAX_ROUNDS && !this.isClosed; round++) {
					if (!(await this.shorten())) break;
				}
			} while (this.isUrgent && !this.isClosed);
		} catch (error) {
			this.logger.debug({ err: error }, "reporting the bytes of channel logs failed; the next report tries again");
		} finally {
			this.isReporting = false;
			// What the reports are for: a server that is short of memory is looked at until it is not.
			if (this.gathered.size > 0 || this.short.size > 0) this.reportSoon();
		}
	}

	/** Reports what was gathered, and learns the totals. */
	private async account(): Promise<void> {
		do {
			const batch = [...this.gathered.entries()].slice(0, BATCH);
			for (const [channel] of batch) this.gathered.delete(channel);
			const args = batch.flatMap(([channel, { bytes, ttlMs }]) => [historyKindOf(channel), channel, bytes, ttlMs]);
			const totals = await this.redis.run((client) => accountScript.run(client, this.keys, [BATCH, ...args]));
			this.totals = totals as number[];
		} while (this.gathered.size > 0 && !this.isClosed);
	}

	/** Shortens the longest logs if all together are too long. @returns whether some were. */
	private async shorten(): Promise<boolean> {
		const excess = historyExcess(this.totals, this.budgetBytes);
		let count = 0;
		for (const [kind, bytes] of excess.entries()) if (bytes > 0) count += await this.shortenKind(kind, bytes);
		if (count === 0) return false;
		this.shortened += count;
		this.say(count);
		await this.account();
		return true;
	}

	private async shortenKind(kind: number, excessBytes: number): Promise<number> {
		const longest = await this.redis.run((client) => {
			return client.zrevrange(this.keys[2 + kind] as string, 0, MAX_SHORTENED - 1, "WITHSCORES");
		});
		const channels = longest.filter((_, index) => index % 2 === 0);
		const sizes = longest.filter((_, index) => index % 2 === 1).map(Number);
		const targets = shortenedSizes(sizes, excessBytes, MIN_LOG_BYTES);
		await Promise.all(targets.map((bytes, index) => this.shortenLog(channels[index] as string, bytes)));
		return targets.length;
	}

	private async shortenLog(channel: string, bytes: number): Promise<void> {
		const base = this.baseKey(channel);
		const left = Math.max(0, bytes - LOG_BYTES);
		const held = await this.redis.run(async (client) => {
			const rest = await shortenScript.run(client, [`${base}:log`, `${base}:meta`], [left]);
			return { bytes: Number(rest), ttlMs: await client.pttl(`${base}:log`) };
		});
		this.gathered.set(channel, { bytes: held.bytes > 0 ? held.bytes + LOG_BYTES : 0, ttlMs: Math.max(1, held.ttlMs) });
	}

	private say(count: number): void {
		const nowMs = performance.now();
		if (nowMs < this.quietUntilMs) return;
		this.quietUntilMs = nowMs + QUIET_MS;
		const { budgetBytes } = this;
		this.logger.warn({ logs: count, budgetBytes }, "channel logs exceed their budget; the longest are shortened");
	}

	/** Learns which servers have too little memory to write logs. */
	private async lookAtMemory(): Promise<void> {
		const { client } = this.redis;
		const servers: (readonly [string, Redis])[] =
			client instanceof Cluster
				? client.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node] as const)
				: [["", client] as const];
		const texts = await this.redis.run(() => Promise.all(servers.map(([, node]) => node.info("memory"))));
		const memories = texts.map(parseMemory);
		this.maxMemoryBytes = memories.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
		this.isMemoryKnown = true;
		const known = new Set(servers.map(([owner]) => owner));
		for (const owner of this.short) if (!known.has(owner)) this.short.delete(owner);
		for (const [index, [owner]] of servers.entries()) this.judge(owner, memories[index] as Memory);
	}

	private judge(owner: string, { usedBytes, maxBytes }: Memory): void {
		const wasShort = this.short.has(owner);
		const share = this.limits.historyMemoryShare - (wasShort ? HYSTERESIS : 0);
		const isShort = maxBytes > 0 && usedBytes > maxBytes * share;
		if (isShort === wasShort) return;
		if (isShort) this.short.add(owner);
		else this.short.delete(owner);
		const fields = { server: owner || undefined, usedBytes, maxBytes };
		if (isShort) this.logger.warn(fields, "Redis is short of memory; channel logs are not written");
		else this.logger.info(fields, "Redis has memory again; channel logs are written");
	}
}

interface Memory {
	readonly usedBytes: number;
	/** 0: no limit. */
	readonly maxBytes: number;
}

/** Reads `INFO memory`. Buffers of replicas and of the append-only file do not count against `maxmemory`. */
function parseMemory(text: string): Memory {
	const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(text)?.[1] ?? 0);
	return { usedBytes: field("used_memory") - field("mem_not_counted_for_evict"), maxBytes: field("maxmemory") };
}
