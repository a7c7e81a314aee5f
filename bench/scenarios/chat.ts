// Many rooms, everybody talks: time from when a message was to be sent until each member of its room has it.
import type { SpeechFigures } from "../load/fleet.ts";
import { openLanes, ROOM_SUBJECTS, type RoomLane } from "../rooms.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { showSummary, subjectTitles, summary } from "../scenario.ts";

const ROUNDS = 3;
const MEMBERS_PER_ROOM = 10;
const MESSAGES_PER_SECOND = 5000;
const WARM_UP_SECONDS = 2;
/** Few enough that nobody meets the limits on what one user may send. */
const SESSIONS_PER_USER = 10;

interface Measurement {
	readonly subject: Subject;
	readonly messages: number;
	readonly deliveries: number;
	readonly p50Us: number;
	readonly p90Us: number;
	readonly p99Us: number;
	readonly p999Us: number;
	readonly maxUs: number;
	readonly cpuUsPerMessage: number;
	/** How late the generator itself was; part of the latency. */
	readonly latenessP99Us: number;
}

type Figure = Exclude<keyof Measurement, "subject" | "messages" | "deliveries">;

function speak(context: Context, lane: RoomLane, seconds: number): Promise<SpeechFigures> {
	const { messages, membersPerRoom } = lane;
	const speakers = turns(context.settings.connections, membersPerRoom);
	return context.fleet.speak(lane.subject, {
		speakers,
		messages: speakers.map((member) => messages[member % messages.length] as Uint8Array),
		perSecond: context.settings.rate ?? MESSAGES_PER_SECOND,
		seconds,
		membersPerRoom,
	});
}

/** Everybody speaks in turn, room by room, so that the messages of one room lie as far apart as they can. */
function turns(connections: number, membersPerRoom: number): number[] {
	const rooms = Math.floor(connections / membersPerRoom);
	return Array.from({ length: rooms * membersPerRoom }, (_, turn) => {
		return (turn % rooms) * membersPerRoom + Math.floor(turn / rooms);
	});
}

async function measure(context: Context, lane: RoomLane): Promise<Measurement> {
	const cpuBefore = lane.server.cpuUs();
	const { sent, delivered, latency, lateness } = await speak(context, lane, context.settings.seconds);
	return {
		subject: lane.subject,
		messages: sent,
		deliveries: delivered,
		p50Us: latency.getValueAtPercentile(50),
		p90Us: latency.getValueAtPercentile(90),
		p99Us: latency.getValueAtPercentile(99),
		p999Us: latency.getValueAtPercentile(99.9),
		maxUs: latency.maxValue,
		cpuUsPerMessage: (lane.server.cpuUs() - cpuBefore) / sent,
		latenessP99Us: lateness.getValueAtPercentile(99),
	};
}

function outcome(rounds: readonly Measurement[]): Outcome {
	const values = (subject: Subject, figure: Figure): number[] =>
		rounds.filter((round) => round.subject === subject).map((round) => round[figure]);
	const ratios = (subject: Subject, figure: Figure): Summary => {
		const floor = values("uws", figure);
		return summary(values(subject, figure).map((value, round) => value / (floor[round] as number)));
	};
	const row = (what: string, figure: Figure, digits = 0): Row => ({
		what,
		values: Object.fromEntries(
			ROOM_SUBJECTS.map((subject) => [subject, showSummary(summary(values(subject, figure)), digits)]),
		),
		result: showSummary(ratios("framegate", figure)),
	});
	const figures = { p50: "p50Us", p99: "p99Us", p999: "p999Us", cpu_per_message: "cpuUsPerMessage" } as const;
	const all = (subject: Subject, suffix: string): [string, Summary][] =>
		Object.entries(figures).map(([name, figure]) => [`${name}${suffix}`, ratios(subject, figure)]);
	const spread = Object.fromEntries([...all("framegate", ""), ...all("socketio", "_socketio")]);
	const ratio = Object.fromEntries(Object.entries(spread).map(([name, { median }]) => [name, median]));
	return {
		figures: { ratio, spread },
		raw: rounds,
		rows: [
			row("p50 (µs)", "p50Us"),
			row("p90 (µs)", "p90Us"),
			row("p99 (µs)", "p99Us"),
			row("p99.9 (µs)", "p999Us"),
			row("maximum (µs)", "maxUs"),
			row("of which the generator, p99 (µs)", "latenessP99Us"),
			row("server CPU per message (µs)", "cpuUsPerMessage", 1),
		],
	};
}

export const chat: Scenario = {
	name: "chat",
	title: `rooms of ${MEMBERS_PER_ROOM}, everybody talks: latency until each member has a message`,
	defaults: { connections: 10_000, seconds: 4 },
	steps: () => ROOM_SUBJECTS.length + ROUNDS * ROOM_SUBJECTS.length,
	async run(context) {
		const rooms = Math.max(1, Math.floor(context.settings.connections / MEMBERS_PER_ROOM));
		const plan = { rooms, membersPerRoom: MEMBERS_PER_ROOM, sessionsPerUser: SESSIONS_PER_USER };
		const lanes = await openLanes(context, plan, (lane) => speak(context, lane, WARM_UP_SECONDS));
		const rounds: Measurement[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			for (const lane of lanes) {
				context.progress.step(`round ${round}: ${subjectTitles[lane.subject]}`);
				rounds.push(await measure(context, lane));
			}
		}
		for (const lane of lanes) await context.fleet.disperse(lane.subject);
		return outcome(rounds);
	},
};
