// Stored notifications: 1010 and 1011.
import { notificationRoutes } from "../protocol/gen/schema.ts";
import { defineModule } from "../server/core/route.ts";
import { type Notifications, wireNotification } from "../services/notifications/notifications.ts";

export interface NotificationServices {
	readonly notifications: Notifications;
}

export const notificationModule = defineModule<NotificationServices>("notification", (implement) => [
	implement(notificationRoutes.listNotifications, async (request, call, { notifications }) => {
		const { onlyUnread = false, cursor = "", limit = 0 } = request;
		const page = await notifications.list(call.identity().userId, onlyUnread, cursor, limit);
		return {
			notifications: page.notifications.map((record) => ({
				notification: wireNotification(record),
				readAtMs: record.readAtMs,
			})),
			nextCursor: page.nextCursor,
			unread: page.unread,
		};
	}),

	implement(notificationRoutes.markNotificationsRead, async (request, call, { notifications }) => {
		const ids = request.all === true ? undefined : (request.ids ?? []);
		return { marked: await notifications.markRead(call.identity().userId, ids) };
	}),
]);
