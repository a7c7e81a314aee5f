// All members of the control, as many and in the same rooms as the gateway's, and the ledger of what they were given.
import * as jitter from "../jitter.ts";
import { compareRoom, type Findings, noFindings } from "../ledger.ts";
import type { Plan } from "../plan.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import { ControlMember } from "./member.ts";
import { Relay } from "./relay.ts";
import { type Entry, silentHoles } from "./stream.ts";

const POLL_MS = 50;
/** So long nobody gets anything when everything has been delivered that will be. */
const QUIET_MS = 1000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface ControlCrowdOptions {
	readonly ports: readonly number[];
	readonly plan: Plan;
	readonly random: Random;
	readonly timeline: Timeline;
}

/** What was found, by the names that the gateway's rows have for it. */
export interface ControlFigures {
	readonly clients: number;
	readonly rooms: number;
	readonly sent: number;
	readonly acknowledged: number;
	readonly deliveries: number;
	readonly losses: number;
	readonly recoveries: number;
	readonly holes: number;
	readonly silentHoles: number;
	readonly lost: number;
	readonly twice: number;
	readonly outOfOrder: number;
	readonly unacknowledged: number;
}

export class ControlCrowd {
	readonly rooms: readonly (readonly ControlMember[])[];
	private readonly plan: Plan;
	private readonly random: Random;

	private constructor(rooms: readonly (readonly ControlMember[])[], plan: Plan, random: Random) {
		this.rooms = rooms;
		this.plan = plan;
		this.random = random;
	}

	/** Draws chance in the order in which `Crowd` does. */
	static async gather({ ports, plan, random, timeline }: ControlCrowdOptions): Promise<ControlCrowd> {
		const rooms: ControlMember[][] = [];
		for (let room = 0; room < plan.rooms; room++) {
			const members: ControlMember[] = [];
			for (let index = 0; index < plan.membersPerRoom; index++) {
				const relay = await Relay.open(ports, index);
				const name = `r${room}-m${index}`;
				members.push(new ControlMember({ name, room: `r${room}`, relay, random: random.fork(), timeline }));
			}
			rooms.push(members);
		}
		for (const room of rooms) await Promise.all(room.map((member) => member.enter()));
		return new ControlCrowd(rooms, plan, random);
	}

	get members(): readonly ControlMember[] {
		return this.rooms.flat();
	}

	dropAtRandom(): () => void {
		return jitter.dropAtRandom(this.members, this.plan, this.random);
	}

	speak(): Promise<void> {
		return jitter.speak(this.rooms, this.plan);
	}

	keepAway(): Promise<ControlMember[]> {
		return jitter.keepAway(this.rooms, this.plan);
	}

	/** Waits until everybody is connected and has all of its own acknowledged, and nobody gets anything any more. */
	async settle(): Promise<boolean> {
		const deadline = performance.now() + this.plan.settleMs;
		const deliveries = (): number => this.members.reduce((sum, { log }) => sum + log.length, 0);
		let last = deliveries();
		let quietSinceMs = performance.now();
		for (;;) {
			await pause(POLL_MS);
			const now = performance.now();
			if (deliveries() !== last || !this.members.every((member) => member.isSettled)) quietSinceMs = now;
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
			const logs = room.map(({ name, log, holesAt }) => {
				const messages = log.map(({ id, offset }) => ({ id, sequence: byOffset.get(offset) ?? 0 }));
				silent += silentHoles(messages, holesAt, stored.length);
				return [name, messages] as const;
			});
			// Its acknowledgements name no place: where it is in the stream, or 0, which is nowhere.
			const sent = room.flatMap(({ said }) =>
				said.map(({ id, sender, number, isAcknowledged }) => {
					return { id, sender, number, sequence: isAcknowledged ? (placeOf.get(id) ?? 0) : undefined };
				}),
			);
			compareRoom({ room: String(index), sent, stored, logs: new Map(logs) }, findings);
		}
		const { lost, twice, outOfOrder, unacknowledged } = findings;
		return { findings, figures: { ...this.sums(), silentHoles: silent, lost, twice, outOfOrder, unacknowledged } };
	}

	end(): void {
		for (const member of this.members) member.end();
	}

	private sums(): Omit<ControlFigures, "silentHoles" | "lost" | "twice" | "outOfOrder" | "unacknowledged"> {
		const { members } = this;
		const sum = (of: (member: ControlMember) => number): number =>
			members.reduce((total, member) => total + of(member), 0);
		return {
			clients: members.length,
			rooms: this.rooms.length,
			sent: sum(({ said }) => said.length),
			acknowledged: sum(({ said }) => said.filter(({ isAcknowledged }) => isAcknowledged).length),
			deliveries: sum(({ log }) => log.length),
			losses: sum((member) => member.losses),
			recoveries: sum((member) => member.recoveries),
			holes: sum(({ holesAt }) => holesAt.length),
		};
	}
}
