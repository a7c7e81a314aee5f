// A room that this process owns. Its commands are put in order, applied, saved, and only then answered and published.
// Commands that wait during a save are saved together by the next one.
import type { Clock } from "../../common/clock.ts";
import { type BucketRate, TokenBucket } from "../../common/token-bucket.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { RoomAction, RoomStatus } from "../../protocol/gen/schema.ts";
import type { GameModules } from "./game-module.ts";
import type { NodeLease } from "./node-lease.ts";
import { roomTtlMs } from "./options.ts";
import type { LiveRoom } from "./realtime/live-room.ts";
import type { LiveRooms } from "./realtime/live-rooms.ts";
import { bytesOf } from "./room-budget.ts";
import { decodeRoom, encodeLog, fieldChanges } from "./room-codec.ts";
import {
	type Applied,
	applyCommand,
	deadlineOf,
	type OwnCommand,
	type RoomCommand,
	type RoomReply,
} from "./room-command.ts";
import { NotOwner, notMember } from "./room-errors.ts";
import { type OutboxServices, type OutboxSource, RoomEventRelay } from "./room-event-relay.ts";
import type { Rules } from "./room-rules.ts";
import { type LogEntry, type OutboxEntry, type RoomState, withTimeoutsRestarted } from "./room-state.ts";
import type { RoomClaim, RoomStore, RoomWrite, SaveResult } from "./room-store.ts";

const MAX_BATCH = 64;
const RETRY_AFTER_MS = 200;

export interface HeldRoomServices extends OutboxServices {
	readonly store: RoomStore;
	readonly lease: NodeLease;
	readonly modules: GameModules;
	readonly live: LiveRooms;
	readonly clock: Clock;
}

/** Receives the events of a room that its owner must act on. */
export interface HeldRoomEvents {
	/** The state was saved, or everything was published. */
	onSettled(room: HeldRoom): void;
	onLost(room: HeldRoom): void;
}

interface Waiting {
	readonly command: RoomCommand | OwnCommand;
	readonly resolve: (reply: RoomReply) => void;
	readonly reject: (error: unknown) => void;
}

export interface HeldRoomOptions {
	readonly state: RoomState;
	readonly claim: RoomClaim;
	/** Of the lease, when the claim was made. */
	readonly generation: number;
	readonly rules: Rules;
	readonly services: HeldRoomServices;
	readonly events: HeldRoomEvents;
}

export class HeldRoom implements OutboxSource {
	readonly id: string;
	/** With the game as it was when the running one began. */
	rules: Rules;
	isLost = false;
	/** As it was saved last; only this may be shown. */
	state: RoomState;
	private claim: RoomClaim;
	/** The game that runs here by itself. */
	private live: LiveRoom | undefined;
	private readonly services: HeldRoomServices;
	private readonly events: HeldRoomEvents;
	private readonly outbox: RoomEventRelay;
	private readonly queue: Waiting[] = [];
	/** Called when everything is published, or the room is lost. */
	private readonly quietWaiters: (() => void)[] = [];
	private isWorking = false;
	/** A save failed in a way that leaves open what is stored. */
	private isInvalidated = false;
	private confirmedGeneration: number;
	/** What players do, and what others do: neither can take from the other. */
	private readonly playerBucket = new TokenBucket();
	private readonly otherBucket = new TokenBucket();
	private readonly actionRate: BucketRate;

	constructor({ state, claim, generation, rules, services, events }: HeldRoomOptions) {
		this.id = state.id;
		this.state = state;
		this.claim = claim;
		this.rules = rules;
		this.services = services;
		this.events = events;
		this.confirmedGeneration = generation;
		const { actionsPerSecond, actionsBurst } = rules.options;
		this.actionRate = { perSecond: actionsPerSecond, burst: actionsBurst };
		this.outbox = new RoomEventRelay(this, services);
		this.outbox.flush();
		this.updateLive();
	}

	/** Everything was published, as far as it was saved. */
	get isQuiet(): boolean {
		return !this.isWorking && this.unpublished(this.state).length === 0;
	}

	/** Resolves when it is quiet, or lost. A later command ends the quiet. */
	whenQuiet(): Promise<void> {
		if (this.isLost || this.isQuiet) return Promise.resolve();
		return new Promise((resolve) => {
			this.quietWaiters.push(resolve);
		});
	}

	get deadlineMs(): number {
		return this.isInvalidated ? 0 : deadlineOf(this.state, this.rules.options);
	}

