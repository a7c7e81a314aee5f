// A room as clients see it.

import { encodeCursor, numberAt } from "../../common/cursor.ts";
import { fillPage } from "../../common/page-fill.ts";
import {
	type GamePlayerProperties,
	type GetGameStateResponseProperties,
	RoomMember as RoomMemberMessage,
	type RoomMemberProperties,
	type RoomProperties,
} from "../../protocol/gen/schema.ts";
import { PAGE_BYTES, PAGE_RESERVE_BYTES } from "../../protocol/message-bounds.ts";
import { ReplyPage, ReplyRoom } from "../../protocol/reply-page.ts";
import type { Participant, RoomInfo, RoomMember, RoomState } from "./room-state.ts";

export function memberView(member: RoomMember, hostId: string): RoomMemberProperties {
	const { userId, username, isReady, isSpectator, joinedAtMs, disconnectedAtMs } = member;
	const isConnected = disconnectedAtMs === 0;
	return { userId, username, isHost: userId === hostId, isReady, isSpectator, isConnected, joinedAtMs };
}

/** As lists of rooms show it: without members. */
export function roomSummary(id: string, info: RoomInfo): RoomProperties {
	const { name, game, status, capacity, isPublic, allowsSpectators, metadata, createdAtMs, gameId } = info;
	return {
		id,
		name,
		game,
		status,
		capacity,
		isPublic,
		allowsSpectators,
		createdAtMs,
		gameId,
		hasPassword: info.passwordHash !== "",
		metadata: { ...metadata },
		playerCount: info.playerCount,
		spectatorCount: info.spectatorCount,
	};
}

/**
 * A room with a page of its members, in the order of joining.
 *
 * @param cursor - "" to begin.
 * @throws GatewayError VALIDATION_FAILED (cursor).
 */
export function roomView(
	state: RoomState,
	cursor: string,
): Pick<GetGameStateResponseProperties, "room" | "nextMembersCursor"> {
	const list = `room-members:${state.id}`;
	const after = numberAt(list, cursor);
	const { hostId, metadata } = state.info;
	// Which encoding the client uses is not known here, as it may be on another node: JSON is the longer one.
	const used = PAGE_RESERVE_BYTES + Buffer.byteLength(JSON.stringify(metadata));
	const page = new ReplyPage(new ReplyRoom("json", PAGE_BYTES - used), RoomMemberMessage, (member: RoomMember) =>
		memberView(member, hostId),
	);
	const members = [...state.members.values()].filter(({ joinNumber }) => joinNumber > after);
	const { nextCursor } = fillPage(page, {
		...{ found: members.sort((a, b) => a.joinNumber - b.joinNumber), limit: members.length },
		cursorBehind: ({ joinNumber }) => encodeCursor(list, joinNumber),
	});
	return {
		room: { ...roomSummary(state.id, state.info), members: page.items },
		...(nextCursor !== "" && { nextMembersCursor: nextCursor }),
	};
}

export function playerView({ userId, username, result }: Participant): GamePlayerProperties {
	return { userId, username, result };
}
