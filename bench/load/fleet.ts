// The load processes, as one: splits work among them and merges what they answer.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Histogram } from "hdr-histogram-js";
import { tiedFork } from "../../test/support/tied-process.ts";
import type {
	Answer,
	Check,
	Command,
	ConnectCommand,
	CountResult,
	OpenResult,
	ReceivedResult,
	Results,
	WatchCommand,
} from "./commands.ts";
import type { DialectName } from "./dialects.ts";
import { merge } from "./histogram.ts";

/** Two, so that one slow garbage collection of the generator does not stop all load. */
const PROCESSES = 2;
/** A command that takes longer has hung. */
const COMMAND_TIMEOUT_MS = 150_000;
/** Connections that one process opens at once: the accept queues of the servers hold 512. */
const OPEN_WINDOW = 200;

/** The last message is received within this time. */
const RECEIVED_WITHIN_MS = 10_000;
const RECEIVED_POLL_MS = 25;

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
	readonly histogram: Histogram;
}

export interface OpenLoopFigures {
	readonly latency: Histogram;
	readonly lateness: Histogram;
	readonly messages: number;
}

/** The members of all rooms. */
export interface RoomClients {
	readonly port: number;
	readonly dialect: DialectName;
	readonly members: ConnectCommand["members"];
}

/** The publishers, by the index of a member, and their messages; each member receives every message of its room. */
export interface PublishLoad {
	readonly publishers: readonly number[];
	/** One for each publisher, or one for all. */
	readonly messages: readonly Uint8Array[];
	readonly perSecond: number;
	readonly seconds: number;
	readonly membersPerRoom: number;
}

/** Who watches what. */
export type Watching = Omit<WatchCommand, "kind" | "group" | "window">;

export interface Observation {
	readonly points: number;
	/** Complete sets of points. */
	readonly ticks: number;
	readonly jitter: Histogram;
	/** One of the batches, as it came. */
	readonly sample: Uint8Array;
}

export interface PublishFigures {
	readonly sent: number;
	readonly delivered: number;
	readonly latency: Histogram;
	readonly lateness: Histogram;
	/** One of the messages, as it was received. */
	readonly sample: Uint8Array;
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

	/** @throws Error when any member was not subscribed. */
	async connect(group: string, { port, dialect, members }: RoomClients): Promise<void> {
		await this.all("connect", (index) => {
			const own = members.filter((_, member) => member % PROCESSES === index);
			return { kind: "connect", group, port, dialect, members: own, window: OPEN_WINDOW };
		});
	}

	/** @throws Error when a member of a room did not receive a message of the room, or received it twice. */
	async publish(group: string, load: PublishLoad): Promise<PublishFigures> {
		const { publishers, messages, seconds, membersPerRoom } = load;
		await this.all("startCounting", () => ({ kind: "startCounting", group }));
		const published = await this.all("publish", (index) => {
			const own = publishers
				.map((member, turn) => ({ member, turn }))
				.filter(({ member }) => member % PROCESSES === index);
			return {
				kind: "publish",
				group,
				publishers: own.map(({ member }) => Math.floor(member / PROCESSES)),
				messages: own.map(({ turn }) => messages[turn % messages.length] as Uint8Array),
				perSecond: (load.perSecond * own.length) / publishers.length,
				seconds,
			};
		});
		const sent = published.reduce((sum, result) => sum + result.sent, 0);
		const received = await this.receivedByAll(group, sent * membersPerRoom);
		const sample = received.find((result) => result.sample.length > 0)?.sample ?? new Uint8Array(0);
		const latency = merge(received.map((result) => result.histogram));
		return {
			sent,
			delivered: latency.totalCount,
			latency,
			lateness: merge(published.map((one) => one.lateness)),
			sample,
		};
	}

	/** @throws Error when any watcher was not connected. */
	async watch(group: string, watching: Watching): Promise<void> {
		const { connections, first, subscribe, ...same } = watching;
		await this.all("watch", (index) => {
			const own = (payloads: readonly Uint8Array[]): readonly Uint8Array[] =>
				payloads.length === 1 ? payloads : payloads.filter((_, i) => i % PROCESSES === index);
			const shared = { connections: share(connections, index), first: own(first), subscribe: own(subscribe) };
			return { kind: "watch", group, ...same, ...shared, window: OPEN_WINDOW };
		});
	}

	/** @throws Error when any watcher did not get its first data in full. */
	async subscribe(group: string, perSecond: number): Promise<Histogram> {
		const results = await this.all("subscribe", () => ({ kind: "subscribe", group, perSecond: perSecond / PROCESSES }));
		return merge(results.map((result) => result.firstData));
	}

	/** What watchers get within a time. @throws Error when a batch was missing, incomplete or out of turn. */
	async observe(group: string, seconds: number): Promise<Observation> {
		await this.all("observe", () => ({ kind: "observe", group }));
		await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
		const results = await this.all("observed", () => ({ kind: "observed", group }));
		return {
			points: results.reduce((sum, result) => sum + result.points, 0),
			ticks: results.reduce((sum, result) => sum + result.ticks, 0),
			jitter: merge(results.map((result) => result.jitter)),
			sample: results.find((result) => result.sample.length > 0)?.sample ?? new Uint8Array(0),
		};
	}

	async leave(group: string): Promise<void> {
		await this.all("leave", () => ({ kind: "leave", group }));
	}

	async disconnect(group: string): Promise<void> {
		await this.all("disconnect", () => ({ kind: "disconnect", group }));
	}

	async close(group: string): Promise<void> {
		await this.all("close", () => ({ kind: "close", group }));
	}

	end(): void {
		for (const worker of this.workers) worker.end();
	}

	private async receivedByAll(group: string, expected: number): Promise<ReceivedResult[]> {
		const deadlineMs = performance.now() + RECEIVED_WITHIN_MS;
		for (;;) {
			const results = await this.all("received", () => ({ kind: "received", group, withLatency: false }));
			const delivered = results.reduce((sum, result) => sum + result.delivered, 0);
			if (delivered === expected) return this.all("received", () => ({ kind: "received", group, withLatency: true }));
			if (delivered > expected || performance.now() > deadlineMs) {
				throw new Error(`${group}: ${delivered} deliveries instead of ${expected}`);
			}
			await new Promise((resolve) => setTimeout(resolve, RECEIVED_POLL_MS));
		}
	}

	private async all<Kind extends Command["kind"]>(
		kind: Kind,
		command: (index: number) => Command & { readonly kind: Kind },
	): Promise<Results[Kind][]> {
		const results = await Promise.all(this.workers.map((worker, index) => worker.ask(command(index))));
		for (const result of results as Pick<CountResult, "errors" | "firstError">[]) {
			if (result.errors > 0) throw new Error(`${kind}: ${result.errors} errors, the first: ${result.firstError}`);
		}
		return results as Results[Kind][];
	}
}

function share(total: number, index: number): number {
	return Math.floor(total / PROCESSES) + (index < total % PROCESSES ? 1 : 0);
}

class Worker {
	private readonly child: ChildProcess;
	private readonly waiting = new Map<number, Waiting>();
	private lastId = 0;

	constructor() {
		this.child = fork(fileURLToPath(import.meta.resolve("./worker.ts")), {
			...tiedFork(),
			serialization: "advanced",
		});
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
