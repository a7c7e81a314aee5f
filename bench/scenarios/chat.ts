// Many rooms, everybody talks: time from when a message was to be sent until each member of its room has it. Then the same
// with one more connection in each room that has stopped reading.
import { setTimeout } from "node:timers/promises";
import { CloseCode } from "../../protocol/codes.ts";
import { chatRoutes } from "../../protocol/gen/schema.ts";
import type { SpeechFigures } from "../load/fleet.ts";
import { percentileCurve } from "../load/histogram.ts";
import { type StalledFates, StalledReaders } from "../load/stalled-readers.ts";
import { openLanes, ROOM_SUBJECTS, type RoomLane } from "../rooms.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { showSummary, subjectTitles, summary } from "../scenario.ts";

const ROUNDS = 3;
const MEMBERS_PER_ROOM = 10;
const MESSAGES_PER_SECOND = 5000;
/**
 * The others' share of the rate while readers stall. Two cores that also carry the generator are full at the whole rate:
 * the least that is added would show as overload, and say nothing about the readers.
 */
const STALLED_RATE_SHARE = 0.4;
const WARM_UP_SECONDS = 2;
/** Few enough that nobody meets the limits on what one user may send. */
const SESSIONS_PER_USER = 10;

/** The first message of each room: what stalled readers ask for and do not read. */
const LONG_MESSAGE_BYTES = 32_768;
/** Together a little less than the gateway holds for a client that does not read, limits.maxBackpressureBytes. */
const ASKED_BEFORE = 32;
/** Enough to be more than that, with the 50 KB that the kernel takes. */
const ASKED_BEYOND = 6;
/** Of so many readers one goes beyond it while the others talk; the rest later, as answering them is work of its own. */
const READERS_PER_EARLY_ONE = 10;
/** The gateway tears down whoever does not close within 5 s; reading a gigabyte through small segments takes its time. */
const ENDED_WITHIN_SECONDS = 30;
const ANSWERED_WITHIN_MS = 20_000;
const POLL_MS = 50;

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
	/** Percentiles and their microseconds. */
	readonly curve: readonly (readonly [number, number])[];
}

/** What a run with stalled readers adds. */
interface StalledMeasurement extends Measurement {
	readonly readers: number;
	readonly fates: StalledFates;
	/** Slow consumers that the gateway has counted. */
	readonly counted: number;
}

interface Round {
	readonly plain: readonly Measurement[];
	/** At the lower rate, without and with stalled readers. */
	readonly calm: Measurement;
	readonly stalled: StalledMeasurement;
}

type Figure = Exclude<keyof Measurement, "subject" | "messages" | "deliveries" | "curve">;

function speak(context: Context, lane: RoomLane, seconds: number, share = 1): Promise<SpeechFigures> {
	const { messages, membersPerRoom } = lane;
	const speakers = turns(context.settings.connections, membersPerRoom);
	return context.fleet.speak(lane.subject, {
		speakers,
		messages: speakers.map((member) => messages[member % messages.length] as Uint8Array),
		perSecond: (context.settings.rate ?? MESSAGES_PER_SECOND) * share,
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

async function measure(context: Context, lane: RoomLane, share = 1): Promise<Measurement> {
	const cpuBefore = lane.server.cpuUs();
	const { sent, delivered, latency, lateness } = await speak(context, lane, context.settings.seconds, share);
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
		curve: percentileCurve(latency),
	};
}

/** The same with a stalled reader in each room, for whom the gateway holds almost as much as it may. */
async function measureStalled(context: Context, lane: RoomLane): Promise<StalledMeasurement> {
	const { port } = lane.server;
	// A second connection of a member of each room.
	const members = lane.members.filter((_, member) => member % lane.membersPerRoom === 0);
	const readers = new StalledReaders();
	try {
		await readers.open(port, members);
		const [answeredBefore, countedBefore] = await Promise.all([answered(port), slowConsumers(port)]);
		await readers.ask(ASKED_BEFORE);
		const asked = ASKED_BEFORE * members.length;
		if (!(await becomes(async () => (await answered(port)) >= answeredBefore + asked))) {
			throw new Error("the stalled readers' requests were not answered in time");
		}
		// What is measured is the readers that stall, not the garbage of what they asked for.
		await speak(context, lane, WARM_UP_SECONDS, STALLED_RATE_SHARE);
		const [measurement] = await Promise.all([
			measure(context, lane, STALLED_RATE_SHARE),
			readers.ask(ASKED_BEYOND, context.settings.seconds, READERS_PER_EARLY_ONE),
		]);
		await readers.ask(ASKED_BEYOND);
		// If not, the figures say so.
		await becomes(async () => (await slowConsumers(port)) >= countedBefore + members.length);
		const fates = await readers.finish(ENDED_WITHIN_SECONDS);
		const counted = (await slowConsumers(port)) - countedBefore;
		return { ...measurement, readers: members.length, fates, counted };
	} finally {
		readers.end();
	}
}

async function becomes(met: () => Promise<boolean>): Promise<boolean> {
	const deadline = performance.now() + ANSWERED_WITHIN_MS;
	while (!(await met())) {
		if (performance.now() > deadline) return false;
		await setTimeout(POLL_MS);
	}
	return true;
}

/** Requests for history that the gateway has answered. */
async function answered(port: number): Promise<number> {
	const series = `framegate_requests_total{route="${chatRoutes.getHistory.name}",code="OK"}`;
	return await metric(port, series);
}

/** Clients that did not read what had to reach them; each is closed for it. */
function slowConsumers(port: number): Promise<number> {
	return metric(port, "framegate_messages_dropped_total");
}

async function metric(port: number, series: string): Promise<number> {
	const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
	return Number(line?.slice(series.length + 1) ?? 0);
}

function outcome(rounds: readonly Round[]): Outcome {
	const plain = rounds.flatMap((round) => round.plain);
	const values = (subject: Subject, figure: Figure): number[] =>
		plain.filter((measured) => measured.subject === subject).map((measured) => measured[figure]);
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
	const spread = Object.fromEntries([
		...all("framegate", ""),
		...all("socketio", "_socketio"),
		["p99_with_stalled_readers", withStalled(rounds)],
	]);
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
			...stalledRows(rounds),
		],
	};
}

