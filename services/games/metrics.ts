// Metrics of game rooms.
import { counter, gauge, type MetricDefinition } from "../../common/metrics.ts";

export interface GameFigures {
	/** Rooms that this process owns now. */
	readonly heldRooms: number;
	/** Since the start. */
	readonly takeovers: number;
}

export function gameMetrics(games: GameFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_game_rooms", "Game rooms that this process owns.", () => games.heldRooms),
		counter(
			"framegate_game_room_takeovers_total",
			"Game rooms taken over from processes that died or released them.",
			() => games.takeovers,
		),
	];
}
