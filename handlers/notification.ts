// Stored notifications: 1010 and 1011.

import { defineModule } from "../core/route.ts";
import { notificationRoutes, StoredNotification } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import type { NotificationRecord } from "../services/notifications/notification-store.ts";
import { type Notifications, wireNotification } from "../services/notifications/notifications.ts";

export interface NotificationServices {
	readonly notifications: Notifications;
}

export const notificationModule = defineModule<NotificationServices>("notification", (implement) => [
	implement(notificationRoutes.listNotifications, async (request, call, { notifications }) => {
		const { onlyUnread = false, cursor = "", limit = 0 } = request;
		const page = new ReplyPage(call.peer.encoding, StoredNotification, wireStored);
		const { userId } = call.identity();
		const { nextCursor, unread } = await notifications.list(userId, onlyUnread, cursor, limit, page);
		return { notifications: page.items, nextCursor, unread };
	}),

	implement(notificationRoutes.markNotificationsRead, async (request, call, { notifications }) => {
		const ids = request.all === true ? undefined : (request.ids ?? []);
		return { marked: await notifications.markRead(call.identity().userId, ids) };
	}),
]);

function wireStored(record: NotificationRecord) {
	return { notification: wireNotification(record), readAtMs: record.readAtMs };
}
