// Finds a room that a player may simply join: public, without a password, of the same game, capacity and metadata, with a place left.

import { decodeInfo, INFO_FIELD } from "./room-codec.ts";
import type { RoomDirectory } from "./room-directory.ts";
import { isJoinable } from "./room-list.ts";
import type { RoomInfo } from "./room-state.ts";
import type { RoomStore } from "./room-store.ts";

/** What a room must be like. */
export interface Wanted {
	readonly game: string;
	readonly capacity: number;
	readonly metadata: Readonly<Record<string, string>>;
}

/** Rooms looked at, newest first: full ones are behind. */
const MAX_LOOKED_AT = 100;

/** @returns their ids, those with most players first. @throws GatewayError UNAVAILABLE. */
export async function openRooms(
	store: RoomStore,
	directory: RoomDirectory,
	wanted: Wanted,
): Promise<readonly string[]> {
	const ids = await directory.listed(wanted.game, "", MAX_LOOKED_AT);
	const infos = await store.peek(ids, INFO_FIELD);
	const found = ids.flatMap((id, index) => {
		const text = infos[index];
		const info = text === undefined ? undefined : decodeInfo(text);
		return info !== undefined && isWanted(info, wanted) ? [{ id, players: info.playerCount }] : [];
	});
	return found.sort((one, other) => other.players - one.players).map(({ id }) => id);
}

function isWanted(info: RoomInfo, { capacity, metadata }: Wanted): boolean {
	if (!info.isPublic || info.passwordHash !== "" || !isJoinable(info) || info.capacity !== capacity) return false;
	const keys = Object.keys(metadata);
	return keys.length === Object.keys(info.metadata).length && keys.every((key) => info.metadata[key] === metadata[key]);
}
