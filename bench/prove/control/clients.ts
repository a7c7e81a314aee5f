// All clients of the control, as many and in the same rooms as the gateway's, and the ledger of what they received.
import * as jitter from "../jitter.ts";
import { compareRoom, type Findings, noFindings } from "../ledger.ts";
import type { Plan } from "../plan.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import { ControlClient } from "./client.ts";
import { Relay } from "./relay.ts";
import { type Entry, unreportedGaps } from "./stream.ts";

const POLL_MS = 50;
/** Nothing more will be delivered when no client has received anything for so long. */
const QUIET_MS = 1000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface ControlClientsOptions {
	readonly ports: readonly number[];
	readonly plan: Plan;
	readonly random: Random;
	readonly timeline: Timeline;
}

/** What was found, by the names that the gateway's scenarios have for it. They are keys of the JSON. */
export interface ControlFigures {
	readonly clients: number;
	readonly rooms: number;
	readonly sent: number;
	readonly acknowledged: number;
	readonly deliveries: number;
	readonly losses: number;
	readonly recoveries: number;
	readonly gaps: number;
	readonly unreportedGaps: number;
	readonly lost: number;
	readonly twice: number;
	readonly outOfOrder: number;
	readonly unacknowledged: number;
}

export class ControlClients {
	readonly rooms: readonly (readonly ControlClient[])[];
	private readonly plan: Plan;
	private readonly random: Random;

	private constructor(rooms: readonly (readonly ControlClient[])[], plan: Plan, random: Random) {
		this.rooms = rooms;
		this.plan = plan;
		this.random = random;
	}

	/** Draws random numbers in the order in which `Clients` does. */
	static async connect({ ports, plan, random, timeline }: ControlClientsOptions): Promise<ControlClients> {
		const rooms: ControlClient[][] = [];
		for (let room = 0; room < plan.rooms; room++) {
			const clients: ControlClient[] = [];
			for (let index = 0; index < plan.membersPerRoom; index++) {
				const relay = await Relay.open(ports, index);
				const name = `r${room}-m${index}`;
				clients.push(new ControlClient({ name, room: `r${room}`, relay, random: random.fork(), timeline }));
			}
			rooms.push(clients);
		}
		for (const room of rooms) await Promise.all(room.map((client) => client.enter()));
		return new ControlClients(rooms, plan, random);
	}

	get all(): readonly ControlClient[] {
		return this.rooms.flat();
	}

	dropAtRandom(): () => void {
		return jitter.dropAtRandom(this.all, this.plan, this.random);
	}

	publish(): Promise<void> {
		return jitter.publish(this.rooms, this.plan);
	}

	keepDisconnected(): Promise<ControlClient[]> {
		return jitter.keepDisconnected(this.rooms, this.plan);
	}

	/** Waits until all clients are connected and have all of their own acknowledged, and none receives anything any more. */
	async settle(): Promise<boolean> {
		const deadline = performance.now() + this.plan.settleMs;
		const deliveries = (): number => this.all.reduce((sum, { log }) => sum + log.length, 0);
		let last = deliveries();
		let quietSinceMs = performance.now();
		for (;;) {
			await pause(POLL_MS);
			const now = performance.now();
			if (deliveries() !== last || !this.all.every((client) => client.isSettled)) quietSinceMs = now;
			last = deliveries();
			if (now - quietSinceMs >= QUIET_MS) return true;
			if (now > deadline) return false;
		}
	}

	/** @param entries - of each room, what its stream holds. */
	audit(entries: ReadonlyMap<string, readonly Entry[]>): {
		readonly findings: Findings;
		readonly figures: ControlFigures;
	} {
		const findings = noFindings();
		let silent = 0;
		for (const [index, room] of this.rooms.entries()) {
			const stored = entries.get(`r${index}`) ?? [];
			const placeOf = new Map(stored.map(({ id, sequence }) => [id, sequence]));
			const byOffset = new Map(stored.map(({ offset, sequence }) => [offset, sequence]));
			const logs = room.map(({ name, log, gapsAt }) => {
				const messages = log.map(({ id, offset }) => ({ id, sequence: byOffset.get(offset) ?? 0 }));
				silent += unreportedGaps(messages, gapsAt, stored.length);
				return [name, messages] as const;
			});
			// Its acknowledgements name no place: where it is in the stream, or 0, which is nowhere.
			const sent = room.flatMap(({ published }) =>
				published.map(({ id, sender, number, isAcknowledged }) => {
					return { id, sender, number, sequence: isAcknowledged ? (placeOf.get(id) ?? 0) : undefined };
				}),
			);
			compareRoom({ room: String(index), sent, stored, logs: new Map(logs) }, findings);
		}
		const { lost, twice, outOfOrder, unacknowledged } = findings;
		return { findings, figures: { ...this.sums(), unreportedGaps: silent, lost, twice, outOfOrder, unacknowledged } };
	}

	end(): void {
		for (const client of this.all) client.end();
	}

	private sums(): Omit<ControlFigures, "unreportedGaps" | "lost" | "twice" | "outOfOrder" | "unacknowledged"> {
		const { all: clients } = this;
		const sum = (of: (client: ControlClient) => number): number =>
			clients.reduce((total, client) => total + of(client), 0);
		return {
			clients: clients.length,
			rooms: this.rooms.length,
			sent: sum(({ published }) => published.length),
			acknowledged: sum(({ published }) => published.filter(({ isAcknowledged }) => isAcknowledged).length),
			deliveries: sum(({ log }) => log.length),
			losses: sum((client) => client.losses),
			recoveries: sum((client) => client.recoveries),
			gaps: sum(({ gapsAt }) => gapsAt.length),
		};
	}
}
