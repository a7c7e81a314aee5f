// A foreign stack: a Python client made only from the .proto files, with Debian's protobuf compiler and packages,
// against real gateway processes.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { codeBlocks, page, section } from "../../docs/markdown.ts";
import { type GatewayProcess, startGateway } from "../../support/gateway.ts";
import { findProgram } from "../../support/programs.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { tied } from "../../support/tied-process.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Debian's own, which has Debian's packages. */
const python = findProgram("python3");
const chapter = section(page("protocol/README.md"), "A client from nothing but the .proto files");

/** What a player of gomoku.py says at the end: numbers and contents of the events that it got. */
interface Account {
	readonly result: string;
	readonly ledger: readonly (readonly (number | string)[])[];
}

interface Script {
	readonly process: ChildProcess;
	readonly lines: AsyncIterator<string>;
	/** The next line; fails as `finish` does when there is none. */
	next(): Promise<string>;
	/** Resolves with the rest of what it printed; rejects with its errors when it fails. */
	finish(): Promise<string[]>;
}

suite("a Python client", () => {
	let scratch = "";
	let redis: RealServer;
	const gateways: GatewayProcess[] = [];
	const scripts: ChildProcess[] = [];

	before(async () => {
		findProgram("protoc");
		findProgram("protobuf headers");
		findProgram("python3 protobuf");
		findProgram("python3 websockets");
		scratch = mkdtempSync(join(tmpdir(), "framegate-python-"));
		generate();
		redis = await startRedis();
	});

	after(async () => {
		for (const script of scripts) script.kill("SIGKILL");
		await Promise.all(gateways.map((gateway) => gateway.kill9()));
		await redis.stop();
		rmSync(scratch, { recursive: true });
	});

	/** The commands that protocol/README.md shows, in another folder. */
	function generate(): void {
		const [shown = ""] = codeBlocks(chapter, "sh");
		const commands = shown
			.replaceAll("-I protocol/", `-I ${root}protocol/`)
			.replaceAll(" protocol/", ` ${root}protocol/`);
		execFileSync("sh", ["-ec", commands], { cwd: scratch, stdio: ["ignore", "ignore", "pipe"] });
		const generated = readdirSync(join(scratch, "generated/framegate/v1"));
		assert.ok(generated.includes("auth_pb2.py"), commands);
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
		const child = spawn(...tied(python, [file, ...args]), {
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
			async next() {
				const line = await lines.next();
				if (line.done) await this.finish();
				assert.ok(!line.done, `${file} has ended`);
				return line.value;
			},
			async finish() {
				const rest: string[] = [];
				for (let line = await lines.next(); !line.done; line = await lines.next()) rest.push(line.value);
				const code = await closed;
				assert.equal(code, 0, `${file} failed after ${JSON.stringify(rest)}:\n${errors}\n${gateways.at(-1)?.log()}`);
				return rest;
			},
		};
	}

	test("continues after its node is killed: registers, logs in, refreshes, resumes elsewhere, logs out", async () => {
		const [first, second] = await Promise.all([gateway("node-1"), gateway("node-2")]);
		const script = run(join(root, "test/client/foreign/session.py"), first.url, second.url);
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

	test("plays gomoku with another on another node, loses the connection, misses nothing, and wins", async () => {
		const [first, second] = await Promise.all([gateway("games-1"), gateway("games-2")]);
		const file = join(root, "test/client/foreign/gomoku.py");
		const host = run(file, "host", first.url, "host", second.url);
		assert.equal(await host.next(), "on games-1");
		const room = (await host.next()).replace(/^room /, "");
		const guest = run(file, "guest", second.url, room);
		assert.equal(await guest.next(), "on games-2");
		for (const player of [host, guest]) assert.equal(await player.next(), "playing");
		for (const step of ["moved 1", "moved 2", "moved 3", "dropped"]) assert.equal(await host.next(), step);
		for (const step of ["moved 1", "moved 2", "moved 3"]) assert.equal(await guest.next(), step);
		host.process.stdin?.write("the guest has moved\n");
		const [back, fourth, fifth, hosts = "{}"] = await host.finish();
		assert.deepEqual([back, fourth, fifth], ["back on games-2, 1 moves missed", "moved 4", "moved 5"]);
		const [answer, guests = "{}"] = await guest.finish();
		assert.equal(answer, "moved 4");

		const [won, lost] = [JSON.parse(hosts) as Account, JSON.parse(guests) as Account];
		assert.deepEqual([won.result, lost.result], ["GAME_RESULT_WON", "GAME_RESULT_LOST"]);
		// The host was there first. Each has checked that its own events have no gap.
		assert.deepEqual(won.ledger.slice(-lost.ledger.length), lost.ledger);
		assert.equal(won.ledger.filter((entry) => entry.length === 4).length, 9, "moves");
		const kinds = won.ledger.map((entry) => entry[2]);
		for (const kind of ["KIND_STARTED", "KIND_FINISHED"]) assert.ok(kinds.includes(kind), kind);
	});

	test("gets the largest page with the defaults of its WebSocket library", async () => {
		const node = await gateway("archive");
		const printed = await run(join(root, "test/client/foreign/large.py"), node.url).finish();
		assert.deepEqual(printed, ["8 messages, more than 200 KiB"]);
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
