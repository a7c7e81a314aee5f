// Nodes of game rooms for tests: several services that share stores, and a publisher that records what is published.

import assert from "node:assert/strict";
import { v7 as uuidv7 } from "uuid";
import type { Age } from "../../../common/age.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Identity } from "../../../common/identity.ts";
import type { Pauses } from "../../../common/pause-monitor.ts";
import type { ChannelPosition } from "../../../messaging/broker.ts";
import type { UserFrames } from "../../../messaging/live-audience.ts";
import type { NodeRpc } from "../../../messaging/node-rpc.ts";
import { MemoryNodeRpc, MemoryRpcNetwork } from "../../../messaging/node-rpc-memory.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import type { ErrorCode } from "../../../protocol/codes.ts";
import type { PushContract } from "../../../protocol/contract.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import {
	type GameEvent,
	GomokuMove,
	pushes,
	RoomAction,
	type RoomEvent,
	type RoomEvent_Kind,
} from "../../../protocol/gen/schema.ts";
import { MemoryAttemptLimiter } from "../../../services/accounts/attempt-limiter-memory.ts";
import { Passwords } from "../../../services/accounts/passwords.ts";
import type { FinishedGame, GameRecordStore, RecordedMove } from "../../../services/games/game-record-store.ts";
import { Games } from "../../../services/games/games.ts";
import { type GamesOptions, gamesDefaults } from "../../../services/games/options.ts";
import type { RoomDirectory } from "../../../services/games/room-directory.ts";
import { MemoryRoomDirectory } from "../../../services/games/room-directory-memory.ts";
import type { NewRoom } from "../../../services/games/room-new.ts";
import type { RoomStore } from "../../../services/games/room-store.ts";
import { MemoryRoomStore } from "../../../services/games/room-store-memory.ts";
import { cheapPasswords } from "../../support/account-services.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

export interface Published {
	readonly channel: string;
	readonly event: RoomEvent | GameEvent;
	readonly isGameEvent: boolean;
}

/** Records everything in order; fails as often as `failures` says. */
export class RecordingPublisher implements Publisher {
	readonly published: Published[] = [];
	readonly memberships: { userId: string; channel: string; isSubscribed: boolean }[] = [];
	failures = 0;

	async publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
	): Promise<ChannelPosition> {
		if (this.failures > 0) {
			this.failures--;
			throw unavailable("broker", 1);
		}
		const event = push.message.decode(push.message.encode(message).finish()) as RoomEvent | GameEvent;
		this.published.push({ channel, event, isGameEvent: push.number === pushes.gameEvent.number });
		return { offset: this.published.length, epoch: "e" };
	}

	async joinUser(userId: string, channel: string): Promise<void> {
		this.memberships.push({ userId, channel, isSubscribed: true });
	}

	async removeUser(userId: string, channel: string): Promise<void> {
		this.memberships.push({ userId, channel, isSubscribed: false });
	}

	events(channel: string): (RoomEvent | GameEvent)[] {
		return this.published.filter((entry) => entry.channel === channel).map((entry) => entry.event);
	}

	kinds(roomId: string): RoomEvent_Kind[] {
		const entries = this.published.filter((entry) => entry.channel === `room:${roomId}` && !entry.isGameEvent);
		return entries.map((entry) => (entry.event as RoomEvent).kind);
	}
}

/** Keeps finished games; fails as often as `failures` says. */
export class MemoryRecords implements GameRecordStore {
	readonly games = new Map<string, { game: FinishedGame; actions: readonly RecordedMove[] }>();
	attempts = 0;
	failures = 0;

	async record(game: FinishedGame, actions: readonly RecordedMove[]): Promise<void> {
		this.attempts++;
		if (this.failures > 0) {
			this.failures--;
			throw unavailable("the database", 1);
		}
		if (!this.games.has(game.id)) this.games.set(game.id, { game, actions });
	}

	async game(id: string): Promise<FinishedGame | undefined> {
		return this.games.get(id)?.game;
	}

	async actions(gameId: string, after: number, limit: number): Promise<readonly RecordedMove[]> {
		const all = this.games.get(gameId)?.actions ?? [];
		return all.filter((action) => action.actionNumber > after).slice(0, limit);
	}

	async gamesOf(): Promise<readonly FinishedGame[]> {
		return [];
	}

