// The command line as a user types it: output, exit codes, one-line errors. Accounts are on a real SQLite file.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { configurationPage } from "../../../server/config/reference.ts";
import { tied } from "../../support/tied-process.ts";

const MAIN = fileURLToPath(new URL("../../../server/main.ts", import.meta.url));
let cwd = "";

before(() => {
	cwd = mkdtempSync(join(tmpdir(), "framegate-cli-"));
});

after(() => rmSync(cwd, { recursive: true }));

interface Outcome {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

function framegate(args: readonly string[], { input = "", env = {} } = {}): Promise<Outcome> {
	const { PATH = "" } = process.env;
	return new Promise((resolve) => {
		const options = { cwd, env: { PATH, ...env } };
		const child = execFile(process.execPath, [MAIN, ...args], options, (_error, stdout, stderr) => {
			resolve({ code: child.exitCode, stdout, stderr });
		});
		child.stdin?.end(input);
	});
}

describe("usage", () => {
	test("help and version end with 0", async () => {
		const help = await framegate(["--help"]);
		assert.equal(help.code, 0);
		for (const command of ["start", "config", "migrate", "user", "token", "keys", "routes"]) {
			assert.match(help.stdout, new RegExp(`^ {2}${command}\\b`, "m"));
		}
		assert.match((await framegate(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
	});

	for (const args of [
		["start", "--prot", "1"],
		["user", "create"],
		["keys", "generate", "--algorithm", "RS256"],
	]) {
		test(`wrong usage ends with 2: ${args.join(" ")}`, async () => {
			const { code, stderr } = await framegate(args);
			assert.equal(code, 2);
			assert.match(stderr, /^error: /);
			assert.doesNotMatch(stderr, /\n\s+at /);
		});
	}

	test("what is longer than a pipe holds comes whole, and a reader that goes away ends it", async () => {
		// A pipe of a shell, whose reader begins late: what a test reads from otherwise is a socket, which holds more.
		const { stdout } = await promisify(execFile)(
			"sh",
			["-c", `"$0" "$1" config --reference | (sleep 1; cat)`, process.execPath, MAIN],
			{
				cwd,
			},
		);
		assert.ok(stdout.length > 65_536, String(stdout.length));
		assert.equal(stdout, configurationPage());
		const child = spawn(...tied(process.execPath, [MAIN, "config", "--reference"]), {
			cwd,
			stdio: ["ignore", "pipe", "ignore"],
		});
		child.stdout.once("data", () => child.stdout.destroy());
		assert.equal((await once(child, "exit"))[1], null);
	});

	test("a word that is no command is named", async () => {
		for (const args of [["reload"], ["start", "now"], ["reload", "--port", "1"]]) {
			const { code, stderr } = await framegate(args);
			assert.deepEqual(
				[code, stderr.split("\n")[0]],
				[2, `error: unknown command '${args.find((word) => word !== "start")}' (see framegate --help)`],
			);
		}
	});

	test("a bad option value is reported like any other bad configuration", async () => {
		const { code, stderr } = await framegate(["start", "--port", "x"]);
		assert.equal(code, 2);
		assert.match(stderr, /server\.port: expected number, got "x" \(from command line\)/);
	});
});

describe("config", () => {
	test("prints what holds, secrets hidden", async () => {
		const { code, stdout } = await framegate(["config"], { env: { PORT: "9", JWT_SECRET: "hunter2".repeat(6) } });
		assert.equal(code, 0);
		assert.match(stdout, /port: 9\n/);
		assert.doesNotMatch(stdout, /hunter2/);
	});

	test("--check says whether it is good, with exit code 2 if not", async () => {
		assert.match((await framegate(["config", "--check"])).stdout, /^configuration is valid, profile development\n$/);
		const bad = await framegate(["config", "--check"], { env: { NODE_ENV: "production" } });
		assert.equal(bad.code, 2);
		assert.match(bad.stderr, /production needs a signing key/);
	});
});

test("keys: a made key can be used, and is never overwritten", async () => {
	const made = await framegate(["keys", "generate", "--algorithm", "EdDSA", "--out", "ed.pem"]);
	assert.equal(made.code, 0);
	assert.equal(statSync(join(cwd, "ed.pem")).mode & 0o777, 0o600);
	const env = { FRAMEGATE_AUTH_ALGORITHM: "EdDSA", FRAMEGATE_AUTH_KEYS: '[{"id":"a","privateKeyFile":"ed.pem"}]' };
	assert.equal((await framegate(["config", "--check"], { env: { ...env, NODE_ENV: "production" } })).code, 0);
	const content = readFileSync(join(cwd, "ed.pem"), "utf8");
	const again = await framegate(["keys", "generate", "--out", "ed.pem"]);
	assert.deepEqual([again.code, again.stderr], [1, "framegate: ed.pem exists already\n"]);
	assert.equal(readFileSync(join(cwd, "ed.pem"), "utf8"), content);
	const secret = (await framegate(["keys", "generate"])).stdout.trim();
	assert.equal(
		(await framegate(["config", "--check"], { env: { NODE_ENV: "production", JWT_SECRET: secret } })).code,
		0,
	);
});

test("routes lists every protocol number", async () => {
	const routes = JSON.parse((await framegate(["routes", "--json"])).stdout);
	const login = routes.find(({ number }: { number: number }) => number === 1001);
	assert.deepEqual(
		[login.name, login.permission, login.request],
		["auth.login", "public", "framegate.v1.LoginRequest"],
	);
	assert.match((await framegate(["routes"])).stdout, /^1005 +auth\.heartbeat +authenticated +1 +none$/m);
});

test("accounts from the first to the last command", async () => {
	assert.match((await framegate(["migrate"])).stdout, /sqlite database is up to date: applied /);
	assert.match((await framegate(["init-db"])).stdout, /nothing to do/);
	assert.ok(existsSync(join(cwd, "data", "framegate.db")));

	const created = await framegate(["create-admin", "alice", "--password-stdin"], {
		input: "correct horse battery\n",
	});
	assert.deepEqual([created.code, created.stderr], [0, ""]);
	const generated = await framegate(["user", "create", "bob", "--generate-password"]);
	assert.match(generated.stdout, /^password: [\w-]{24}$/m);

	const failures: [readonly string[], RegExp, number][] = [
		[["user", "create", "alice", "--generate-password"], /the user name is taken/, 1],
		[["user", "create", "carol", "--role", "king", "--generate-password"], /roles must not hold king/, 1],
		[["user", "create", "carol"], /use --password-stdin or --generate-password/, 2],
		[["user", "disable", "nobody"], /there is no user nobody/, 1],
		[["token", "alice"], /token needs redis\.url/, 1],
	];
	for (const [args, expected, code] of failures) {
		const outcome = await framegate(args);
		assert.match(outcome.stderr, expected);
		assert.equal(outcome.stderr.trimEnd().split("\n").length, 1, outcome.stderr);
		assert.equal(outcome.code, code);
	}

	assert.match((await framegate(["user", "disable", "bob"])).stdout, /bob is disabled/);
	assert.match(
		(await framegate(["user", "set-roles", "bob", "--role", "viewer", "--role", "user"])).stdout,
		/viewer, user/,
	);
	const listed = (await framegate(["user", "list", "--json"])).stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	assert.deepEqual(
		listed.map(({ username, roles, status }) => [username, roles, status]),
		[
			["alice", ["admin"], "active"],
			["bob", ["viewer", "user"], "disabled"],
		],
	);
	assert.doesNotMatch(JSON.stringify(listed), /argon2/);
	assert.match((await framegate(["user", "enable", "bob"])).stdout, /bob is active/);
	const reset = await framegate(["user", "set-password", "bob", "--generate-password"]);
	assert.match(reset.stdout, /^bob has another password\npassword: [\w-]{24}$/m);
	const rejections: [readonly string[], RegExp, number][] = [
		[["user", "delete", "bob"], /--yes/, 2],
		[["user", "delete", "alice", "--yes"], /the last active administrator has to stay one/, 1],
		[["user", "disable", "alice"], /the last active administrator has to stay one/, 1],
		[["user", "set-roles", "alice", "--role", "user"], /the last active administrator has to stay one/, 1],
	];
	for (const [args, expected, code] of rejections) {
		const outcome = await framegate(args);
		assert.match(outcome.stderr, expected);
		assert.equal(outcome.code, code, outcome.stderr);
	}
	assert.match((await framegate(["user", "delete", "bob", "--yes"])).stdout, /deleted bob/);
	assert.match((await framegate(["user", "delete", "bob", "--yes"])).stderr, /there is no user bob/);
});

test("webhooks: an output that there is not is named, and so are those that there are", async () => {
	const hook = {
		name: "shop",
		url: "https://shop.example/",
		secret: "0123456789abcdef0123456789abcdef",
		events: ["user"],
	};
	const env = { FRAMEGATE_OUTPUTS_WEBHOOKS: JSON.stringify([hook]) };
	for (const args of [["dead"], ["replay", "--all"], ["discard", "--all"]]) {
		const [command = "", ...rest] = args;
		const unknown = await framegate(["webhooks", command, "shopp", ...rest], { env });
		assert.deepEqual(
			[unknown.code, unknown.stderr],
			[1, "framegate: there is no output shopp; there are shop\n"],
			command,
		);
		assert.equal((await framegate(["webhooks", command, "shop", ...rest], { env })).code, 0, command);
	}
	const gone = await framegate(["webhooks", "replay", "shop", "no-letter"], { env });
	assert.deepEqual([gone.code, gone.stderr], [1, "framegate: 1 of the ids are no dead letters of shop\n"]);
});

test("an unreachable SQL server is one line", async () => {
	const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:9/none", FRAMEGATE_DATABASE_TIMEOUT_MS: "500" };
	const { code, stderr } = await framegate(["user", "list"], { env });
	assert.equal(code, 1);
	assert.match(stderr, /^framegate: .*unavailable.*\n$/);
});
