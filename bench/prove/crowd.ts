// All members of all rooms of a row: brings them in, lets them talk and lose their connections, and draws up the ledger.
import * as jitter from "./jitter.ts";
import { compareRoom, type Findings, type LoggedMessage, noFindings } from "./ledger.ts";
import { Member, TEXT_LENGTH } from "./member.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const POLL_MS = 50;
/** After everybody has everything: for what comes once too often. */
const ECHO_MS = 1000;
const ROOMS_AT_ONCE = 5;

/** Sums over all members. */
export interface CrowdFigures {
	readonly clients: number;
	readonly rooms: number;
	readonly sent: number;
	readonly acknowledged: number;
	/** Messages that members got, in all. */
	readonly deliveries: number;
	/** Connections lost. */
	readonly losses: number;
	/** Connects that brought everything that was missed. */
	readonly recoveries: number;
	/** Pushes that they brought. */
	readonly recovered: number;
	/** Holes that members were told of. */
	readonly holes: number;
	/** Messages fetched from the history for them. */
	readonly fetched: number;
	/** Messages published again, that clients dropped as they are told to. */
	readonly repeats: number;
	/** Messages that came by the history and by the channel. */
	readonly overlaps: number;
	/** The same push twice: never. */
	readonly duplicates: number;
	/** Holes that nobody was told of: never. */
	readonly silentHoles: number;
	/** Requests refused for the moment. */
	readonly refusals: number;
	readonly unanswered: number;
	readonly slowestAnswerMs: number;
	readonly relogins: number;
	readonly renewals: number;
}

/** What may be unlike in a row. */
export interface CrowdShape {
	/** Characters of a message. */
	readonly textLength?: number;
	/** Through which the last member of each room reaches the nodes; nothing but the row takes its connection. */
	readonly lastMemberUrls?: readonly string[];
}

export interface CrowdOptions extends CrowdShape {
	readonly urls: readonly string[];
	readonly plan: Plan;
	readonly random: Random;
	readonly timeline: Timeline;
}

export class Crowd {
	/** By room; the first one made it. */
	readonly rooms: readonly (readonly Member[])[];
	/** Those who lose their connections at random. */
	private readonly jittered: readonly Member[];
	private readonly plan: Plan;
	private readonly random: Random;
	private endDrops = (): void => {};

	private constructor(
		rooms: readonly (readonly Member[])[],
		jittered: readonly Member[],
		{ plan, random }: Pick<CrowdOptions, "plan" | "random">,
	) {
		this.rooms = rooms;
		this.jittered = jittered;
		this.plan = plan;
		this.random = random;
	}

	/** Brings everybody into their rooms, evenly over the nodes. */
	static async gather(options: CrowdOptions): Promise<Crowd> {
		const { plan, random, timeline, textLength = TEXT_LENGTH, lastMemberUrls } = options;
		const rooms = Array.from({ length: plan.rooms }, (_, room) =>
			Array.from({ length: plan.membersPerRoom }, (_, index) => {
				const isLast = index === plan.membersPerRoom - 1;
				const urls = (isLast ? lastMemberUrls : undefined) ?? options.urls;
				const first = index % urls.length;
				const order = [...urls.slice(first), ...urls.slice(0, first)];
				const localAddress = `127.1.${room}.${index + 1}`;
				const name = `r${room}-m${index}`;
				return new Member({ name, urls: order, random: random.fork(), localAddress, timeline, textLength });
			}),
		);
		for (let start = 0; start < rooms.length; start += ROOMS_AT_ONCE) {
			await Promise.all(rooms.slice(start, start + ROOMS_AT_ONCE).map(fill));
		}
		const jittered = lastMemberUrls === undefined ? rooms : rooms.map((room) => room.slice(0, -1));
		return new Crowd(rooms, jittered.flat(), { plan, random });
	}

	get members(): readonly Member[] {
		return this.rooms.flat();
	}

	/** Sends all messages of the plan; resolves when the last is out. */
	speak(): Promise<void> {
		return jitter.speak(this.rooms, this.plan);
	}

	/** From now on members lose their connections at random. Returns what ends it. */
	dropAtRandom(): () => void {
		this.endDrops = jitter.dropAtRandom(this.jittered, this.plan, this.random);
		return this.endDrops;
	}

	/** Keeps one member of each of the first rooms away until its room has gone past the window. Returns who it was. */
	keepAway(): Promise<Member[]> {
		return jitter.keepAway(this.rooms, this.plan);
	}

	/** Waits until everybody has everything. @returns whether they do; if not, the ledger says what is missing. */
	async settle(): Promise<boolean> {
		const deadline = performance.now() + this.plan.settleMs;
		const isSettled = (): boolean =>
			this.rooms.every((room) => {
				const top = jitter.topOf(room);
				return room.every((member) => member.isSettled && member.log.last >= top);
			});
		while (!isSettled() && performance.now() < deadline) await pause(POLL_MS);
		const settled = isSettled();
		await pause(ECHO_MS);
		return settled;
	}

	/** Compares everybody's log with what was sent and with what the gateway holds. */
	async audit(): Promise<Findings> {
		const findings = noFindings();
		for (const [index, room] of this.rooms.entries()) {
			compareRoom(
				{
					room: String(index),
					sent: room.flatMap(({ said }) => said),
					stored: await historyOf(room),
					logs: new Map(room.map(({ name, log }) => [name, log.messages])),
				},
				findings,
			);
		}
		return findings;
	}

	figures(): CrowdFigures {
		const { members } = this;
		const sum = (of: (member: Member) => number): number => members.reduce((total, member) => total + of(member), 0);
		return {
			clients: members.length,
			rooms: this.rooms.length,
			sent: sum(({ said }) => said.length),
			acknowledged: sum(({ said }) => said.filter(({ sequence }) => sequence !== undefined).length),
			deliveries: sum(({ log }) => log.messages.length),
			losses: sum((member) => member.losses),
			recoveries: sum(({ log }) => log.recoveries),
			recovered: sum(({ log }) => log.recovered),
			holes: sum(({ log }) => log.holes),
			fetched: sum(({ log }) => log.fetched),
			repeats: sum(({ log }) => log.repeats),
			overlaps: sum(({ log }) => log.overlaps),
			duplicates: sum(({ log }) => log.duplicates),
			silentHoles: sum(({ log }) => log.silentHoles),
			refusals: sum((member) => member.refusals),
			unanswered: sum((member) => member.unansweredRequests),
			slowestAnswerMs: Math.round(this.slowestAnswer().ms),
			relogins: sum((member) => member.relogins),
			renewals: sum((member) => member.renewals),
		};
	}

	/** Of all requests that were answered. */
	slowestAnswer(): { readonly route: string; readonly ms: number } {
		const slowest = this.members.map((member) => member.slowestAnswer);
		return slowest.reduce((worst, answer) => (answer.ms > worst.ms ? answer : worst));
	}

	end(): void {
		this.endDrops();
		for (const member of this.members) member.end();
	}
}

async function fill(room: readonly Member[]): Promise<void> {
	const [first, ...others] = room;
	await first?.enter();
	await Promise.all(others.map((member) => member.enter(first?.roomId)));
}

async function historyOf(room: readonly Member[]): Promise<LoggedMessage[]> {
	const reader = room.find((member) => member.isConnected);
	if (reader === undefined) throw new Error("nobody of a room is connected who could read its history");
	const stored: LoggedMessage[] = [];
	for await (const page of reader.history(0)) stored.push(...page);
	return stored;
}
