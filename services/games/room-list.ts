// The list of public rooms. It is an index with a delay: what it names is looked up, and left out if it is gone.
import type { RoomDirectory } from "../../ports/room-directory.ts";
import type { RoomStore } from "../../ports/room-store.ts";
import { type RoomProperties, RoomStatus } from "../../protocol/gen/schema.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { decodeInfo, INFO_FIELD } from "./room-codec.ts";
import type { RoomInfo } from "./room-state.ts";
import { roomSummary } from "./room-view.ts";

const DEFAULT_LIMIT = 20;
/** Pages that are looked through for rooms one can join; the caller goes on from where it ended. */
const MAX_PAGES = 5;

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
	async page(game: string, onlyJoinable: boolean, limit: number, cursor: string): Promise<RoomPage> {
		const list = `rooms:${game}`;
		const count = limit === 0 ? DEFAULT_LIMIT : limit;
		const rooms: RoomProperties[] = [];
		let before = decodeCursor(list, cursor, 1)?.[0] ?? "";
		for (let page = 0; page < MAX_PAGES; page++) {
			const wanted = count - rooms.length;
			const ids = await this.directory.listed(game, before, wanted);
			const infos = await this.store.peek(ids, INFO_FIELD);
			for (const [index, id] of ids.entries()) {
				const text = infos[index];
				const info = text === undefined ? undefined : decodeInfo(text);
				if (info === undefined) await this.dropFromList(id, game);
				else if (isShown(info) && (!onlyJoinable || isJoinable(info))) rooms.push(roomSummary(id, info));
			}
			if (ids.length < wanted) return { rooms, nextCursor: "" };
			before = ids.at(-1) ?? before;
			if (rooms.length >= count) break;
		}
		return { rooms, nextCursor: encodeCursor(list, before) };
	}

	/** Rooms are listed before they can be missing: what is missing now is gone. */
	private async dropFromList(roomId: string, game: string): Promise<void> {
		await this.directory.unlist(roomId, game).catch(() => {});
	}
}

function isShown(info: RoomInfo): boolean {
	return info.isPublic && info.status !== RoomStatus.CLOSED;
}

function isJoinable(info: RoomInfo): boolean {
	return info.status === RoomStatus.WAITING && info.playerCount < info.capacity;
}
