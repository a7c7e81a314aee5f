// Notifications on their store.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { Notifications } from "../../services/notifications/notifications.ts";
import type { NotificationsOptions } from "../../services/notifications/options.ts";
import { SqlNotificationStore } from "../../services/notifications/store/notification-store-sql.ts";
import { removalTask } from "./removal-task.ts";
import type { Stores } from "./stores.ts";

export interface NotificationParts {
	readonly stores: Stores;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface OpenNotifications {
	readonly notifications: Notifications;
	/** Begins what runs in the background. */
	start(): void;
	/** Finishes the work in flight; before the stores close. */
	close(): Promise<void>;
}

const REMOVAL_INTERVAL_MS = 600_000;

export function openNotifications(
	{ stores, publisher, clock, logger }: NotificationParts,
	options: NotificationsOptions,
): OpenNotifications {
	const store = new SqlNotificationStore(stores.database);
	const notifications = new Notifications({ store, presence: stores.presence, publisher, clock, logger }, options);
	const run = (signal: AbortSignal) => notifications.sweep(signal);
	const removal = removalTask("outdated notifications", REMOVAL_INTERVAL_MS, run, logger);
	return { notifications, start: () => removal.start(), close: () => removal.close() };
}