	async deleteOld({ keptMs, nowMs }: Age, limit: number) {
		const old = [...this.games].filter(([, { game }]) => game.finishedAtMs < nowMs - keptMs).slice(0, limit);
		for (const [id] of old) this.games.delete(id);
		return old.length;
	}

	async counts() {
		return { played: 0, won: 0, lost: 0, drawn: 0, abandoned: 0 };
	}
}

export interface SharedStores {
	readonly store: RoomStore;
	readonly directory: RoomDirectory;
	readonly rpc: (nodeId: string) => NodeRpc;
}

export interface GamesFixture {
	readonly clock: ReturnType<typeof handClock>;
	readonly shared: SharedStores;
	readonly publisher: RecordingPublisher;
	readonly records: MemoryRecords;
	/** Starts another node. */
	node(
		options?: Partial<GamesOptions>,
		parts?: { store?: RoomStore; clock?: Clock; id?: string; pauses?: Pauses; frames?: UserFrames },
	): Promise<Games>;
	close(): Promise<void>;
}

export function memoryStores(clock: Clock): SharedStores {
	const network = new MemoryRpcNetwork();
	return {
		store: new MemoryRoomStore(() => clock.monotonic()),
		directory: new MemoryRoomDirectory(() => clock.monotonic()),
		rpc: (nodeId) => new MemoryNodeRpc(nodeId, network),
	};
}

let nodes = 0;

export function gamesFixture(stores?: SharedStores): GamesFixture {
	const clock = handClock();
	const shared = stores ?? memoryStores(clock);
	const publisher = new RecordingPublisher();
	const records = new MemoryRecords();
	const started: { games: Games; rpc: NodeRpc }[] = [];
	return {
		clock,
		shared,
		publisher,
		records,
		node: async (options = {}, parts = {}) => {
			nodes++;
			const rpc = shared.rpc(parts.id ?? `node-${nodes}`);
			const games = new Games(
				{
					store: parts.store ?? shared.store,
					directory: shared.directory,
					rpc,
					records,
					publisher,
					...(parts.frames && { frames: parts.frames }),
					passwords: new Passwords(cheapPasswords),
					passwordAttempts: new MemoryAttemptLimiter({ points: 5, windowMs: 60_000 }),
					clock: parts.clock ?? clock,
					pauses: parts.pauses ?? { isRecovering: false },
					logger: quietLogger(),
				},
				options,
			);
			await games.tick();
			started.push({ games, rpc });
			return games;
		},
		close: async () => {
			for (const { games, rpc } of started) {
				await games.close(0);
				await rpc.close();
			}
		},
	};
}

export function user(name: string): Identity {
	const userId = uuidv7();
	const permissions = new Set<string>();
	return { sessionId: uuidv7(), userId, username: name, deviceId: "", roles: [], permissions, expiresAtMs: 0 };
}

export function roomOf(fields: Partial<NewRoom> = {}): NewRoom {
	return {
		...{ name: "a room", game: "relay", capacity: 0, isPrivate: false, password: "" },
		...{ allowsSpectators: true, metadata: {} },
		...fields,
	};
}

export function action(roomId: string, kind: RoomAction, fields: object = {}) {
	return { roomId, action: kind, payload: new Uint8Array(0), targetUserId: "", clientActionId: "", ...fields };
}

export function act(games: Games, who: Identity, roomId: string, kind: RoomAction, fields: object = {}) {
	return games.act(who, action(roomId, kind, fields) as never);
}

export function stone(games: Games, who: Identity, roomId: string, row: number, column: number, fields: object = {}) {
	const payload = GomokuMove.encode({ row, column }).finish();
	return act(games, who, roomId, RoomAction.MOVE, { payload, ...fields });
}

/** A room in which the users play, the first of them the host. */
export async function playing(games: Games, users: readonly Identity[], fields: Partial<NewRoom> = {}) {
	const [host, ...others] = users as [Identity, ...Identity[]];
	const { roomId } = await games.create(host, roomOf(fields));
	for (const other of others) {
		await games.join(other, roomId, fields.password ?? "", false);
		await act(games, other, roomId, RoomAction.READY);
	}
	await act(games, host, roomId, RoomAction.START);
	return roomId;
}

export const defaults = gamesDefaults;

/** Code and field of a rejection. */
export async function rejection(call: Promise<unknown>): Promise<[ErrorCode, string | undefined]> {
	const error = await call.then(
		() => assert.fail("was not refused"),
		(thrown: unknown) => GatewayError.from(thrown),
	);
	return [error.code, error.violations[0]?.field];
}
