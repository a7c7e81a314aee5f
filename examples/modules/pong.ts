// Pong for two: the server moves the ball, players their paddles. examples/modules/_pong/ has the page that two browsers open.
import { defineModule, defineRealtimeGame, z } from "framegate/module";

const WIDTH = 200;
const HEIGHT = 100;
const PADDLE = 20;
const WIN = 3;

interface Side {
	id: string;
	name: string;
	y: number;
	move: number;
	score: number;
}

interface State {
	ball: { x: number; y: number };
	/** Left and right. */
	sides: Side[];
	/** Nobody sees where the ball is going. */
	dx: number;
	dy: number;
	serving: boolean;
}

const tenth = z.number().multipleOf(0.1);

export default defineModule({
	games: {
		pong: defineRealtimeGame({
			minPlayers: 2,
			maxPlayers: 2,
			tickRate: 30,
			startsWith: 2,
			view: z.object({
				ball: z.object({ x: tenth, y: tenth }),
				sides: z.array(z.object({ id: z.string(), name: z.string(), y: tenth, score: z.int() })),
				serving: z.boolean(),
			}),
			input: z.object({ move: z.int().min(-1).max(1) }),

			start(game): State {
				game.after(1000, "serve");
				const sides = game.players.map(({ id, name }) => ({ id, name, y: HEIGHT / 2, move: 0, score: 0 }));
				return { ball: { x: WIDTH / 2, y: HEIGHT / 2 }, sides, dx: 0, dy: 0, serving: true };
			},

			onInput(state, { move }, player) {
				const side = state.sides.find(({ id }) => id === player.id);
				if (side !== undefined) side.move = move;
			},

			timers: {
				serve(state, _data, game) {
					state.serving = false;
					state.dx = game.pick([-3, 3]);
					state.dy = game.random() * 4 - 2;
				},
			},

			tick(state, game) {
				const { ball, sides } = state;
				for (const side of sides) side.y = Math.min(HEIGHT, Math.max(0, side.y + side.move * 3));
				ball.x += state.dx;
				ball.y += state.dy;
				if (ball.y < 0 || ball.y > HEIGHT) {
					state.dy = -state.dy;
					ball.y = Math.min(HEIGHT, Math.max(0, ball.y));
				}
				if (ball.x > 0 && ball.x < WIDTH) return;
				const [left, right] = sides;
				const [side, other] = ball.x <= 0 ? [left, right] : [right, left];
				if (side === undefined || other === undefined) return;
				ball.x = ball.x <= 0 ? 0 : WIDTH;
				if (Math.abs(ball.y - side.y) <= PADDLE / 2) {
					// Faster, and the way the paddle was hit.
					state.dx = -state.dx * 1.05;
					state.dy = (ball.y - side.y) / 4;
					return;
				}
				other.score++;
				if (other.score >= WIN) {
					game.end({ [other.id]: "won", [side.id]: "lost" });
					return;
				}
				Object.assign(state, { dx: 0, dy: 0, serving: true });
				Object.assign(ball, { x: WIDTH / 2, y: HEIGHT / 2 });
				game.after(500, "serve");
			},
		}),
	},
});
