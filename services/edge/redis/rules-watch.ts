// Detects executions of rules where the box does not publish them: it polls what the box keeps of the last one. Each
// execution is reported once, when it is complete: the rule service writes it field by field.
import type { BoxExecution } from "../boxes/box-models.ts";

export interface RulesWatchOptions {
	readonly pollMs: number;
	/** Rules that are watched. */
	readonly maxRules: number;
}

export interface LastExecution {
	readonly execution: BoxExecution;
	/** Everything that is kept of it, as a text by which two polls can be compared. */
	readonly content: string;
}

export interface RulesWatchSource {
	ids(limit: number): Promise<readonly string[]>;
	/** In the order asked, undefined where there is none. */
	last(ids: readonly string[]): Promise<readonly (LastExecution | undefined)[]>;
}

interface Seen {
	/** Of the last poll. */
	content: string;
	/** Of the execution reported last, or present when watching began. */
	reported: string;
}

export class RulesWatch {
	private readonly source: RulesWatchSource;
	private readonly options: RulesWatchOptions;
	private readonly listener: (execution: BoxExecution) => void;
	private seen = new Map<string, Seen>();
	private isFirst = true;
	private isClosed = false;
	private timer: NodeJS.Timeout | undefined;

	constructor(source: RulesWatchSource, options: RulesWatchOptions, listener: (execution: BoxExecution) => void) {
		this.source = source;
		this.options = options;
		this.listener = listener;
		this.schedule(0);
	}

	close(): void {
		this.isClosed = true;
		clearTimeout(this.timer);
	}

	private schedule(delayMs: number): void {
		if (!this.isClosed) this.timer = setTimeout(() => void this.poll(), delayMs).unref();
	}

	private async poll(): Promise<void> {
		try {
			const ids = await this.source.ids(this.options.maxRules);
			const last = await this.source.last(ids);
			if (!this.isClosed) this.compare(ids, last);
		} catch {
			// The box is unreachable, as its condition says. Of the executions meanwhile, the last is detected when it is back.
		}
		this.schedule(this.options.pollMs);
	}

	private compare(ids: readonly string[], last: readonly (LastExecution | undefined)[]): void {
		const seen = new Map<string, Seen>();
		const executions: BoxExecution[] = [];
		for (const [index, id] of ids.entries()) {
			const found = last[index];
			if (found === undefined) continue;
			const { content, execution } = found;
			const before = this.seen.get(id);
			// A rule that appears while this watches has run just now.
			const reported = before?.reported ?? (this.isFirst ? content : "");
			const isComplete = before?.content === content;
			if (isComplete && reported !== content) executions.push(execution);
			seen.set(id, { content, reported: isComplete ? content : reported });
		}
		this.seen = seen;
		this.isFirst = false;
		for (const execution of executions.sort((a, b) => a.atMs - b.atMs)) this.listener(execution);
	}
}
