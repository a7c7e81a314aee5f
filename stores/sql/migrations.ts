// The database schema, step by step. A step that was released is never changed: add another one, whose name sorts last. On MySQL
// and MariaDB a step may be taken up again at any statement: the schema builder's are recorded, and all others have to be such
// that they can be repeated.
import type { Migration, MigrationProvider } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { accountsStep } from "./migration-0001-accounts.ts";
import { chatStep } from "./migration-0002-chat.ts";
import { gamesStep } from "./migration-0003-games.ts";
import { edgeStep } from "./migration-0004-edge.ts";
import { chatOutboxStep } from "./migration-0005-chat-outbox.ts";
import { nameSkeletonsStep } from "./migration-0006-name-skeletons.ts";
import { storageStep } from "./migration-0007-storage.ts";
import { usersStep } from "./migration-0008-users.ts";
import { identitiesStep } from "./migration-0009-identities.ts";
import { apiKeysStep } from "./migration-0010-api-keys.ts";
import { outputsStep } from "./migration-0011-outputs.ts";
import { routeOverridesStep } from "./migration-0012-route-overrides.ts";
import { chatUplinksStep } from "./migration-0013-chat-uplinks.ts";
import { resumable } from "./resumable-step.ts";

/** The steps for one dialect. */
export function migrationsFor(dialect: SqlDialectName): MigrationProvider {
	const steps: Record<string, Migration> = {
		"0001_accounts": accountsStep(dialect),
		"0002_chat": chatStep(dialect),
		"0003_games": gamesStep(dialect),
		"0004_edge": edgeStep(dialect),
		"0005_chat_outbox": chatOutboxStep(dialect),
		"0006_name_skeletons": nameSkeletonsStep(dialect),
		"0007_storage": storageStep(dialect),
		"0008_users": usersStep(dialect),
		"0009_identities": identitiesStep(dialect),
		"0010_api_keys": apiKeysStep(dialect),
		"0011_outputs": outputsStep(dialect),
		"0012_route_overrides": routeOverridesStep(dialect),
		"0013_chat_uplinks": chatUplinksStep(dialect),
	};
	if (dialect !== "mysql") return { getMigrations: async () => steps };
	const resumed = Object.entries(steps).map(([name, step]) => [name, resumable(name, step)] as const);
	return { getMigrations: async () => Object.fromEntries(resumed) };
}
