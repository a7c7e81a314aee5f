// All clients of all rooms of a scenario: connects them, makes them publish and lose their connections, and draws up the
// ledger.

import { Client, TEXT_LENGTH } from "./client.ts";
import * as jitter from "./jitter.ts";
import { compareRoom, type Findings, type LoggedMessage, noFindings } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const POLL_MS = 50;
/** After every client has every message: time for duplicates to arrive. */
const ECHO_MS = 1000;
const ROOMS_AT_ONCE = 5;

/** Sums over all clients. The names are keys of the JSON. */
export interface ClientFigures {
	readonly clients: number;
	readonly rooms: number;
	readonly sent: number;
	readonly acknowledged: number;
	/** Messages that clients received, in all. */
	readonly deliveries: number;
	/** Connections lost. */
	readonly losses: number;
	/** Connects that brought everything that was missed. */
	readonly recoveries: number;
	/** Pushes that they brought. */
	readonly recovered: number;
	/** Gaps that were reported to clients. */
	readonly gaps: number;
	/** Messages fetched from the history for them. */
	readonly fetched: number;
	/** Messages published again, which clients dropped as the protocol prescribes. */
	readonly repeats: number;
	/** Messages that came by the history and by the channel. */
	readonly overlaps: number;
	/** The same push twice: never. */
	readonly duplicates: number;
	/** Gaps that were not reported: never. */
	readonly unreportedGaps: number;
	/** Requests refused for the moment. */
	readonly rejections: number;
	readonly unanswered: number;
	readonly slowestAnswerMs: number;
	readonly relogins: number;
	readonly renewals: number;
}

/** What may differ in a scenario. */
export interface ClientShape {
	/** Characters of a message. */
	readonly textLength?: number;
	/** The URLs of the nodes for the last client of each room; only the scenario closes its connection. */
	readonly lastClientUrls?: readonly string[];
}

export interface ClientsOptions extends ClientShape {
	readonly urls: readonly string[];
	readonly plan: Plan;
	readonly random: Random;
	readonly timeline: Timeline;
}

export class Clients {
	/** By room; the first one created it. */
	readonly rooms: readonly (readonly Client[])[];
	/** Clients that lose their connections at random. */
	private readonly jittered: readonly Client[];
	private readonly plan: Plan;
	private readonly random: Random;
	private endDrops = (): void => {};

	private constructor(
		rooms: readonly (readonly Client[])[],
		jittered: readonly Client[],
		{ plan, random }: Pick<ClientsOptions, "plan" | "random">,
	) {
		this.rooms = rooms;
		this.jittered = jittered;
		this.plan = plan;
		this.random = random;
	}

	/** Connects all clients, evenly over the nodes, and makes them join their rooms. */
	static async connect(options: ClientsOptions): Promise<Clients> {
		const { plan, random, timeline, textLength = TEXT_LENGTH, lastClientUrls } = options;
		const rooms = Array.from({ length: plan.rooms }, (_, room) =>
			Array.from({ length: plan.membersPerRoom }, (_, index) => {
				const isLast = index === plan.membersPerRoom - 1;
				const urls = (isLast ? lastClientUrls : undefined) ?? options.urls;
				const first = index % urls.length;
				const order = [...urls.slice(first), ...urls.slice(0, first)];
				const localAddress = `127.1.${room}.${index + 1}`;
				const name = `r${room}-m${index}`;
				return new Client({ name, urls: order, random: random.fork(), localAddress, timeline, textLength });
			}),
		);
		for (let start = 0; start < rooms.length; start += ROOMS_AT_ONCE) {
			await Promise.all(rooms.slice(start, start + ROOMS_AT_ONCE).map(fill));
		}
		const jittered = lastClientUrls === undefined ? rooms : rooms.map((room) => room.slice(0, -1));
		return new Clients(rooms, jittered.flat(), { plan, random });
	}

	get all(): readonly Client[] {
		return this.rooms.flat();
	}

	/** Sends all messages of the plan; resolves when the last is out. */
	publish(): Promise<void> {
		return jitter.publish(this.rooms, this.plan);
	}

	/** From now on clients lose their connections at random. Returns a function that ends it. */
	dropAtRandom(): () => void {
		this.endDrops = jitter.dropAtRandom(this.jittered, this.plan, this.random);
		return this.endDrops;
	}

	/** Keeps one client of each of the first rooms disconnected until its room has gone past the window. Returns them. */
	keepDisconnected(): Promise<Client[]> {
		return jitter.keepDisconnected(this.rooms, this.plan);
	}

	/** Waits until every client has every message. @returns whether they do; if not, the ledger says what is missing. */
	async settle(): Promise<boolean> {
		const deadline = performance.now() + this.plan.settleMs;
		const isSettled = (): boolean =>
			this.rooms.every((room) => {
				const top = jitter.topOf(room);
				return room.every((client) => client.isSettled && client.log.last >= top);
			});
		while (!isSettled() && performance.now() < deadline) await pause(POLL_MS);
		const settled = isSettled();
		await pause(ECHO_MS);
		return settled;
	}

	/** Compares every client's log with what was sent and with what the gateway holds. */
	async audit(): Promise<Findings> {
		const findings = noFindings();
		for (const [index, room] of this.rooms.entries()) {
			compareRoom(
				{
					room: String(index),
					sent: room.flatMap(({ published }) => published),
					stored: await historyOf(room),
					logs: new Map(room.map(({ name, log }) => [name, log.messages])),
				},
				findings,
			);
		}
		return findings;
	}

	figures(): ClientFigures {
		const { all: clients } = this;
		const sum = (of: (client: Client) => number): number => clients.reduce((total, client) => total + of(client), 0);
		return {
			clients: clients.length,
			rooms: this.rooms.length,
			sent: sum(({ published }) => published.length),
			acknowledged: sum(({ published }) => published.filter(({ sequence }) => sequence !== undefined).length),
			deliveries: sum(({ log }) => log.messages.length),
			losses: sum((client) => client.losses),
			recoveries: sum(({ log }) => log.recoveries),
			recovered: sum(({ log }) => log.recovered),
			gaps: sum(({ log }) => log.gaps),
			fetched: sum(({ log }) => log.fetched),
			repeats: sum(({ log }) => log.repeats),
			overlaps: sum(({ log }) => log.overlaps),
			duplicates: sum(({ log }) => log.duplicates),
			unreportedGaps: sum(({ log }) => log.unreportedGaps),
			rejections: sum((client) => client.rejections),
			unanswered: sum((client) => client.unansweredRequests),
			slowestAnswerMs: Math.round(this.slowestAnswer().ms),
			relogins: sum((client) => client.relogins),
			renewals: sum((client) => client.renewals),
		};
	}

	/** Of all requests that were answered. */
	slowestAnswer(): { readonly route: string; readonly ms: number } {
		const slowest = this.all.map((client) => client.slowestAnswer);
		return slowest.reduce((worst, answer) => (answer.ms > worst.ms ? answer : worst));
	}

	end(): void {
		this.endDrops();
		for (const client of this.all) client.end();
	}
}

async function fill(room: readonly Client[]): Promise<void> {
	const [first, ...others] = room;
	await first?.enter();
	await Promise.all(others.map((client) => client.enter(first?.roomId)));
}

async function historyOf(room: readonly Client[]): Promise<LoggedMessage[]> {
	const reader = room.find((client) => client.isConnected);
	if (reader === undefined) throw new Error("no client of a room is connected to read its history");
	const stored: LoggedMessage[] = [];
	for await (const page of reader.history(0)) stored.push(...page);
	return stored;
}
