// The control's nodes: processes of their own, on one Redis.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../test/support/real-server.ts";
import { tiedFork } from "../../../test/support/tied-process.ts";
import { ServerProcess } from "../../servers/server-process.ts";

const START_WITHIN_MS = 10_000;

export interface ControlNodesOptions {
	readonly redisUrl: string;
	readonly count: number;
	/** What the stream that they share holds. */
	readonly streamLength: number;
	/** Called for every process as soon as it runs. */
	readonly keep: (stop: () => Promise<void>) => void;
}

export class ControlNodes {
	readonly ports: number[] = [];
	private readonly options: ControlNodesOptions;
	private readonly processes: ServerProcess[] = [];

	private constructor(options: ControlNodesOptions) {
		this.options = options;
	}

	static async start(options: ControlNodesOptions): Promise<ControlNodes> {
		const nodes = new ControlNodes(options);
		for (let index = 0; index < options.count; index++) {
			nodes.ports.push(await freePort());
			await nodes.startAgain(index);
		}
		return nodes;
	}

	async kill9(index: number): Promise<void> {
		await this.processes[index]?.stop();
	}

	/** On the port that it had. */
	async startAgain(index: number): Promise<void> {
		const { redisUrl, streamLength, keep } = this.options;
		const port = this.ports[index] as number;
		const program = fileURLToPath(import.meta.resolve("./server.ts"));
		const child = fork(program, [redisUrl, String(port), String(streamLength)], {
			...tiedFork(),
			stdio: ["ignore", 2, 2, "ipc"],
		});
		const started = new ServerProcess(child, port);
		this.processes[index] = started;
		keep(() => started.stop());
		await once(child, "message", { signal: AbortSignal.timeout(START_WITHIN_MS) });
	}
}
