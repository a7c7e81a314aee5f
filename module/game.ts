// Games that a module brings: games of turns, and games in real time. Their code is given a state, a clock of game time and seeded random
// numbers, and nothing else: a game that uses no other clock and no other chance can be continued by another node, and replayed.
import type * as z from "zod";
import type { ModuleLogger } from "./context.ts";
import type { ObjectSchema } from "./push.ts";

/** Numbers that are determined by the seed of a game alone; players cannot foresee them. */
export interface GameRandom {
	/** From 0 up to 1. */
	random(): number;
	/** A whole number from 0 up to, and without, `count`. */
	integer(count: number): number;
	/** One of these. */
	pick<Item>(items: readonly Item[]): Item;
	/** Shuffles in place. @returns the same list. */
	shuffle<Item>(items: Item[]): Item[];
}

export interface GamePlayer {
	readonly id: string;
	/** The username; "" where the account has none. */
	readonly name: string;
}

/** Results by user id. Players whom it leaves out have abandoned the game. */
export type GameOutcome = Readonly<Record<string, "won" | "lost" | "drawn">>;

interface GameBase extends GameRandom {
	/** Who plays: longest in the room first, and without those who left. */
	readonly players: readonly GamePlayer[];
	/** How many games the room has seen before. */
	readonly round: number;
	/** What the room's creator attached. */
	readonly metadata: Readonly<Record<string, string>>;
	/** Ends the game. */
	end(outcome: GameOutcome): void;
}

/** What the code of a game of turns has in its hands. */
export interface TurnGame extends GameBase {
	/** Publishes JSON to everybody in the room; at most 16 times in one call. */
	emit(event: unknown): void;
}

/** What the code of a game in real time has in its hands. */
export interface RealtimeGame extends GameBase {
	/** Ticks since the start. */
	readonly tick: number;
	/** Game time since the start, in milliseconds: it stands still while no tick runs. */
	readonly timeMs: number;
	/** Game time from one tick to the next, in milliseconds. */
	readonly tickMs: number;
	/** Calls a function of the game's `timers` in game time. @param data - JSON. @returns a number for `cancel`. */
	after(delayMs: number, timer: string, data?: unknown): number;
	cancel(timer: number): void;
	readonly log: ModuleLogger;
}

/** A game of turns: each action of a player leads from one state to the next. State, views and events are JSON. */
export interface TurnGameOptions<State, Move extends z.ZodType> {
	readonly minPlayers: number;
	readonly maxPlayers: number;
	/** What players do: the payload of their actions, as JSON. */
	readonly move: Move;
	/** The state at the beginning. */
	readonly start: (game: TurnGame) => State;
	/**
	 * A player acts. Changes the state; what it throws refuses the action, and nothing has happened then: a CallError as it is, anything
	 * else as INTERNAL.
	 */
	readonly act: (state: State, move: z.output<Move>, player: GamePlayer, game: TurnGame) => void;
	/** A player has left the game and does not return. Without it the game ends when fewer than `minPlayers` are left; who is left has won. */
	readonly leave?: (state: State, player: GamePlayer, game: TurnGame) => void;
	/** What one player may see, undefined: what anybody may. Nothing else of the state is sent to anybody. */
	readonly view: (state: State, playerId: string | undefined) => unknown;
}

/** A game in real time: it runs in ticks, and players are sent what has changed of what they may see. The state is JSON. */
export interface RealtimeGameOptions<State, View extends ObjectSchema, Input extends z.ZodType> {
	readonly minPlayers: number;
	readonly maxPlayers: number;
	/** Ticks a second. */
	readonly tickRate: number;
	/** The first game of a room starts when so many players are there. Without it, and after a rematch, the room's host starts it. */
	readonly startsWith?: number;
	/** Players may join while it runs. False by default. */
	readonly joinsRunning?: boolean;
	/**
	 * What clients see, declared once: booleans, strings, `z.int()`, `z.number()`, `z.number().multipleOf(0.01)` (sent to that precision),
	 * `z.enum`, objects, `z.record(z.string(), …)`, arrays, optional and nullable ones. What it does not declare is not sent.
	 */
	readonly view: View;
	/** What players do: the payload of their actions, as JSON. */
	readonly input: Input;
	/** The state at the beginning. */
	readonly start: (game: RealtimeGame) => State;
	/** A player has done something; called before the tick, in the order in which inputs came. */
	readonly onInput?: (state: State, input: z.output<Input>, player: GamePlayer, game: RealtimeGame) => void;
	/** A player has joined while it runs. */
	readonly onJoin?: (state: State, player: GamePlayer, game: RealtimeGame) => void;
	/** A player has left. Without it the game ends when fewer than `minPlayers` are left; who is left has won. */
	readonly onLeave?: (state: State, player: GamePlayer, game: RealtimeGame) => void;
	/** What `game.after` calls, by name. */
	readonly timers?: Readonly<Record<string, (state: State, data: unknown, game: RealtimeGame) => void>>;
	/** Changes the state by one tick. */
	readonly tick: (state: State, game: RealtimeGame) => void;
	/**
	 * Who sees the same: what it returns is made and encoded once for all of those. All see the same by default; the id of the player, or
	 * the name of a team, has each see their own. @param playerId - undefined: a spectator.
	 */
	readonly audience?: (state: State, playerId: string | undefined) => string;
	/** What an audience sees. The state itself by default. */
	readonly show?: (state: State, audience: string) => z.input<View>;
	/**
	 * Takes over the state of a game that an earlier generation of the module began: running games go on with the new code. Without it
	 * they end on the code on which they began.
	 */
	readonly importState?: (state: unknown) => State;
}

/** A game, as a module lists it. */
export class ModuleGame {
	readonly kind: "turns" | "realtime";
	readonly options: object;
	/** A stack of where it was defined. */
	readonly definedAt: string;

	constructor(kind: "turns" | "realtime", options: object, definedAt: string) {
		this.kind = kind;
		this.options = options;
		this.definedAt = definedAt;
	}
}

/** Defines a game of turns. */
export function defineGame<State, Move extends z.ZodType>(options: TurnGameOptions<State, Move>): ModuleGame {
	return new ModuleGame("turns", options, new Error("defined").stack ?? "");
}

/** Defines a game in real time. */
export function defineRealtimeGame<State, View extends ObjectSchema, Input extends z.ZodType>(
	options: RealtimeGameOptions<State, View, Input>,
): ModuleGame {
	return new ModuleGame("realtime", options, new Error("defined").stack ?? "");
}
