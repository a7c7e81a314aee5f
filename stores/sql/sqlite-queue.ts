// What waits for a thread of SQLite: statements and transactions in the order in which they came, bounded in bytes and in time.
// What arrives while the thread works goes to it in one message. A transaction has the connection to itself until it ends.
import type { CompiledQuery, QueryResult } from "kysely";
import { unavailable } from "../../protocol/error.ts";
import { monotonicMs, NEVER_MS } from "./sqlite-messages.ts";
import { SqliteThread, type Task, type ThreadOptions } from "./sqlite-thread.ts";
import type { ScriptCall } from "./transaction-script.ts";

/** Of texts and values that wait or are being run; beyond it a statement is refused, unless it is alone. */
export const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** Longest start of a thread: what waits for the first one gets as much more time. */
const START_LIMIT_MS = 10_000;
/** `retryAfterMs` of what is refused. */
const RETRY_AFTER_MS = 1000;
/** Tasks of one message, so that none waits long for the reply to others. */
const MAX_TASKS = 64;
/** Interval at which statements whose time is over are failed. */
const TICK_MS = 100;
/** Longest wait of `close` for what is still to be done. */
const DRAIN_LIMIT_MS = 5000;

export type Results = readonly QueryResult<unknown>[];

/** How long statements may take. */
export interface TimeLimit {
	/** Until they are begun, locks of other processes included; and as long again until they end. In milliseconds. */
	readonly timeoutMs: number;
	/** Once begun, they may take as long as they need: for changes of the schema. */
	readonly runsUnlimited: boolean;
}

interface TaskOptions {
	readonly begins?: boolean;
	readonly continues?: boolean;
	readonly ends?: Task["ends"];
	readonly script?: ScriptCall;
}

export class SqliteQueue {
	/** Statements refused because too much waited, since the start. */
	rejections = 0;
	/** Of what waits or is being run. */
	bytes = 0;
	private readonly thread: SqliteThread;
	private waiting: (Task | SqliteTransaction)[] = [];
	/** The transaction that has the connection. */
	private owner: SqliteTransaction | undefined;
	private isScheduled = false;
	private isClosed = false;
	private ticks: NodeJS.Timeout | undefined;
	private onDrained: (() => void) | undefined;

	constructor(options: Omit<ThreadOptions, "onIdle" | "onLost">) {
		this.thread = new SqliteThread({
			...options,
			onIdle: () => this.schedule(),
			onLost: () => this.lose(),
		});
	}

	/** Threads that have ended by themselves, since the start. */
	get restarts(): number {
		return this.thread.restarts;
	}

	/** Age of the oldest statement that waits or is being run, in milliseconds; 0 when there is none. */
	get waitMs(): number {
		const since = this.thread.oldestMs ?? this.owner?.oldestMs ?? this.waiting[0]?.queuedAtMs;
		return since === undefined ? 0 : monotonicMs() - since;
	}

	/** Runs statements by themselves; those behind one that fails are not run. @throws GatewayError UNAVAILABLE on overload. */
	run(statements: readonly CompiledQuery[], limit: TimeLimit): Promise<Results> {
		return new Promise((resolve, reject) => {
			this.waiting.push(this.admit(statements, limit, {}, resolve, reject));
			this.schedule();
		});
	}

	/**
	 * Runs a script in a transaction of its own, before statements and transactions that wait: it is the work of many callers in one
	 * piece, of which there is one at a time, while each of the others is the work of one.
	 *
	 * @throws GatewayError UNAVAILABLE on overload.
	 */
	runScript(script: ScriptCall, limit: TimeLimit): Promise<Results> {
		return new Promise((resolve, reject) => {
			const task = this.admit([], limit, { begins: true, ends: "commit", script }, resolve, reject);
			const index = this.waiting.findIndex((each) => each instanceof SqliteTransaction || each.script === undefined);
			this.waiting.splice(index < 0 ? this.waiting.length : index, 0, task);
			this.schedule();
		});
	}

	begin(limit: TimeLimit): SqliteTransaction {
		return new SqliteTransaction(this, limit);
	}

