// The two services that write alarms into a box, as far as their formats go.
import type { Redis } from "ioredis";

export interface Raised {
	readonly level?: string;
	readonly status?: string;
	readonly priority?: number;
}

export interface AlarmWriter {
	/** Writes record and indexes, and publishes. */
	raise(field: Redis, id: string, raised?: Raised): Promise<void>;
}

const SOURCE = "comsrv:1001:T:1";

/** Fields of a hash, times in seconds, a set for an index. */
export const fieldsWriter: AlarmWriter = {
	async raise(field, id, { level = "Critical", status = "Active" } = {}) {
		const timestamp = String(Math.floor(Date.now() / 1000));
		await field
			.multi()
			.hset(`alarmsrv:${id}`, {
				...{ id, title: "Too warm", description: "above 85", level, status, source: SOURCE, timestamp },
				acknowledged: "false",
			})
			.sadd("alarmsrv:index", id)
			.sadd(`alarmsrv:status:${status}`, id)
			.sadd(`alarmsrv:level:${level}`, id)
			.sadd(`alarmsrv:source:${SOURCE}`, id)
			.publish("event:alarm:created", JSON.stringify({ alarm_id: id, level, status, timestamp }))
			.exec();
	},
};

/** JSON in one field with some of it repeated beside, times in ISO 8601, an index sorted by priority. */
export const jsonWriter: AlarmWriter = {
	async raise(field, id, { level = "Major", status = "New", priority = 0 } = {}) {
		const now = new Date().toISOString();
		const alarm = { id, title: "Too warm", description: "above 85", level, status, source: SOURCE, priority };
		const times = { created_at: now, updated_at: now };
		await field
			.multi()
			.hset(`alarmsrv:${id}`, {
				data: JSON.stringify({ ...alarm, ...times, acknowledged_by: null, tags: [], limit: 85.5 }),
				...{ id, title: alarm.title, level, status, source: SOURCE, priority: String(priority), ...times },
			})
			.zadd("alarmsrv:index", priority, id)
			.sadd(`alarmsrv:status:${status}`, id)
			.sadd(`alarmsrv:level:${level}`, id)
			.publish("alarmsrv:events", JSON.stringify({ type: "created", alarm: { id } }))
			.exec();
	},
};
