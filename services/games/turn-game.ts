// A game of turns whose code somebody else brings: its state is kept as JSON, with the seed of its random numbers and those who play.
import type { CodeOutcome, CodePlayer, TurnAccess, TurnCode } from "../../common/game-code.ts";
import { GameResult } from "../../protocol/gen/schema.ts";
import { decodeJson, encodeJson } from "./game-json.ts";
import type { GameModule, GameResults, GameSetup, GameStep } from "./game-module.ts";
import { GameRandom, newSeed, type RandomState } from "./game-random.ts";

/** What is kept of a game between two actions. */
interface Kept extends RandomState {
	readonly round: number;
	readonly metadata: Readonly<Record<string, string>>;
	readonly players: readonly CodePlayer[];
	readonly state: unknown;
}

const RESULTS: Readonly<Record<string, GameResult>> = {
	won: GameResult.WON,
	lost: GameResult.LOST,
	drawn: GameResult.DRAWN,
};

/** @throws Error for a word that is no result. */
export function gameResults(outcome: CodeOutcome): GameResults {
	return new Map(
		Object.entries(outcome).map(([userId, word]) => {
			const result = RESULTS[word];
			if (result === undefined) throw new Error(`end: ${JSON.stringify(word)} is none of won, lost, drawn`);
			return [userId, result] as const;
		}),
	);
}

/** Who is left has won. */
export function wonByRest(players: readonly CodePlayer[]): GameResults {
	return new Map(players.map(({ id }) => [id, GameResult.WON] as const));
}

export function turnGame(code: TurnCode, maxStateBytes: number): GameModule {
	const step = (kept: Kept, players: readonly CodePlayer[], act: (turn: Turn) => void): GameStep => {
		const turn = new Turn(kept, players);
		act(turn);
		const { seed, drawn } = turn.state;
		const after: Kept = { ...kept, seed, drawn, players };
		return {
			state: encodeJson("the state", after, maxStateBytes),
			events: turn.events.map((event) => encodeJson("an event", event, maxStateBytes)),
			...(turn.results && { results: turn.results }),
		};
	};
	const guarded = <Result>(work: () => Result): Result => {
		try {
			return work();
		} catch (error) {
			throw code.errorOf(error);
		}
	};
	return {
		name: code.name,
		minPlayers: code.minPlayers,
		maxPlayers: code.maxPlayers,

		start(userIds, round, setup) {
			return guarded(() => {
				const players = playersOf(userIds, setup);
				const begin = { ...newSeed(), round, metadata: setup.metadata, players, state: null };
				const turn = new Turn(begin, players);
				const state = code.start(turn);
				const { seed, drawn } = turn.state;
				return encodeJson("the state", { ...begin, seed, drawn, state }, maxStateBytes);
			});
		},

		act(bytes, userId, payload) {
			return guarded(() => {
				const move = code.readInput(payload);
				const kept = decodeJson(bytes) as Kept;
				const player = kept.players.find(({ id }) => id === userId) ?? { id: userId, name: "" };
				return step(kept, kept.players, (turn) => code.act(kept.state, move, player, turn));
			});
		},

		leave(bytes, userId, remaining) {
			return guarded(() => {
				const kept = decodeJson(bytes) as Kept;
				const player = kept.players.find(({ id }) => id === userId) ?? { id: userId, name: "" };
				const players = kept.players.filter(({ id }) => remaining.includes(id));
				return step(kept, players, (turn) => {
					if (code.leave !== undefined) code.leave(kept.state, player, turn);
					else if (players.length < code.minPlayers) turn.results = wonByRest(players);
				});
			});
		},

		view(bytes, userId) {
			return guarded(() => {
				const { state } = decodeJson(bytes) as Kept;
				return encodeJson("a view", code.view(state, userId), maxStateBytes);
			});
		},
	};
}

function playersOf(userIds: readonly string[], { names }: GameSetup): readonly CodePlayer[] {
	return userIds.map((id) => ({ id, name: names.get(id) ?? "" }));
}

/** What the code has in its hands while it acts. */
class Turn extends GameRandom implements TurnAccess {
	readonly players: readonly CodePlayer[];
	readonly round: number;
	readonly metadata: Readonly<Record<string, string>>;
	readonly events: unknown[] = [];
	results: GameResults | undefined;

	constructor({ round, metadata, ...random }: Kept, players: readonly CodePlayer[]) {
		super(random);
		this.players = players;
		this.round = round;
		this.metadata = metadata;
	}

	readonly emit = (event: unknown): void => {
		this.events.push(event);
	};

	readonly end = (outcome: CodeOutcome): void => {
		this.results = gameResults(outcome);
	};
}
