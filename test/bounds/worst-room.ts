// A game room with as many members as there may be, and what is kept of it.
import { RoomStatus } from "../../protocol/gen/schema.ts";
import type { RoomState } from "../../services/games/room-state.ts";
import { control, HUGE, many, quotes, uuid, wide } from "./worst-values.ts";

const metadata = { [control(256)]: control(7900) };
export const info = {
	...{ name: wide(64), game: quotes(32), capacity: 1000, isPublic: true, passwordHash: "x", allowsSpectators: true },
	...{ metadata, createdAtMs: HUGE, status: RoomStatus.WAITING, hostId: uuid(0), banned: [], departed: [] },
	...{
		playerCount: 1,
		spectatorCount: 1e6,
		joins: 1e6,
		gameId: uuid(1),
		rounds: 1,
		startedAtMs: HUGE,
		finishedAtMs: HUGE,
	},
	...{ participants: [], isUnrecorded: false },
};
export const roomState = {
	...{ id: uuid(2), info, progress: {}, recent: new Map(), outbox: [] },
	members: new Map(
		many(20_000, (index) => [
			uuid(index),
			{
				...{ userId: uuid(index), username: wide(32), isReady: true, isSpectator: true, joinedAtMs: HUGE },
				...{ joinNumber: index + 1, nodes: ["n"], disconnectedAtMs: 0 },
			},
		]),
	),
} as unknown as RoomState;
