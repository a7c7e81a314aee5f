// A room's game in real time while it runs on this process: takes what players do, ticks, sends what is seen, and saves snapshots through the
// room, which has the lease. It stands still while it is not known whether the room is still this process's.
import type { CodePlayer, RealtimeCode } from "../../../common/game-code.ts";
import type { Logger } from "../../../common/logger.ts";
import { StateError } from "../../../protocol/codec/state-node.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { GameResult, type GameStateProperties } from "../../../protocol/gen/schema.ts";
import type { GameResults } from "../game-module.ts";
import type { GamesOptions } from "../options.ts";
import type { ActCommand, OwnCommand, RoomReply } from "../room-command.ts";
import { forbidden, notMember } from "../room-errors.ts";
import { playersOf, type RoomState, roomChannel } from "../room-state.ts";
import { GameRun } from "./game-run.ts";
import { InputQueue } from "./input-queue.ts";
import { RunRecord } from "./run-record.ts";
import { TickPace } from "./tick-pace.ts";
import type { Ticking, TickScheduler } from "./tick-scheduler.ts";
import type { ViewRelay } from "./view-relay.ts";
import { type AudienceUpdate, ViewStreams } from "./view-streams.ts";

/** The room, as its game knows it. */
export interface LiveHost {
	readonly id: string;
	readonly state: RoomState;
	/** The room is this process's, as far as it knows. */
	readonly isConfirmed: boolean;
	run(command: OwnCommand): Promise<RoomReply>;
}

export interface LiveFigures {
	/** Games that run now. */
	running: number;
	/** Since the start, as all others. */
	inputs: number;
	refusedInputs: number;
	/** Ticks that took longer than they may. */
	overruns: number;
	/** Games that their code's errors ended. */
	failures: number;
}

export interface LiveServices {
	readonly scheduler: TickScheduler;
	readonly relay: ViewRelay;
	readonly figures: LiveFigures;
	readonly options: GamesOptions;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Connections of one node that get the same bytes. */
type Receivers = Map<string, string[]>;

const RETRY_MS = 1000;
const PAUSED_RETRY_MS = 200;

export class LiveRoom implements Ticking {
	readonly gameId: string;
	private readonly host: LiveHost;
	private readonly services: LiveServices;
	private readonly inputs: InputQueue;
	private readonly record = new RunRecord();
	private readonly pace: TickPace;
	private run: GameRun;
	private streams: ViewStreams;
	private epoch: number;
	/** Players of the run, with those who join or leave it at the next tick. */
	private players: ReadonlyMap<string, CodePlayer>;
	/** By user id: the nodes that have been sent a whole state. */
	private readonly served = new Map<string, readonly string[]>();
	private isStopped = false;
	private hasInputs = false;
	private savedAtMs: number;
	private saving: Promise<void> | undefined;
	/** Inputs since the beginning are not all in the room's log. */
	private isTruncated: boolean;
	private ending: { readonly results: GameResults; readonly reason: string } | undefined;

	/**
	 * @param epoch - names this run.
	 * @throws Error when what was saved is no snapshot.
	 */
	constructor(host: LiveHost, code: RealtimeCode, epoch: number, services: LiveServices) {
		const { info, progress } = host.state;
		this.host = host;
		this.services = services;
		this.gameId = info.gameId;
		this.epoch = epoch;
		const snapshot = progress.game ?? new Uint8Array(0);
		this.run = GameRun.restore(code, snapshot);
		this.streams = this.newStreams();
		this.players = new Map(this.run.players.map((player) => [player.id, player]));
		const { realtime } = services.options;
		this.inputs = new InputQueue({ rate: realtime.inputRate, maxQueued: realtime.maxQueuedInputs });
		this.pace = new TickPace(realtime.maxTickMs);
		this.isTruncated = progress.recordedActions < progress.actionNumber;
		if (progress.actionNumber === 0) this.record.begin(snapshot);
		this.savedAtMs = services.now();
		services.scheduler.add(this);
		services.figures.running++;
	}

	get intervalMs(): number {
		return (1000 / this.run.code.tickRate) * this.pace.factor;
	}

	/** The game is over or another's. */
	stop(): void {
		if (this.isStopped) return;
		this.isStopped = true;
		this.services.scheduler.remove(this);
		this.services.figures.running--;
	}

