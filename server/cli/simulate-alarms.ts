// The alarm service of a simulated plant: raises alarms and lets them go, as the plant has it, beside what people do to
// them meanwhile.

import { AlarmLevel, AlarmStatus } from "../../protocol/gen/schema.ts";
import type { BoxAlarm, BoxAlarms } from "../../services/edge/boxes/box-alarms.ts";
import type { AlarmKeys, BoxDialect } from "../../services/edge/redis/dialect.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { RedisClient } from "../../stores/redis/redis-client.ts";
import { allDone, makeRoom } from "./simulate-keys.ts";

/** More than a simulated plant has at a time. */
const MAX_ALARMS = 200;

const STATUSES = ["Active", "Acknowledged", "Resolved"];

const LEVELS: Readonly<Record<AlarmLevel, string>> = {
	[AlarmLevel.UNSPECIFIED]: "Low",
	[AlarmLevel.LOW]: "Low",
	[AlarmLevel.MEDIUM]: "Medium",
	[AlarmLevel.HIGH]: "High",
	[AlarmLevel.CRITICAL]: "Critical",
};

export class SimulatedAlarmService {
	private readonly redis: RedisConnection;
	private readonly keys: AlarmKeys;
	private readonly alarms: BoxAlarms;
	/** Those that are in the Redis, as they were written last. */
	private written = new Map<string, BoxAlarm>();

	constructor(redis: RedisConnection, dialect: BoxDialect, alarms: BoxAlarms) {
		this.redis = redis;
		this.keys = dialect.alarms;
		this.alarms = alarms;
	}

	/**
	 * Brings the Redis to where the plant is.
	 *
	 * @param isFirst also what was written before, which may be gone with the server; and keys of another type are replaced.
	 * @throws GatewayError UNAVAILABLE.
	 */
	async write(isFirst: boolean): Promise<void> {
		const alarms = (await this.alarms.get(await this.alarms.ids(MAX_ALARMS))).flatMap((alarm) => alarm ?? []);
		const now = new Map(alarms.map((alarm) => [alarm.id, alarm]));
		const before = isFirst ? new Map<string, BoxAlarm>() : this.written;
		await this.redis.run(async (client) => {
			if (isFirst) await this.makeRoom(client, alarms);
			for (const alarm of alarms) {
				if (!before.has(alarm.id)) await this.raise(client, alarm);
				const isOver = alarm.status === AlarmStatus.RESOLVED;
				if (isOver && before.get(alarm.id)?.status !== AlarmStatus.RESOLVED) await this.resolve(client, alarm);
			}
			for (const alarm of before.values()) if (!now.has(alarm.id)) await this.forget(client, alarm);
		});
		this.written = now;
	}

	private async makeRoom(client: RedisClient, alarms: readonly BoxAlarm[]): Promise<void> {
		const { keys } = this;
		const sources = new Set(alarms.map(({ source }) => source));
		const indexes = [
			keys.index,
			...STATUSES.map((status) => keys.statusIndex(status)),
			...new Set(Object.values(LEVELS).map((level) => keys.levelIndex(level))),
			...[...sources].map((source) => keys.sourceIndex(source)),
		];
		await makeRoom(client, "set", indexes);
	}

	private async raise(client: RedisClient, alarm: BoxAlarm): Promise<void> {
		const { id, title, description, source } = alarm;
		const key = this.keys.alarmKey(id);
		await makeRoom(client, "hash", [key]);
		// Of a run before this one, and perhaps acknowledged since.
		if ((await client.exists(key)) === 1) return;
		const level = LEVELS[alarm.level];
		const timestamp = Math.floor(alarm.raisedAtMs / 1000);
		const record = { id, title, description, level, status: "Active", source, timestamp, acknowledged: "false" };
		const transaction = client
			.multi()
			.hset(key, record)
			.sadd(this.keys.index, id)
			.sadd(this.keys.statusIndex("Active"), id)
			.sadd(this.keys.levelIndex(level), id)
			.sadd(this.keys.sourceIndex(source), id)
			.publish(this.keys.channels.created, JSON.stringify(record));
		await allDone(transaction);
	}

	private async resolve(client: RedisClient, { id, resolvedAtMs }: BoxAlarm): Promise<void> {
		const key = this.keys.alarmKey(id);
		if ((await client.hget(key, "status")) === "Resolved") return;
		const transaction = client
			.multi()
			.hset(key, { status: "Resolved", resolved_at: Math.floor(resolvedAtMs / 1000) })
			.srem(this.keys.statusIndex("Active"), id)
			.srem(this.keys.statusIndex("Acknowledged"), id)
			.sadd(this.keys.statusIndex("Resolved"), id)
			.publish(this.keys.channels.resolved, JSON.stringify({ id, status: "Resolved" }));
		await allDone(transaction);
	}

	private async forget(client: RedisClient, { id, level, source }: BoxAlarm): Promise<void> {
		const indexes = [
			this.keys.index,
			...STATUSES.map((status) => this.keys.statusIndex(status)),
			this.keys.levelIndex(LEVELS[level]),
			this.keys.sourceIndex(source),
		];
		const transaction = client.multi().del(this.keys.alarmKey(id));
		for (const index of indexes) transaction.srem(index, id);
		await allDone(transaction);
	}
}
