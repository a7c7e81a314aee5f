// What an attack is. It runs in a process of its own (`attacker.ts`), bounded in connections and in time.

export interface Target {
	/** Of the nodes. */
	readonly ports: readonly number[];
	/** URL of the Redis that is struck, where an attack is on a Redis. */
	readonly redis?: string | undefined;
}

export interface AttackRun extends Target {
	/** Monotonic milliseconds; nothing is begun later. */
	readonly endAtMs: number;
	/** Something was done to the gateway: frames, handshakes, requests. */
	count(what: string, by?: number): void;
}

export interface Attack<Prepared = unknown> {
	readonly name: string;
	readonly title: string;
	/** How long after the end of the attack it may still have work, in milliseconds; 1 s unless given. */
	readonly endsWithinMs?: number;
	/** Accounts and rooms, made before anything is measured. */
	prepare?(target: Target): Promise<Prepared>;
	/** Resolves after `endAtMs`. What the gateway refuses or closes is begun again. */
	run(run: AttackRun, prepared: Prepared): Promise<void>;
}

export const isOver = ({ endAtMs }: AttackRun): boolean => performance.now() >= endAtMs;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** So that a gateway that refuses everything is not asked in a busy loop. */
const AFTER_FAILURE_MS = 50;

/**
 * Runs `attempt` side by side `width` times, each again and again until the end.
 *
 * @param attempt - gets its index, and the port of the node that is its turn.
 */
export async function sideBySide(
	run: AttackRun,
	width: number,
	attempt: (index: number, port: number) => Promise<void>,
): Promise<void> {
	const one = async (index: number): Promise<void> => {
		const port = run.ports[index % run.ports.length] as number;
		while (!isOver(run)) {
			try {
				await attempt(index, port);
			} catch {
				await pause(AFTER_FAILURE_MS);
			}
		}
	};
	await Promise.all(Array.from({ length: width }, (_, index) => one(index)));
}
