// A thread that owns a connection to SQLite, as the event loop uses it: takes jobs in messages, and is started again when it ends
// by itself. What was in it then fails; whether it was carried out is unknown.
import { Worker } from "node:worker_threads";
import type { CompiledQuery, QueryResult } from "kysely";
import type { Logger } from "../../common/logger.ts";
import { moduleBeside } from "../../common/module-url.ts";
import {
	type Failure,
	type Job,
	type JobOutcome,
	NEVER_MS,
	type Packed,
	type ThreadData,
	type ThreadRequest,
	ValueReader,
	ValueWriter,
} from "./sqlite-messages.ts";
import type { ScriptCall } from "./transaction-script.ts";

/** What is to be done in one piece, and what becomes of it. */
export interface Task {
	readonly statements: readonly CompiledQuery[];
	/** Run behind them. */
	readonly script: ScriptCall | undefined;
	readonly begins: boolean;
	readonly continues: boolean;
	readonly ends: Job["ends"];
	/** By `monotonicMs`, as the others are. */
	readonly queuedAtMs: number;
	/** Not begun after this. */
	readonly deadlineMs: number;
	/** Not waited for after this. */
	readonly giveUpAtMs: number;
	/** Of texts and values. */
	readonly bytes: number;
	/** Called once. With an error, the results are those of the statements that were run before it. */
	readonly settle: (results: readonly QueryResult<unknown>[], error: Error | undefined) => void;
}

export interface ThreadOptions extends ThreadData {
	/** For the log, and the names of threads that the system shows. */
	readonly name: string;
	readonly logger: Logger;
	/** Called when everything that was sent is done, and when the thread has ended by itself. */
	readonly onIdle: () => void;
	/** Called when it has ended by itself: transactions are gone. */
	readonly onLost: () => void;
}

/** What a thread may use beside SQLite's own memory: rows and parameters of what is being run. */
export const THREAD_HEAP_MIB = 64;
const YOUNG_GENERATION_MIB = 8;
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 5000;
/** A thread that ran for as long did not fail because of how it was started. */
const STABLE_AFTER_MS = 10_000;
/** Longest wait for the log to be moved into the file. */
const CLOSE_LIMIT_MS = 5000;

/** An error of SQLite, from the thread. */
export class SqliteThreadError extends Error {
	/** As SQLite names it: `SQLITE_FULL`; undefined when it is another's. */
	readonly code: string | undefined;

	constructor({ name, message, code, stack }: Failure) {
		super(message);
		this.name = name;
		this.code = code;
		if (stack !== undefined) this.stack = stack;
	}
}

export class SqliteThread {
	/** Ended by themselves, since the start. */
	restarts = 0;
	/** Whether it has ever been started. */
	hasAnswered = false;
	private readonly options: ThreadOptions;
	private worker: Worker | undefined;
	private readonly inFlight = new Map<number, Task>();
	private lastId = 0;
	private startedAtMs = 0;
	private restartDelayMs = 0;
	private isClosing = false;

	constructor(options: ThreadOptions) {
		this.options = options;
	}

	get isIdle(): boolean {
		return this.inFlight.size === 0;
	}

	/** When the first of what was sent, and is not done, came. */
	get oldestMs(): number | undefined {
		for (const { queuedAtMs } of this.inFlight.values()) return queuedAtMs;
		return undefined;
	}

	/** How long it has to wait until it may be started again, in milliseconds. */
	get pauseMs(): number {
		if (this.worker !== undefined || this.restartDelayMs === 0) return 0;
		return Math.max(0, this.startedAtMs + this.restartDelayMs - performance.now());
	}

	/** A database in memory ended with its thread. */
	get isLost(): boolean {
		return this.restarts > 0 && this.options.location === ":memory:";
	}

	/** Sends tasks, which are run in their order. */
	send(tasks: readonly Task[]): void {
		const values = new ValueWriter();
		const jobs: Job[] = [];
		for (const task of tasks) {
			const id = ++this.lastId;
			for (const { parameters } of task.statements) for (const value of parameters) values.add(value);
			this.inFlight.set(id, task);
			const { begins, continues, ends, deadlineMs } = task;
			const script = task.script && { module: task.script.module, args: task.script.args };
			if (task.script !== undefined) values.add(task.script.blob);
			const statements = task.statements.map(({ sql, parameters }) => ({ sql, parameters: parameters.length }));
			jobs.push({ id, deadlineMs, begins, continues, ends, statements, script });
		}
		if (jobs.length === 0) return;
		const packed = values.pack(jobs);
		this.post({ kind: "run", ...packed }, packed.blobs === undefined ? [] : [packed.blobs]);
	}