	/** The room's members have changed, or where they are connected. */
	update(): void {
		const { members, info } = this.host.state;
		const left = new Set(
			info.participants.flatMap(({ userId, result }) => (result === GameResult.UNSPECIFIED ? [] : userId)),
		);
		const present = playersOf(this.host.state).filter(({ userId }) => !left.has(userId));
		const now = new Map(present.map(({ userId, username }) => [userId, { id: userId, name: username }]));
		for (const [id, player] of this.players) if (!now.has(id)) this.inputs.add({ kind: "leave", player });
		for (const [id, player] of now) if (!this.players.has(id)) this.inputs.add({ kind: "join", player });
		this.players = now;
		for (const userId of this.served.keys()) if (!members.has(userId)) this.served.delete(userId);
	}

	/** @throws GatewayError PERMISSION_DENIED, VALIDATION_FAILED, RATE_LIMITED, UNAVAILABLE. */
	input({ userId, payload, clientActionId }: ActCommand): RoomReply {
		const { host, run, services } = this;
		const member = host.state.members.get(userId);
		if (member === undefined) throw notMember();
		if (member.isSpectator || !this.players.has(userId)) throw forbidden("spectators do not play");
		if (!host.isConfirmed) throw unavailable("the room", PAUSED_RETRY_MS);
		try {
			this.inputs.input(userId, clientActionId, payload, () => run.code.readInput(payload), services.now());
		} catch (error) {
			services.figures.refusedInputs++;
			throw run.code.errorOf(error);
		}
		services.figures.inputs++;
		this.hasInputs = true;
		return { actionNumber: run.tick + 1, eventNumber: host.state.progress.eventNumber };
	}

	/** What a user sees now, as others of the audience were sent it. Undefined when the game has failed. */
	whole(userId: string | undefined): GameStateProperties | undefined {
		try {
			return this.streams.whole(this.run.audienceOf(userId));
		} catch (error) {
			this.fail(error);
			return undefined;
		}
	}

	onTick(): void {
		const { host, run, services } = this;
		if (this.ending !== undefined) {
			if (services.now() - this.savedAtMs >= RETRY_MS) void this.end(this.ending);
			return;
		}
		if (this.isStopped || !host.isConfirmed) return;
		const beganMs = services.now();
		try {
			const events = this.inputs.take();
			run.advance(events);
			this.record.events(run.tick, events);
			this.send();
		} catch (error) {
			this.fail(error);
			return;
		}
		if (run.results !== undefined) {
			this.record.end(run.tick, run.hash());
			void this.end({ results: run.results, reason: "" });
			return;
		}
		const endedMs = services.now();
		this.judge(endedMs - beganMs);
		const isDue = endedMs - this.savedAtMs >= services.options.realtime.snapshotIntervalMs;
		if (isDue && this.saving === undefined) void this.save();
	}

	/** Stops ticking, and saves the state as it is. Never rejects. */
	async settle(): Promise<void> {
		if (this.isStopped || this.ending !== undefined) return;
		this.services.scheduler.remove(this);
		await this.saving;
		await this.save();
	}

	/** Goes on with other code, if that takes the state over. @returns whether it does. */
	handOver(code: RealtimeCode): boolean {
		if (code.importState === undefined || code === this.run.code || this.ending !== undefined) return false;
		const { options } = this.services;
		try {
			this.run = this.run.handOver(code, options.realtime.maxSnapshotBytes);
		} catch (error) {
			const { cause = error } = code.errorOf(error);
			code.logger.error(
				{ err: cause, roomId: this.host.id },
				"a running game could not be taken over; it goes on as it is",
			);
			return false;
		}
		// By the old code the record leads elsewhere.
		this.record.isOff = true;
		this.isTruncated = true;
		this.epoch++;
		this.streams = this.newStreams();
		this.served.clear();
		return true;
	}

	private newStreams(): ViewStreams {
		return new ViewStreams(this.host.id, this.epoch, this.run, this.services.options.realtime.maxViewBytes);
	}

