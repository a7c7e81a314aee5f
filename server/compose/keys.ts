// API keys on their store, and as bearer tokens.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { CredentialKind } from "../../services/accounts/credentials.ts";
import { databaseKeys, fixedKeys } from "../../services/keys/key-credentials.ts";
import { Keys } from "../../services/keys/keys.ts";
import { SqlKeyStore } from "../../services/keys/store/key-store-sql.ts";
import type { Config } from "../config/config.ts";
import { grantablePermissions } from "../config/name-warnings.ts";
import { removalTask } from "./removal-task.ts";
import type { Stores } from "./stores.ts";

export interface OpenKeys {
	readonly keys: Keys;
	readonly credentials: readonly CredentialKind[];
	/** Begins what runs in the background. */
	start(): void;
	/** Finishes the work in flight; before the stores close. */
	close(): Promise<void>;
}

const REMOVAL_INTERVAL_MS = 3_600_000;

export function openKeys(stores: Stores, options: Config["keys"], clock: Clock, logger: Logger): OpenKeys {
	const store = new SqlKeyStore(stores.database);
	const permissions = grantablePermissions();
	const keys = new Keys({ store, bus: stores.bus, clock, logger, permissions }, options);
	const run = async (signal: AbortSignal) => {
		await keys.sweep(signal);
	};
	const removal = removalTask("API keys that ended long ago", REMOVAL_INTERVAL_MS, run, logger);
	return {
		keys,
		// One that is configured is found whatever its form, also that of a key in the database.
		credentials: [fixedKeys(options.fixed, options), databaseKeys(store, clock, options)],
		start: () => removal.start(),
		close: () => removal.close(),
	};
}
