// A foreign stack: a Python client made only from the .proto files, with Debian's protobuf compiler and packages,
// against real gateway processes.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { codeBlocks, page, section } from "../docs/markdown.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Debian's own, which has Debian's packages. */
const python = "/usr/bin/python3";
const chapter = section(page("protocol/README.md"), "A client from nothing but the .proto files");

interface Script {
	readonly process: ChildProcess;
	readonly lines: AsyncIterator<string>;
	/** Resolves with the rest of what it printed; rejects with its errors when it fails. */
	finish(): Promise<string[]>;
}

suite("a Python client", () => {
	let scratch = "";
	let redis: RealServer;
	const gateways: GatewayProcess[] = [];
	const scripts: ChildProcess[] = [];

	before(async () => {
		scratch = mkdtempSync(join(tmpdir(), "framegate-python-"));
		mkdirSync(join(scratch, "generated"));
		generate();
		redis = await startRedis();
	});

	after(async () => {
		for (const script of scripts) script.kill("SIGKILL");
		await Promise.all(gateways.map((gateway) => gateway.kill9()));
		await redis.stop();
		rmSync(scratch, { recursive: true });
	});

	/** The command that protocol/README.md shows, with the output elsewhere. */
	function generate(): void {
		const [shown = ""] = codeBlocks(chapter, "sh");
		const command = shown.trim().replace("--python_out=generated", `--python_out=${scratch}/generated`);
		execFileSync("sh", ["-c", command], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
		const generated = readdirSync(join(scratch, "generated/framegate/v1"));
		assert.ok(generated.includes("auth_pb2.py"), command);
	}

	/** What nodes have in common that serve the same users. */
	function shared(): Record<string, string> {
		return {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${scratch}/framegate.db`,
			JWT_SECRET: "a secret that all nodes of this test share",
		};
	}

	async function gateway(nodeId: string): Promise<GatewayProcess> {
		const env = { ...shared(), FRAMEGATE_NODE_ID: nodeId };
		const started = await startGateway({ dataDirectory: scratch, env });
		gateways.push(started);
		return started;
	}

	function run(file: string, ...args: string[]): Script {
		const child = spawn(python, [file, ...args], {
			env: { PATH: process.env["PATH"], PYTHONPATH: join(scratch, "generated"), PYTHONDONTWRITEBYTECODE: "1" },
			stdio: ["pipe", "pipe", "pipe"],
		});
		scripts.push(child);
		let errors = "";
		child.stderr.on("data", (chunk: Buffer) => {
			errors += chunk.toString();
		});
		const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		return {
			process: child,
			lines,
			async finish() {
				const rest: string[] = [];
				for (let line = await lines.next(); !line.done; line = await lines.next()) rest.push(line.value);
				const code = await closed;
				assert.equal(code, 0, `${file} failed after ${JSON.stringify(rest)}:\n${errors}\n${gateways.at(-1)?.log()}`);
				return rest;
			},
		};
	}

	test("lives through its node's death: registers, logs in, refreshes, resumes elsewhere, logs out", async () => {
		const [first, second] = await Promise.all([gateway("node-1"), gateway("node-2")]);
		const script = run(join(root, "test/foreign/session.py"), first.url, second.url);
		const steps: string[] = [];
		while (steps.at(-1) !== "kill") {
			const line = await script.lines.next();
			if (line.done) break;
			steps.push(line.value);
		}
		if (steps.at(-1) !== "kill") await script.finish();
		assert.deepEqual(steps, ["registered", "logged in", "heartbeat", "refreshed", "kill"]);
		assert.equal((await first.kill9()).signal, "SIGKILL");
		script.process.stdin?.write("gone\n");
		assert.deepEqual(await script.finish(), ["cut off", "resumed", "logged out", "tokens are dead"]);
	});

	test("is the program that protocol/README.md shows", async () => {
		const [program = ""] = codeBlocks(chapter, "python");
		const file = join(scratch, "shown.py");
		writeFileSync(file, program);
		const node = await gateway("node-3");
		execFileSync(process.execPath, [join(root, "server/main.ts"), "user", "create", "grace", "--password-stdin"], {
			cwd: scratch,
			env: { ...shared(), FRAMEGATE_PROFILE: "test" },
			input: "nanoseconds of wire\n",
			stdio: ["pipe", "ignore", "pipe"],
		});
		const printed = await run(file, node.url, "grace", "nanoseconds of wire").finish();
		assert.equal(printed[0], "logged in as grace");
		assert.match(printed[1] ?? "", /^server time \d{13}$/);
	});
});