	private send(): void {
		const { host, run, services } = this;
		const groups = new Map<string, { readonly known: Receivers; readonly fresh: Receivers }>();
		for (const { userId, isSpectator, nodes } of host.state.members.values()) {
			if (nodes.length === 0) continue;
			const audience = run.audienceOf(isSpectator ? undefined : userId);
			let group = groups.get(audience);
			if (group === undefined) {
				group = { known: new Map(), fresh: new Map() };
				groups.set(audience, group);
			}
			const served = this.served.get(userId);
			for (const node of nodes) add(served?.includes(node) === true ? group.known : group.fresh, node, userId);
			// The list of a member is another one when it has changed.
			if (served !== nodes) this.served.set(userId, nodes);
		}
		const updates = this.streams.advance(new Set(groups.keys()));
		const channel = roomChannel(host.id);
		for (const [audience, { known, fresh }] of groups) {
			const update = updates.get(audience) as AudienceUpdate;
			if (update.difference !== undefined) {
				for (const [node, userIds] of known) services.relay.send(node, channel, userIds, update.difference);
			}
			if (fresh.size === 0) continue;
			const whole = update.whole();
			for (const [node, userIds] of fresh) services.relay.send(node, channel, userIds, whole);
		}
	}

	/** A game that takes too long for its ticks gets fewer of them, and is ended when that does not help. */
	private judge(tookMs: number): void {
		const verdict = this.pace.judge(tookMs);
		if (verdict === "fine") return;
		const { figures, options } = this.services;
		figures.overruns++;
		if (verdict === "late") return;
		const { name: game, logger } = this.run.code;
		const fields = { roomId: this.host.id, game, tookMs, maxTickMs: options.realtime.maxTickMs };
		if (verdict === "slowed") {
			logger.warn({ ...fields, factor: this.pace.factor }, "a game takes too long for its ticks and is slowed");
			return;
		}
		logger.error(fields, "a game takes too long for its ticks and is ended");
		void this.end({ results: this.nobodyWins(), reason: "the game took too long for its ticks" });
	}

	private fail(error: unknown): void {
		const { run, services, host } = this;
		if (this.ending !== undefined || this.isStopped) return;
		const { cause, message } = error instanceof StateError ? { cause: error, message: "" } : run.code.errorOf(error);
		services.figures.failures++;
		const fields = { err: cause ?? new Error(message), roomId: host.id, game: run.code.name, tick: run.tick };
		run.code.logger.error(fields, "a game failed and is ended");
		void this.end({ results: this.nobodyWins(), reason: "the game failed" });
	}

	private nobodyWins(): GameResults {
		return new Map([...this.players.keys()].map((userId) => [userId, GameResult.DRAWN]));
	}

	/** Never rejects. */
	private async end(ending: { readonly results: GameResults; readonly reason: string }): Promise<void> {
		this.ending = ending;
		this.savedAtMs = this.services.now();
		await this.saving;
		const entries = this.record.take();
		const command = { type: "ended", gameId: this.gameId, entries, isTruncated: this.isTruncated, ...ending } as const;
		try {
			await this.host.run(command);
		} catch (error) {
			// Tried again by the next ticks; a room that is lost has stopped this.
			this.isTruncated ||= entries.length > 0;
			this.services.logger.debug(
				{ err: error, roomId: this.host.id },
				"the end of a game could not be saved; will retry",
			);
		}
	}

	/** Never rejects. */
	private save(): Promise<void> {
		this.saving = this.saveNow().finally(() => {
			this.saving = undefined;
		});
		return this.saving;
	}

	private async saveNow(): Promise<void> {
		const { host, run, services } = this;
		this.savedAtMs = services.now();
		let game: Uint8Array;
		try {
			game = run.snapshot(services.options.realtime.maxSnapshotBytes);
		} catch (error) {
			this.fail(error);
			return;
		}
		const { gameId, isTruncated, hasInputs } = this;
		const entries = this.record.take();
		this.hasInputs = false;
		try {
			await host.run({ type: "snapshot", gameId, game, entries, isTruncated, isActive: hasInputs });
		} catch (error) {
			// Whether they were saved is not known: a record with a part missing would lead elsewhere.
			this.record.isOff = true;
			this.isTruncated = true;
			const rejected = GatewayError.from(error);
			services.logger.debug({ err: rejected, roomId: host.id }, "a snapshot of a game could not be saved; will retry");
		}
	}
}

function add(receivers: Receivers, node: string, userId: string): void {
	const users = receivers.get(node);
	if (users === undefined) receivers.set(node, [userId]);
	else users.push(userId);
}