	/**
	 * @throws GatewayError what the rules refuse; RATE_LIMITED; UNAVAILABLE when the store is unavailable, and it is then
	 *   unknown whether the command was applied. NotOwner: it was not applied, and belongs to another process.
	 */
	run(command: RoomCommand | OwnCommand): Promise<RoomReply> {
		if (this.isLost) return Promise.reject(new NotOwner());
		const { live } = this;
		if (live !== undefined && command.type === "act" && command.action === RoomAction.MOVE) {
			return new Promise((resolve) => {
				resolve(live.input(command));
			});
		}
		const { maxQueued } = this.rules.options;
		if (this.queue.length >= maxQueued) return Promise.reject(unavailable("the room", RETRY_AFTER_MS));
		const rejection = this.admit(command);
		if (rejection !== undefined) return Promise.reject(rejection);
		return new Promise((resolve, reject) => {
			this.queue.push({ command, resolve, reject });
			if (!this.isWorking) void this.work();
		});
	}

	/** What waits to be published. */
	get waitingEvents(): readonly OutboxEntry[] {
		return this.unpublished(this.state);
	}

	entries(): readonly OutboxEntry[] {
		return this.state.outbox;
	}

	async confirm(): Promise<void> {
		if (!this.isConfirmed) await this.run({ type: "settle" });
	}

	emptied(): void {
		// What was published is taken out of the stored state, lest the next owner publishes it again.
		if (this.queue.length === 0) this.run({ type: "settle" }).catch(() => {});
		this.settled();
	}

	/** Removes the room from the store. @returns whether it is gone. */
	async close(rememberMs: number): Promise<boolean> {
		const result = await this.services.store.close(this.id, this.claim, rememberMs);
		this.relinquish();
		return result !== "fenced";
	}

	/** Another process owns the room, or is about to. */
	relinquish(): void {
		if (this.isLost) return;
		this.isLost = true;
		this.live?.stop();
		this.outbox.stop();
		for (const waiting of this.queue.splice(0)) waiting.reject(new NotOwner());
		this.events.onLost(this);
		this.resolveQuiet();
	}

	/** The state was saved, or everything was published. */
	private settled(): void {
		this.events.onSettled(this);
		if (this.isQuiet) this.resolveQuiet();
	}

	private resolveQuiet(): void {
		for (const resolve of this.quietWaiters.splice(0)) resolve();
	}

	/** The room is this process's, as far as it knows. */
	get isConfirmed(): boolean {
		const { lease } = this.services;
		return lease.isHeld && this.confirmedGeneration === lease.generation && !this.isInvalidated;
	}

	/** @returns why not even a place in the queue is given. */
	private admit(command: RoomCommand | OwnCommand): GatewayError | undefined {
		if (command.type !== "act" && command.type !== "join") return undefined;
		const member = this.state.members.get(command.userId);
		const isOpen = !this.isInvalidated && this.state.info.status !== RoomStatus.CLOSED;
		if (command.type === "act" && member === undefined && isOpen) return notMember();
		// Coming again as what one is.
		if (command.type === "join" && member?.isSpectator === command.asSpectator) return undefined;
		const isPlayer = command.type === "act" && member?.isSpectator === false;
		const bucket = isPlayer ? this.playerBucket : this.otherBucket;
		const waitMs = bucket.take(this.actionRate, 1, this.services.clock.monotonic());
		if (waitMs === 0) return undefined;
		const options = { retryAfterMs: Math.ceil(waitMs) };
		return new GatewayError(ErrorCode.RATE_LIMITED, "too many actions in this room", options);
	}

	private async work(): Promise<void> {
		this.isWorking = true;
		while (this.queue.length > 0) {
			const batch = this.queue.splice(0, MAX_BATCH);
			try {
				if (this.isInvalidated) await this.recover();
				await this.process(batch);
			} catch (error) {
				for (const waiting of batch) waiting.reject(this.isLost ? new NotOwner() : error);
			}
		}
		this.isWorking = false;
		if (this.isLost) return;
		this.outbox.flush();
		this.settled();
	}

	private async process(batch: readonly Waiting[]): Promise<void> {
		const nowMs = this.services.clock.now();
		this.renewModule();
		const change = new Change(this.withoutPublished(this.state));
		const outcomes = batch.map(({ command, resolve, reject }) => {
			try {
				this.checkOutbox(command, change.state);
				const applied = applyCommand(change.state, command, this.rules, nowMs);
				change.take(applied);
				return () => resolve(this.withLiveState(command, applied.reply));
			} catch (error) {
				return () => reject(error);
			}
		});
		if (change.state !== this.state || change.clearsLog || !this.isConfirmed) await this.save(change);
		this.updateLive();
		for (const settle of outcomes) settle();
		this.outbox.flush();
	}

	/** Saves a running game as it is, and stops its ticks: the room goes to another process. */
	async settleLive(): Promise<void> {
		await this.live?.settle();
	}

	/** A running game goes on with the code that there is now, if that takes it over. */
	renewLive(): void {
		const module = this.services.modules.find(this.state.info.game);
		if (module?.realtime !== undefined && this.live?.handOver(module.realtime)) this.rules = { ...this.rules, module };
	}

