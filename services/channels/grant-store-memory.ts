// What backends said of users in channels, for a single process without Redis. It ends with the process.
import { setLast } from "../../common/bounded-map.ts";
import type { ChannelGrantStore, ChannelStanding, StandingQuery } from "./grant-store.ts";

/** Kept at most; beyond it what was said longest ago is forgotten. */
const MAX_STANDINGS = 100_000;

interface Kept {
	readonly standing: ChannelStanding;
	readonly untilMs: number;
}

export class MemoryChannelGrantStore implements ChannelGrantStore {
	private readonly now: () => number;
	private readonly kept = new Map<string, Kept>();

	/** @param now - monotonic milliseconds. */
	constructor(now: () => number) {
		this.now = now;
	}

	async set(userId: string, channel: string, standing: ChannelStanding, keptMs: number): Promise<void> {
		setLast(this.kept, keyOf({ userId, channel }), { standing, untilMs: this.now() + keptMs }, MAX_STANDINGS);
	}

	async get(queries: readonly StandingQuery[]): Promise<readonly (ChannelStanding | undefined)[]> {
		const nowMs = this.now();
		return queries.map((query) => {
			const kept = this.kept.get(keyOf(query));
			return kept !== undefined && kept.untilMs > nowMs ? kept.standing : undefined;
		});
	}
}

/** A space is in no channel's name. */
function keyOf({ userId, channel }: StandingQuery): string {
	return `${channel} ${userId}`;
}
