// Metrics of game rooms.
import { counter, gauge, histogram, labelledCounter, type MetricDefinition } from "../../common/metrics.ts";
import type { LiveRooms } from "./realtime/live-rooms.ts";
import { LATENESS_BOUNDS } from "./realtime/tick-scheduler.ts";

export interface GameFigures {
	/** Rooms that this process owns now. */
	readonly heldRooms: number;
	/** Since the start. */
	readonly takeovers: number;
	readonly live: LiveRooms;
}

export function gameMetrics(games: GameFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_game_rooms", "Game rooms that this process owns.", () => games.heldRooms),
		counter(
			"framegate_game_room_takeovers_total",
			"Game rooms taken over from processes that died or released them.",
			() => games.takeovers,
		),
		...realtimeMetrics(games.live),
	];
}

function realtimeMetrics({ figures, scheduler, relay }: LiveRooms): readonly MetricDefinition[] {
	const { figures: ticks } = scheduler;
	return [
		gauge("framegate_game_realtime_games", "Games in real time that run on this process.", () => figures.running),
		histogram("framegate_game_tick_lateness_seconds", "How late ticks of games in real time began.", () => [
			{
				labels: {},
				bounds: LATENESS_BOUNDS,
				buckets: ticks.lateness.buckets,
				sum: ticks.lateness.sum,
				count: ticks.ticks,
			},
		]),
		counter(
			"framegate_game_ticks_missed_total",
			"Ticks that were left out since the process had no time for them: game time went more slowly.",
			() => ticks.missed,
		),
		counter(
			"framegate_game_tick_overruns_total",
			"Ticks that took longer than games.realtime.maxTickMs.",
			() => figures.overruns,
		),
		labelledCounter(
			"framegate_game_inputs_total",
			"Inputs of players of games in real time, by outcome: taken, refused.",
			["outcome"],
			() => [[{ outcome: "taken" }, figures.inputs] as const, [{ outcome: "refused" }, figures.refusedInputs] as const],
		),
		counter(
			"framegate_game_failures_total",
			"Games in real time that were ended since their code failed.",
			() => figures.failures,
		),
		counter(
			"framegate_game_state_bytes_total",
			"Bytes of states and differences of games in real time sent to players, before their text form.",
			() => relay.sentBytes,
		),
	];
}
