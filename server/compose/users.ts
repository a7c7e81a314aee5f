// The management of users, over what every domain stores of them.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { AccountPersonalData } from "../../services/accounts/account-personal-data.ts";
import type { UsersOptions } from "../../services/accounts/options.ts";
import { SqlUserDeletionStore } from "../../services/accounts/store/user-deletion-store-sql.ts";
import { UserErasure } from "../../services/accounts/user-erasure.ts";
import { UserExport } from "../../services/accounts/user-export.ts";
import { Users } from "../../services/accounts/users.ts";
import { ChatPersonalData } from "../../services/chat/chat-personal-data.ts";
import type { ChatRooms } from "../../services/chat/rooms.ts";
import { SqlChatPersonalStore } from "../../services/chat/store/chat-personal-store-sql.ts";
import { SqlAuditPersonalData } from "../../services/edge/control/store/audit-personal-data-sql.ts";
import { GamePersonalData } from "../../services/games/game-personal-data.ts";
import type { Games } from "../../services/games/games.ts";
import { SqlGamePersonalStore } from "../../services/games/store/game-personal-store-sql.ts";
import { SqlNotificationPersonalData } from "../../services/notifications/store/notification-personal-data-sql.ts";
import { PresencePersonalData } from "../../services/presence/presence-personal-data.ts";
import { StoragePersonalData } from "../../services/storage/storage-personal-data.ts";
import { SqlStorageUsage } from "../../services/storage/store/storage-usage-sql.ts";
import type { AccountServices } from "./accounts.ts";

export interface UserParts {
	readonly accounts: AccountServices;
	readonly rooms: ChatRooms;
	readonly games: Games;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface OpenUsers {
	readonly users: Users;
	readonly exports: UserExport;
	readonly erasure: UserErasure;
}

export function openUsers({ accounts, rooms, games, clock, logger }: UserParts, options: UsersOptions): OpenUsers {
	const { stores, sessions } = accounts;
	const { database, users, identities, known } = stores;
	// In the order in which a deleted user is erased.
	const domains = [
		new AccountPersonalData({ users, identities, sessions, known }),
		new ChatPersonalData({ rooms, store: new SqlChatPersonalStore(database), clock }),
		new SqlNotificationPersonalData(database),
		new GamePersonalData(games, new SqlGamePersonalStore(database)),
		new PresencePersonalData(stores.presence, () => clock.now()),
		new StoragePersonalData(new SqlStorageUsage(database)),
		new SqlAuditPersonalData(database),
	];
	const erasure = new UserErasure(new SqlUserDeletionStore(database), domains, logger);
	return {
		users: new Users({ ...accounts, users, known, erasure, clock, logger }, options),
		exports: new UserExport(domains),
		erasure,
	};
}
