// When each client publishes and loses its connection: the same for every kind of client, so that two can be compared.
import { type Loss, losses } from "./link.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

/** A client, as the random schedule drives it. */
export interface Participant {
	/** Sends a message as soon as it can. */
	publish(): void;
	/** Loses its connection, and reconnects after a while; does nothing while it has none. */
	lose(loss: Loss, offlineMs: number): void;
	/** Disconnects until `reconnect` is called. Returns false when it is disconnected at the moment: try again. */
	disconnect(): boolean;
	reconnect(): void;
	/** The number of messages of its room that it has received or had acknowledged. */
	readonly reached: number;
}

const TICK_MS = 10;
const POLL_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends all messages of the plan at an even rate, each by the client whose turn it is; resolves when the last is out. */
export async function publish(rooms: readonly (readonly Participant[])[], { messages, seconds }: Plan): Promise<void> {
	const startedAtMs = performance.now();
	for (let sent = 0; sent < messages; ) {
		const due = Math.min(messages, ((performance.now() - startedAtMs) / 1000) * (messages / seconds));
		for (; sent < due; sent++) {
			// Rooms take turns, and so do the clients of each.
			const room = rooms[sent % rooms.length] as readonly Participant[];
			room[Math.floor(sent / rooms.length) % room.length]?.publish();
		}
		await pause(TICK_MS);
	}
}

/** From now on clients lose their connections at random. Returns a function that ends it. */
export function dropAtRandom(clients: readonly Participant[], plan: Plan, random: Random): () => void {
	const { meanDropMs, meanAwayMs, maxAwayMs } = plan;
	let isDropping = true;
	const dropRepeatedly = async (client: Participant, own: Random): Promise<void> => {
		for (;;) {
			// Ten times the mean comes once in 22,000 times, and has to end.
			await pause(own.exponential(meanDropMs, 10 * meanDropMs));
			if (!isDropping) return;
			const loss = losses[own.below(losses.length)] as Loss;
			client.lose(loss, own.exponential(meanAwayMs, maxAwayMs));
		}
	};
	for (const client of clients) void dropRepeatedly(client, random.fork());
	return () => {
		isDropping = false;
	};
}

/** Keeps one client of each of the first rooms disconnected until its room has gone past the window. Returns them. */
export async function keepDisconnected<Client extends Participant>(
	rooms: readonly (readonly Client[])[],
	{ keptAway, historySize }: Plan,
): Promise<Client[]> {
	const kept = rooms.slice(0, keptAway).map((room) => room.at(-1) as Client);
	await Promise.all(
		kept.map(async (client, index) => {
			while (!client.disconnect()) await pause(TICK_MS);
			const room = rooms[index] as readonly Client[];
			// What is acknowledged may be published a little later.
			const beyond = topOf(room) + historySize * 1.2 + 10;
			while (topOf(room) <= beyond) await pause(POLL_MS);
			client.reconnect();
		}),
	);
	return kept;
}

/** The highest number that any client of a room has reached. */
export function topOf(room: readonly Participant[]): number {
	return Math.max(...room.map(({ reached }) => reached));
}
