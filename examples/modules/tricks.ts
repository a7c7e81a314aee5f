// A card game of turns, for two to four: the server shuffles, each player gets five cards that nobody else sees, and the highest card of
// each round takes it. Who takes most rounds wins.
import { CallError, defineGame, defineModule, z } from "framegate/module";

const HAND = 5;
const RANKS = 13;

interface State {
	/** Cards are 0 to 51; four of each rank. Nobody sees these. */
	hands: Record<string, number[]>;
	/** Cards of the round, in the order in which they were played. */
	table: { playerId: string; card: number }[];
	/** Whose turn it is, longest in the room first. */
	order: string[];
	taken: Record<string, number>;
}

const rank = (card: number) => card % RANKS;

/** Who has taken most; several have drawn. */
function outcome({ taken, order }: State) {
	const most = Math.max(...order.map((id) => taken[id] ?? 0));
	const best = order.filter((id) => taken[id] === most);
	return Object.fromEntries(
		order.map((id) => [id, best.includes(id) ? (best.length === 1 ? "won" : "drawn") : "lost"] as const),
	);
}

export default defineModule({
	games: {
		tricks: defineGame({
			minPlayers: 2,
			maxPlayers: 4,
			move: z.object({ card: z.int().min(0).max(51) }),

			start({ players, shuffle }): State {
				const deck = shuffle(Array.from({ length: 52 }, (_, card) => card));
				return {
					hands: Object.fromEntries(players.map(({ id }) => [id, deck.splice(0, HAND)])),
					table: [],
					order: players.map(({ id }) => id),
					taken: Object.fromEntries(players.map(({ id }) => [id, 0])),
				};
			},

			act(state, { card }, player, game) {
				const hand = state.hands[player.id] ?? [];
				if (state.order[state.table.length] !== player.id)
					throw new CallError("PRECONDITION_FAILED", "it is not your turn");
				if (!hand.includes(card)) throw new CallError("PRECONDITION_FAILED", "you do not hold this card");
				state.hands[player.id] = hand.filter((one) => one !== card);
				state.table.push({ playerId: player.id, card });
				game.emit({ playerId: player.id, card });
				if (state.table.length < state.order.length) return;
				// Of equal cards the first one takes it.
				const best = state.table.reduce((one, other) => (rank(other.card) > rank(one.card) ? other : one));
				state.taken[best.playerId] = (state.taken[best.playerId] ?? 0) + 1;
				state.table = [];
				game.emit({ takenBy: best.playerId });
				if (Object.values(state.hands).every((left) => left.length === 0)) game.end(outcome(state));
			},

			view: ({ hands, table, order, taken }, playerId) => ({
				hand: playerId === undefined ? [] : (hands[playerId] ?? []),
				left: Object.fromEntries(order.map((id) => [id, hands[id]?.length ?? 0])),
				turn: order[table.length] ?? "",
				table,
				taken,
			}),
		}),
	},
});
