// Clients that stop reading, from the bench's side: see stalled_readers.py.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tied } from "../../test/support/tied-process.ts";
import { clientFrame, upgradeRequest } from "./frames.ts";

/** A client that is going to stall. */
export interface StalledMember {
	/** What it sends once upgraded; it stops reading when the reply has begun to arrive. */
	readonly first: Uint8Array;
	/** A request with a long answer, by which it fills its own connection. */
	readonly ask: Uint8Array;
}

/** How they ended, once they read again. */
export interface StalledFates {
	/** By the close code that they received. */
	readonly codes: Readonly<Record<string, number>>;
	/** Torn down without a close frame. */
	readonly cutOff: number;
	/** Received every reply. */
	readonly complete: number;
	/** Still waited for some when the time was over. */
	readonly open: number;
}

const ANSWER_WITHIN_MS = 120_000;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

export class StalledReaders {
	private readonly child: ChildProcessWithoutNullStreams;
	private readonly lines: Interface;
	private readonly failed: Promise<never>;

	/** Needs Python 3. */
	constructor() {
		const program = fileURLToPath(import.meta.resolve("./stalled_readers.py"));
		this.child = spawn(...tied("python3", [program]), { stdio: ["pipe", "pipe", "inherit"] as never });
		this.lines = createInterface({ input: this.child.stdout });
		this.child.stdin.on("error", () => {});
		this.failed = Promise.race([
			once(this.child, "error").then(([error]) => {
				throw new Error("python3, which plays the stalled readers, did not start", { cause: error });
			}),
			once(this.child, "exit").then(([code]) => {
				throw new Error(`the stalled readers ended with ${code}`);
			}),
		]) as Promise<never>;
		// The next command rejects with it; no command may be pending now.
		this.failed.catch(() => {});
	}

	/**
	 * @param stalled - false for the control: the kernel reads for them.
	 * @throws Error when any of them is not connected.
	 */
	async open(port: number, members: readonly StalledMember[], stalled: boolean): Promise<void> {
		const encoded = members.map(({ first, ask }) => ({
			first: base64(clientFrame(first)),
			ask: base64(clientFrame(ask)),
		}));
		await this.send({ kind: "open", port, stalled, upgrade: base64(upgradeRequest(port)), members: encoded });
	}

	/** Lets each of them ask so many times at once, one reader after the other. */
	async ask(times: number): Promise<void> {
		await this.send({ kind: "ask", times });
	}

	/** Lets those of the control read what has come so far. */
	async read(): Promise<void> {
		await this.send({ kind: "read" });
	}

	/** Lets them read again, until each has so many frames of at least so many bytes, or the server has ended its connection. */
	async finish(replies: number, replyBytes: number, withinSeconds: number): Promise<StalledFates> {
		return (await this.send({ kind: "finish", replies, bytes: replyBytes, within: withinSeconds })) as StalledFates;
	}

	end(): void {
		this.child.kill();
	}

	private async send(command: object): Promise<unknown> {
		const answered = once(this.lines, "line", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
		this.child.stdin.write(`${JSON.stringify(command)}\n`);
		const [line] = (await Promise.race([answered, this.failed])) as [string];
		const answer = JSON.parse(line) as { readonly failure?: string };
		if (answer.failure !== undefined) throw new Error(`stalled readers: ${answer.failure}`);
		return answer;
	}
}
