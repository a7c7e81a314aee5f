// Several gateway processes on one Redis, and the end of one: revocation across nodes, drain, restart.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import WebSocket from "ws";
import { CloseCode, ErrorCode, retryAfterOfReason } from "../../protocol/codes.ts";
import {
	authRoutes,
	Envelope,
	pushes,
	Reconnect,
	SessionRevoked,
	SessionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { connect, heartbeat, logout, refreshToken } = authRoutes;

describe("two nodes on one Redis", () => {
	let redis: RealServer;
	let nodes: [GatewayProcess, GatewayProcess];
	const shared = mkdtempSync(join(tmpdir(), "framegate-nodes-"));
	before(async () => {
		redis = await startRedis();
		const env = { REDIS_URL: redis.url, DATABASE_URL: `sqlite:${shared}/shared.db` };
		// One after the other: two processes that start at once on a new file would both find it empty.
		const first = await startGateway({ env, dataDirectory: shared });
		nodes = [first, await startGateway({ env, dataDirectory: shared })];
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(shared, { recursive: true, force: true });
	});

	it("a login from the same device elsewhere ends the older session with 1501 and a terminal code", async () => {
		const { client: older } = await WireClient.member(nodes[0].url, "ann", "phone-1");
		const newer = await WireClient.open(nodes[1].url);
		await newer.login("ann", "phone-1");
		const push = await older.push();
		assert.equal(push.protocol, pushes.sessionRevoked.number);
		assert.equal(SessionRevoked.decode(push.body ?? new Uint8Array()).reason, SessionRevoked_Reason.REPLACED);
		assert.equal((await older.closed).code, CloseCode.REVOKED);
		assert.equal((await newer.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		await newer.close();
	});

	it("logging out everywhere reaches connections on the other node, and the caller keeps its connection", async () => {
		const { client: here } = await WireClient.member(nodes[0].url, "bob", "desk");
		const there = await WireClient.open(nodes[1].url);
		const { tokens } = await there.login("bob", "phone");
		const reply = await here.ask(logout, { allSessions: true });
		assert.equal(authRoutes.logout.reply.decode(reply.body ?? new Uint8Array()).sessionsEnded, 2);
		assert.equal((await there.closed).code, CloseCode.REVOKED);
		assert.equal((await here.ask(heartbeat, {})).code, ErrorCode.UNAUTHENTICATED);
		const revoked = await here.ask(connect, { accessToken: tokens?.accessToken ?? "" });
		assert.equal(revoked.code, ErrorCode.UNAUTHENTICATED);
		await here.close();
	});

	it("a replayed refresh token ends the session on whichever node it lives", async () => {
		const { client, login } = await WireClient.member(nodes[0].url, "eve");
		const stolen = { refreshToken: login.tokens?.refreshToken ?? "" };
		assert.equal((await client.ask(refreshToken, stolen)).code ?? 0, ErrorCode.OK);
		const thief = await WireClient.open(nodes[1].url);
		assert.equal((await thief.ask(refreshToken, stolen)).code, ErrorCode.UNAUTHENTICATED);
		const push = await client.push();
		assert.equal(SessionRevoked.decode(push.body ?? new Uint8Array()).reason, SessionRevoked_Reason.TOKEN_REUSED);
		assert.equal((await client.closed).code, CloseCode.REVOKED);
		await thief.close();
	});

	it("a token at the upgrade, in header or query, authenticates; a bad one gets an error in band", async () => {
		const { client, login } = await WireClient.member(nodes[0].url, "tom");
		await client.close();
		const token = login.tokens?.accessToken ?? "";
		const byQuery = await WireClient.open(`${nodes[1].url}?token=${token}`);
		assert.equal((await byQuery.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		const [greeting] = byQuery.pushes;
		assert.equal(greeting?.protocol, connect.number);
		await byQuery.close();
		const byHeader = await WireClient.open(nodes[0].url, { headers: { authorization: `Bearer ${token}` } });
		assert.equal((await byHeader.ask(heartbeat, {})).code ?? 0, ErrorCode.OK);
		await byHeader.close();
		// React Native, Starscream, SocketRocket and Python's websocket-client send an Origin by themselves.
		const headers = { authorization: `Bearer ${token}`, origin: "http://127.0.0.1" };
		const native = new WebSocket(nodes[0].url, { headers });
		const [reply, isBinary] = await once(native, "message");
		assert.equal(isBinary, true);
		const { protocol, seq = 0, code = 0 } = Envelope.decode(reply as Buffer);
		assert.deepEqual([protocol, seq, code], [connect.number, 0, ErrorCode.OK]);
		native.terminate();
		const forged = await WireClient.open(`${nodes[0].url}?token=${token.slice(0, -3)}abc`);
		assert.equal((await forged.push()).code, ErrorCode.UNAUTHENTICATED);
		assert.equal((await forged.ask(heartbeat, {})).code, ErrorCode.UNAUTHENTICATED);
		await forged.close();
	});

	it("drains: clients are sent away over the window, one by one, and resume elsewhere; exit code 0", async () => {
		const leaving = await startGateway({
			env: {
				REDIS_URL: redis.url,
				DATABASE_URL: `sqlite:${shared}/shared.db`,
				FRAMEGATE_LIMITS_DRAIN_WINDOW_MS: "400",
			},
			dataDirectory: shared,
		});
		const members = await Promise.all(
			["mem1", "mem2", "mem3", "mem4"].map((name) => WireClient.member(leaving.url, name)),
		);
		leaving.process.kill("SIGTERM");
		const delays = await Promise.all(
			members.map(async ({ client }) => {
				const push = await client.push();
				assert.equal(push.protocol, pushes.reconnect.number);
				const { code, reason } = await client.closed;
				assert.equal(code, CloseCode.DRAIN);
				assert.equal(retryAfterOfReason(reason), 0);
				return Reconnect.decode(push.body ?? new Uint8Array()).delayMs ?? 0;
			}),
		);
		assert.deepEqual(
			[...delays].sort((a, b) => a - b),
			[100, 200, 300, 400],
		);
		assert.deepEqual(await leaving.exited, { code: 0, signal: null });
		for (const { login } of members) {
			const client = await WireClient.open(nodes[1].url);
			const reply = await client.ask(connect, { accessToken: login.tokens?.accessToken ?? "" });
			assert.equal(reply.code ?? 0, ErrorCode.OK);
			await client.close();
		}
	});

	it("finishes and answers requests in flight before it closes their connections", async () => {
		const leaving = await startGateway({ env: { FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "30" } });
		const client = await WireClient.open(leaving.url);
		const registered = client.ask(authRoutes.register, { username: "late", password: PASSWORD });
		await until(async () => {
			const status = (await (await fetch(`${leaving.httpUrl}/status`)).json()) as { messages: { in_flight: number } };
			return status.messages.in_flight === 1;
		});
		leaving.process.kill("SIGTERM");
		assert.equal((await registered).code ?? 0, ErrorCode.OK);
		assert.equal((await client.closed).code, CloseCode.DRAIN);
		assert.deepEqual(await leaving.exited, { code: 0, signal: null });
	});
});
