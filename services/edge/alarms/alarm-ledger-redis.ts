// What was published of alarms, for all nodes: a hash for each box, alarm id → mark. The field "" marks it as begun.

import type { RedisConnection } from "../../../stores/redis/connection.ts";
import type { AlarmLedger } from "./alarm-ledger.ts";

/** No alarm has this id. */
const BEGUN = "";

export class RedisAlarmLedger implements AlarmLedger {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	load(box: string): Promise<ReadonlyMap<string, string> | undefined> {
		return this.redis.run(async (client) => {
			const { [BEGUN]: begun, ...marks } = await client.hgetall(this.key(box));
			return begun === undefined ? undefined : new Map(Object.entries(marks));
		});
	}

	save(box: string, marks: ReadonlyMap<string, string | undefined>): Promise<void> {
		const kept: string[] = [BEGUN, "1"];
		const removed: string[] = [];
		for (const [id, mark] of marks) {
			if (mark === undefined) removed.push(id);
			else kept.push(id, mark);
		}
		return this.redis.run(async (client) => {
			await client.hset(this.key(box), ...kept);
			if (removed.length > 0) await client.hdel(this.key(box), ...removed);
		});
	}

	private key(box: string): string {
		return `${this.redis.keyPrefix}alarms-told:${box}`;
	}
}
