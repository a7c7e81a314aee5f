// Notices of the outbox, as pushes and notifications to everybody whom they concern.

import type { Clock } from "../../common/clock.ts";
import { eventsChannel, userChannel } from "../../common/user-channels.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import type { Notifications } from "../notifications/notifications.ts";
import type { ConversationAudience } from "./audience.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import type { ChatMessageStore } from "./chat-message-store.ts";
import type { NumberedNotice, RecallNotice, RoomNotice } from "./chat-outbox-store.ts";
import { messageEvent, roomEvent } from "./events.ts";
import type { PublishNotice } from "./notice-relay.ts";
import { chatChannel, wireMember, wireMessage } from "./wire.ts";

export interface NoticePublisherServices {
	readonly messages: ChatMessageStore;
	readonly blocks: ChatBlockStore;
	readonly audience: ConversationAudience;
	readonly publisher: Publisher;
	readonly notifications: Notifications;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	readonly clock: Clock;
}

/**
 * @returns a function that throws GatewayError UNAVAILABLE when a part was not published; all is then published again.
 */
export function noticePublisher(services: NoticePublisherServices): PublishNotice {
	return async (conversationId: string, { notice, number }: NumberedNotice) => {
		if (notice.kind === "room") await publishRoomNotice(services, conversationId, number, notice);
		else await publishRecall(services, notice);
	};
}

async function publishRoomNotice(
	{ publisher, notifications, blocks, events, clock }: NoticePublisherServices,
	roomId: string,
	eventNumber: number,
	notice: RoomNotice,
): Promise<void> {
	const { member, byUserId, invitation } = notice;
	const channel = chatChannel(roomId);
	if (notice.channel === "leave") await publisher.removeUser(member.userId, channel);
	if (notice.channel === "join") await publisher.joinUser(member.userId, channel);
	const event = { roomId, kind: notice.event, member: wireMember(member), byUserId, eventNumber };
	if (notice.toRoom) await publisher.publish(channel, pushes.chatRoomEvent, event);
	if (events?.wants("room")) await events.keep(roomEvent(event, clock.now()));
	if (!notice.toMember && invitation === undefined) return;
	// They may have blocked the other since it was decided.
	if (notice.unlessBlocked && (await blocks.blockersAmong([member.userId], byUserId)).size > 0) return;
	if (notice.toMember) await publisher.publish(eventsChannel(member.userId), pushes.chatRoomEvent, event);
	if (invitation === undefined) return;
	await notifications.send(
		[member.userId],
		"chat.invited",
		{ room: invitation.roomName, inviter: invitation.byName },
		{ roomId, inviterId: byUserId },
		invitation.id,
		byUserId,
	);
}

async function publishRecall(services: NoticePublisherServices, { messageId, byUserId }: RecallNotice): Promise<void> {
	const record = await services.messages.byId(messageId);
	// Removed for its age since.
	if (record === undefined) return;
	const { audience, publisher, events } = services;
	const posted = { message: wireMessage(record) };
	const channels = await audience.channelsFrom(byUserId, record.conversationId, userChannel);
	await Promise.all(channels.map((channel) => publisher.publish(channel, pushes.messagePosted, posted)));
	if (events?.wants("message")) await events.keep(messageEvent("message.recalled", record, record.recalledAtMs));
}
