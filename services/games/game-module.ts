// What a game is to a room: a set of pure functions over a state of its own. A room puts players in and actions in order;
// the module says what they do. Nothing here waits, reads a clock or keeps anything between calls.

import type { RealtimeCode } from "../../common/game-code.ts";
import type { GameResult } from "../../protocol/gen/schema.ts";
import { invalid } from "./room-errors.ts";

const GAME_NAME = /^[a-z0-9-]{1,32}$/;

/** How a game went for each of those who took part. */
export type GameResults = ReadonlyMap<string, GameResult>;

/** What an action leads to. */
export interface GameStep {
	/** The state after it, in the module's own encoding. */
	readonly state: Uint8Array;
	/** Published to everybody in the room, in the module's own encoding; at most 16, in order. */
	readonly events: readonly Uint8Array[];
	/** Given when the game is over. Those it leaves out abandoned the game. */
	readonly results?: GameResults;
}

/** What a game is given at its beginning, beside who plays. */
export interface GameSetup {
	/** Usernames by user id. */
	readonly names: ReadonlyMap<string, string>;
	/** Of the room. */
	readonly metadata: Readonly<Record<string, string>>;
}

export interface GameModule {
	/** As clients name it in CreateRoom: lower-case letters, digits and hyphens. */
	readonly name: string;
	readonly minPlayers: number;
	readonly maxPlayers: number;
	/**
	 * @param players - user ids, longest in the room first.
	 * @param round - how many games the room has seen before, for who begins.
	 * @returns the state at the beginning.
	 */
	start(players: readonly string[], round: number, setup: GameSetup): Uint8Array;
	/** @throws GatewayError when the action is not allowed or not understood; nothing has happened then. */
	act(state: Uint8Array, userId: string, payload: Uint8Array): GameStep;
	/** A player has left the game and does not return. */
	leave(state: Uint8Array, userId: string, remaining: readonly string[]): GameStep;
	/** Ends the game because the host says so; absent in games that end by their own rules. */
	finish?(state: Uint8Array, remaining: readonly string[]): GameResults;
	/** A game in real time: while it runs, its run has the state, and takes what players do. */
	readonly realtime?: RealtimeCode;
	/** What one player may see; undefined: what anybody may. */
	view(state: Uint8Array, userId: string | undefined): Uint8Array;
}

/** The games that rooms can be opened for: those of the gateway, and those that modules of the operator bring, which change. */
export class GameModules {
	private readonly own: ReadonlyMap<string, GameModule>;
	private brought: ReadonlyMap<string, GameModule> = new Map();

	/** @throws Error when two have one name, or a name or number of players makes no sense. */
	constructor(modules: readonly GameModule[]) {
		this.own = byName(modules);
	}

	/** What modules bring from now on. Games that run go on with what they began with. @throws as the constructor. */
	bring(modules: readonly GameModule[]): void {
		byName([...this.own.values(), ...modules]);
		this.brought = byName(modules);
	}

	find(name: string): GameModule | undefined {
		return this.own.get(name) ?? this.brought.get(name);
	}

	/** @throws GatewayError VALIDATION_FAILED naming `game`. */
	get(name: string): GameModule {
		const module = this.find(name);
		if (module !== undefined) return module;
		const description = `must be one of ${[...this.own.keys(), ...this.brought.keys()].join(", ")}`;
		throw invalid("game", description);
	}
}

function byName(modules: readonly GameModule[]): ReadonlyMap<string, GameModule> {
	for (const { name, minPlayers, maxPlayers } of modules) {
		if (!GAME_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a game`);
		if (minPlayers < 1 || maxPlayers < minPlayers) throw new Error(`${name} has no sensible number of players`);
	}
	const found = new Map(modules.map((module) => [module.name, module]));
	if (found.size < modules.length) throw new Error("two games have one name");
	return found;
}
