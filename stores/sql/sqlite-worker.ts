// The thread that owns a connection to SQLite. It opens the file with the first job, runs jobs in the order in which they come, and
// ends when it is asked to.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
// Types only: the query builder takes memory, which a process without scripts does not need.
import type { Kysely } from "kysely";
import type { Tables } from "./schema.ts";
import { failureOf, SqliteConnection } from "./sqlite-connection.ts";
import {
	type Job,
	type JobOutcome,
	monotonicMs,
	type ThreadData,
	type ThreadRequest,
	ValueReader,
	ValueWriter,
} from "./sqlite-messages.ts";
import type { Script, ScriptFunction, ScriptModule } from "./transaction-script.ts";

/** What is done is sent, though more is to be done, when it has waited this long. */
const REPLY_WITHIN_MS = 5;

/** Outcomes that go back in one message. */
class Replies {
	private readonly port: MessagePort;
	private outcomes: JobOutcome[] = [];
	private values = new ValueWriter();
	private sentAtMs = monotonicMs();

	constructor(port: MessagePort) {
		this.port = port;
	}

	readonly addValue = (value: unknown): void => this.values.add(value);

	add(outcome: JobOutcome): void {
		this.outcomes.push(outcome);
		if (monotonicMs() - this.sentAtMs >= REPLY_WITHIN_MS) this.send();
	}

	send(): void {
		if (this.outcomes.length === 0) return;
		const packed = this.values.pack(this.outcomes);
		this.port.postMessage(packed, packed.blobs === undefined ? [] : [packed.blobs]);
		this.outcomes = [];
		this.values = new ValueWriter();
		this.sentAtMs = monotonicMs();
	}
}

interface JobValues {
	readonly parameters: readonly (readonly unknown[])[];
	/** Of the script. */
	readonly blob: Uint8Array;
}

const NOTHING = new Uint8Array(0);

class SqliteWorker {
	private readonly port: MessagePort;
	private readonly data: ThreadData;
	private connection: SqliteConnection | undefined;
	private readonly scripts = new Map<string, ScriptFunction<unknown, unknown>>();
	/** To build statements of scripts with; loaded for the first of them. */
	private builder: Kysely<Tables> | undefined;
	private done: Promise<void> = Promise.resolve();

	constructor(port: MessagePort, data: ThreadData) {
		this.port = port;
		this.data = data;
	}

	/** Behind what came before. */
	receive(request: ThreadRequest): void {
		this.done = this.done.then(() => this.handle(request));
	}

	private async handle(request: ThreadRequest): Promise<void> {
		switch (request.kind) {
			case "run":
				await this.run(new ValueReader<Job>(request));
				break;
			case "close":
				this.connection?.close();
				this.port.close();
				break;
			default:
				request satisfies never;
		}
	}

	private async run(values: ValueReader<Job>): Promise<void> {
		const replies = new Replies(this.port);
		for (const job of values.about) {
			// Taken also when the job is not run: those of the next one stand behind them.
			const parameters = job.statements.map((statement) => values.take(statement.parameters));
			const blob = job.script === undefined ? NOTHING : (values.next() as Uint8Array);
			replies.add({ id: job.id, ...(await this.runOne(job, { parameters, blob }, replies)) });
		}
		replies.send();
	}

	private async runOne(job: Job, { parameters, blob }: JobValues, replies: Replies) {
		const options = { parameters, onValue: replies.addValue, onWait: () => replies.send() };
		try {
			this.connection ??= await SqliteConnection.open(this.data);
			const script = job.script && (await this.begin(job.script, blob));
			return await this.connection.run(job, { ...options, script });
		} catch (error) {
			// It could not be opened, and the next job tries again; or there is no such script.
			return { statements: [], value: undefined, failure: failureOf(error) };
		}
	}

	private async begin({ module, args }: NonNullable<Job["script"]>, blob: Uint8Array): Promise<Script<unknown>> {
		let script = this.scripts.get(module);
		if (script === undefined) {
			const { createScript }: ScriptModule<unknown, unknown> = await import(module);
			script = createScript("sqlite");
			this.scripts.set(module, script);
		}
		this.builder ??= (await import("./sqlite-builder.ts")).sqliteBuilder();
		return script(this.builder, args, blob);
	}
}

if (parentPort !== null) {
	const worker = new SqliteWorker(parentPort, workerData as ThreadData);
	parentPort.on("message", (request: ThreadRequest) => worker.receive(request));
}
