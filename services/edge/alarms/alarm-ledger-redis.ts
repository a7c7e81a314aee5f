// What has been told of alarms, for all nodes: a hash for each box, alarm id → mark. The field "" says that it has begun.

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
			const { [BEGUN]: begun, ...told } = await client.hgetall(this.key(box));
			return begun === undefined ? undefined : new Map(Object.entries(told));
		});
	}

	save(box: string, told: ReadonlyMap<string, string | undefined>): Promise<void> {
		const kept: string[] = [BEGUN, "1"];
		const forgotten: string[] = [];
		for (const [id, mark] of told) {
			if (mark === undefined) forgotten.push(id);
			else kept.push(id, mark);
		}
		return this.redis.run(async (client) => {
			await client.hset(this.key(box), ...kept);
			if (forgotten.length > 0) await client.hdel(this.key(box), ...forgotten);
		});
	}

	private key(box: string): string {
		return `${this.redis.keyPrefix}alarms-told:${box}`;
	}
}
