// One process: signals, reload, drain, and what it says when it cannot go on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { onStopSignals } from "../../../server/cli/process-signals.ts";
import { freePort } from "../../support/real-server.ts";
import { until } from "../../support/until.ts";
import { askPid, startGateway } from "./gateway-process.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
	test(`${signal} drains and exits with 0`, async (t) => {
		const gateway = startGateway(t, {});
		const { websocket } = await gateway.next("framegate is listening");
		assert.equal(await askPid(Number(new URL(String(websocket)).port)), gateway.child.pid);
		gateway.child.kill(signal);
		const draining = await gateway.next("draining");
		assert.equal(draining["reason"], signal);
		assert.ok(draining.order < (await gateway.next("drained")).order);
		assert.deepEqual(await gateway.exited, { code: 0, signal: null });
	});
}

test("a second signal ends a drain at once, as soon as it is not the first one again", async (t) => {
	const gateway = startGateway(t, { FIXTURE_DRAIN: "hang" });
	await gateway.next("framegate is listening");
	gateway.child.kill("SIGTERM");
	await gateway.next("draining");
	await until(() => !gateway.child.kill("SIGINT"));
	assert.deepEqual(await gateway.exited, { code: 130, signal: null });
	await gateway.next("SIGINT again, leaving at once");
});

