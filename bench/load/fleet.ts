// The load processes, as one: splits work among them and merges what they answer.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as hdr from "hdr-histogram-js";
import type { Answer, Check, Command, CountResult, OpenResult, Results } from "./commands.ts";

/** Two, so that one slow garbage collection of the generator does not stop all load. */
const PROCESSES = 2;
/** A command that takes longer has hung. */
const COMMAND_TIMEOUT_MS = 150_000;
/** Connections of one process under way at once: the accept queues of the servers hold 512. */
const OPEN_WINDOW = 200;

interface Waiting {
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: Error) => void;
	readonly timer: NodeJS.Timeout;
}

/** How a server is connected to. */
export interface Target {
	readonly port: number;
	readonly connections: number;
	readonly check: Check;
	/** See OpenCommand. */
	readonly first: readonly Uint8Array[];
}

export interface OpenFigures {
	/** From the first packet until the last connection was served. */
	readonly elapsedMs: number;
	readonly histogram: hdr.Histogram;
}

export interface OpenLoopFigures {
	readonly latency: hdr.Histogram;
	readonly lateness: hdr.Histogram;
	readonly messages: number;
}

export class Fleet {
	private readonly workers: Worker[];

	constructor() {
		this.workers = Array.from({ length: PROCESSES }, () => new Worker());
	}

	/** @throws Error when any connection was not served. */
	async open(group: string, target: Target): Promise<OpenFigures> {
		const { port, check, connections } = target;
		const results = await this.all("open", (index) => {
			const first = target.first.filter((_, i) => i % PROCESSES === index || target.first.length < PROCESSES);
			return { kind: "open", group, port, check, connections: share(connections, index), first, window: OPEN_WINDOW };
		});
		const started = Math.min(...results.map((result: OpenResult) => result.startedAtNs));
		const served = Math.max(...results.map((result: OpenResult) => result.servedAtNs));
		return { elapsedMs: (served - started) / 1e6, histogram: merge(results.map((result) => result.histogram)) };
	}

	async start(group: string, payload: Uint8Array, outstanding: number): Promise<void> {
		await this.all("start", () => ({ kind: "start", group, payload, outstanding }));
	}

	/** Replies so far. */
	async count(group: string): Promise<number> {
		const results = await this.all("count", () => ({ kind: "count", group }));
		return results.reduce((sum, result: CountResult) => sum + result.messages, 0);
	}

	async stop(group: string): Promise<void> {
		await this.all("stop", () => ({ kind: "stop", group }));
	}

	async openLoop(group: string, payload: Uint8Array, perSecond: number, seconds: number): Promise<OpenLoopFigures> {
		const results = await this.all("openLoop", () => ({
			kind: "openLoop",
			group,
			payload,
			perSecond: perSecond / PROCESSES,
			seconds,
		}));
		const missing = results.reduce((sum, result) => sum + result.missing, 0);
		if (missing > 0) throw new Error(`${missing} messages were not answered`);
		const latency = merge(results.map((result) => result.histogram));
		return { latency, lateness: merge(results.map((result) => result.lateness)), messages: latency.totalCount };
	}

	async close(group: string): Promise<void> {
		await this.all("close", () => ({ kind: "close", group }));
	}

	end(): void {
		for (const worker of this.workers) worker.end();
	}

	private async all<Kind extends Command["kind"]>(
		kind: Kind,
		command: (index: number) => Command & { readonly kind: Kind },
	): Promise<Results[Kind][]> {
		const results = await Promise.all(this.workers.map((worker, index) => worker.ask(command(index))));
		for (const result of results as CountResult[]) {
			if (result.errors > 0) throw new Error(`${kind}: ${result.errors} errors, the first: ${result.firstError}`);
		}
		return results as Results[Kind][];
	}
}

function share(total: number, index: number): number {
	return Math.floor(total / PROCESSES) + (index < total % PROCESSES ? 1 : 0);
}

function merge(encoded: readonly string[]): hdr.Histogram {
	const [first, ...rest] = encoded.map((text) => hdr.decodeFromCompressedBase64(text));
	if (first === undefined) throw new Error("no histogram");
	for (const other of rest) first.add(other);
	return first;
}

class Worker {
	private readonly child: ChildProcess;
	private readonly waiting = new Map<number, Waiting>();
	private lastId = 0;

	constructor() {
		this.child = fork(fileURLToPath(import.meta.resolve("./worker.ts")), { serialization: "advanced" });
		this.child.on("message", (answer: Answer) => this.settle(answer));
		this.child.on("exit", (code) => {
			for (const id of [...this.waiting.keys()]) this.settle({ id, failure: `a load process ended with ${code}` });
		});
	}

	ask(command: Command): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const id = ++this.lastId;
			const timer = setTimeout(() => {
				this.settle({ id, failure: `${command.kind}: no answer within ${COMMAND_TIMEOUT_MS} ms` });
			}, COMMAND_TIMEOUT_MS);
			this.waiting.set(id, { resolve, reject, timer });
			this.child.send({ id, command });
		});
	}

	end(): void {
		if (this.child.connected) this.child.disconnect();
	}

	private settle(answer: Answer): void {
		const waiting = this.waiting.get(answer.id);
		if (waiting === undefined) return;
		this.waiting.delete(answer.id);
		clearTimeout(waiting.timer);
		if (answer.failure === undefined) waiting.resolve(answer.result);
		else waiting.reject(new Error(answer.failure));
	}
}
