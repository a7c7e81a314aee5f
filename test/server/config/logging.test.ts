// The logger: its form, its level, and that secrets stay out.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { unavailable } from "../../../protocol/error.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { createLogger, type RootLogger } from "../../../server/logging/logger.ts";

async function record(
	env: Record<string, string> = {},
): Promise<{ logger: RootLogger; lines: Record<string, unknown>[] }> {
	const lines: Record<string, unknown>[] = [];
	const config = loadConfig({ env, cwd: tmpdir(), nodeId: "n1" });
	const logger = await createLogger(config, { write: (line) => lines.push(JSON.parse(line)) });
	return { logger, lines };
}

test("a line has time, level by name, node, bindings and message", async () => {
	const { logger, lines } = await record();
	logger.child({ module: "hub" }).info({ open: 3 }, "hello");
	const { time, ...rest } = lines[0] ?? {};
	assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
	const known = { level: "info", node: "n1", pid: process.pid, category: "system" };
	assert.deepEqual(rest, { ...known, module: "hub", open: 3, msg: "hello" });
});

test("a line has the category of its logger, and errors have one of their own", async () => {
	const { logger, lines } = await record();
	const auth = logger.child({ category: "auth" });
	auth.info({}, "logged in");
	auth.child({ module: "sessions" }).warn({}, "used twice");
	auth.error({}, "failed");
	logger.child({ category: "another" }).info({}, "started");
	assert.deepEqual(
		lines.map(({ category }) => category),
		["auth", "auth", "error", "system"],
	);
});

test("the level holds for children made before it changed", async () => {
	const { logger, lines } = await record({ LOG_LEVEL: "warn" });
	const child = logger.child({ module: "a" });
	child.info({}, "dropped");
	assert.equal(child.isLevelEnabled("info"), false);
	logger.setLevel("debug");
	child.debug({}, "written");
	assert.equal(child.isLevelEnabled("debug"), true);
	logger.setLevel("silent");
	child.fatal({}, "dropped");
	assert.equal(child.isLevelEnabled("fatal"), false);
	assert.deepEqual(
		lines.map(({ msg }) => msg),
		["written"],
	);
});

test("secrets are hidden by name at any depth, in bindings too", async () => {
	const { logger, lines } = await record({ FRAMEGATE_LOG_REDACT: "iban" });
	const secret = "hunter2";
	logger.child({ token: secret }).info(
		{
			password: secret,
			request: { new_password: secret, headers: { Authorization: secret, "set-cookie": [secret] } },
			list: [{ refreshToken: secret }, { a: { b: { clientSecret: secret } } }],
			code: "48210397",
			IBAN: secret,
		},
		"login",
	);
	assert.doesNotMatch(JSON.stringify(lines), /hunter2|48210397/);
});

test("secrets are hidden by shape inside texts and errors", async () => {
	const { logger, lines } = await record();
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl";
	const cause = Object.assign(new Error("no route to redis://:hunter2@cache:6379"), { command: { args: ["hunter2"] } });
	logger.error(
		{ err: new Error(`bad token ${jwt}`, { cause }), url: "/ws?token=hunter2&x=1&sentinelPassword=hunter2" },
		"refused",
	);
	const text = JSON.stringify(lines);
	assert.doesNotMatch(text, /hunter2|c2lnbmF0dXJl/);
	assert.match(text, /redis:\/\/:\[redacted\]@cache:6379/);
	assert.match(text, /token=\[redacted\]&x=1/);
});

test("tokens are hidden wherever they stand among dots", async () => {
	const { logger, lines } = await record();
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl";
	logger.info({ a: `k=x-${jwt}`, b: `a.b.${jwt}.d`, c: `${jwt}.${jwt}`, d: "eyJubGFtZQ.x eyJuYW1l.ab.c" }, "x");
	const { a, b, c, d } = lines[0] as Record<string, string>;
	assert.deepEqual([a, b], ["k=x-[redacted]", "a.b.[redacted].d"]);
	assert.equal(c, "[redacted].[redacted]");
	assert.equal(d, "eyJubGFtZQ.x eyJuYW1l.ab.c", "too short to be one");
});