test("a signal that arrives more than once, as from a terminal and from npm, is one: the drain is completed", async (t) => {
	const gateway = startGateway(t, { FIXTURE_DRAIN: "until SIGWINCH" });
	await gateway.next("framegate is listening");
	gateway.child.kill("SIGINT");
	await gateway.next("draining");
	for (const signal of ["SIGINT", "SIGTERM", "SIGINT", "SIGWINCH"] as const) gateway.child.kill(signal);
	await gateway.next("drained");
	assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

test("from a second after the first on, a signal counts as a second one", () => {
	const received: string[] = [];
	let nowMs = 500;
	const before = process.listeners("SIGTERM");
	onStopSignals(
		["SIGTERM"],
		() => received.push("first"),
		() => received.push("again"),
		() => nowMs,
	);
	const [handle = () => assert.fail("nobody listens")] = process
		.listeners("SIGTERM")
		.filter((each) => !before.includes(each));
	process.off("SIGTERM", handle);
	for (const atMs of [500, 500, 1499, 1500, 1501]) {
		nowMs = atMs;
		handle("SIGTERM");
	}
	assert.deepEqual(received, ["first", "again", "again"]);
});

test("SIGHUP applies what can be applied, and names what waits", async (t) => {
	const gateway = startGateway(t, { LOG_LEVEL: "" }, "limits:\n  maxConnections: 5\nlog:\n  level: info\n");
	await gateway.next("framegate is listening");
	gateway.configure("limits:\n  maxConnections: 6\n  maxMessageBytes: 2048\nlog:\n  level: info\n");
	gateway.child.kill("SIGHUP");
	assert.equal((await gateway.next("gateway reloaded"))["maxConnections"], 6);
	assert.deepEqual((await gateway.next("configuration reloaded"))["applied"], ["limits.maxConnections"]);
	assert.deepEqual((await gateway.next("next start"))["ignored"], ["limits.maxMessageBytes"]);
});

test("SIGHUP names what the process has read once and is another now: keys of tokens, and certificates that addresses name", async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-reload-"));
	t.after(() => rmSync(directory, { recursive: true }));
	const [secret, authority] = [join(directory, "secret"), join(directory, "ca.pem")];
	writeFileSync(secret, "qN3v8Zr1Lk6Wt0Yx5Hb2Jd9Gs4Pf7Ma-");
	writeFileSync(authority, "one");
	const env = { JWT_SECRET_FILE: secret, REDIS_URL: `rediss://127.0.0.1:1?sslrootcert=${authority}` };
	const gateway = startGateway(t, env);
	await gateway.next("framegate is listening");
	writeFileSync(authority, "another");
	gateway.child.kill("SIGHUP");
	assert.deepEqual((await gateway.next("next start"))["ignored"], ["redis.url"]);
	writeFileSync(secret, "Xc7Vb2Nm9Qw4Er1Ty6Ui3Op8As5Df0Gh_");
	gateway.child.kill("SIGHUP");
	assert.deepEqual((await gateway.next("next start"))["ignored"], ["auth.keys", "redis.url"]);
});

test("SIGHUP with a bad configuration changes nothing", async (t) => {
	const gateway = startGateway(t, {}, "limits:\n  maxConnections: 5\n");
	await gateway.next("framegate is listening");
	gateway.configure("limits:\n  maxConnections: many\n  x: 1\n");
	gateway.child.kill("SIGHUP");
	const { problems } = await gateway.next("configuration not reloaded");
	assert.deepEqual((problems as { key: string }[]).map(({ key }) => key).sort(), ["limits.maxConnections", "limits.x"]);
	gateway.configure("limits:\n  maxConnections: 7\n");
	gateway.child.kill("SIGHUP");
	assert.equal((await gateway.next("gateway reloaded"))["maxConnections"], 7);
});

test("a taken port is one line and exit code 1", async (t) => {
	const holder = createServer().listen(0, "127.0.0.1");
	await once(holder, "listening");
	t.after(() => holder.close());
	const { port } = holder.address() as { port: number };
	for (const workers of ["1", "2"]) {
		const gateway = startGateway(t, {
			PORT: `${port}`,
			WORKERS: workers,
			REDIS_URL: "redis://127.0.0.1",
			DATABASE_URL: "sqlite:x",
		});
		assert.equal((await gateway.exited).code, 1);
		assert.equal(
			gateway.stderr,
			`framegate: cannot listen on 127.0.0.1:${port}: the port is taken by another process\n`,
		);
	}
});

test("a metrics port of a worker that is taken is named", async (t) => {
	const holder = createServer().listen(0, "127.0.0.1");
	await once(holder, "listening");
	t.after(() => holder.close());
	const { port } = holder.address() as { port: number };
	const gateway = startGateway(t, {
		PORT: `${await freePort()}`,
		WORKERS: "2",
		// The second worker's is the one that is taken.
		FRAMEGATE_SERVER_METRICS_PORT: `${port - 1}`,
		REDIS_URL: "redis://127.0.0.1",
		DATABASE_URL: "sqlite:x",
	});
	assert.equal((await gateway.exited).code, 1);
	assert.match(gateway.stderr, new RegExp(`cannot listen on 127.0.0.1:(?:${port - 1}|${port}): the port is taken`));
});

test("a drain may take as long as the configuration says that was read last", { timeout: 120_000 }, async (t) => {
	const gateway = startGateway(
		t,
		{ FIXTURE_DRAIN: "hang" },
		"limits:\n  drainWindowMs: 600000\n  requestTimeoutMs: 10\n",
	);
	await gateway.next("framegate is listening");
	gateway.configure("limits:\n  drainWindowMs: 7\n  requestTimeoutMs: 10\n");
	gateway.child.kill("SIGHUP");
	await gateway.next("configuration reloaded");
	gateway.child.kill("SIGTERM");
	await gateway.next("not drained after 5017 ms, leaving");
	assert.equal((await gateway.exited).code, 1);
});

test("bad configuration is exit code 2, every error on its line", async (t) => {
	const gateway = startGateway(t, { PORT: "x", WORKERS: "y" });
	assert.equal((await gateway.exited).code, 2);
	assert.equal(gateway.stderr.trimEnd().split("\n").length, 3);
});

test("an uncaught error is logged and ends the process", async (t) => {
	const gateway = startGateway(t, { FIXTURE_CRASH: "later" });
	const { level, err } = await gateway.next("uncaught error");
	assert.equal(level, "fatal");
	assert.equal((err as { message: string }).message, "out of the blue");
	assert.equal((await gateway.exited).code, 1);
});
