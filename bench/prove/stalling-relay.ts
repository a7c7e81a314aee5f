// Controls the relay between clients and nodes that stops reading for a while: see stalling_relay.py.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tied } from "../../test/support/tied-process.ts";

const ANSWER_WITHIN_MS = 10_000;

interface Answer {
	readonly ports?: readonly number[];
	readonly count?: number;
	readonly failure?: string;
}

export class StallingRelay {
	private readonly child: ChildProcessWithoutNullStreams;
	private readonly lines: Interface;
	private readonly failed: Promise<never>;

	/** Needs Python 3. */
	constructor() {
		const program = fileURLToPath(import.meta.resolve("./stalling_relay.py"));
		this.child = spawn(...tied("python3", [program]), { stdio: ["pipe", "pipe", "inherit"] as never });
		this.lines = createInterface({ input: this.child.stdout });
		this.child.stdin.on("error", () => {});
		this.failed = Promise.race([
			once(this.child, "error").then(([error]) => {
				throw new Error("python3, which relays to readers that stall, did not start", { cause: error });
			}),
			once(this.child, "exit").then(([code]) => {
				throw new Error(`the relay ended with ${code}`);
			}),
		]) as Promise<never>;
		// The next command rejects with it; no command may be pending now.
		this.failed.catch(() => {});
	}

	/** @returns a port for each of the given, through which that is reached. */
	async listen(targets: readonly number[]): Promise<readonly number[]> {
		return (await this.send({ kind: "listen", targets })).ports ?? [];
	}

	/** Stops reading what nodes send to the clients connected now. @returns how many they are. */
	async stall(): Promise<number> {
		return (await this.send({ kind: "stall" })).count ?? 0;
	}

	/** Reads again. @returns of how many stalled connections. */
	async goOn(): Promise<number> {
		return (await this.send({ kind: "go on" })).count ?? 0;
	}

	end(): void {
		this.child.kill();
	}

	private async send(command: object): Promise<Answer> {
		const answered = once(this.lines, "line", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
		this.child.stdin.write(`${JSON.stringify(command)}\n`);
		const [line] = (await Promise.race([answered, this.failed])) as [string];
		const answer = JSON.parse(line) as Answer;
		if (answer.failure !== undefined) throw new Error(`the relay: ${answer.failure}`);
		return answer;
	}
}
