// Block 2xxx: game rooms.

import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import {
	type CreateRoomResponseProperties,
	GameRecord,
	type GameRecordProperties,
	gameRoutes,
	RecordedAction,
	type RecordedActionProperties,
	Room,
	type RoomProperties,
} from "../protocol/gen/schema.ts";
import { ReplyPage, ReplyRoom } from "../protocol/reply-page.ts";
import type { Games } from "../services/games/games.ts";
import type { NewRoom } from "../services/games/room-new.ts";
import { roomChannel } from "../services/games/room-state.ts";

const same = <Item>(item: Item): Item => item;

export interface GameServices {
	readonly games: Games;
}

/** CreateRoom with `join_open`: what JoinRoom does where there is a room. */
async function joinOrCreate(games: Games, call: Call, settings: NewRoom): Promise<CreateRoomResponseProperties> {
	const identity = call.identity();
	const { roomId, joined } = await games.joinOrCreate(identity, settings);
	const channel = roomChannel(roomId);
	try {
		const { offset, epoch } = await call.peer.subscribeChannel(channel);
		// Read after the subscription, as by JoinRoom.
		const reply = await games.view(identity, roomId);
		return { ...reply, channel, offset, epoch, joined };
	} catch (error) {
		// No client would know of the room.
		if (!joined) await games.leave(identity, roomId).catch(() => {});
		throw error;
	}
}

export const gameModule = defineModule<GameServices>("game", (implement) => [
	implement(gameRoutes.getGameState, (request, call, { games }) =>
		games.view(call.identity(), request.roomId, request.membersCursor),
	),

	implement(gameRoutes.createRoom, async (request, call, { games }) => {
		const { name, game, capacity, isPrivate, password, allowSpectators, metadata } = request;
		const settings = { name, game, capacity, isPrivate, password, allowsSpectators: allowSpectators, metadata };
		if (request.joinOpen) return await joinOrCreate(games, call, settings);
		const { room, roomId, eventNumber } = await games.create(call.identity(), settings);
		const channel = roomChannel(roomId);
		try {
			const { offset, epoch } = await call.peer.subscribeChannel(channel);
			return { ...(room && { room }), channel, offset, epoch, eventNumber: eventNumber ?? 0 };
		} catch (error) {
			// No client would know of the room.
			await games.leave(call.identity(), roomId).catch(() => {});
			throw error;
		}
	}),

	implement(gameRoutes.joinRoom, async (request, call, { games }) => {
		const { roomId, password, asSpectator } = request;
		const identity = call.identity();
		await games.join(identity, roomId, password, asSpectator);
		const channel = roomChannel(roomId);
		const { offset, epoch } = await call.peer.subscribeChannel(channel);
		// Read after the subscription: later events are delivered, and their numbers show which of them the view has.
		const reply = await games.view(identity, roomId);
		return { ...reply, channel, offset, epoch };
	}),

	implement(gameRoutes.leaveRoom, async (request, call, { games }) => {
		await games.leave(call.identity(), request.roomId);
		call.peer.unsubscribeChannel(roomChannel(request.roomId));
		return {};
	}),

	implement(gameRoutes.listRooms, async (request, call, { games }) => {
		const { game, onlyJoinable, limit, cursor } = request;
		const page = new ReplyPage<RoomProperties, RoomProperties>(call.peer.encoding, Room, same);
		const { nextCursor } = await games.list.page(game, onlyJoinable, limit, cursor, page);
		return { rooms: page.items, nextCursor };
	}),

	implement(gameRoutes.gameAction, async (request, call, { games }) => {
		const { actionNumber = 0, eventNumber = 0 } = await games.act(call.identity(), request);
		return { actionNumber, eventNumber };
	}),

	implement(gameRoutes.getGameHistory, async (request, call, { games }) => {
		const { gameId, limit, cursor } = request;
		const viewerId = call.identity().userId;
		const { encoding } = call.peer;
		if (gameId !== "") {
			const room = new ReplyRoom(encoding);
			const page = new ReplyPage<RecordedActionProperties, RecordedActionProperties>(room, RecordedAction, same);
			const reserve = (game: GameRecordProperties) => room.reserve(GameRecord, game);
			const { games: records, nextCursor } = await games.history.game(gameId, viewerId, limit, cursor, page, reserve);
			return { games: [...records], nextCursor };
		}
		const page = new ReplyPage<GameRecordProperties, GameRecordProperties>(encoding, GameRecord, same);
		const { nextCursor } = await games.history.gamesOf(request.userId || viewerId, viewerId, limit, cursor, page);
		return { games: page.items, nextCursor };
	}),

	implement(gameRoutes.getPlayerStats, (request, call, { games }) =>
		games.history.counts(request.userId || call.identity().userId, request.game),
	),
]);
