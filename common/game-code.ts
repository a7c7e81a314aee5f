// The code of a game that somebody else brings, as rooms run it: what a module of the operator declares, loaded and checked. The state is
// JSON, and belongs to the room; the code gets it, and what it may ask of the room.
import type { StateType } from "../protocol/codec/state-type.ts";
import type { GatewayError } from "../protocol/error.ts";
import type { Logger } from "./logger.ts";

export interface CodePlayer {
	readonly id: string;
	readonly name: string;
}

export type CodeOutcome = Readonly<Record<string, string>>;

/** Numbers that are determined by a seed alone. */
export interface CodeRandom {
	random(): number;
	integer(count: number): number;
	pick<Item>(items: readonly Item[]): Item;
	shuffle<Item>(items: Item[]): Item[];
}

interface GameAccess extends CodeRandom {
	readonly players: readonly CodePlayer[];
	readonly round: number;
	readonly metadata: Readonly<Record<string, string>>;
	end(outcome: CodeOutcome): void;
}

export interface TurnAccess extends GameAccess {
	emit(event: unknown): void;
}

export interface RealtimeAccess extends GameAccess {
	readonly tick: number;
	readonly timeMs: number;
	readonly tickMs: number;
	after(delayMs: number, timer: string, data?: unknown): number;
	cancel(timer: number): void;
	readonly log: {
		debug(message: string, fields?: object): void;
		info(message: string, fields?: object): void;
		warn(message: string, fields?: object): void;
		error(message: string, fields?: object): void;
	};
}

interface CodeBase {
	/** As clients name it in CreateRoom. */
	readonly name: string;
	readonly minPlayers: number;
	readonly maxPlayers: number;
	/** Names the module and its generation. */
	readonly logger: Logger;
	/** What a player does, of the payload of an action. @throws GatewayError VALIDATION_FAILED. */
	readInput(payload: Uint8Array): unknown;
	/** What a client is answered when the code throws: its own rejections as they are, else INTERNAL with the cause. */
	errorOf(thrown: unknown): GatewayError;
}

/** A game of turns. Every function may throw. */
export interface TurnCode extends CodeBase {
	readonly kind: "turns";
	start(game: TurnAccess): unknown;
	act(state: unknown, move: unknown, player: CodePlayer, game: TurnAccess): void;
	leave: ((state: unknown, player: CodePlayer, game: TurnAccess) => void) | undefined;
	view(state: unknown, playerId: string | undefined): unknown;
}

/** A game in real time. Every function may throw. */
export interface RealtimeCode extends CodeBase {
	readonly kind: "realtime";
	/** Ticks a second. */
	readonly tickRate: number;
	readonly startsWith: number | undefined;
	readonly joinsRunning: boolean;
	/** What clients see. */
	readonly viewType: StateType;
	start(game: RealtimeAccess): unknown;
	onInput(state: unknown, input: unknown, player: CodePlayer, game: RealtimeAccess): void;
	onJoin(state: unknown, player: CodePlayer, game: RealtimeAccess): void;
	onLeave: ((state: unknown, player: CodePlayer, game: RealtimeAccess) => void) | undefined;
	/** @returns false when there is no timer of this name. */
	hasTimer(name: string): boolean;
	onTimer(name: string, state: unknown, data: unknown, game: RealtimeAccess): void;
	tick(state: unknown, game: RealtimeAccess): void;
	audience(state: unknown, playerId: string | undefined): string;
	show(state: unknown, audience: string): unknown;
	importState: ((state: unknown) => unknown) | undefined;
}

export type GameCode = TurnCode | RealtimeCode;
