// One game in real time, by itself: a state, those who play, game time and what happens at it. It reads no clock and draws no number but from
// its seed, so that the same events at the same ticks lead to the same state, here, on another node, and in a replay.
import { createHash } from "node:crypto";
import type { CodeOutcome, CodePlayer, RealtimeAccess, RealtimeCode } from "../../../common/game-code.ts";
import type { Logger } from "../../../common/logger.ts";
import { decodeJson, encodeJson } from "../game-json.ts";
import type { GameResults, GameSetup } from "../game-module.ts";
import { GameRandom, newSeed, type RandomState } from "../game-random.ts";
import { gameResults, wonByRest } from "../turn-game.ts";

/** A timer in game time. */
interface Timer {
	readonly id: number;
	readonly tick: number;
	readonly name: string;
	readonly data: unknown;
}

/** All of a run, as JSON. */
export interface RunSnapshot extends RandomState {
	readonly tick: number;
	readonly round: number;
	readonly metadata: Readonly<Record<string, string>>;
	readonly players: readonly CodePlayer[];
	readonly timers: readonly Timer[];
	readonly lastTimer: number;
	readonly state: unknown;
}

/** What happened before a tick, in order. */
export type RunEvent =
	| { readonly kind: "join" | "leave"; readonly player: CodePlayer }
	/** What a client sent, and what the game reads of it. */
	| { readonly kind: "input"; readonly userId: string; readonly payload: Uint8Array; readonly input: unknown };

/** Timers of one game that wait; further ones are an error of the game. */
const MAX_TIMERS = 10_000;

export class GameRun {
	readonly code: RealtimeCode;
	/** Set when the game is over. */
	results: GameResults | undefined;
	private state: unknown;
	private readonly access: RunAccess;

	private constructor(code: RealtimeCode, snapshot: RunSnapshot) {
		this.code = code;
		this.access = new RunAccess(code, snapshot, (results) => {
			this.results = results;
		});
		this.state = snapshot.state;
	}

	/** A game at its beginning. @throws what its code throws. */
	static start(code: RealtimeCode, players: readonly CodePlayer[], round: number, setup: GameSetup): GameRun {
		const { metadata } = setup;
		const empty = { tick: 0, round, metadata, players, timers: [], lastTimer: 0, state: null };
		const run = new GameRun(code, { ...newSeed(), ...empty });
		run.state = code.start(run.access);
		return run;
	}

	/** @param snapshot - of `snapshot`, of the same code. */
	static restore(code: RealtimeCode, snapshot: Uint8Array): GameRun {
		return new GameRun(code, decodeJson(snapshot) as RunSnapshot);
	}

	get tick(): number {
		return this.access.tick;
	}

	get players(): readonly CodePlayer[] {
		return this.access.players;
	}

	/** @throws GatewayError INTERNAL when the state is no JSON, or longer than `maxBytes`. */
	snapshot(maxBytes: number): Uint8Array {
		return encodeJson("the state", this.access.snapshot(this.state), maxBytes);
	}

	/** By which two runs are compared. @throws as `snapshot`. */
	hash(): string {
		return createHash("sha256").update(this.snapshot(Number.MAX_SAFE_INTEGER)).digest("base64url");
	}

	/** One tick. @throws what the code throws; the run is of no use then. */
	advance(events: readonly RunEvent[]): void {
		const { access, code } = this;
		access.tick++;
		for (const event of events) {
			if (this.results !== undefined) return;
			this.apply(event);
		}
		for (const { name, data } of access.takeDue()) {
			if (this.results === undefined) code.onTimer(name, this.state, data, access);
		}
		if (this.results === undefined) code.tick(this.state, access);
	}

	/** @throws what the code throws. */
	audienceOf(userId: string | undefined): string {
		return this.code.audience(this.state, userId);
	}

	/** @throws what the code throws. */
	show(audience: string): unknown {
		return this.code.show(this.state, audience);
	}

