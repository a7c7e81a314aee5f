// Shows the server that this client is there, as often as it wants, and notices when the server is not.
import { housekeeping, type Timer } from "../timers.ts";

export class Heartbeat {
	private readonly send: (timeoutMs: number) => Promise<void>;
	private readonly random: () => number;
	private timer: Timer | undefined;

	/** @param send - sends one heartbeat and handles its failure; must not reject. */
	constructor(send: (timeoutMs: number) => Promise<void>, random: () => number) {
		this.send = send;
		this.random = random;
	}

	/** @param intervalMs - longest pause the server allows; 0 stops. */
	start(intervalMs: number): void {
		this.stop();
		if (!(intervalMs > 0)) return;
		// Early by a random part, so that clients that connected together do not beat together.
		const pauseMs = intervalMs * (0.7 + 0.25 * this.random());
		const timer = housekeeping(() => {
			void this.send(Math.min(intervalMs, 10_000)).then(() => {
				// Another timer, or none, means that this round was stopped while its reply was awaited.
				if (this.timer === timer) this.start(intervalMs);
			});
		}, pauseMs);
		this.timer = timer;
	}

	stop(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}
}