/** The others' p99 with stalled readers, over the same without them. */
function withStalled(rounds: readonly Round[]): Summary {
	return summary(rounds.map(({ calm, stalled }) => stalled.p99Us / calm.p99Us));
}

function stalledRows(rounds: readonly Round[]): Row[] {
	const stalled = rounds.map((round) => round.stalled);
	const sum = (of: (one: StalledMeasurement) => number): number => stalled.reduce((total, one) => total + of(one), 0);
	const readers = sum((one) => one.readers);
	const told = sum(({ fates }) => fates.codes[String(CloseCode.SLOW_CONSUMER)] ?? 0);
	const cutOff = sum(({ fates }) => fates.cutOff);
	const fates = `${told} told, ${cutOff} torn down, ${sum((one) => one.counted)} counted, of ${readers}`;
	const p99 = showSummary(summary(stalled.map((one) => one.p99Us)), 0);
	const calm = showSummary(summary(rounds.map((round) => round.calm.p99Us)), 0);
	return [
		{ what: `p99 at ${STALLED_RATE_SHARE * 100} % of the rate (µs)`, values: { framegate: calm } },
		{
			what: "the others' with a stalled reader in each room (µs)",
			values: { framegate: p99 },
			result: `${showSummary(withStalled(rounds))} × without`,
		},
		{ what: "stalled readers closed as slow consumers", values: { framegate: fates } },
	];
}

export const chat: Scenario = {
	name: "chat",
	title: `rooms of ${MEMBERS_PER_ROOM}, everybody talks: latency until each member has a message`,
	defaults: { connections: 10_000, seconds: 4 },
	steps: () => ROOM_SUBJECTS.length + ROUNDS * (ROOM_SUBJECTS.length + 1),
	async run(context) {
		const rooms = Math.max(1, Math.floor(context.settings.connections / MEMBERS_PER_ROOM));
		const plan = {
			...{ rooms, membersPerRoom: MEMBERS_PER_ROOM, sessionsPerUser: SESSIONS_PER_USER },
			firstMessageBytes: LONG_MESSAGE_BYTES,
		};
		const lanes = await openLanes(context, plan, (lane) => speak(context, lane, WARM_UP_SECONDS));
		const [gateway] = lanes;
		if (gateway === undefined) throw new Error("nothing is measured");
		const rounds: Round[] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			const plain: Measurement[] = [];
			for (const lane of lanes) {
				context.progress.step(`round ${round}: ${subjectTitles[lane.subject]}`);
				plain.push(await measure(context, lane));
			}
			context.progress.step(`round ${round}: ${subjectTitles[gateway.subject]}, with stalled readers`);
			const calm = await measure(context, gateway, STALLED_RATE_SHARE);
			rounds.push({ plain, calm, stalled: await measureStalled(context, gateway) });
		}
		for (const lane of lanes) await context.fleet.disperse(lane.subject);
		return outcome(rounds);
	},
};
