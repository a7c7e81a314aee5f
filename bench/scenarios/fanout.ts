// Server CPU per delivery in one room with all clients subscribed: framegate against a bare publish of the same bytes.
import { openLanes, ROOM_SUBJECTS, type RoomLane } from "../rooms.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { pause, showSummary, subjectTitles, summary } from "../scenario.ts";

const ROUNDS = 5;
/** Messages of one publisher a second. Few enough that each of them is delivered before the next one comes. */
const MESSAGES_PER_SECOND = 4;
const WARM_UP_SECONDS = 1.5;
/** Ten thousand users who join one after the other would each be notified of every later one. */
const SESSIONS_PER_USER = 100;
const IDLE_MS = 1500;

interface Measurement {
	readonly subject: Subject;
	readonly messages: number;
	readonly deliveries: number;
	readonly cpuUsPerDelivery: number;
	/** From the intended sending until a subscriber had it. */
	readonly p50Us: number;
	readonly p99Us: number;
}

interface Lane extends RoomLane {
	/** CPU that the server uses with its clients connected and silent, in microseconds a second. */
	idleUsPerSecond: number;
}

const publish = (context: Context, lane: RoomLane, seconds: number) =>
	context.fleet.publish(lane.subject, {
		publishers: [0],
		messages: lane.messages.slice(0, 1),
		perSecond: context.settings.rate ?? MESSAGES_PER_SECOND,
		seconds,
		membersPerRoom: lane.membersPerRoom,
	});

async function measure(context: Context, lane: Lane): Promise<Measurement> {
	const cpuBefore = lane.server.cpuUs();
	const startMs = performance.now();
	const { sent, delivered, latency } = await publish(context, lane, context.settings.seconds);
	const elapsedSeconds = (performance.now() - startMs) / 1000;
	const cpuUs = lane.server.cpuUs() - cpuBefore - lane.idleUsPerSecond * elapsedSeconds;
	return {
		subject: lane.subject,
		messages: sent,
		deliveries: delivered,
		cpuUsPerDelivery: cpuUs / delivered,
		p50Us: latency.getValueAtPercentile(50),
		p99Us: latency.getValueAtPercentile(99),
	};
}

function outcome(rounds: readonly Measurement[]): Outcome {
	const values = (subject: Subject, figure: "cpuUsPerDelivery" | "p50Us" | "p99Us"): number[] =>
		rounds.filter((round) => round.subject === subject).map((round) => round[figure]);
	const ratios = (subject: Subject, figure: "cpuUsPerDelivery" | "p99Us"): Summary => {
		const floor = values("uws", figure);
		return summary(values(subject, figure).map((value, round) => value / (floor[round] as number)));
	};
	const row = (what: string, figure: "cpuUsPerDelivery" | "p50Us" | "p99Us", digits: number): Row => ({
		what,
		values: Object.fromEntries(
			ROOM_SUBJECTS.map((subject) => [subject, showSummary(summary(values(subject, figure)), digits)]),
		),
	});
	const own = ratios("framegate", "cpuUsPerDelivery");
	const socketio = ratios("socketio", "cpuUsPerDelivery");
	return {
		figures: {
			ratio: { cpu_per_delivery: own.median, cpu_per_delivery_socketio: socketio.median },
			spread: { cpu_per_delivery: own, cpu_per_delivery_socketio: socketio },
		},
		raw: rounds,
		rows: [
			{ ...row("CPU per delivery (µs)", "cpuUsPerDelivery", 3), result: showSummary(own), budget: "≤ 1.1" },
			row("p50 (µs)", "p50Us", 0),
			{ ...row("p99 (µs)", "p99Us", 0), result: showSummary(ratios("framegate", "p99Us")) },
		],
	};
}

export const fanout: Scenario = {
	name: "fanout",
	title: "one publisher, all clients subscribed: server CPU per delivery",
	defaults: { connections: 10_000, seconds: 3 },
	steps: () => ROOM_SUBJECTS.length + 1 + ROUNDS * ROOM_SUBJECTS.length,
	async run(context) {
		const plan = { rooms: 1, membersPerRoom: context.settings.connections, sessionsPerUser: SESSIONS_PER_USER };
		const opened = await openLanes(context, plan, (lane) => publish(context, lane, WARM_UP_SECONDS));
		const lanes: Lane[] = opened.map((lane) => ({ ...lane, idleUsPerSecond: 0 }));
		context.progress.step("idle");
		const before = lanes.map((lane) => lane.server.cpuUs());
		await pause(IDLE_MS);
		for (const [index, lane] of lanes.entries()) {
			lane.idleUsPerSecond = ((lane.server.cpuUs() - (before[index] as number)) * 1000) / IDLE_MS;
		}
		const rounds: Measurement[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			for (const lane of lanes) {
				context.progress.step(`round ${round}: ${subjectTitles[lane.subject]}`);
				rounds.push(await measure(context, lane));
			}
		}
		for (const lane of lanes) await context.fleet.disconnect(lane.subject);
		return outcome(rounds);
	},
};
