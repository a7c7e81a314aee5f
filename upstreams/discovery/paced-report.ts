// Reports what a discovery server says at most so often, however often it says something: a server that floods, or a thousand instances
// that start at once, must not occupy the event loop. The first report is made at once, and the last state is always reported.

const INTERVAL_MS = 100;

export class PacedReport {
	private readonly report: () => void;
	private timer: NodeJS.Timeout | undefined;
	private isPending = false;

	/** @param report - of the state as it is then. */
	constructor(report: () => void) {
		this.report = report;
	}

	/** The state has changed. */
	request(): void {
		if (this.timer !== undefined) {
			this.isPending = true;
			return;
		}
		this.timer = setTimeout(() => this.onTimer(), INTERVAL_MS).unref();
		this.report();
	}

	/** Nothing is reported any more. */
	close(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		this.isPending = false;
	}

	private onTimer(): void {
		this.timer = undefined;
		if (!this.isPending) return;
		this.isPending = false;
		this.request();
	}
}