test("hides the secret of an API key anywhere in a text, and leaves its id", async () => {
	const { logger, lines } = await record();
	const secret = "Zm9v-YmFy_".repeat(5).slice(0, 43);
	logger.info({ a: `Bearer fgk_0123456789abcdef_${secret} of ada`, key: "x" }, `got fgk_0123456789abcdef_${secret}.`);
	const [line] = lines;
	assert.equal(line?.["a"], "Bearer fgk_0123456789abcdef_[redacted] of ada");
	assert.equal(line?.["msg"], "got fgk_0123456789abcdef_[redacted].");
});

// The limit separates steps that grow with the text from steps that grow with its square: it is far from either.
test("texts made to be slow are not", { timeout: 20_000 }, async () => {
	const { logger, lines } = await record();
	const hostile = [
		"eyJ-",
		"a",
		"eyJaaaaa.",
		"://a:",
		"://",
		"?token=",
		"?code",
		"-eyJaaaaa.bbbbb",
		"fgk_",
		"fgk_0123456789abcdef_",
	];
	for (const text of hostile) {
		const long = `://=${text.repeat(Math.ceil(8000 / text.length))}`;
		for (let n = 0; n < 500; n++) {
			logger.info({ long }, "x");
			// Lets the limit strike.
			await setImmediate();
		}
	}
	assert.equal(lines.length, hostile.length * 500);
});

test("codes that are no secrets stay readable", async () => {
	const { logger, lines } = await record();
	const err = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
	logger.warn({ err, code: 7, reason: { code: "ERR_SOCKET_2" } }, "x");
	assert.equal(lines[0]?.["code"], 7);
	assert.match(JSON.stringify(lines[0]?.["err"]), /"code":"ECONNREFUSED"/);
	assert.deepEqual(lines[0]?.["reason"], { code: "ERR_SOCKET_2" });
});

test("what is unavailable takes one short line, with code and address; a mistake of the program has its stack", async () => {
	const { logger, lines } = await record();
	const system = { errno: -111, syscall: "connect", address: "127.0.0.1", port: 5432 };
	const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), system, { code: "ECONNREFUSED" });
	const both = Object.assign(new AggregateError([refused, new Error("connect ECONNREFUSED ::1:5432")]), {
		code: "ECONNREFUSED",
	});
	const mail = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:25"), { code: "ESOCKET", command: "CONN" });
	const outages = [
		refused,
		both,
		mail,
		unavailable("the database", 1000, new Error("Connection terminated unexpectedly")),
	];
	for (const err of outages) logger.error({ err }, "x");
	for (const line of lines) {
		assert.ok(JSON.stringify(line).length < 350, JSON.stringify(line));
		assert.doesNotMatch(JSON.stringify(line), /"stack"/);
	}
	assert.match(JSON.stringify(lines[1]), /127\.0\.0\.1:5432; connect ECONNREFUSED ::1:5432/);
	const mistakes = [new Error("broken"), unavailable("the database", 1000, new TypeError("x is not a function"))];
	for (const err of mistakes) logger.warn({ err }, "x");
	for (const line of lines.slice(outages.length)) assert.match(JSON.stringify(line), /"stack":"\w+: .*logging\.test/);
});

test("what is logged is bounded, and may be cyclic", async () => {
	const { logger, lines } = await record();
	const cycle: Record<string, unknown> = {};
	cycle["self"] = cycle;
	logger.info(
		{ cycle, long: "x".repeat(100_000), list: new Array(5000).fill(1), bytes: new Uint8Array(9), big: 2n },
		"x",
	);
	assert.ok(JSON.stringify(lines).length < 12_000);
	assert.equal(lines[0]?.["bytes"], "[9 bytes]");
	assert.equal(lines[0]?.["big"], "2");
});
