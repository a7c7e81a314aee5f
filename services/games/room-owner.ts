// The rooms that this process owns: opens them, takes over those of processes that died, looks at their deadlines, and
// lets them go.

import { batches } from "../../common/batches.ts";
import type { Pauses } from "../../common/pause-monitor.ts";
import { unavailable } from "../../protocol/error.ts";
import { RoomStatus } from "../../protocol/gen/schema.ts";
import type { GameRecorder } from "./game-recorder.ts";
import { HeldRoom, type HeldRoomServices } from "./held-room.ts";
import { NodeWatch } from "./node-watch.ts";
import { type GamesOptions, roomTtlMs } from "./options.ts";
import { RoomBudget } from "./room-budget.ts";
import { decodeInfo, decodeRoom, fieldChanges, INFO_FIELD } from "./room-codec.ts";
import { noSuchRoom } from "./room-errors.ts";
import { type RoomState, withTimeoutsRestarted } from "./room-state.ts";
import type { RoomClaim } from "./room-store.ts";

/** Rooms of a dead process that are taken over at a time. */
const ADOPTED_AT_ONCE = 64;
const CONFIRMED_AT_ONCE = 32;
/** Rooms of dead processes that are looked past, since this one does not have their game. */
const MAX_UNPLAYABLE = 1000;
const FULL_RETRY_MS = 5000;
/** How long a closed room's place is kept from being written to by a former owner. */
const CLOSED_KEPT_MS = 3_600_000;
const RECORD_RETRY_MS = 2000;

export interface KeeperServices extends HeldRoomServices {
	readonly recorder: GameRecorder;
	/** Others may have taken this process for dead. */
	readonly leaseBroken: () => void;
	readonly pauses: Pauses;
}

export class RoomOwner {
	/** Rooms that became this process's own and had been another's, since the start. */
	takeovers = 0;
	private readonly services: KeeperServices;
	private readonly options: GamesOptions;
	private readonly rooms = new Map<string, HeldRoom>();
	private readonly claiming = new Map<string, Promise<void>>();
	private starting = 0;
	private unplayable = 0;
	private readonly closing = new Set<string>();
	private readonly watch: NodeWatch;
	private readonly budget: RoomBudget;
	private recordedAtMs = 0;
	private renewedAtMs = Number.NEGATIVE_INFINITY;

	constructor(services: KeeperServices, options: GamesOptions) {
		this.services = services;
		this.options = options;
		this.budget = new RoomBudget(options);
		this.watch = new NodeWatch(services.lease.owner, 2 * options.leaseMs);
	}

	get size(): number {
		return this.rooms.size;
	}

	held(roomId: string): HeldRoom | undefined {
		return this.rooms.get(roomId);
	}

	/** @throws GatewayError UNAVAILABLE when this process has no place or the store does not answer. */
	open(state: RoomState): Promise<void> {
		return this.inPlace(() => this.create(state));
	}

	/** A member of a room has a connection there. */
	recordNode(node: string): void {
		this.watch.record(node, this.services.clock.monotonic());
	}

	/**
	 * Becomes the owner of a room, if it has not changed hands since it was looked at.
	 *
	 * @throws GatewayError UNAVAILABLE when this process has no place or the store does not answer.
	 */
	async take(roomId: string, seenToken: number): Promise<void> {
		const underWay = this.claiming.get(roomId);
		if (underWay !== undefined) return await underWay;
		const work = this.inPlace(() => this.claim(roomId, seenToken)).finally(() => this.claiming.delete(roomId));
		this.claiming.set(roomId, work);
		await work;
	}

	/** One round: lease, deadlines, orphans. @throws when a store does not answer; the next round makes up for it. */
	async tick(): Promise<void> {
		const { lease, clock, directory } = this.services;
		this.budget.recount(
			[...this.rooms.values()].map(({ state, waitingEvents }) => ({ state, unpublished: waitingEvents })),
		);
		const nowMs = clock.monotonic();
		if (nowMs - this.renewedAtMs >= this.options.leaseMs / 3 || !lease.isHeld) {
			const isUnbroken = await lease.renew();
			this.renewedAtMs = nowMs;
			if (!isUnbroken) {
				await this.confirmAll();
				this.services.leaseBroken();
			}
		}
		const owners = await directory.owners();
		this.lookAtDeadlines(owners.live);
		await this.takeOver(owners.dead);
	}