	/** Fails what was sent and has not been done in time; it may still be carried out. @param nowMs - by `monotonicMs`. */
	abandon(nowMs: number): void {
		for (const [id, task] of this.inFlight) {
			if (task.giveUpAtMs > nowMs) continue;
			this.inFlight.set(id, { ...task, giveUpAtMs: NEVER_MS, settle: () => {} });
			task.settle([], new Error("SQLite did not answer in time; whether the statement was carried out is unknown"));
		}
	}

	/** Ends the thread behind what was sent. Resolves when it has ended, or takes too long. */
	async close(): Promise<void> {
		this.isClosing = true;
		const { worker } = this;
		if (worker === undefined) return;
		const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
		this.post({ kind: "close" });
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, CLOSE_LIMIT_MS);
		});
		await Promise.race([ended, limit]);
		clearTimeout(timer);
		// Nothing happens when it has ended. A call of SQLite's that is being executed cannot be ended by anybody.
		void worker.terminate();
		worker.unref();
	}

	private post(request: ThreadRequest, moved: readonly ArrayBuffer[] = []): void {
		this.worker ??= this.start();
		// The process has to live until it is answered, and no longer.
		this.worker.ref();
		this.worker.postMessage(request, moved);
	}

	private start(): Worker {
		const { name, location, isReader, openTimeoutMs } = this.options;
		const workerData: ThreadData = { location, isReader, openTimeoutMs };
		this.startedAtMs = performance.now();
		const worker = new Worker(moduleBeside("sqlite-worker", import.meta.url), {
			name,
			workerData,
			resourceLimits: {
				maxOldGenerationSizeMb: THREAD_HEAP_MIB - YOUNG_GENERATION_MIB,
				maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB,
			},
		});
		let cause: unknown;
		worker.on("message", (reply: Packed) => this.receive(reply));
		worker.on("error", (error) => {
			cause = error;
		});
		worker.on("exit", (code) => this.onExit(code, cause));
		return worker;
	}

	private receive(reply: Packed): void {
		this.hasAnswered = true;
		const values = new ValueReader<JobOutcome>(reply);
		for (const outcome of values.about) {
			const results = outcome.statements.map((statement) => resultOf(statement, values));
			if (outcome.value !== undefined) results.push({ rows: [outcome.value] });
			const task = this.inFlight.get(outcome.id);
			this.inFlight.delete(outcome.id);
			task?.settle(results, outcome.failure && new SqliteThreadError(outcome.failure));
		}
		if (!this.isIdle) return;
		if (!this.isClosing) this.worker?.unref();
		this.options.onIdle();
	}

	private onExit(exitCode: number, error: unknown): void {
		this.worker = undefined;
		if (this.isClosing) return;
		this.restarts++;
		const isStable = performance.now() - this.startedAtMs >= STABLE_AFTER_MS;
		this.restartDelayMs = isStable
			? FIRST_RESTART_MS
			: Math.min(this.restartDelayMs * 2 || FIRST_RESTART_MS, MAX_RESTART_MS);
		const { name, logger } = this.options;
		logger.error({ thread: name, exitCode, err: error, jobs: this.inFlight.size }, "SQLite thread ended unexpectedly");
		const lost = [...this.inFlight.values()];
		this.inFlight.clear();
		for (const task of lost) {
			const message = "the SQLite thread ended; whether the statement was carried out is unknown";
			task.settle([], new Error(message, { cause: error }));
		}
		this.options.onLost();
		this.options.onIdle();
	}
}

function resultOf(statement: JobOutcome["statements"][number], values: ValueReader<JobOutcome>): QueryResult<unknown> {
	if (!("columns" in statement)) {
		const { changes, insertId } = statement;
		return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(insertId) };
	}
	const rows: unknown[] = [];
	for (let index = 0; index < statement.rows; index++) {
		const row: Record<string, unknown> = {};
		for (const column of statement.columns) row[column] = values.next();
		rows.push(row);
	}
	return { rows };
}