	/**
	 * Makes a task of statements.
	 *
	 * @throws GatewayError UNAVAILABLE when too much waits already; what continues a transaction is never refused.
	 * @throws TypeError when SQLite has no such value.
	 */
	admit(
		statements: readonly CompiledQuery[],
		{ timeoutMs, runsUnlimited }: TimeLimit,
		{ begins = false, continues = false, ends, script }: TaskOptions,
		resolve: (results: Results) => void,
		reject: (error: Error) => void,
	): Task {
		const bytes = statements.reduce((sum, statement) => sum + bytesOf(statement), script?.bytes ?? 0);
		if (!continues) this.checkRoom(bytes);
		this.bytes += bytes;
		const nowMs = monotonicMs();
		const beginWithinMs = timeoutMs + (this.thread.hasAnswered ? 0 : START_LIMIT_MS);
		const isRollback = ends === "rollback";
		return {
			...{ statements, begins, continues, ends, bytes },
			script,
			queuedAtMs: nowMs,
			deadlineMs: isRollback ? NEVER_MS : nowMs + beginWithinMs,
			giveUpAtMs: runsUnlimited || isRollback ? NEVER_MS : nowMs + beginWithinMs + timeoutMs,
			settle: (results, error) => {
				this.bytes -= bytes;
				if (error === undefined) resolve(results);
				else reject(error);
			},
		};
	}

	/** A transaction waits for its turn. */
	enqueue(transaction: SqliteTransaction): void {
		this.waiting.push(transaction);
		this.schedule();
	}

	/** A transaction that has not had its turn waits no longer. */
	remove(transaction: SqliteTransaction): void {
		const index = this.waiting.indexOf(transaction);
		if (index >= 0) this.waiting.splice(index, 1);
		else if (this.owner === transaction) this.owner = undefined;
	}

	/** Sends what waits when the thread is idle: behind everything that this turn of the event loop adds. */
	schedule(): void {
		this.ticks ??= setInterval(() => this.tick(), TICK_MS).unref();
		if (this.isScheduled || !this.thread.isIdle) return;
		this.isScheduled = true;
		process.nextTick(() => this.flush());
	}

	/** Refuses everything from now on, waits for what there is, up to a limit, and ends the thread. */
	async close(): Promise<void> {
		this.isClosed = true;
		if (!this.isDrained) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, DRAIN_LIMIT_MS);
				this.onDrained = () => {
					clearTimeout(timer);
					resolve();
				};
				this.schedule();
			});
		}
		clearInterval(this.ticks);
		this.owner?.end(new Error("the database is closed"));
		for (const left of this.waiting.splice(0)) fail(left, new Error("the database is closed"));
		await this.thread.close();
	}

	private get isDrained(): boolean {
		return this.thread.isIdle && this.waiting.length === 0 && this.owner === undefined;
	}

	/** @throws GatewayError UNAVAILABLE, with a time to wait. */
	private checkRoom(bytes: number): void {
		if (this.isClosed) throw new Error("the database is closed");
		if (this.thread.isLost) throw new Error("the database in memory ended with its thread");
		if (this.bytes === 0 || this.bytes + bytes <= MAX_QUEUED_BYTES) return;
		this.rejections++;
		throw unavailable("the database, which has more to do than it can,", RETRY_AFTER_MS);
	}

	private flush(): void {
		this.isScheduled = false;
		if (!this.thread.isIdle) return;
		const { pauseMs } = this.thread;
		if (pauseMs > 0) {
			this.isScheduled = true;
			setTimeout(() => this.flush(), pauseMs);
			return;
		}
		const tasks: Task[] = [];
		for (let task = this.next(); task !== undefined; task = this.next()) {
			tasks.push(task);
			if (tasks.length === MAX_TASKS) break;
		}
		if (tasks.length > 0) this.thread.send(tasks);
		else if (this.isDrained) this.onDrained?.();
	}

	/** Undefined when there is none, or when a transaction has the connection and has nothing to do. */
	private next(): Task | undefined {
		if (this.owner === undefined) {
			const first = this.waiting.shift();
			if (!(first instanceof SqliteTransaction)) return first;
			this.owner = first;
		}
		const step = this.owner.takeStep();
		if (step?.ends !== undefined) this.owner = undefined;
		return step;
	}

	/** Fails what has waited too long. */
	private tick(): void {
		if (this.isDrained) {
			clearInterval(this.ticks);
			this.ticks = undefined;
			return;
		}
		const nowMs = monotonicMs();
		this.thread.abandon(nowMs);
		this.owner?.expire(nowMs);
		const late = this.waiting.filter((each) => each.deadlineMs <= nowMs);
		if (late.length > 0) this.waiting = this.waiting.filter((each) => each.deadlineMs > nowMs);
		for (const each of late) fail(each, waitedTooLong());
		this.schedule();
	}

	private lose(): void {
		const { owner } = this;
		this.owner = undefined;
		owner?.end(new Error("the SQLite thread ended, and the transaction with it"));
	}
}