	/** Lets all rooms go, once what was begun is saved and published or `graceMs` are over. */
	async close(graceMs: number): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, graceMs);
		});
		await Promise.race([Promise.all([...this.rooms.values()].map((room) => room.settleLive())), timeout]);
		await Promise.race([this.allQuiet(), timeout]);
		clearTimeout(timer);
		for (const room of [...this.rooms.values()]) room.relinquish();
		await this.services.lease.release();
	}

	/** Resolves when no room has anything to save or to publish. */
	private async allQuiet(): Promise<void> {
		const busy = () => [...this.rooms.values()].filter((room) => !room.isQuiet);
		for (let rooms = busy(); rooms.length > 0; rooms = busy()) {
			await Promise.all(rooms.map((room) => room.whenQuiet()));
		}
	}

	private async create(state: RoomState): Promise<void> {
		const { store, directory, lease } = this.services;
		const claim: RoomClaim = { owner: lease.owner, token: 1 };
		const { generation } = lease;
		await directory.own(lease.owner, state.id);
		const write = { ...fieldChanges(undefined, state), clearsLog: true, log: [] };
		const ttlMs = roomTtlMs(this.options);
		const result = await store.restore(state.id, claim, { ...write, ttlMs });
		if (result !== "saved") throw unavailable("the room", 0);
		if (state.info.isPublic) await directory.list(state.id, state.info.game);
		const room = this.hold(state, claim, generation);
		if (room.rules.module.realtime?.startsWith === 1) await room.run({ type: "begin" });
	}

	private async claim(roomId: string, seenToken: number): Promise<void> {
		const { store, directory, lease } = this.services;
		const { generation } = lease;
		if (!(await this.isPlayable(roomId))) throw unavailable("the game of this room on this node", FULL_RETRY_MS);
		await directory.own(lease.owner, roomId);
		const ttlMs = roomTtlMs(this.options);
		const claimed = await store.claim(roomId, lease.owner, seenToken, ttlMs);
		if (claimed === undefined) return;
		this.takeovers++;
		const state = withTimeoutsRestarted(decodeRoom(roomId, claimed.fields), this.services.clock.now());
		const room = this.hold(state, claimed.claim, generation);
		if (room.rules.module.realtime !== undefined) room.run({ type: "resumed" }).catch(() => {});
	}

	/** Running games go on with code that takes them over. */
	renewLive(): void {
		for (const room of this.rooms.values()) room.renewLive();
	}

	/** Whether this process has the game of a room: modules may bring it elsewhere alone. */
	private async isPlayable(roomId: string): Promise<boolean> {
		const { store, modules } = this.services;
		const [info] = await store.peek([roomId], INFO_FIELD);
		return info === undefined || modules.find(decodeInfo(info).game) !== undefined;
	}

	private hold(state: RoomState, claim: RoomClaim, generation: number): HeldRoom {
		const { options, budget } = this;
		const rules = { module: this.services.modules.get(state.info.game), options, budget };
		const events = {
			onSettled: (room: HeldRoom) => this.onSettled(room),
			onLost: (room: HeldRoom) => {
				if (this.rooms.get(room.id) === room) this.rooms.delete(room.id);
			},
		};
		this.rooms.get(state.id)?.relinquish();
		const room = new HeldRoom({ state, claim, generation, rules, services: this.services, events });
		this.rooms.set(state.id, room);
		for (const { nodes } of state.members.values()) for (const node of nodes) this.recordNode(node);
		this.onSettled(room);
		return room;
	}

	/** Reserves a place while the work that takes it is running. */
	private async inPlace(work: () => Promise<void>): Promise<void> {
		if (this.rooms.size + this.starting >= this.options.maxRoomsPerNode) {
			throw unavailable("another room on this node", FULL_RETRY_MS);
		}
		this.starting++;
		try {
			await work();
		} finally {
			this.starting--;
		}
	}

	private onSettled(room: HeldRoom): void {
		if (room.isLost) return;
		if (room.state.info.isUnrecorded) this.services.recorder.recordSoon(room);
		else if (room.state.info.status === RoomStatus.CLOSED && room.isQuiet) void this.finish(room);
	}

	/** A closed room whose last game is recorded, and whose events are out, is done with. */
	private async finish(room: HeldRoom): Promise<void> {
		if (this.closing.has(room.id)) return;
		this.closing.add(room.id);
		const { directory, lease, logger } = this.services;
		try {
			await directory.unlist(room.id, room.state.info.game);
			await room.close(CLOSED_KEPT_MS);
			await directory.disown(lease.owner, [room.id]);
		} catch (error) {
			logger.debug({ err: error, roomId: room.id }, "removing a closed room failed; the next round tries again");
		} finally {
			this.closing.delete(room.id);
		}
	}

	private async confirmAll(): Promise<void> {
		const rooms = [...this.rooms.values()];
		for (const batch of batches(rooms, CONFIRMED_AT_ONCE)) {
			// A room that is not confirmed now will be before its next answer.
			await Promise.allSettled(batch.map((room) => room.confirm()));
		}
	}

	private lookAtDeadlines(live: ReadonlySet<string>): void {
		const { clock, pauses } = this.services;
		// What players did in time may not have been read yet.
		const nowMs = pauses.isRecovering ? Number.NEGATIVE_INFINITY : clock.now();
		const monotonicMs = clock.monotonic();
		const triesRecords = monotonicMs - this.recordedAtMs >= RECORD_RETRY_MS;
		if (triesRecords) this.recordedAtMs = monotonicMs;
		const deadNodes = this.watch.takeDead(live, monotonicMs);
		for (const room of this.rooms.values()) {
			const concerns = deadNodes.size > 0 && isAnyOn(room.state, deadNodes);
			if (concerns || room.deadlineMs <= nowMs) room.run({ type: "tick", deadNodes }).catch(() => {});
			const isDone = room.state.info.status === RoomStatus.CLOSED;
			if (room.state.info.isUnrecorded ? triesRecords : isDone) this.onSettled(room);
		}
	}

	private async takeOver(dead: readonly string[]): Promise<void> {
		const { directory, store, lease } = this.services;
		for (const owner of dead) {
			if (owner === lease.owner) continue;
			// Rooms of games that only others have stay listed for those.
			const ids = await directory.ownedBy(owner, ADOPTED_AT_ONCE + this.unplayable);
			if (ids.length === 0) {
				await directory.forget(owner);
				continue;
			}
			if (this.rooms.size + ids.length > this.options.maxRoomsPerNode) return;
			const taken = await Promise.all(
				ids.map(async (roomId) => {
					const place = await store.locate(roomId);
					if (place?.owner !== owner || place.isClosed) return [roomId];
					if (!(await this.isPlayable(roomId))) return [];
					await this.take(roomId, place.token);
					return [roomId];
				}),
			);
			this.unplayable = Math.min(MAX_UNPLAYABLE, taken.filter(({ length }) => length === 0).length);
			await directory.disown(owner, taken.flat());
		}
	}

	/** @throws GatewayError NOT_FOUND when there is no such room. */
	async locate(roomId: string): Promise<{ readonly owner: string; readonly token: number }> {
		const place = await this.services.store.locate(roomId);
		if (place === undefined || place.isClosed) throw noSuchRoom();
		return place;
	}
}

function isAnyOn(state: RoomState, nodes: ReadonlySet<string>): boolean {
	for (const member of state.members.values()) {
		if (member.nodes.some((node) => nodes.has(node))) return true;
	}
	return false;
}
