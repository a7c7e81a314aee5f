// A field box for the bench: a real Redis, and a writer in a process of its own that changes every value of it again and
// again. What commands the gateway asks of it is counted by Redis itself.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import type { RealServer } from "../../test/support/real-server.ts";
import { startRedis } from "../../test/support/redis-server.ts";
import { tiedFork } from "../../test/support/tied-process.ts";
import type { BoxPlan } from "./box-writer.ts";

const START_WITHIN_MS = 10_000;
/** What the writer and the bench themselves send. */
const NOT_THE_GATEWAYS = ["hset", "info", "client|setinfo", "client"];

/** Calls of each command so far, those within scripts included. */
export type CommandCounts = Readonly<Record<string, number>>;

export class Box {
	readonly url: string;
	private readonly server: RealServer;
	private readonly writer: ChildProcess;
	private readonly redis: Redis;

	private constructor(server: RealServer, writer: ChildProcess) {
		this.url = server.url;
		this.server = server;
		this.writer = writer;
		this.redis = new Redis(server.url);
		// The server may be gone before the connection is; a command that fails rejects to its caller.
		this.redis.on("error", () => undefined);
	}

	/** Resolves when all values are there for the first time. */
	static async start(plan: BoxPlan): Promise<Box> {
		const server = await startRedis();
		const writer = fork(fileURLToPath(import.meta.resolve("./box-writer.ts")), {
			...tiedFork(),
			stdio: ["ignore", 2, 2, "ipc"],
		});
		const box = new Box(server, writer);
		try {
			const written = once(writer, "message", { signal: AbortSignal.timeout(START_WITHIN_MS) });
			writer.send({ ...plan, url: server.url });
			await written;
			return box;
		} catch (error) {
			await box.stop();
			throw error;
		}
	}

	/** Commands that others than the writer and the bench have sent (INFO commandstats). */
	async commands(): Promise<CommandCounts> {
		const text = await this.redis.info("commandstats");
		const calls = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
			([, name, count]) => [name as string, Number(count)] as const,
		);
		return Object.fromEntries(calls.filter(([name]) => !NOT_THE_GATEWAYS.includes(name)));
	}

	async stop(): Promise<void> {
		this.redis.disconnect();
		if (this.writer.connected) this.writer.disconnect();
		await this.server.stop();
	}
}
