// Runs the fixture gateway and reads its log, so that a test can wait for what it says instead of for time to pass.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { tied } from "../../support/tied-process.ts";

/** A line of the log; `order` counts them as they came. */
export type LogLine = Record<string, unknown> & { readonly msg: string; readonly pid: number; readonly order: number };

const FIXTURE = fileURLToPath(new URL("./fixtures/gateway.ts", import.meta.url));

/** What the process that got the connection says its id is. */
export async function askPid(port: number): Promise<number> {
	const socket = connect(port, "127.0.0.1");
	let text = "";
	for await (const chunk of socket) text += chunk;
	return Number(text);
}

/** The log of a running gateway. `next` finds each line once, in order of arrival. */
export class GatewayProcess {
	readonly child: ChildProcess;
	readonly directory: string;
	readonly exited: Promise<{ code: number | null; signal: string | null }>;
	/** Settles when every process that shares the log has ended. */
	readonly silent: Promise<unknown>;
	stderr = "";
	readonly #lines: LogLine[] = [];
	readonly #waiting: (() => void)[] = [];
	#count = 0;
	#ended = false;

	constructor(env: Record<string, string>, yaml = "") {
		this.directory = mkdtempSync(join(tmpdir(), "framegate-process-"));
		if (yaml !== "") this.configure(yaml);
		const { PATH = "" } = process.env;
		this.child = spawn(...tied(process.execPath, [FIXTURE]), {
			cwd: this.directory,
			env: { PATH, FRAMEGATE_SERVER_HOST: "127.0.0.1", FRAMEGATE_PROFILE: "test", LOG_LEVEL: "info", ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		const { stdout, stderr } = this.child;
		if (stdout === null || stderr === null) throw new Error("no pipes");
		stderr.on("data", (chunk) => {
			this.stderr += chunk;
		});
		const reader = createInterface({ input: stdout });
		reader.on("line", (line) => {
			this.#lines.push({ ...JSON.parse(line), order: ++this.#count });
			this.#wake();
		});
		this.silent = once(reader, "close").then(() => {
			this.#ended = true;
			this.#wake();
		});
		this.exited = once(this.child, "close").then(([code, signal]) => ({ code, signal }));
	}

	configure(yaml: string): void {
		writeFileSync(join(this.directory, "framegate.yaml"), yaml);
	}

	/** The next line with this message; taken out, so that asking again gives the one after. */
	async next(message: string): Promise<LogLine> {
		for (;;) {
			const index = this.#lines.findIndex(({ msg }) => msg.includes(message));
			const [line] = index === -1 ? [] : this.#lines.splice(index, 1);
			if (line !== undefined) return line;
			if (this.#ended) throw new Error(`the log ended without "${message}"\n${this.stderr}`);
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	#wake(): void {
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}

/** Starts a gateway that ends with the test, whatever happens. */
export function startGateway(context: TestContext, env: Record<string, string>, yaml?: string): GatewayProcess {
	const gateway = new GatewayProcess(env, yaml);
	context.after(async () => {
		gateway.child.kill("SIGKILL");
		await gateway.silent;
		rmSync(gateway.directory, { recursive: true });
	});
	return gateway;
}
