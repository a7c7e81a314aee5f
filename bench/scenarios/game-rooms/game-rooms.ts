// Games in real time on one process: 50 rooms of 8 players at 20 ticks a second, each player sending five inputs a second. How late ticks
// are, what players are sent beside whole states, and what it costs.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "../../../client/index.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { pushes } from "../../../protocol/gen/schema.ts";
import { type Outcome, pause, type Scenario } from "../../scenario.ts";
import { metricOf } from "../../servers/framegate.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { GAME } from "./source.ts";

const PLAYERS = 8;
const INPUTS_PER_SECOND = 5;
const LATENESS = "framegate_game_tick_lateness_seconds";
const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

async function enter(port: number, index: number): Promise<Client> {
	const client = createClient({ url: `ws://127.0.0.1:${port}/ws`, requestTimeoutMs: 60_000 });
	const [username, password] = [`player-${index}`, "correct horse battery staple"];
	await client.connect();
	await client.auth.register({ username, password });
	await client.login({ username, password });
	return client;
}

interface Counts {
	readonly bytes: number;
	readonly ticks: number;
	readonly missed: number;
	readonly cpuUs: number;
	readonly within: readonly number[];
}

async function counts(server: ServerProcess): Promise<Counts> {
	const { port } = server;
	return {
		cpuUs: server.threadsUs(),
		bytes: await metricOf(port, "framegate_game_state_bytes_total"),
		ticks: await metricOf(port, `${LATENESS}_count`),
		missed: await metricOf(port, "framegate_game_ticks_missed_total"),
		within: await Promise.all(BOUNDS.map((bound) => metricOf(port, `${LATENESS}_bucket{le="${bound}"}`))),
	};
}

/** Length of the push of a whole state, without the description that goes with the first one. */
async function wholeBytes(client: Client, roomId: string): Promise<number> {
	const { gameState } = await client.rooms.state({ roomId });
	const { number, message } = pushes.gameState;
	return new EnvelopeWriter().push(number, message, { ...gameState, schema: "" }).length;
}

async function measure(server: ServerProcess, rooms: number, seconds: number) {
	const clients: Client[] = [];
	// Hashing of passwords is not what is measured.
	for (let index = 0; index < rooms * PLAYERS; index += 20) {
		const batch = Array.from({ length: Math.min(20, rooms * PLAYERS - index) }, (_, more) =>
			enter(server.port, index + more),
		);
		clients.push(...(await Promise.all(batch)));
	}
	const roomIds: string[] = [];
	for (let room = 0; room < rooms; room++) {
		const players = clients.slice(room * PLAYERS, (room + 1) * PLAYERS);
		const [host, ...others] = players as [Client, ...Client[]];
		const roomId = (await host.rooms.create({ name: `room ${room}`, game: "field" })).room?.id ?? "";
		for (const other of others) await other.rooms.join({ roomId });
		roomIds.push(roomId);
	}
	let inputs = 0;
	const timer = setInterval(() => {
		// A part of all players each time.
		for (let sent = 0; sent < (clients.length * INPUTS_PER_SECOND) / 50; sent++, inputs++) {
			const index = inputs % clients.length;
			const angle = inputs;
			const input = { dx: Math.cos(angle), dy: Math.sin(angle) };
			clients[index]?.rooms.input(roomIds[Math.floor(index / PLAYERS)] ?? "", input).catch(() => {});
		}
	}, 20);
	await pause(3000);
	const before = await counts(server);
	const beganMs = performance.now();
	const wholes: number[] = [];
	for (let second = 0; second < seconds; second++) {
		await pause(1000);
		wholes.push(await wholeBytes(clients[0] as Client, roomIds[0] ?? ""));
	}
	const after = await counts(server);
	const tookMs = performance.now() - beganMs;
	clearInterval(timer);
	for (const client of clients) client.close();
	return { before, after, tookMs, wholes, inputs };
}

function outcome({ before, after, tookMs, wholes, inputs }: Awaited<ReturnType<typeof measure>>): Outcome {
	const ticks = after.ticks - before.ticks;
	const shares = BOUNDS.map((_, index) => ((after.within[index] ?? 0) - (before.within[index] ?? 0)) / ticks);
	const p99 = BOUNDS[shares.findIndex((share) => share >= 0.99)] ?? Number.POSITIVE_INFINITY;
	const whole = wholes.reduce((sum, length) => sum + length, 0) / wholes.length;
	const perPush = (after.bytes - before.bytes) / (ticks * PLAYERS);
	const share = perPush / whole;
	const cpu = (after.cpuUs - before.cpuUs) / 1000 / tookMs;
	const row = (what: string, result: string, budget = "") => ({ what, values: {}, result, budget });
	return {
		figures: {
			ticks_per_second: (ticks / tookMs) * 1000,
			tick_lateness_p99_ms: p99 * 1000,
			ticks_missed: after.missed - before.missed,
			bytes_of_whole: share,
			cpu_cores: cpu,
		},
		raw: { before, after, tookMs, wholes, inputs },
		rows: [
			row("ticks a second", ((ticks / tookMs) * 1000).toFixed(0)),
			row(
				"ticks that were at most 1, 2, 5, 10 ms late",
				shares
					.slice(0, 4)
					.map((one) => `${(one * 100).toFixed(2)} %`)
					.join(", "),
			),
			row("tick lateness p99 (ms), upper bound", `${p99 * 1000}`, "≤ 5"),
			row("ticks missed", `${after.missed - before.missed}`, "0"),
			row("bytes of a difference, of a whole state", `${perPush.toFixed(0)}, ${whole.toFixed(0)}`),
			row("difference : whole state", share.toFixed(3), "≤ 0.25"),
			row("CPU of the gateway, cores", cpu.toFixed(2)),
		],
	};
}

export const gameRooms: Scenario = {
	name: "game-rooms",
	title: "50 rooms of 8 players at 20 ticks a second",
	defaults: { connections: 400, seconds: 20 },
	steps: () => 1,
	async run(context) {
		const dir = mkdtempSync(join(tmpdir(), "framegate-bench-games-"));
		writeFileSync(join(dir, "field.ts"), GAME);
		try {
			const server = await context.start("framegate", {
				FRAMEGATE_MODULES_DIR: dir,
				FRAMEGATE_GAMES_START_RATE_PER_SECOND: "0",
				FRAMEGATE_LOG_LEVEL: "warn",
			});
			context.progress.step("games");
			const { connections, seconds } = context.settings;
			return outcome(await measure(server, Math.ceil(connections / PLAYERS), seconds));
		} finally {
			rmSync(dir, { recursive: true, force: true });
		}
	},
};