	/** The same game on other code. @throws what that throws. */
	handOver(code: RealtimeCode, maxBytes: number): GameRun {
		const snapshot = decodeJson(this.snapshot(maxBytes)) as RunSnapshot;
		return new GameRun(code, { ...snapshot, state: code.importState?.(snapshot.state) });
	}

	private apply(event: RunEvent): void {
		const { access, code } = this;
		switch (event.kind) {
			case "join":
				access.players = [...access.players, event.player];
				code.onJoin(this.state, event.player, access);
				return;
			case "leave":
				access.players = access.players.filter(({ id }) => id !== event.player.id);
				if (code.onLeave !== undefined) code.onLeave(this.state, event.player, access);
				else if (access.players.length < code.minPlayers) this.results = wonByRest(access.players);
				return;
			case "input": {
				const player = access.players.find(({ id }) => id === event.userId);
				// Not one who has left since.
				if (player !== undefined) code.onInput(this.state, event.input, player, access);
				return;
			}
			default:
				event satisfies never;
		}
	}
}

/** What the code has in its hands. */
class RunAccess extends GameRandom implements RealtimeAccess {
	tick: number;
	players: readonly CodePlayer[];
	readonly round: number;
	readonly metadata: Readonly<Record<string, string>>;
	readonly tickMs: number;
	readonly log: RealtimeAccess["log"];
	private readonly code: RealtimeCode;
	private readonly onEnd: (results: GameResults) => void;
	private timers: Timer[];
	private lastTimer: number;

	constructor(code: RealtimeCode, snapshot: RunSnapshot, onEnd: (results: GameResults) => void) {
		super(snapshot);
		this.code = code;
		this.onEnd = onEnd;
		this.tick = snapshot.tick;
		this.players = snapshot.players;
		this.round = snapshot.round;
		this.metadata = snapshot.metadata;
		this.timers = [...snapshot.timers];
		this.lastTimer = snapshot.lastTimer;
		this.tickMs = 1000 / code.tickRate;
		this.log = logOf(code.logger);
	}

	get timeMs(): number {
		return this.tick * this.tickMs;
	}

	readonly after = (delayMs: number, timer: string, data: unknown = null): number => {
		if (!this.code.hasTimer(timer)) throw new Error(`after: ${timer} is none of the game's timers`);
		if (!(delayMs >= 0 && delayMs < 2 ** 40)) throw new RangeError("after: delayMs must be a time from now on");
		if (this.timers.length >= MAX_TIMERS) throw new Error(`after: more than ${MAX_TIMERS} timers wait`);
		const id = ++this.lastTimer;
		const tick = this.tick + Math.max(1, Math.ceil(delayMs / this.tickMs));
		// Those of one tick come in the order in which they were set.
		let place = this.timers.length;
		while (place > 0 && (this.timers[place - 1] as Timer).tick > tick) place--;
		this.timers.splice(place, 0, { id, tick, name: timer, data });
		return id;
	};

	readonly cancel = (timer: number): void => {
		this.timers = this.timers.filter(({ id }) => id !== timer);
	};

	readonly end = (outcome: CodeOutcome): void => {
		this.onEnd(gameResults(outcome));
	};

	takeDue(): readonly Timer[] {
		let count = 0;
		while (count < this.timers.length && (this.timers[count] as Timer).tick <= this.tick) count++;
		return this.timers.splice(0, count);
	}

	snapshot(state: unknown): RunSnapshot {
		const { tick, round, metadata, players, timers, lastTimer } = this;
		const { seed, drawn } = super.state;
		return { seed, drawn, tick, round, metadata, players, timers, lastTimer, state };
	}
}

function logOf(logger: Logger): RealtimeAccess["log"] {
	return {
		debug: (message, fields = {}) => logger.debug(fields, message),
		info: (message, fields = {}) => logger.info(fields, message),
		warn: (message, fields = {}) => logger.warn(fields, message),
		error: (message, fields = {}) => logger.error(fields, message),
	};
}
