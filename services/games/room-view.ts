// A room as clients see it.
import type { GamePlayerProperties, RoomMemberProperties, RoomProperties } from "../../protocol/gen/schema.ts";
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
		...{ id, name, game, status, capacity, isPublic, allowsSpectators, createdAtMs, gameId },
		hasPassword: info.passwordHash !== "",
		metadata: { ...metadata },
		playerCount: info.playerCount,
		spectatorCount: info.spectatorCount,
	};
}

export function roomView(state: RoomState): RoomProperties {
	const members = [...state.members.values()].sort((a, b) => a.joinNumber - b.joinNumber);
	return {
		...roomSummary(state.id, state.info),
		members: members.map((member) => memberView(member, state.info.hostId)),
	};
}

export function playerView({ userId, username, result }: Participant): GamePlayerProperties {
	return { userId, username, result };
}
