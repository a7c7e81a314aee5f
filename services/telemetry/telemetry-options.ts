// Limits and times of telemetry. Every one is a configuration key under `edge.telemetry`.

export interface TelemetryOptions {
	/** Subscriptions of one connection. */
	readonly maxSubscriptions: number;
	/** Channels times data types of one subscription. */
	readonly maxKeysPerSubscription: number;
	/** Points of one subscription; one that turns out to have more is ended. */
	readonly maxPointsPerSubscription: number;
	/** Different subscriptions in this process. */
	readonly maxViews: number;
	/** Hashes of one box that are watched. */
	readonly maxKeysPerBox: number;
	/** A source that has not written for so long is out of date; 0: never. Milliseconds. */
	readonly staleMs: number;
	/** BOTH: how often is looked for changes, in milliseconds. */
	readonly changeSampleMs: number;
	/**
	 * A client with more unread bytes than this gets only the newest values, once it has read. It is looked at before the
	 * first batch that comes after a quarter of this was published, to whomever.
	 */
	readonly lagBytes: number;
	/** Bytes of values in one message; larger batches are split. */
	readonly maxBatchBytes: number;
}

export const telemetryDefaults: TelemetryOptions = {
	maxSubscriptions: 100,
	maxKeysPerSubscription: 1000,
	maxPointsPerSubscription: 20_000,
	maxViews: 10_000,
	maxKeysPerBox: 20_000,
	staleMs: 60_000,
	changeSampleMs: 200,
	lagBytes: 262_144,
	maxBatchBytes: 49_152,
};

/** What has happened since the start, for metrics. */
export class TelemetryCounters {
	/** Points in readings that were taken over because something in them had changed. */
	pointsRead = 0;
	/** Points times subscribers. */
	pointsDelivered = 0;
	/** Batches that a slow client did not get. */
	conflated = 0;
	/** Batches published or sent, each once however many got it. */
	batches = 0;
	/** Bytes of batches encoded. */
	bytesEncoded = 0;
	/** Calls of `BoxPoints.read`, the keys in them, and how long they took in all. */
	reads = 0;
	keysRead = 0;
	readMs = 0;
	maxReadMs = 0;
	failedReads = 0;
	/** Ticks left out because the one before had not ended. */
	skippedTicks = 0;
	/** First data after Subscribe: how many, and milliseconds until they were sent, in all and at most. */
	firstData = 0;
	firstDataMs = 0;
	maxFirstDataMs = 0;
}
