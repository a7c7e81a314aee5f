// Pauses listening while file descriptors are short, and logs that; logs also how many TCP connections were refused.
import type { Logger } from "../common/logger.ts";
import { rejectionReasons } from "./socket-admission.ts";
import type { ListeningControl, SocketFigures } from "./transport.ts";

/** How often `ListeningMonitor.run` should be called: as long as accept(2) may fail before it is no longer tried. */
export const LISTENING_INTERVAL_MS = 1000;
/** Between two log lines about refused connections. */
const LOG_INTERVAL_MS = 10_000;

export interface ListeningMonitorOptions {
	/** The main one first: its figures are those that are shown. */
	readonly transports: readonly ListeningControl[];
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

export class ListeningMonitor {
	/** Times that the main transport stopped listening. */
	pauses = 0;
	private readonly options: ListeningMonitorOptions;
	private pausedBeforeMs = 0;
	private pausedSinceMs: number | undefined = undefined;
	private loggedAtMs = Number.NEGATIVE_INFINITY;
	private loggedRefused = 0;

	constructor(options: ListeningMonitorOptions) {
		this.options = options;
	}

	/** How long the main transport has not listened, in all, in milliseconds. */
	get pausedMs(): number {
		const { pausedSinceMs } = this;
		return this.pausedBeforeMs + (pausedSinceMs === undefined ? 0 : this.options.now() - pausedSinceMs);
	}

	/** Of all transports together. */
	figures(): SocketFigures {
		const [main, ...others] = this.options.transports.map((transport) => transport.socketFigures());
		if (main === undefined) throw new Error("no transport");
		const refused = { ...main.refused };
		let { httpSockets } = main;
		for (const other of others) {
			httpSockets += other.httpSockets;
			for (const reason of rejectionReasons) refused[reason] += other.refused[reason];
		}
		return { httpSockets, refused, isPaused: main.isPaused };
	}

	/** Pauses and resumes. */
	async run(): Promise<void> {
		const nowMs = this.options.now();
		for (const transport of this.options.transports) await this.check(transport);
		const { isPaused } = this.figures();
		if (isPaused && this.pausedSinceMs === undefined) {
			this.pauses++;
			this.pausedSinceMs = nowMs;
		} else if (!isPaused && this.pausedSinceMs !== undefined) {
			this.pausedBeforeMs += nowMs - this.pausedSinceMs;
			this.pausedSinceMs = undefined;
		}
		this.logRefused(nowMs);
	}

	private async check(transport: ListeningControl): Promise<void> {
		const { logger } = this.options;
		const isExhausted = transport.isOutOfDescriptors();
		const { isPaused } = transport.socketFigures();
		if (isExhausted && !isPaused) {
			transport.pauseListening();
			if (transport.socketFigures().isPaused) logger.error({}, "file descriptors are short: listening is paused");
		} else if (!isExhausted && isPaused) {
			try {
				await transport.resumeListening();
				logger.info({}, "file descriptors are free: listening again");
			} catch (error) {
				logger.error({ err: error }, "listening again failed; will retry");
			}
		}
	}

	private logRefused(nowMs: number): void {
		const { refused, httpSockets } = this.figures();
		const total = rejectionReasons.reduce((sum, reason) => sum + refused[reason], 0);
		if (total === this.loggedRefused || nowMs - this.loggedAtMs < LOG_INTERVAL_MS) return;
		const fields = { refused: total - this.loggedRefused, httpSockets, totals: { ...refused } };
		this.options.logger.warn(fields, "TCP connections were closed as soon as they were accepted");
		this.loggedRefused = total;
		this.loggedAtMs = nowMs;
	}
}
