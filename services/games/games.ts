// Game rooms as handlers and the life cycle of connections see them. The rules are in room-members.ts, room-game.ts and the
// game modules; which process owns a room, in room-owner.ts and room-router.ts.

import { v7 as uuidv7 } from "uuid";
import { deleteInRounds } from "../../common/bounded-deletion.ts";
import type { Clock } from "../../common/clock.ts";
import { originOf } from "../../common/fair-queue.ts";
import type { GameCode } from "../../common/game-code.ts";
import type { Identity } from "../../common/identity.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { Logger } from "../../common/logger.ts";
import type { Pauses } from "../../common/pause-monitor.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { UserFrames } from "../../messaging/live-audience.ts";
import type { NodeRpc } from "../../messaging/node-rpc.ts";
import type { ChannelAuthorizer, Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { type GameActionRequest, RoomAction } from "../../protocol/gen/schema.ts";
import type { AttemptLimiter } from "../accounts/attempt-limiter.ts";
import type { Passwords } from "../accounts/passwords.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import { GameHistory } from "./game-history.ts";
import { GameModules } from "./game-module.ts";
import type { GameRecordStore } from "./game-record-store.ts";
import { GameRecorder } from "./game-recorder.ts";
import { NodeLease } from "./node-lease.ts";
import { openRooms } from "./open-rooms.ts";
import { type GamesOptions, gamesDefaults } from "./options.ts";
import { ownGames } from "./own-games.ts";
import { PresenceRelay } from "./presence-relay.ts";
import { LiveRooms } from "./realtime/live-rooms.ts";
import { realtimeGame } from "./realtime/realtime-game.ts";
import { memberField } from "./room-codec.ts";
import type { RoomReply } from "./room-command.ts";
import type { RoomDirectory } from "./room-directory.ts";
import { invalid, notNow } from "./room-errors.ts";
import { RoomList } from "./room-list.ts";
import { capacityOf, type NewRoom, newRoom } from "./room-new.ts";
import { RoomOwner } from "./room-owner.ts";
import { RoomRouter } from "./room-router.ts";
import { roomChannel } from "./room-state.ts";
import type { RoomStore } from "./room-store.ts";
import { turnGame } from "./turn-game.ts";

export interface GamesServices {
	readonly store: RoomStore;
	readonly directory: RoomDirectory;
	readonly rpc: NodeRpc;
	readonly records: GameRecordStore;
	/** Those of the users whose accounts exist; all of them unless given. */
	readonly existingUsers?: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;
	readonly publisher: Publisher;
	/** Connections of this process. Undefined where there are none. */
	readonly frames?: UserFrames;
	readonly passwords: Passwords;
	/** Guesses at room passwords, by user. */
	readonly passwordAttempts: AttemptLimiter;
	readonly quota?: StorageQuota;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly pauses: Pauses;
	/** Relay and gomoku unless given. */
	readonly modules?: GameModules;
}

/** Rooms that one who looks for one tries to join. */
const MAX_JOINS = 5;
const RETENTION_SWEEP_MS = 600_000;
/** Games deleted in one transaction, with their actions, and transactions of one round. */
const DELETION = { rows: 50, maxRounds: 20 } as const;

/** Errors after which a user certainly is not in the room. */
const certain = new Set<ErrorCode>([
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.NOT_FOUND,
	ErrorCode.PRECONDITION_FAILED,
	ErrorCode.VALIDATION_FAILED,
]);

export class Games {
	readonly history: GameHistory;
	readonly list: RoomList;
	/** Decides over channels `room:…`. */
	readonly authorizer: ChannelAuthorizer;
	private readonly services: GamesServices;
	private readonly options: GamesOptions;
	private readonly modules: GameModules;
	/** Games in real time that run here. */
	readonly live: LiveRooms;
	private readonly roomOwner: RoomOwner;
	private readonly router: RoomRouter;
	private readonly presence: PresenceRelay;
	private readonly startRate: KeyedRate;
	/** The last of those who look for a room. */
	private matching: Promise<void> = Promise.resolve();
	private readonly rounds: PeriodicTask;
	private readonly retention: PeriodicTask;

	constructor(services: GamesServices, options: Partial<GamesOptions> = {}) {
		const { store, directory, rpc, records, clock, logger } = services;
		this.services = services;
		this.options = { ...gamesDefaults, ...options };
		this.modules = services.modules ?? new GameModules(ownGames);
		this.startRate = new KeyedRate(this.options.startRate, "games of one user", () => clock.monotonic());
		this.history = new GameHistory(records);
		this.list = new RoomList(store, directory);
		this.authorizer = { prefix: "room:", canSubscribe: ({ userId }, channel) => this.canSubscribe(userId, channel) };
		const lease = new NodeLease(rpc.nodeId, directory, clock, this.options.leaseMs);
		const recorder = new GameRecorder(store, records, logger, services.existingUsers);
		const leaseBroken = () => this.presence.repeat();
		const { modules } = this;
		const { frames = { push: () => {} } } = services;
		this.live = new LiveRooms({ rpc, frames, options: this.options, logger, now: () => performance.now() });
		const own = { lease, recorder, modules, leaseBroken, live: this.live };
		this.roomOwner = new RoomOwner({ ...services, ...own }, this.options);
		this.router = new RoomRouter({ ...services, roomOwner: this.roomOwner }, this.options);
		this.presence = new PresenceRelay(rpc.nodeId, this.router, directory, logger);
		this.rounds = new PeriodicTask({
			intervalMs: this.options.tickIntervalMs,
			run: () => this.roomOwner.tick(),
			onError: (error) => logger.debug({ err: error }, "looking after rooms failed; the next round tries again"),
		});
		this.retention = new PeriodicTask({
			intervalMs: RETENTION_SWEEP_MS,
			run: (signal) => this.deleteOld(signal),
			onError: (error) => logger.warn({ err: error }, "old games were not removed; the next round tries again"),
		});
	}

	/** Rooms that this process owns. */
	get heldRooms(): number {
		return this.roomOwner.size;
	}

	/** Rooms that this process took over from others, since the start. */
	get takeovers(): number {
		return this.roomOwner.takeovers;
	}

	/** Games that modules of the operator bring, from now on; what runs goes on with what it began with. */
	bring(codes: readonly GameCode[]): void {
		const { maxStateBytes, realtime } = this.options;
		this.modules.bring(
			codes.map((code) =>
				code.kind === "turns" ? turnGame(code, maxStateBytes) : realtimeGame(code, realtime.maxSnapshotBytes),
			),
		);
		this.roomOwner.renewLive();
	}

	/** Begins to own rooms. Does not wait for an unavailable store. */
	async start(): Promise<void> {
		await this.tick();
		this.rounds.start();
		this.retention.start();
	}

	/** Deletes some of the records that have been kept long enough; to be called now and then. @returns how many. */
	async deleteOld(signal?: AbortSignal): Promise<number> {
		const { recordKeptMs } = this.options;
		if (recordKeptMs === 0) return 0;
		const { records, clock } = this.services;
		return await deleteInRounds({ ...DELETION, signal }, (rows) => {
			return records.deleteOld({ keptMs: recordKeptMs, nowMs: clock.now() }, rows);
		});
	}

	/** One round of lease, deadlines and orphans; `start` has it done regularly. */
	tick(): Promise<void> {
		return this.rounds.run();
	}

	/** Lets all rooms go to other processes. */
	async close(graceMs = 2000): Promise<void> {
		this.presence.close();
		await Promise.all([this.rounds.close(), this.retention.close()]);
		try {
			await this.roomOwner.close(graceMs);
		} catch (error) {
			this.services.logger.debug({ err: error }, "ending the lease of this node's rooms failed; it runs out by itself");
		}
		this.live.close();
	}

	/** The user's first connection on this process. Returns at once. */
	onOnline(userId: string): void {
		this.presence.set(userId, true);
	}

	/** The user's last connection on this process is gone. Returns at once. */
	onOffline(userId: string): void {
		this.presence.set(userId, false);
	}

	/**
	 * Opens a room.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PRECONDITION_FAILED (in too many rooms), UNAVAILABLE.
	 */
	async create(identity: Identity, request: NewRoom): Promise<RoomReply & { readonly roomId: string }> {
		const { clock, passwords, rpc } = this.services;
		const { userId, username } = identity;
		const module = this.modules.get(request.game);
		// A game that starts by itself leaves a record as others do.
		if (module.realtime?.startsWith !== undefined) this.takeStart(userId);
		const id = uuidv7();
		const room = newRoom(id, { userId, username, node: rpc.nodeId }, request, module, this.options, clock.now());
		await this.enter(userId, id);
		try {
			const passwordHash = request.password === "" ? "" : await passwords.hash(request.password, originOf(userId));
			await this.roomOwner.open({ ...room, info: { ...room.info, passwordHash } });
		} catch (error) {
			await this.forget(userId, id);
			throw error;
		}
		return { ...(await this.router.send(id, { type: "view", userId })), roomId: id };
	}

	/**
	 * Joins a room of this kind that has a place left. Those who come at once do so one after another, so that each finds the room that
	 * the one before has opened.
	 *
	 * @param enter - is called with the id of the room that was joined or opened.
	 * @throws GatewayError as `create` and `join`.
	 */
	joinOrCreate(identity: Identity, request: NewRoom): Promise<{ readonly roomId: string; readonly joined: boolean }> {
		const work = this.matching.then(() => this.match(identity, request));
		this.matching = work.then(
			() => {},
			() => {},
		);
		return work;
	}

	private async match(identity: Identity, request: NewRoom) {
		const { store, directory } = this.services;
		const { game, metadata } = request;
		const capacity = capacityOf(request.capacity, this.modules.get(game), this.options);
		const found =
			request.isPrivate || request.password !== "" ? [] : openRooms(store, directory, { game, capacity, metadata });
		for (const roomId of (await found).slice(0, MAX_JOINS)) {
			try {
				await this.join(identity, roomId, "", false);
				return { roomId, joined: true };
			} catch (error) {
				// Full or gone since; the user may have been removed from it.
				if (!certain.has(GatewayError.from(error).code)) throw error;
			}
		}
		const { roomId } = await this.create(identity, request);
		return { roomId, joined: false };
	}

	/**
	 * Makes the user a member. The caller then follows the room's channel, and asks for the state after that.
	 *
	 * @throws GatewayError NOT_FOUND, PERMISSION_DENIED (removed, wrong password), PRECONDITION_FAILED (full, not now, in too
	 *   many rooms), RATE_LIMITED, UNAVAILABLE, TIMEOUT.
	 */
	async join(identity: Identity, roomId: string, password: string, asSpectator: boolean): Promise<void> {
		const { rpc, passwordAttempts } = this.services;
		const { userId, username } = identity;
		if (password !== "") {
			const { allowed, retryAfterMs } = await passwordAttempts.consume(`${userId}:${roomId}`);
			if (!allowed)
				throw new GatewayError(ErrorCode.RATE_LIMITED, "too many attempts; try again later", { retryAfterMs });
		}
		const wasPresent = this.presence.has(userId);
		await this.enter(userId, roomId);
		try {
			await this.router.send(roomId, { type: "join", userId, username, password, asSpectator, node: rpc.nodeId });
		} catch (error) {
			if (certain.has(GatewayError.from(error).code)) await this.forgetUnlessMember(userId, roomId);
			throw error;
		}
		if (password !== "") await passwordAttempts.reset(`${userId}:${roomId}`);
		// The connection was lost meanwhile, and the room received that before it received the join.
		if (wasPresent && !this.presence.has(userId)) this.presence.set(userId, false);
	}

	/** @throws GatewayError NOT_FOUND, UNAVAILABLE, TIMEOUT. */
	async leave(identity: Identity, roomId: string): Promise<void> {
		await this.router.send(roomId, { type: "leave", userId: identity.userId });
	}

	/** A user whose account is gone leaves all rooms. @throws GatewayError UNAVAILABLE, TIMEOUT. */
	async forgetUser(userId: string): Promise<void> {
		const { directory } = this.services;
		const [rooms = []] = await directory.roomsOf([userId]);
		for (const roomId of rooms) {
			try {
				await this.router.send(roomId, { type: "leave", userId });
			} catch (error) {
				if (!certain.has(GatewayError.from(error).code)) throw error;
			}
		}
		if (rooms.length > 0) await directory.leave(userId, rooms);
	}

	/**
	 * The room and its game as the user may see them.
	 *
	 * @param membersCursor - "" for the members from the first on.
	 * @throws GatewayError NOT_FOUND, PERMISSION_DENIED, VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	view(identity: Identity, roomId: string, membersCursor = ""): Promise<RoomReply> {
		return this.router.send(roomId, { type: "view", userId: identity.userId, membersCursor });
	}

	/**
	 * @throws GatewayError NOT_FOUND, PERMISSION_DENIED (not a member, not the host), PRECONDITION_FAILED (not now, not your
	 *   turn, illegal), VALIDATION_FAILED, CONFLICT (the id named another action), PAYLOAD_TOO_LARGE, RATE_LIMITED,
	 *   UNAVAILABLE, TIMEOUT.
	 */
	async act(identity: Identity, request: GameActionRequest): Promise<RoomReply> {
		const { roomId, action, payload, targetUserId, clientActionId } = request;
		const { maxPayloadBytes } = this.options;
		if (payload.length > maxPayloadBytes) {
			throw new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, `payload must be at most ${maxPayloadBytes} bytes`);
		}
		const isAimed = action === RoomAction.KICK || action === RoomAction.MAKE_HOST;
		if (isAimed && targetUserId === "") throw invalid("target_user_id", "is required");
		const { userId } = identity;
		// Each game leaves a record.
		if (action === RoomAction.START) this.takeStart(userId);
		// A game that has started continues.
		this.services.quota?.spend(userId, payload.length + stored.action);
		return await this.router.send(roomId, { type: "act", userId, action, payload, targetUserId, clientActionId });
	}

	/** @throws GatewayError RATE_LIMITED; what the quota throws. */
	private takeStart(userId: string): void {
		this.startRate.take(userId);
		this.services.quota?.take(userId, stored.room);
	}

	private async canSubscribe(userId: string, channel: string): Promise<boolean> {
		const roomId = channel.slice(this.authorizer.prefix.length);
		return roomChannel(roomId) === channel && (await this.isMember(userId, roomId));
	}

	private async isMember(userId: string, roomId: string): Promise<boolean> {
		const [member] = await this.services.store.peek([roomId], memberField(userId));
		return member !== undefined;
	}

	private async enter(userId: string, roomId: string): Promise<void> {
		const { directory, store } = this.services;
		const { maxRoomsPerUser } = this.options;
		if (await directory.enter(userId, roomId, maxRoomsPerUser)) return;
		// The index may still name rooms that no longer exist.
		const [rooms = []] = await directory.roomsOf([userId]);
		const members = await store.peek(rooms, memberField(userId));
		const gone = rooms.filter((_roomId, index) => members[index] === undefined);
		if (gone.length > 0) {
			await directory.leave(userId, gone);
			if (await directory.enter(userId, roomId, maxRoomsPerUser)) return;
		}
		throw notNow(`you are in ${maxRoomsPerUser} rooms already`);
	}

	private async forgetUnlessMember(userId: string, roomId: string): Promise<void> {
		try {
			if (!(await this.isMember(userId, roomId))) await this.services.directory.leave(userId, [roomId]);
		} catch {
			// The index is put right when the user reaches the limit.
		}
	}

	private async forget(userId: string, roomId: string): Promise<void> {
		await this.services.directory.leave(userId, [roomId]).catch(() => {});
	}
}
