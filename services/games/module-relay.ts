// A game whose rules only its clients know: actions are put in order and passed on as they are.
import { GameResult } from "../../protocol/gen/schema.ts";
import type { GameModule, GameResults } from "./game-module.ts";

const NOTHING = new Uint8Array(0);

export const relay: GameModule = {
	name: "relay",
	minPlayers: 1,
	maxPlayers: 1000,
	start: () => NOTHING,
	act: (state, _userId, payload) => ({ state, events: [payload] }),
	leave: (state, _userId, remaining) => ({
		state,
		events: [],
		...(remaining.length === 0 && { results: new Map() }),
	}),
	/** The server does not know the winner, and does not trust a client's claim. */
	finish: (_state, remaining): GameResults => new Map(remaining.map((userId) => [userId, GameResult.DRAWN])),
	view: () => NOTHING,
};
