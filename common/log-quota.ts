// Keeps one bad minute from filling a disk: so many lines a second, and after that a count of those left out.
import type { Logger } from "./logger.ts";

const LINES_PER_SECOND = 20;

export class LogQuota {
	private readonly logger: Logger;
	private readonly now: () => number;
	private windowStartMs = Number.NEGATIVE_INFINITY;
	private lines = 0;
	private suppressed = 0;

	/** @param now - monotonic milliseconds. */
	constructor(logger: Logger, now: () => number) {
		this.logger = logger;
		this.now = now;
	}

	/** Logs, unless the second has had its lines. */
	log(level: "info" | "warn" | "error", fields: object, message: string): void {
		const nowMs = this.now();
		if (nowMs - this.windowStartMs >= 1000) {
			if (this.suppressed > 0) this.logger.warn({ suppressed: this.suppressed }, "log lines left out");
			this.windowStartMs = nowMs;
			this.lines = 0;
			this.suppressed = 0;
		}
		if (this.lines >= LINES_PER_SECOND) {
			this.suppressed++;
			return;
		}
		this.lines++;
		this.logger[level](fields, message);
	}
}
