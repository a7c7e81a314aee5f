// Game rooms, protocol block 2xxx: the routes' own methods under short names, actions that may be repeated safely, and
// events by room.
import type { WirePush } from "../../protocol/codec/wire.ts";
import { type GameEvent, gamePushes, gameRoutes, type Room, type RoomEvent } from "../../protocol/gen/codec/game.ts";
import { RoomAction } from "../../protocol/gen/enums.ts";
import type { Recovery } from "../channels/channels.ts";
import type { PushInfo } from "../channels/subscriptions.ts";
import type { Unsubscribe } from "../listeners.ts";
import { ChannelNames, type ClientContext, KeyedEmitter } from "../requests/client-context.ts";
import { completed, joined } from "../requests/pages.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "../requests/routes.ts";
import { uniqueId } from "../unique-id.ts";
import { type GameView, RoomStates } from "./game-states.ts";

const roomRoutes = {
	create: gameRoutes.createRoom,
	join: gameRoutes.joinRoom,
	leave: gameRoutes.leaveRoom,
	action: gameRoutes.gameAction,
	state: gameRoutes.getGameState,
	list: gameRoutes.listRooms,
	history: gameRoutes.getGameHistory,
	stats: gameRoutes.getPlayerStats,
} as const;

type RoomPush = RoomEvent | GameEvent;

export interface Rooms extends RouteMethods<typeof roomRoutes> {
	/** Listens to `gamePushes.roomEvent` or `gamePushes.gameEvent` of one room. */
	on<Message extends RoomPush, Properties>(
		roomId: string,
		push: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe;
	/**
	 * Listens to the state of a game in real time: asks for it at once, puts together what comes, and asks again for what was missed. Other
	 * games have none.
	 */
	onState<State>(roomId: string, listener: (view: GameView<State>) => void): Unsubscribe;
	/** Joins an open room of the same game, capacity and metadata, or opens one. */
	joinOrCreate: Rooms["create"];
	/** What a player does in a game of a module: JSON. Not repeated when it gets lost. */
	input(roomId: string, input: unknown): Promise<unknown>;
	/** Listens to the recovery of a joined room's events after a reconnect; see `Client.onRecovery`. */
	onRecovery(roomId: string, listener: (recovery: Recovery) => void): Unsubscribe;
}

/** A reply after which the client is in the room. */
interface Entered {
	readonly room?: { readonly id?: string } | null;
	readonly channel?: string;
}

interface WithMembers {
	readonly room?: Room | null;
	readonly nextMembersCursor?: string;
}

/** Game rooms: `client.use(roomsPart).join({ roomId })`. */
export function roomsPart(context: ClientContext): Rooms {
	const methods = routeMethods(roomRoutes, context.request);
	const names = new ChannelNames();
	const entered = <Reply extends Entered>(reply: Reply): Reply => {
		names.record(reply.room?.id, reply.channel);
		return reply;
	};
	/** A room with more members than fit into one reply comes with all of them, as of the event number of the first reply. */
	const whole = <Reply extends WithMembers>(reply: Reply, roomId: string, options?: RequestOptions): Promise<Reply> =>
		completed(
			reply,
			({ nextMembersCursor }) => nextMembersCursor,
			async (membersCursor) => (await methods.state({ roomId, membersCursor }, options)) as WithMembers as Reply,
			(all, { room }) => ({
				...all,
				room: { ...all.room, members: joined(all.room?.members, room?.members) },
				nextMembersCursor: "",
			}),
		);
	const emitterOf = (push: WirePush<RoomPush, unknown>) =>
		new KeyedEmitter<[RoomPush, PushInfo]>(context.onError, (emit) =>
			context.on(push, (message, info) => emit(message.roomId ?? "", message, info)),
		);
	const emitters = new Map([gamePushes.roomEvent, gamePushes.gameEvent].map((push) => [push.number, emitterOf(push)]));
	const stateOf = async (roomId: string) => (await methods.state({ roomId })).gameState;
	const states = new RoomStates(context, stateOf);
	const recoveries = new KeyedEmitter<[Recovery]>(context.onError, (emit) =>
		context.onRecovery((recovery) => emit(names.idOf(recovery.channel) ?? "", recovery)),
	);
	return Object.freeze({
		...methods,
		create: async (properties, options) => entered(await methods.create(properties, options)),
		join: async (properties, options) =>
			entered(await whole(await methods.join(properties, options), properties?.roomId ?? "", options)),
		state: async (properties, options) =>
			whole(await methods.state(properties, options), properties?.roomId ?? "", options),
		leave: async (properties, options) => {
			const reply = await methods.leave(properties, options);
			const roomId = properties?.roomId ?? "";
			const channel = names.channelOf(roomId);
			if (channel !== undefined) context.unsubscribe(channel);
			names.forget(roomId);
			return reply;
		},
		// With an id of its own an action happens once, however often it is sent.
		action: (properties, options) =>
			methods.action({ clientActionId: uniqueId(), ...properties }, { retry: true, ...options }),
		on: (roomId, push, listener) => {
			const emitter = emitters.get(push.number);
			if (emitter === undefined) throw new TypeError(`${push.name} is not an event of rooms`);
			return emitter.add(roomId, listener as (message: RoomPush, info: PushInfo) => void);
		},
		onState: (roomId, listener) => states.add(roomId, listener as (view: GameView<unknown>) => void),
		joinOrCreate: async (properties, options) => {
			const reply = entered(await methods.create({ ...properties, joinOpen: true }, options));
			return await whole(reply, reply.room?.id ?? "", options);
		},
		input: (roomId, input) => {
			const payload = new TextEncoder().encode(JSON.stringify(input));
			return methods.action({ roomId, action: RoomAction.MOVE, payload });
		},
		onRecovery: (roomId, listener) => recoveries.add(roomId, listener),
	} satisfies Rooms);
}
