// What backends said of users in channels, in Redis: one key for each user in each channel, which expires by itself.
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { ChannelGrantStore, ChannelStanding, StandingQuery } from "./grant-store.ts";

const GRANTED = "g";
const REMOVED = "r";

export class RedisChannelGrantStore implements ChannelGrantStore {
	private readonly redis: RedisConnection;

	constructor(redis: RedisConnection) {
		this.redis = redis;
	}

	async set(userId: string, channel: string, { isGranted, sinceMs }: ChannelStanding, keptMs: number): Promise<void> {
		const value = `${isGranted ? GRANTED : REMOVED}${sinceMs}`;
		await this.redis.run((client) => client.set(this.key({ userId, channel }), value, "PX", keptMs));
	}

	get(queries: readonly StandingQuery[]): Promise<readonly (ChannelStanding | undefined)[]> {
		return this.redis.run(async (client) => {
			// Sent in one go, answered in one go; a Cluster's servers each get theirs.
			const values = await Promise.all(queries.map((query) => client.get(this.key(query))));
			return values.map((value) => {
				if (value === null) return undefined;
				return { isGranted: value.startsWith(GRANTED), sinceMs: Number(value.slice(1)) };
			});
		});
	}

	private key({ userId, channel }: StandingQuery): string {
		return `${this.redis.keyPrefix}channel-grant:${channel}:${userId}`;
	}
}
