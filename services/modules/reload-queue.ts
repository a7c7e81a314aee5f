// Reloads, one after the other.
import { unavailable } from "../../protocol/error.ts";

/** Those that wait for the one in progress. */
const MAX_WAITING = 16;
const RETRY_MS = 1000;

export class ReloadQueue {
	private tail: Promise<unknown> = Promise.resolve();
	private waiting = 0;
	private isClosed = false;

	/** @throws GatewayError UNAVAILABLE when too many wait, or it is closed. */
	run<Result>(work: () => Promise<Result>): Promise<Result> {
		if (this.waiting >= MAX_WAITING || this.isClosed) return Promise.reject(this.unavailable());
		this.waiting++;
		const attempt = () => (this.isClosed ? Promise.reject(this.unavailable()) : work());
		const run = this.tail.then(attempt).finally(() => this.waiting--);
		this.tail = run.catch(() => {});
		return run;
	}

	/** No further one begins. @returns when the one in progress is over. */
	async close(): Promise<void> {
		this.isClosed = true;
		await this.tail;
	}

	private unavailable() {
		return unavailable("the reload of modules", RETRY_MS);
	}
}
