// A gateway whose SQLite file another process has locked for writing: what does not write goes on, what does is refused in time, and
// the gateway ends in order.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes, chatRoutes, type Envelope } from "../../protocol/gen/schema.ts";
import { startGateway } from "../support/gateway.ts";
import { dataDirectory } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { heartbeat, register } = authRoutes;
const HEARTBEATS = 20;

/** A gateway with a member, on a file that `lock` locks. */
async function started(t: TestContext, env: Readonly<Record<string, string>>) {
	const directory = dataDirectory("sqlite");
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const file = join(directory, "framegate.db");
	const gateway = await startGateway({
		env: { DATABASE_URL: `sqlite:${file}`, FRAMEGATE_STORAGE_PROBE_INTERVAL_MS: "100", ...env },
	});
	t.after(() => gateway.kill9());
	const { client } = await WireClient.member(gateway.url, "ann");
	const lock = () => {
		const other = new BetterSqlite3(file);
		t.after(() => other.close());
		other.exec("begin immediate");
		return () => void other.exec("commit");
	};
	return { gateway, client, lock };
}

const ready = async (httpUrl: string): Promise<boolean> => (await fetch(`${httpUrl}/ready`)).ok;

function assertRetryable(reply: Envelope): void {
	assert.equal(reply.code, ErrorCode.UNAVAILABLE);
	assert.equal(reply.error?.retryable, true);
	assert.ok((reply.error?.retryAfterMs ?? 0) > 0);
}

test("while a write waits for the lock, heartbeats, /health and reads are answered; then the write is", async (t) => {
	const { gateway, client, lock } = await started(t, {
		FRAMEGATE_DATABASE_TIMEOUT_MS: "60000",
		FRAMEGATE_LIMITS_REQUEST_TIMEOUT_MS: "60000",
	});
	const release = lock();
	const order: string[] = [];
	const written = client.ask(register, { username: "bob", password: PASSWORD }).then((reply) => {
		order.push("written");
		return reply;
	});
	for (let sent = 0; sent < HEARTBEATS; sent++) {
		assert.equal((await client.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		assert.equal((await fetch(`${gateway.httpUrl}/health`)).status, 200);
	}
	assert.equal((await client.ask(chatRoutes.listConversations, {})).code ?? 0, ErrorCode.OK);
	order.push("released");
	release();
	assert.equal((await written).code ?? 0, ErrorCode.OK);
	assert.deepEqual(order, ["released", "written"]);
});

test("a write that does not get the lock in time is refused with a time to wait, and /ready names the database", async (t) => {
	const { gateway, client, lock } = await started(t, { FRAMEGATE_DATABASE_TIMEOUT_MS: "300" });
	const release = lock();
	const replies = await Promise.all(
		["bob", "cid", "dan"].map((username) => client.ask(register, { username, password: PASSWORD })),
	);
	for (const reply of replies) assertRetryable(reply);
	await until(async () => !(await ready(gateway.httpUrl)));
	const { checks } = (await (await fetch(`${gateway.httpUrl}/ready`)).json()) as {
		checks: { name: string; ok: boolean }[];
	};
	assert.deepEqual(
		checks.filter(({ ok }) => !ok).map(({ name }) => name),
		["sql"],
	);
	release();
	await until(() => ready(gateway.httpUrl));
	assert.equal((await client.ask(register, { username: "bob", password: PASSWORD })).code ?? 0, ErrorCode.OK);
});

test("SIGTERM while a call over HTTP waits: it is answered, though there is no connection to drain", async (t) => {
	const { gateway, client, lock } = await started(t, { FRAMEGATE_DATABASE_TIMEOUT_MS: "60000" });
	await client.close();
	const release = lock();
	const inFlight = async (): Promise<number> => {
		const status = (await (await fetch(`${gateway.httpUrl}/status`)).json()) as { messages: { in_flight: number } };
		return status.messages.in_flight;
	};
	const waiting = fetch(`${gateway.httpUrl}/api/v1/auth/register`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ username: "bob", password: PASSWORD }),
	});
	await until(async () => (await inFlight()) === 1);
	const exit = gateway.stop();
	// Not ready, or not listening any more: it drains.
	await until(async () => !(await ready(gateway.httpUrl).catch(() => false)));
	release();
	assert.equal((await waiting).status, 200);
	assert.deepEqual(await exit, { code: 0, signal: null }, gateway.log());
});

test("SIGTERM while the lock is held: calls in flight are answered, and the gateway ends with 0", async (t) => {
	const { gateway, client, lock } = await started(t, { FRAMEGATE_DATABASE_TIMEOUT_MS: "1000" });
	lock();
	const waiting = client.ask(register, { username: "bob", password: PASSWORD });
	// Answered behind it, so it was received.
	await client.ask(heartbeat, {});
	const exit = gateway.stop();
	assertRetryable(await waiting);
	assert.deepEqual(await exit, { code: 0, signal: null }, gateway.log());
	assert.doesNotMatch(gateway.log(), /not drained/);
});
