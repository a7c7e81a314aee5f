// The points of a box, from its Redis.

import type { Logger } from "../../../common/logger.ts";
import type { BoxChannelPage, BoxPoints, KeyReading, KeyRequest, PointKey } from "../boxes/box-points.ts";
import { boxDefaults } from "../boxes/options.ts";
import type { BoxLink } from "./box-link.ts";
import type { BoxDialect } from "./dialect.ts";
import { ChannelList } from "./points-channels.ts";
import { PointsReader, type PointsReaderOptions } from "./points-reader.ts";
import { PointsWakeups, type PointsWakeupsOptions } from "./points-wakeups.ts";

export type RedisBoxPointsOptions = Partial<PointsReaderOptions & PointsWakeupsOptions>;

const defaults: PointsReaderOptions & PointsWakeupsOptions = {
	maxPointsPerKey: boxDefaults.maxPointsPerKey,
	maxBytesPerKey: boxDefaults.maxBytesPerKey,
	maxKeysPerBatch: 64,
	maxBatchesInFlight: 4,
	maxKeptBytes: 64 * 1024 * 1024,
	qualityCheckMs: 10_000,
	coalesceMs: 20,
	maxWatchedKeys: 10_000,
};

export class RedisBoxPoints implements BoxPoints {
	private readonly reader: PointsReader;
	private readonly list: ChannelList;
	private readonly wakeups: PointsWakeups;

	constructor(link: BoxLink, dialect: BoxDialect, options: RedisBoxPointsOptions, logger: Logger) {
		const all = { ...defaults, ...options };
		this.reader = new PointsReader(link, dialect.points, all);
		this.list = new ChannelList(link, dialect.points, logger);
		this.wakeups = new PointsWakeups(link, dialect.points, all);
	}

	read(requests: readonly KeyRequest[]): Promise<readonly KeyReading[]> {
		return this.reader.read(requests);
	}

	channels(family: string, cursor: string, limit: number): Promise<BoxChannelPage> {
		return this.list.page(family, cursor, limit);
	}

	watch(keys: readonly PointKey[]): void {
		this.wakeups.watch(keys);
	}

	onChange(listener: (keyText: string) => void): void {
		this.wakeups.onChange(listener);
	}

	close(): void {
		this.wakeups.close();
	}
}
