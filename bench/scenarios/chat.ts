// Many rooms, every member publishes: time from when a message was to be sent until each member of its room has it. Then the same
// with one more connection in each room, that reads or has stopped reading.
import { setTimeout } from "node:timers/promises";
import { chatRoutes } from "../../protocol/gen/schema.ts";
import type { PublishFigures } from "../load/fleet.ts";
import { percentileCurve } from "../load/histogram.ts";
import { type StalledFates, StalledReaders } from "../load/stalled-readers.ts";
import { openLanes, ROOM_SUBJECTS, type RoomLane } from "../rooms.ts";
import type { Context, Outcome, Row, Scenario, Subject, Summary } from "../scenario.ts";
import { showSummary, subjectTitles, summary } from "../scenario.ts";
import type { ChatMemberEntry } from "../servers/chat-rooms.ts";
import { metricOf } from "../servers/framegate.ts";

const ROUNDS = 3;
/** Of runs with one more reader in each room. */
const PAIRS = 2;
const MEMBERS_PER_ROOM = 10;
const MESSAGES_PER_SECOND = 5000;
/**
 * The others' share of the rate while readers stall. Two cores that also carry the generator are full at the whole rate:
 * the least that is added would show as overload, and say nothing about the readers.
 */
const STALLED_RATE_SHARE = 0.4;
const WARM_UP_SECONDS = 2;
/** Of the usual time: these two are compared with each other, at a rate that gives fewer values. */
const STALLED_TIMES = 2;
/** Few enough that no client exceeds the limits on what one user may send. */
const SESSIONS_PER_USER = 10;

/** The first message of each room: what stalled readers ask for and do not read. */
const LONG_MESSAGE_BYTES = 24_576;
/** Together more than the gateway keeps of replies for a client that does not read, half of limits.maxBackpressureBytes. */
const ASKED = 24;
/** Of these, asked in one step: what the kernel takes for one that reads. */
const READ_AT_ONCE = 8;
/** For 600 MB through small segments. */
const READ_WITHIN_SECONDS = 60;
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
	/** Requests of them that waited for them to read, of all that they sent. */
	readonly held: number;
	readonly asked: number;
	readonly fates: StalledFates;
}

/** At the lower rate, with one more reader in each room that reads, and with one that does not. */
interface Pair {
	readonly calm: Measurement;
	readonly stalled: StalledMeasurement;
}

interface Raw {
	readonly rounds: readonly (readonly Measurement[])[];
	readonly pairs: readonly Pair[];
}

type Figure = Exclude<keyof Measurement, "subject" | "messages" | "deliveries" | "curve">;

function publish(context: Context, lane: RoomLane, seconds: number, share = 1): Promise<PublishFigures> {
	const { messages, membersPerRoom } = lane;
	const publishers = turns(context.settings.connections, membersPerRoom);
	return context.fleet.publish(lane.subject, {
		publishers,
		messages: publishers.map((member) => messages[member % messages.length] as Uint8Array),
		perSecond: (context.settings.rate ?? MESSAGES_PER_SECOND) * share,
		seconds,
		membersPerRoom,
	});
}

/** All members publish in turn, room by room, so that the messages of one room lie as far apart as they can. */
function turns(connections: number, membersPerRoom: number): number[] {
	const rooms = Math.floor(connections / membersPerRoom);
	return Array.from({ length: rooms * membersPerRoom }, (_, turn) => {
		return (turn % rooms) * membersPerRoom + Math.floor(turn / rooms);
	});
}

