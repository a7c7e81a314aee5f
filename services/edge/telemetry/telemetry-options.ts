// Limits and times of telemetry. Every one is a configuration key under `edge.telemetry`.

export interface TelemetryOptions {
	/** Subscriptions of one connection. */
	readonly maxSubscriptions: number;
	/** Channels times data types of one subscription. */
	readonly maxKeysPerSubscription: number;
	/** Points of one subscription; one that turns out to have more is ended. */
	readonly maxPointsPerSubscription: number;
	/**
	 * Points that the subscriptions of one connection, of one user and of this process show. A channel and type counts as
	 * `MIN_POINTS_PER_KEY` at least. In the process each view counts once, however many have it.
	 */
	readonly maxPointsPerConnection: number;
	readonly maxPointsPerUser: number;
	readonly maxPoints: number;
	/** The same, divided by their intervals in seconds. */
	readonly maxPointsPerSecondPerConnection: number;
	readonly maxPointsPerSecondPerUser: number;
	readonly maxPointsPerSecond: number;
	/** Points of one box that are kept for views, each counted once. */
	readonly maxPointsPerBox: number;
	/** Points that one user's requests may touch in a second (Subscribe, Resync, ReadNow, ListChannels, models), and at once. */
	readonly readPointsPerSecond: number;
	readonly readPointsBurst: number;
	/** Memory for batches that are kept for further clients of a view, texts included. */
	readonly maxSnapshotBytes: number;
	/** Different subscriptions in this process. */
	readonly maxViews: number;
	/** Hashes of one box that are watched. */
	readonly maxKeysPerBox: number;
	/** A source that has not written for so long is out of date; 0: never. Milliseconds. */
	readonly staleMs: number;
	/** BOTH: interval of reads for changes, in milliseconds. */
	readonly changeSampleMs: number;
	/**
	 * A client with more unread bytes than this gets only the newest values, once it has read. Its buffer is checked
	 * before the first batch that comes after a quarter of this was published to any clients.
	 */
	readonly lagBytes: number;
	/** Bytes of values in one message; larger batches are split. */
	readonly maxBatchBytes: number;
}

export const telemetryDefaults: TelemetryOptions = {
	maxSubscriptions: 100,
	maxKeysPerSubscription: 1000,
	maxPointsPerSubscription: 20_000,
	maxPointsPerConnection: 100_000,
	maxPointsPerUser: 400_000,
	maxPoints: 2_000_000,
	// The largest subscription at the shortest interval.
	maxPointsPerSecondPerConnection: 200_000,
	maxPointsPerSecondPerUser: 400_000,
	maxPointsPerSecond: 1_000_000,
	maxPointsPerBox: 500_000,
	readPointsPerSecond: 50_000,
	readPointsBurst: 200_000,
	maxSnapshotBytes: 16_777_216,
	maxViews: 10_000,
	maxKeysPerBox: 20_000,
	staleMs: 60_000,
	changeSampleMs: 200,
	lagBytes: 262_144,
	maxBatchBytes: 49_152,
};

/** The least that a channel and type counts as, however few points it has: its key is read and kept as well. */
export const MIN_POINTS_PER_KEY = 10;
