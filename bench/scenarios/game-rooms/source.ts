// The module that the scenario plays: eight players move over a field, every tick, and eat what lies there.

export const GAME = `import { defineModule, defineRealtimeGame, z } from "framegate/module";
const tenth = z.number().multipleOf(0.1);
export default defineModule({
	games: {
		field: defineRealtimeGame({
			minPlayers: 1, maxPlayers: 8, tickRate: 20, startsWith: 8,
			view: z.object({
				players: z.record(z.string(), z.object({ name: z.string(), colour: z.enum(["red", "blue"]), x: tenth, y: tenth, score: z.int(), alive: z.boolean() })),
				food: z.array(z.object({ x: z.int(), y: z.int() })),
			}),
			input: z.object({ dx: z.number().min(-1).max(1), dy: z.number().min(-1).max(1) }),
			start: (game) => ({
				players: Object.fromEntries(game.players.map(({ id, name }, index) => [id, {
					name, colour: index % 2 ? "red" : "blue", x: game.integer(1000), y: game.integer(1000), dx: 1, dy: 1, score: 0, alive: true }])),
				food: Array.from({ length: 40 }, () => ({ x: game.integer(1000), y: game.integer(1000) })),
			}),
			onInput: (state, { dx, dy }, { id }) => { Object.assign(state.players[id], { dx: dx * 5, dy: dy * 5 }); },
			tick: (state, game) => {
				for (const player of Object.values(state.players)) {
					player.x = (player.x + player.dx + 1000) % 1000;
					player.y = (player.y + player.dy + 1000) % 1000;
					for (const one of state.food) {
						if (Math.abs(one.x - player.x) > 10 || Math.abs(one.y - player.y) > 10) continue;
						player.score++;
						one.x = game.integer(1000);
						one.y = game.integer(1000);
					}
				}
			},
		}),
	},
});
`;