	/** Starts, informs or stops the game that runs by itself, by the state as it was saved. */
	private updateLive(): void {
		const { info, progress } = this.state;
		const { realtime } = this.rules.module;
		const runs = realtime !== undefined && info.status === RoomStatus.PLAYING && progress.game !== undefined;
		if (this.live !== undefined && !(runs && this.live.gameId === info.gameId)) {
			this.live.stop();
			this.live = undefined;
		}
		if (!runs || this.isLost) return;
		try {
			this.live ??= this.services.live.open(this, realtime, this.claim.token);
			this.live.update();
		} catch (error) {
			this.services.logger.error({ err: error, roomId: this.id }, "a saved game cannot be read and is ended");
			const { gameId } = info;
			const ended = { type: "ended", gameId, entries: [], isTruncated: true, results: new Map() } as const;
			this.run({ ...ended, reason: "the saved game cannot be read" }).catch(() => {});
		}
	}

	/** Who may see the game gets the state of its run. */
	private withLiveState(command: RoomCommand | OwnCommand, reply: RoomReply): RoomReply {
		if (command.type !== "view" || this.live === undefined || reply.state === undefined) return reply;
		const member = this.state.members.get(command.userId);
		const player = member === undefined || member.isSpectator ? undefined : command.userId;
		const gameState = this.live.whole(player);
		return gameState === undefined ? reply : { ...reply, gameState };
	}

	/** The next game is played by the code that there is now. */
	private renewModule(): void {
		const { game, status } = this.state.info;
		const module = status === RoomStatus.PLAYING ? undefined : this.services.modules.find(game);
		if (module !== undefined && module !== this.rules.module) this.rules = { ...this.rules, module };
	}

	/** Nothing more happens that would have to be published; people may always go. */
	private checkOutbox(command: RoomCommand | OwnCommand, state: RoomState): void {
		if (command.type !== "act" && command.type !== "join") return;
		if (this.rules.budget.isFull(state.outbox)) throw unavailable("the room", RETRY_AFTER_MS);
	}

	private async save(change: Change): Promise<void> {
		const { store, lease } = this.services;
		const { generation } = lease;
		let result: SaveResult;
		try {
			result = await store.save(this.id, this.claim, this.writeOf(change, this.state));
			if (result === "missing") result = await store.restore(this.id, this.claim, this.writeOf(change, undefined));
		} catch (error) {
			this.isInvalidated = true;
			throw error;
		}
		if (result !== "saved") {
			this.relinquish();
			throw new NotOwner();
		}
		this.confirmedGeneration = generation;
		const addedBytes = bytesOf(change.state.outbox) - bytesOf(this.state.outbox);
		if (addedBytes > 0) this.rules.budget.addUnpublished(addedBytes);
		this.state = change.state;
	}

	/** Finds out what is stored. A new token keeps whatever of ours is still on its way from being written. */
	private async recover(): Promise<void> {
		const { store, lease } = this.services;
		const { generation, owner } = lease;
		const place = await store.locate(this.id);
		if (place === undefined) {
			this.claim = { owner, token: this.claim.token + 1 };
			await this.restoreWhole();
		} else {
			const isOurs = place.owner === owner && !place.isClosed;
			const claimed = isOurs
				? await store.claim(this.id, owner, place.token, roomTtlMs(this.rules.options))
				: undefined;
			if (claimed === undefined) {
				this.relinquish();
				throw new NotOwner();
			}
			this.claim = claimed.claim;
			const stored = withTimeoutsRestarted(decodeRoom(this.id, claimed.fields), this.services.clock.now());
			// A store that fell back to an earlier state has less than what was answered from.
			if (stored.progress.eventNumber < this.state.progress.eventNumber) await this.restoreWhole();
			else this.state = stored;
		}
		this.confirmedGeneration = generation;
		this.isInvalidated = false;
	}

	private async restoreWhole(): Promise<void> {
		const change = new Change(this.state);
		const result = await this.services.store.restore(this.id, this.claim, this.writeOf(change, undefined));
		if (result === "saved") return;
		this.relinquish();
		throw new NotOwner();
	}

	private writeOf(change: Change, before: RoomState | undefined): RoomWrite {
		return {
			...fieldChanges(before, change.state),
			clearsLog: change.clearsLog,
			log: change.log.map(encodeLog),
			ttlMs: roomTtlMs(this.rules.options),
		};
	}

	private unpublished(state: RoomState): readonly OutboxEntry[] {
		return state.outbox.filter((entry) => entry.order > this.outbox.doneOrder);
	}

	private withoutPublished(state: RoomState): RoomState {
		const outbox = this.unpublished(state);
		return outbox.length === state.outbox.length ? state : { ...state, outbox };
	}
}

/** What a batch has led to so far. */
class Change {
	state: RoomState;
	log: readonly LogEntry[] = [];
	clearsLog = false;

	constructor(state: RoomState) {
		this.state = state;
	}

	take(applied: Applied): void {
		this.state = applied.state;
		const clears = applied.startsLog || applied.clearsLog;
		this.clearsLog ||= clears;
		this.log = clears ? applied.log : [...this.log, ...applied.log];
	}
}
