// Where modules keep what is theirs: values in Redis if there is one, else in memory, and tables on connections of their own.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { SqlDialect } from "../../services/modules/statement-runner.ts";
import { SqlStatementRunner } from "../../services/modules/store/statement-runner-sql.ts";
import { MemoryValueStore } from "../../services/modules/store/value-store-memory.ts";
import { RedisValueStore } from "../../services/modules/store/value-store-redis.ts";
import type { ValueStore } from "../../services/modules/value-store.ts";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { parseDatabaseUrl } from "../../stores/sql/database-url.ts";
import type { Config } from "../config/config.ts";

export interface ModuleStores {
	readonly values: ValueStore;
	readonly statements: SqlStatementRunner;
	readonly sqlDialect: SqlDialect;
}

export function memoryValues(clock: Pick<Clock, "monotonic">): ValueStore {
	return new MemoryValueStore(() => clock.monotonic());
}

export function redisValues(redis: RedisConnection): ValueStore {
	return new RedisValueStore(redis);
}

/** The database is opened with the first statement. @param url - where the tables are, unless the configuration says another place. */
export function openModuleStores(
	{ modules, storage }: Pick<Config, "modules" | "storage">,
	url: string,
	values: ValueStore,
	logger: Logger,
): ModuleStores {
	const { database } = modules;
	const own = database.url ?? url;
	const open = () =>
		openDatabase(
			{
				url: own,
				maxConnections: database.poolSize,
				hasBatches: false,
				statementTimeoutMs: database.timeoutMs,
				connectTimeoutMs: Math.min(database.timeoutMs, 2000),
				reserveBytes: storage.reserveBytes,
			},
			logger.child({ database: "modules" }),
		);
	return {
		values,
		statements: new SqlStatementRunner(open, { transactionTimeoutMs: database.transactionTimeoutMs }),
		sqlDialect: parseDatabaseUrl(own).dialect,
	};
}
