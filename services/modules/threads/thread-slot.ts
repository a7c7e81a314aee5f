// The place of one thread in a generation: what ends there unasked is started again, later with each end in a row, until it is given up.
import type { Logger } from "../../../common/logger.ts";
import { LOOKS_TO_STALL, ModuleThread, type ThreadEnd, type ThreadOptions } from "./module-thread.ts";
import type { LoadedFacts, LoadRequest } from "./thread-messages.ts";

export interface SlotOptions extends ThreadOptions {
	readonly maxRestarts: number;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly onRestart: (reason: ThreadEnd["reason"]) => void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** A thread that served this long does not belong to a row of ends. */
const STABLE_MS = 30_000;
/** For the callers of a thread that is not started again: the module has to be reloaded. */
const GIVEN_UP_RETRY_MS = 10_000;

export class ThreadSlot {
	private readonly request: LoadRequest;
	private readonly options: SlotOptions;
	private readonly logger: Logger;
	private thread: ModuleThread | undefined;
	private timer: NodeJS.Timeout | undefined;
	private restartAtMs = 0;
	private failures = 0;
	private readyAtMs = 0;
	private isServing = false;
	private isWatched = false;
	private isClosed = false;
	private isGivenUp = false;

	constructor(request: LoadRequest, options: SlotOptions) {
		this.request = request;
		this.options = options;
		this.logger = options.logger;
	}

	/** The thread that takes calls; undefined while there is none. */
	get ready(): ModuleThread | undefined {
		return this.thread;
	}

	/** Until there may be a thread again, in milliseconds. */
	get retryAfterMs(): number {
		if (this.isGivenUp) return GIVEN_UP_RETRY_MS;
		return Math.max(FIRST_DELAY_MS, this.restartAtMs - this.options.now());
	}

	/** Between two looks at the life signs of its thread, in milliseconds. */
	get lookIntervalMs(): number {
		return this.options.isolated.stallMs / LOOKS_TO_STALL;
	}

	/** Starts the thread, and has it load the module. @throws ModuleError. */
	async start(): Promise<LoadedFacts> {
		const thread = new ModuleThread(this.request.bundle.name, this.options);
		const facts = await thread.load(this.request);
		if (this.isClosed) await thread.terminate();
		else this.take(thread);
		return facts;
	}

	/** From now on calls come, to this thread and to those that are started in its place. */
	serve(): void {
		this.isServing = true;
		this.thread?.serve();
	}

	/** As `serve`, without the periodic work of the module. */
	serveBeside(): void {
		this.isWatched = true;
		this.thread?.watch();
	}

	/** Ends it. @param work - what its thread does before; in `limitMs`. Never rejects. */
	async close(work: Parameters<ModuleThread["finish"]>[0], limitMs: number): Promise<void> {
		this.isClosed = true;
		clearTimeout(this.timer);
		await this.thread?.finish(work, limitMs);
		this.thread = undefined;
	}

	private take(thread: ModuleThread): void {
		this.thread = thread;
		this.readyAtMs = this.options.now();
		if (this.isServing) thread.serve();
		else if (this.isWatched) thread.watch();
		void thread.ended.then((end) => this.onEnded(thread, end));
	}

	private onEnded(thread: ModuleThread, { reason, error }: ThreadEnd): void {
		if (this.isClosed || this.thread !== thread) return;
		this.thread = undefined;
		const isStable = this.options.now() - this.readyAtMs >= STABLE_MS;
		this.failures = isStable ? 1 : this.failures + 1;
		this.again(reason, error);
	}

	private again(reason: ThreadEnd["reason"] | "not loaded", error: unknown): void {
		const { maxRestarts, now, onRestart } = this.options;
		const fields = { reason, failures: this.failures, ...(error === undefined ? {} : { err: error }) };
		if (reason !== "not loaded") onRestart(reason);
		if (this.failures > maxRestarts) {
			this.isGivenUp = true;
			this.logger.error(
				fields,
				"a thread of a module ended too often in a row: not started again until the module is reloaded",
			);
			return;
		}
		const restartInMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.failures - 1, 20));
		this.restartAtMs = now() + restartInMs;
		this.logger.error({ ...fields, restartInMs }, "a thread of a module ended, its calls are UNAVAILABLE");
		this.timer = setTimeout(() => void this.restart(), restartInMs);
	}

	private async restart(): Promise<void> {
		try {
			await this.start();
			if (!this.isClosed) this.logger.info({ failures: this.failures }, "a thread of a module was started again");
		} catch (error) {
			if (this.isClosed) return;
			this.failures++;
			this.again("not loaded", error);
		}
	}
}
