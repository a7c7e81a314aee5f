// Who speaks and who loses its connection when: the same for every kind of client, so that two of them can be compared.
import { type Loss, losses } from "./link.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

/** A client, as chance sees it. */
export interface Participant {
	/** Sends a message as soon as it can. */
	say(): void;
	/** Loses its connection, and comes back after a while; nothing while it has none. */
	lose(loss: Loss, awayMs: number): void;
	/** Goes, until `comeBack`. Returns false when it is gone for the moment anyway: ask again. */
	leave(): boolean;
	comeBack(): void;
	/** How many messages of its room it knows of. */
	readonly reached: number;
}

const TICK_MS = 10;
const POLL_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends all messages of the plan at an even rate, each by the member whose turn it is; resolves when the last is out. */
export async function speak(rooms: readonly (readonly Participant[])[], { messages, seconds }: Plan): Promise<void> {
	const startedAtMs = performance.now();
	for (let sent = 0; sent < messages; ) {
		const due = Math.min(messages, ((performance.now() - startedAtMs) / 1000) * (messages / seconds));
		for (; sent < due; sent++) {
			// Rooms take turns, and so do the members of each.
			const room = rooms[sent % rooms.length] as readonly Participant[];
			room[Math.floor(sent / rooms.length) % room.length]?.say();
		}
		await pause(TICK_MS);
	}
}

/** From now on members lose their connections at random. Returns what ends it. */
export function dropAtRandom(members: readonly Participant[], plan: Plan, random: Random): () => void {
	const { meanDropMs, meanAwayMs, maxAwayMs } = plan;
	let isDropping = true;
	const dropNowAndThen = async (member: Participant, chance: Random): Promise<void> => {
		for (;;) {
			// Ten times the mean comes once in 22,000 times, and has to end.
			await pause(chance.exponential(meanDropMs, 10 * meanDropMs));
			if (!isDropping) return;
			const loss = losses[chance.below(losses.length)] as Loss;
			member.lose(loss, chance.exponential(meanAwayMs, maxAwayMs));
		}
	};
	for (const member of members) void dropNowAndThen(member, random.fork());
	return () => {
		isDropping = false;
	};
}

/** Keeps one member of each of the first rooms away until its room has gone past the window. Returns who it was. */
export async function keepAway<Member extends Participant>(
	rooms: readonly (readonly Member[])[],
	{ keptAway, historySize }: Plan,
): Promise<Member[]> {
	const away = rooms.slice(0, keptAway).map((room) => room.at(-1) as Member);
	await Promise.all(
		away.map(async (member, index) => {
			while (!member.leave()) await pause(TICK_MS);
			const room = rooms[index] as readonly Member[];
			// What is acknowledged may be published a little later.
			const beyond = topOf(room) + historySize * 1.2 + 10;
			while (topOf(room) <= beyond) await pause(POLL_MS);
			member.comeBack();
		}),
	);
	return away;
}

/** The most that anybody in a room knows of. */
export function topOf(room: readonly Participant[]): number {
	return Math.max(...room.map(({ reached }) => reached));
}
