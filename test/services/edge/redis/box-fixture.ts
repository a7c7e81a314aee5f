// A box's Redis with a client that writes it as field services do, and the gateway's link to it.
import { Redis } from "ioredis";
import type { DataType } from "../../../../protocol/gen/schema.ts";
import type { BoxPoints, KeyReading, PointKey } from "../../../../services/edge/boxes/box-points.ts";
import { BoxLink, type BoxLinkOptions } from "../../../../services/edge/redis/box-link.ts";
import { boxDialect, type DialectName } from "../../../../services/edge/redis/dialect.ts";
import { RedisBoxPoints, type RedisBoxPointsOptions } from "../../../../services/edge/redis/points-redis.ts";
import { type QuietLogger, quietLogger } from "../../../support/quiet-logger.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { type RedisOptions, startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";

export interface BoxFixture {
	readonly server: RealServer;
	/** The field services' connection. */
	readonly field: Redis;
	readonly link: BoxLink;
	readonly points: RedisBoxPoints;
	readonly logger: QuietLogger;
	close(): Promise<void>;
}

export interface BoxFixtureOptions {
	readonly dialect?: DialectName;
	readonly redis?: RedisOptions;
	readonly link?: Partial<BoxLinkOptions>;
	readonly points?: RedisBoxPointsOptions;
}

/** Starts it all; the box is up when this resolves. */
export async function openBoxFixture(options: BoxFixtureOptions = {}): Promise<BoxFixture> {
	const server = await startRedis(options.redis);
	const field = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
	// The server goes away in some tests.
	field.on("error", () => undefined);
	const logger = quietLogger();
	const link = new BoxLink({ name: "", url: server.url, ...options.link }, logger);
	const points = new RedisBoxPoints(link, boxDialect(options.dialect ?? "v1"), options.points ?? {}, logger);
	await until(() => link.isUp);
	return {
		server,
		field,
		link,
		points,
		logger,
		async close() {
			points.close();
			await link.close();
			field.disconnect();
			await server.stop();
		},
	};
}

export function comsrv(channel: number, type: DataType = 1): PointKey {
	return { family: "comsrv", channel, type };
}

/** Reads one key, whole. */
export async function readOne(points: BoxPoints, key: PointKey): Promise<KeyReading> {
	const [reading] = await points.read([{ key, points: undefined }]);
	return reading as KeyReading;
}

const qualityNames = ["GOOD", "UNCERTAIN", "BAD", "UNAVAILABLE"];

/** A reading in short: `{ 1: [25.5, "GOOD", 0] }`. */
export function brief(reading: KeyReading): Record<number, unknown> {
	return Object.fromEntries(
		reading.points.map(({ pointId, value, quality, flags }) => [pointId, [value, qualityNames[quality], flags]]),
	);
}