async function measure(context: Context, lane: RoomLane, times = 1, share = 1): Promise<Measurement> {
	const cpuBefore = lane.server.cpuUs();
	const { sent, delivered, latency, lateness } = await publish(context, lane, times * context.settings.seconds, share);
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

/** A second connection of one member of each room. */
function readersOf({ members, membersPerRoom }: RoomLane): readonly ChatMemberEntry[] {
	return members.filter((_, member) => member % membersPerRoom === 0);
}

/** Of the members, while the readers read or do not. */
async function measureOthers(context: Context, lane: RoomLane): Promise<Measurement> {
	// What is measured is the readers, not the garbage of what they came with.
	await publish(context, lane, WARM_UP_SECONDS, STALLED_RATE_SHARE);
	return await measure(context, lane, STALLED_TIMES, STALLED_RATE_SHARE);
}

async function measureCalm(context: Context, lane: RoomLane): Promise<Measurement> {
	const readers = new StalledReaders();
	try {
		await readers.open(lane.server.port, readersOf(lane), false);
		for (let asked = 0; asked < ASKED; asked += READ_AT_ONCE) {
			await readers.ask(READ_AT_ONCE);
			await readers.read();
		}
		return await measureOthers(context, lane);
	} finally {
		readers.end();
	}
}

/** Which of the two comes first alternates: earlier messages affect what is measured later. */
async function measurePair(context: Context, lane: RoomLane, pair: number): Promise<Pair> {
	const announce = (what: string): void =>
		context.progress.step(`pair ${pair}: ${subjectTitles[lane.subject]}, one more in each room that ${what}`);
	const calmFirst = pair % 2 === 1;
	let calm: Measurement | undefined;
	if (calmFirst) {
		announce("reads");
		calm = await measureCalm(context, lane);
	}
	announce("has stopped reading");
	const stalled = await measureStalled(context, lane);
	if (calm !== undefined) return { calm, stalled };
	announce("reads");
	return { calm: await measureCalm(context, lane), stalled };
}

/**
 * With a stalled reader in each room that has asked for more than the gateway keeps for it. The requests beyond that wait until it
 * reads, and none is lost.
 */
async function measureStalled(context: Context, lane: RoomLane): Promise<StalledMeasurement> {
	const { port } = lane.server;
	const members = readersOf(lane);
	const readers = new StalledReaders();
	try {
		await readers.open(port, members, true);
		const [answeredBefore, heldBefore] = await Promise.all([answered(port), heldRequests(port)]);
		const asked = ASKED * members.length;
		const held = async (): Promise<number> => (await heldRequests(port)) - heldBefore;
		// In steps: all requests at once would be refused, or time out in the queue of the database.
		for (let each = READ_AT_ONCE; each <= ASKED; each += READ_AT_ONCE) {
			await readers.ask(READ_AT_ONCE);
			let settled = 0;
			const areSettled = async (): Promise<boolean> => {
				settled = (await answered(port)) - answeredBefore + (await held());
				return settled >= each * members.length;
			};
			if (await becomes(areSettled)) continue;
			throw new Error(
				`of ${each * members.length} requests of the stalled readers ${settled} were answered or held in time`,
			);
		}
		const measurement = await measureOthers(context, lane);
		const figures = { readers: members.length, held: await held(), asked };
		return { ...measurement, ...figures, fates: await readers.finish(ASKED, LONG_MESSAGE_BYTES, READ_WITHIN_SECONDS) };
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
	return await metricOf(port, series);
}

/** Requests that had to wait until their client had read the replies before. */
function heldRequests(port: number): Promise<number> {
	return metricOf(port, "framegate_requests_held_total");
}

function outcome({ rounds, pairs }: Raw): Outcome {
	const plain = rounds.flat();
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
		["p99_with_stalled_readers", withStalled(pairs, "p99Us")],
		["cpu_per_message_with_stalled_readers", withStalled(pairs, "cpuUsPerMessage")],
	]);
	const ratio = Object.fromEntries(Object.entries(spread).map(([name, { median }]) => [name, median]));
	return {
		figures: { ratio, spread },
		raw: { rounds, pairs } satisfies Raw,
		rows: [
			row("p50 (µs)", "p50Us"),
			row("p90 (µs)", "p90Us"),
			row("p99 (µs)", "p99Us"),
			row("p99.9 (µs)", "p999Us"),
			row("maximum (µs)", "maxUs"),
			row("of which the generator, p99 (µs)", "latenessP99Us"),
			row("server CPU per message (µs)", "cpuUsPerMessage", 1),
			...stalledRows(pairs),
		],
	};
}

/** Of the others, where one in each room has stopped reading, over the same where it reads. */
function withStalled(pairs: readonly Pair[], figure: Figure): Summary {
	return summary(pairs.map(({ calm, stalled }) => stalled[figure] / calm[figure]));
}

function stalledRows(pairs: readonly Pair[]): Row[] {
	const stalled = pairs.map((pair) => pair.stalled);
	const calm = pairs.map((pair) => pair.calm);
	const sum = (of: (one: StalledMeasurement) => number): number => stalled.reduce((total, one) => total + of(one), 0);
	const readers = sum((one) => one.readers);
	const held = `${sum((one) => one.held)} of ${sum((one) => one.asked)}`;
	const fates = `${sum(({ fates }) => fates.complete)} of ${readers}`;
	const show = (of: readonly Measurement[], figure: Figure): string =>
		showSummary(summary(of.map((one) => one[figure])), 0);
	const pair = (what: string, figure: Figure): Row[] => [
		{
			what: `${what} at ${STALLED_RATE_SHARE * 100} % of the rate, one more reader in each room`,
			values: { framegate: show(calm, figure) },
		},
		{
			what: `the others' ${what}, that reader stalled`,
			values: { framegate: show(stalled, figure) },
			result: `${showSummary(withStalled(pairs, figure))} × reading`,
		},
	];
	return [
		...pair("p99 (µs)", "p99Us"),
		...pair("CPU per message (µs)", "cpuUsPerMessage"),
		{ what: "requests of the stalled readers that waited", values: { framegate: held } },
		{ what: "stalled readers that read again and had every reply", values: { framegate: fates } },
	];
}

export const chat: Scenario = {
	name: "chat",
	title: `rooms of ${MEMBERS_PER_ROOM}, every member publishes: latency until each member has a message`,
	defaults: { connections: 10_000, seconds: 4 },
	steps: () => ROOM_SUBJECTS.length + ROUNDS * ROOM_SUBJECTS.length + 2 * PAIRS,
	async run(context) {
		const rooms = Math.max(1, Math.floor(context.settings.connections / MEMBERS_PER_ROOM));
		const plan = {
			rooms,
			membersPerRoom: MEMBERS_PER_ROOM,
			sessionsPerUser: SESSIONS_PER_USER,
			firstMessageBytes: LONG_MESSAGE_BYTES,
		};
		const lanes = await openLanes(context, plan, (lane) => publish(context, lane, WARM_UP_SECONDS));
		const [gateway] = lanes;
		if (gateway === undefined) throw new Error("nothing is measured");
		const rounds: Measurement[][] = [];
		for (let round = 1; round <= ROUNDS; round++) {
			const plain: Measurement[] = [];
			rounds.push(plain);
			for (const lane of lanes) {
				context.progress.step(`round ${round}: ${subjectTitles[lane.subject]}`);
				plain.push(await measure(context, lane));
			}
		}
		const pairs: Pair[] = [];
		for (let pair = 1; pair <= PAIRS; pair++) pairs.push(await measurePair(context, gateway, pair));
		for (const lane of lanes) await context.fleet.disconnect(lane.subject);
		return outcome({ rounds, pairs });
	},
};