/** Its statements are sent when it has the connection, and together with `begin`, which is not sent without them. */
export class SqliteTransaction {
	deadlineMs = 0;
	queuedAtMs = 0;
	private readonly queue: SqliteQueue;
	private readonly limit: TimeLimit;
	private state: "new" | "waiting" | "open" | "over" = "new";
	private steps: Task[] = [];
	private isEnding = false;

	constructor(queue: SqliteQueue, limit: TimeLimit) {
		this.queue = queue;
		this.limit = limit;
	}

	/**
	 * Runs statements; those behind one that fails are not run.
	 *
	 * @param commits - commits as well, if all of them succeed; otherwise the transaction is rolled back.
	 * @throws Error when it is over.
	 */
	run(statements: readonly CompiledQuery[], commits = false): Promise<Results> {
		return new Promise((resolve, reject) => this.add(statements, commits ? "commit" : undefined, resolve, reject));
	}

	async commit(): Promise<void> {
		// Nothing was done, or `run` has committed it.
		if (this.state === "new" || this.isEnding) return;
		await this.run([], true);
	}

	/** Does not wait: what comes next on the connection finds it done. */
	rollback(): void {
		switch (this.state) {
			case "waiting":
				this.queue.remove(this);
				this.end(new Error("the transaction was rolled back"));
				break;
			case "open":
				if (!this.isEnding) this.add([], "rollback", ignore, ignore);
				break;
			default:
				this.state = "over";
		}
	}

	/** When the first of its steps that are not sent came. */
	get oldestMs(): number | undefined {
		return this.steps[0]?.queuedAtMs;
	}

	/** The next one to be sent. */
	takeStep(): Task | undefined {
		this.state = "open";
		const step = this.steps.shift();
		if (step?.ends !== undefined) this.state = "over";
		return step;
	}

	/** Fails steps that have waited too long behind others. */
	expire(nowMs: number): void {
		const late = this.steps.filter((step) => step.giveUpAtMs <= nowMs);
		if (late.length === 0) return;
		this.steps = this.steps.filter((step) => step.giveUpAtMs > nowMs);
		this.isEnding = this.steps.some((step) => step.ends !== undefined);
		for (const step of late) step.settle([], waitedTooLong());
	}

	/** Fails what has not been sent. */
	end(error: Error): void {
		this.state = "over";
		for (const step of this.steps.splice(0)) step.settle([], error);
	}

	private add(
		statements: readonly CompiledQuery[],
		ends: Task["ends"],
		resolve: (results: Results) => void,
		reject: (error: Error) => void,
	): void {
		if (this.state === "over" || this.isEnding) throw new Error("the transaction is over");
		const begins = this.state === "new";
		const step = this.queue.admit(statements, this.limit, { begins, continues: !begins, ends }, resolve, reject);
		this.steps.push(step);
		this.isEnding = ends !== undefined;
		if (!begins) {
			this.queue.schedule();
			return;
		}
		this.state = "waiting";
		({ deadlineMs: this.deadlineMs, queuedAtMs: this.queuedAtMs } = step);
		this.queue.enqueue(this);
	}
}

function fail(waiting: Task | SqliteTransaction, error: Error): void {
	if (waiting instanceof SqliteTransaction) waiting.end(error);
	else waiting.settle([], error);
}

const ignore = (): void => {};

function waitedTooLong(): Error {
	return new Error("the statement waited too long for SQLite");
}

/** @throws TypeError when SQLite has no such value. */
function bytesOf({ sql, parameters }: CompiledQuery): number {
	let bytes = sql.length;
	for (const value of parameters) {
		if (typeof value === "string") bytes += value.length;
		else if (value instanceof Uint8Array) bytes += value.byteLength;
		else if (value === null || typeof value === "number" || typeof value === "bigint") bytes += 8;
		else throw new TypeError(`SQLite takes no value of type ${typeof value}`);
	}
	return bytes;
}
