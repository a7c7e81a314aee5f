// What modules are notified of rooms: the events that rooms publish, once each was published.
import type { Hooks, RoomHookEvent } from "../../common/hooks.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import {
	ChatRoomEvent_Kind,
	type ChatRoomEventProperties,
	pushes,
	RoomEvent_Kind,
	type RoomEventProperties,
} from "../../protocol/gen/schema.ts";
import { chatChannel } from "../../services/chat/wire.ts";
import { roomChannel } from "../../services/games/room-state.ts";

const CHAT = chatChannel("");
const GAME = roomChannel("");

/** The same publisher. Members get some events on channels of their own besides: those are not counted again. */
export function withRoomHook(publisher: Publisher, hooks: Pick<Hooks, "room">): Publisher {
	return {
		publish: (channel, push, message, options) => {
			const published = publisher.publish(channel, push, message, options);
			if (hooks.room === undefined) return published;
			return published.then((position) => {
				const event = eventOf(channel, push.number, message as object);
				if (event !== undefined) hooks.room?.(event);
				return position;
			});
		},
		joinUser: (userId, channel) => publisher.joinUser(userId, channel),
		removeUser: (userId, channel) => publisher.removeUser(userId, channel),
	};
}

function eventOf(channel: string, number: number, message: object): RoomHookEvent | undefined {
	if (number === pushes.chatRoomEvent.number && channel.startsWith(CHAT)) {
		const event = message as ChatRoomEventProperties;
		return {
			kind: "chat",
			change: nameOf(ChatRoomEvent_Kind, event.kind),
			...shared(event),
			byUserId: event.byUserId ?? "",
		};
	}
	if (number !== pushes.roomEvent.number || !channel.startsWith(GAME)) return undefined;
	const event = message as RoomEventProperties;
	return { kind: "game", change: nameOf(RoomEvent_Kind, event.kind), ...shared(event), byUserId: "" };
}

function shared({ roomId, member, eventNumber }: ChatRoomEventProperties | RoomEventProperties) {
	return { roomId: roomId ?? "", userId: member?.userId ?? "", eventNumber: Number(eventNumber ?? 0) };
}

function nameOf(kinds: Readonly<Record<string, number>>, kind: number | null | undefined): string {
	return Object.entries(kinds).find(([, number]) => number === kind)?.[0] ?? String(kind);
}
