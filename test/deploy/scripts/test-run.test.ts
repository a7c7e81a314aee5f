// A test run leaves nothing behind, whatever ends it, and no test file goes on when its hooks have failed.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeRunDirectory, removeRunDirectory } from "../../../scripts/test-directory.ts";
import { startGateway } from "../../support/gateway.ts";
import { freePort, reservePort } from "../../support/real-server.ts";
import { tied } from "../../support/tied-process.ts";
import { until } from "../../support/until.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const runner = join(root, "scripts/test.ts");
let scratch = "";

before(() => {
	scratch = mkdtempSync(join(tmpdir(), "framegate-test-run-"));
});

after(() => rmSync(scratch, { recursive: true }));

const IMPORTS = `
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { startGateway } from "${root}test/support/gateway.ts";
import { startRedis } from "${root}test/support/redis-server.ts";
const started = (what) => writeFileSync(\`${"$"}{import.meta.dirname}/\${what.pid}.pid\`, "");
`;

/** Writes a test file in a directory of its own. */
function testFile(name: string, body: string): { readonly file: string; readonly directory: string } {
	const directory = join(scratch, name);
	mkdirSync(directory);
	const file = join(directory, `${name}.test.ts`);
	writeFileSync(file, `${IMPORTS}${body}`);
	return { file, directory };
}

/** Processes that a test file has started, as it noted them. */
const startedBy = (directory: string): string[] =>
	readdirSync(directory).flatMap((name) => (name.endsWith(".pid") ? [name.slice(0, -4)] : []));

/** A process that has ended but was not waited for is no more than a number. */
function isRunning(pid: string): boolean {
	try {
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		return false;
	}
}

/** Starts a run as a person does: not as a part of this one. */
function startRun(command: string, args: readonly string[], temporary: string, more = {}): ChildProcess {
	const { NODE_TEST_CONTEXT: _, npm_lifecycle_event: __, ...env } = process.env;
	return spawn(...tied(command, args), {
		cwd: root,
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...env, ...more, TMPDIR: temporary },
	});
}

async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
	let output = "";
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
	const [code] = (await once(child, "close")) as [number | null];
	return { code, output };
}

describe("a test file whose hooks fail", { timeout: 120_000 }, () => {
	const cases = {
		"before, and after for want of what it did not start": `
			describe("suite", () => {
				let redis, gateway;
				before(async () => {
					redis = await startRedis();
					started(redis);
					throw new Error("the gateway does not start");
				});
				after(async () => {
					await gateway.stop();
					await redis.stop();
				});
				test("never runs", () => {});
			});`,
		after: `
			let gateway;
			test("passes", async () => {
				gateway = await startGateway();
				started(gateway);
			});
			describe("suite", () => {
				after(() => { throw new Error("no clean-up"); });
				test("passes", () => {});
			});`,
	};
	for (const [hooks, body] of Object.entries(cases)) {
		test(`ends with what is left, and its servers do: ${hooks}`, async () => {
			const { file, directory } = testFile(hooks.slice(0, 5).replace(/\W/g, ""), body);
			// Nothing of them ends by itself: there is nothing to wait for.
			const run = startRun(process.execPath, [runner, file], directory, { FRAMEGATE_FILE_END_MS: "2000" });
			const { code, output } = await outcomeOf(run);
			assert.equal(code, 1);
			assert.match(output, /did not end by itself after its tests/);
			assert.match(output, /(redis-server|(main\.ts|framegate\.js) start).* \(process \d+\)/);
			assert.match(output, /open: .*ProcessWrap/);
			const pids = startedBy(directory);
			assert.equal(pids.length, 1);
			await until(() => !pids.some(isRunning));
			assert.ok(!readdirSync(directory).some((name) => name.startsWith("framegate-run-")), "temporary files are left");
		});
	}
});

test("a suite whose after hook fails fails the run, also when all tests have passed", async () => {
	const body = `
		describe("suite", () => {
			after(() => { throw new Error("no clean-up"); });
			test("passes", () => {});
		});`;
	const { file, directory } = testFile("suite", body);
	const { code, output } = await outcomeOf(startRun(process.execPath, [runner, file], directory));
	assert.equal(code, 1, output);
});

describe("a run that is ended", { timeout: 240_000 }, () => {
	const endless = `
		test("goes on", async () => {
			const [redis, gateway] = await Promise.all([startRedis(), startGateway()]);
			started({ pid: process.pid });
			started(redis);
			started(gateway);
			await new Promise((resolve) => setTimeout(resolve, 3_600_000));
		});`;
	for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
		test(`by ${signal}: its test files, servers and gateways end`, async () => {
			const { file, directory } = testFile(signal, endless);
			const run = startRun(process.execPath, [runner, file], directory);
			await until(() => startedBy(directory).length === 3);
			run.kill(signal);
			await once(run, "exit");
			await until(() => !startedBy(directory).some(isRunning));
		});
	}

	test("by SIGKILL of npm: the same", async () => {
		const { file, directory } = testFile("npm", endless);
		const run = startRun("npm", ["test", "--", file], directory);
		await until(() => startedBy(directory).length === 3);
		run.kill("SIGKILL");
		await until(() => !startedBy(directory).some(isRunning));
	});

	test("its temporary files are removed by the next run, and those of a run that goes on are not", () => {
		const parent = join(scratch, "runs");
		const abandoned = join(parent, "framegate-run-4194304-abcdef");
		mkdirSync(abandoned, { recursive: true });
		const own = makeRunDirectory(parent);
		const other = makeRunDirectory(parent);
		assert.ok(!existsSync(abandoned));
		assert.ok(existsSync(own) && existsSync(other) && own !== other);
		removeRunDirectory(own);
		assert.ok(!existsSync(own));
	});
});

describe("processes of tests, bench, proof and fuzz", () => {
	test("are all started such that they end with the one that started them", () => {
		const files = ["test", "bench"].flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name)),
		);
		let seen = 0;
		for (const file of files.filter((name) => name.endsWith(".ts"))) {
			for (const [call] of readFileSync(file, "utf8").matchAll(/(?<![\w.])(?:spawn|fork)\((?!\)).{0,200}/gs)) {
				if (/^fork\b/.test(call)) assert.match(call, /tiedFork\(/, file);
				else assert.match(call, /^spawn\(\.\.\.tied\(/, file);
				seen++;
			}
		}
		assert.ok(seen > 15, `${seen} were found`);
	});

	test("get no port that another process has got, whether it listens or not", async () => {
		const script = `
			const { freePort } = await import("${root}test/support/real-server.ts");
			console.log(await freePort());
			process.stdin.resume();`;
		const other = spawn(...tied(process.execPath, ["--no-warnings", "--input-type=module", "--eval", script]));
		const [line] = (await once(other.stdout, "data")) as [Buffer];
		const port = Number(line);
		assert.equal(await reservePort(port), false);
		other.stdin.end();
		await once(other, "exit");
		assert.equal(await reservePort(port), true);
		assert.equal(await reservePort(port), false);
		assert.notEqual(await freePort(), port);
	});

	test("a gateway that ends early is reported with its exit code and what it said", async () => {
		const wrong = startGateway({ env: { FRAMEGATE_NO_SUCH_SETTING: "1" } });
		await assert.rejects(wrong, /^Error: the gateway ended with 2 before it answered http.*FRAMEGATE_NO_SUCH_SETTING/s);
		const missing = startGateway({ entry: "/nonexistent.js" });
		await assert.rejects(missing, /the gateway ended with 1 before.*Cannot find module '\/nonexistent\.js'/s);
	});
});
