// The quota of what members store.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { StorageQuota } from "../../services/storage/storage-quota.ts";
import { SqlStorageUsage } from "../../services/storage/store/storage-usage-sql.ts";
import type { Database } from "../../stores/sql/database.ts";
import type { Config } from "../config/config.ts";

export function openStorageQuota(
	{ storage, chat }: Config,
	database: Database,
	clock: Clock,
	logger: Logger,
): StorageQuota {
	return new StorageQuota(
		{ usage: new SqlStorageUsage(database), admit: () => database.storage.admitMember(), clock, logger },
		{ userBytesPerDay: storage.userBytesPerDay, maxBytes: storage.maxBytes, keptMs: chat.messageKeptMs },
	);
}
