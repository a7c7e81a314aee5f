// The list of public rooms. It is an index with a delay: each room that it names is looked up, and skipped if missing.

import { encodeCursor, idAt } from "../../common/cursor.ts";
import { type PageFill, wholePage } from "../../common/page-fill.ts";
import { type RoomProperties, RoomStatus } from "../../protocol/gen/schema.ts";
import { decodeInfo, INFO_FIELD } from "./room-codec.ts";
import type { RoomDirectory } from "./room-directory.ts";
import type { RoomInfo } from "./room-state.ts";
import type { RoomStore } from "./room-store.ts";
import { roomSummary } from "./room-view.ts";

const DEFAULT_LIMIT = 20;
/** Rooms that are looked up for each that is wanted, to find those one can join; the caller goes on from where it ended. */
const MAX_LOOKED_UP = 5;
const LOOKED_UP_AT_ONCE = 20;
/** Of what is kept of rooms: participants and users who were removed are part of it. The page ends where this is reached. */
const MAX_READ_CHARACTERS = 1_048_576;

export interface RoomPage {
	readonly rooms: readonly RoomProperties[];
	readonly nextCursor: string;
}

export class RoomList {
	private readonly store: RoomStore;
	private readonly directory: RoomDirectory;

	constructor(store: RoomStore, directory: RoomDirectory) {
		this.store = store;
		this.directory = directory;
	}

	/**
	 * Newest first. A page may be shorter than asked for; only an empty cursor is the end.
	 *
	 * @param game - "" for all games.
	 * @param limit - 0 for as many as usual.
	 * @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async page(
		game: string,
		onlyJoinable: boolean,
		limit: number,
		cursor: string,
		fill: PageFill<RoomProperties> = wholePage,
	): Promise<RoomPage> {
		const list = `rooms:${game}`;
		const count = limit === 0 ? DEFAULT_LIMIT : limit;
		const rooms: RoomProperties[] = [];
		let before = idAt(list, cursor);
		let [lookedUp, readCharacters] = [0, 0];
		while (rooms.length < count && lookedUp < count * MAX_LOOKED_UP && readCharacters < MAX_READ_CHARACTERS) {
			const wanted = Math.min(count - rooms.length, LOOKED_UP_AT_ONCE);
			const ids = await this.directory.listed(game, before, wanted);
			const infos = await this.store.peek(ids, INFO_FIELD);
			for (const [index, id] of ids.entries()) {
				const text = infos[index];
				readCharacters += text?.length ?? 0;
				const info = text === undefined ? undefined : decodeInfo(text);
				if (info === undefined) await this.dropFromList(id, game);
				else if (isShown(info) && (!onlyJoinable || isJoinable(info))) {
					const room = roomSummary(id, info);
					if (!fill.take(room)) return { rooms, nextCursor: encodeCursor(list, before) };
					rooms.push(room);
				}
				before = id;
			}
			lookedUp += ids.length;
			if (ids.length < wanted) return { rooms, nextCursor: "" };
		}
		return { rooms, nextCursor: encodeCursor(list, before) };
	}

	/** A room is stored before it is listed: a listed room that is missing has been removed. */
	private async dropFromList(roomId: string, game: string): Promise<void> {
		await this.directory.unlist(roomId, game).catch(() => {});
	}
}

function isShown(info: RoomInfo): boolean {
	return info.isPublic && info.status !== RoomStatus.CLOSED;
}

/** Whether another player may join. */
export function isJoinable(info: RoomInfo): boolean {
	const takesPlayers =
		info.status === RoomStatus.WAITING || (info.status === RoomStatus.PLAYING && info.joinsRunning === true);
	return takesPlayers && info.playerCount < info.capacity;
}
