// API keys on two nodes: presented over HTTP and over WebSocket, made and revoked by the command line and by the API.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import { authRoutes, pushes } from "../../protocol/gen/schema.ts";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { accessTokenOf, get, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { WireClient } from "../support/wire-client.ts";

const program = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
const run = promisify(execFile);
const BUSINESS = "a-business-token-of-a-company-1";
/** With the form of a key in the database. */
const LIKE_OURS = `fgk_0123456789abcdef_${"x".repeat(43)}`;

describe("API keys", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-api-keys-"));
	const secretFile = join(directory, "business");
	let redis: RealServer;
	let env: Record<string, string>;
	let nodes: [GatewayProcess, GatewayProcess];
	let admin: string;
	before(async () => {
		redis = await startRedis();
		writeFileSync(secretFile, `${BUSINESS}\n`);
		const rights = { permissions: ["users.read"], channels: ["*"] };
		const fixed = [
			{ name: "business", secretFile, ...rights },
			{ name: "like ours", secret: LIKE_OURS, ...rights },
		];
		env = {
			REDIS_URL: redis.url,
			FRAMEGATE_PROFILE: "test",
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
			FRAMEGATE_KEYS_FIXED: JSON.stringify(fixed),
			JWT_SECRET: "a secret for two nodes of a test, long enough",
		};
		await createRoleAccounts(env, ["admin"]);
		nodes = [await startGateway({ env }), await startGateway({ env })];
		admin = await accessTokenOf(nodes[0].httpUrl, "admin");
	});
	after(async () => {
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		rmSync(directory, { recursive: true });
	});

	const command = async (...args: string[]): Promise<string> => {
		const options = { cwd: directory, env: { PATH: process.env["PATH"] ?? "", ...env } };
		return (await run(process.execPath, [program, ...args], options)).stdout.trim();
	};
	const made = (...options: string[]): Promise<string> => command("key", "create", "billing", ...options);
	const users = (node: GatewayProcess, key: string) => get(`${node.httpUrl}/api/v1/users`, key);

	it("a key of the command line calls what it may, over HTTP and WebSocket, on every node", async () => {
		const key = await made("--permission", "users.read", "--channel", "orders:");
		for (const node of nodes) {
			assert.equal((await users(node, key)).body.users[0].username, "admin");
			const mine = await get(`${node.httpUrl}/api/v1/me`, key);
			assert.deepEqual([mine.status, mine.body.code], [403, "PERMISSION_DENIED"]);
			const client = await WireClient.open(node.url);
			const connected = await client.ask(authRoutes.connect, { accessToken: key });
			const { session, recoveries } = authRoutes.connect.reply.decode(connected.body ?? new Uint8Array());
			assert.deepEqual([session?.permissions, recoveries], [["users.read"], []], "it has no channels of its own");
			assert.equal((await client.ask(authRoutes.listUsers, {})).code ?? 0, ErrorCode.OK);
			assert.equal((await client.ask(authRoutes.heartbeat, {})).code ?? 0, ErrorCode.OK);
			assert.equal((await client.ask(authRoutes.logout, {})).code, ErrorCode.PERMISSION_DENIED);
			await client.close();
		}
	});

	it("a key that is revoked on one node ends on the other at once, with its connections", async () => {
		const answer = await post(
			`${nodes[0].httpUrl}/api/v1/keys`,
			{ name: "api", permissions: ["users.read"], channels: ["*"], expires_at_ms: Date.now() + 3_600_000 },
			admin,
		);
		const { key, secret } = answer.body;
		const client = await WireClient.open(nodes[1].url);
		assert.equal((await client.ask(authRoutes.connect, { accessToken: secret })).code ?? 0, ErrorCode.OK);
		assert.equal((await users(nodes[1], secret)).status, 200);
		const revoked = await post(`${nodes[0].httpUrl}/api/v1/keys/${key.id}/revoke`, {}, admin);
		assert.deepEqual([revoked.status, revoked.body], [200, { revoked: true }]);
		assert.equal((await client.push()).protocol, pushes.sessionRevoked.number);
		assert.equal((await client.closed).code, CloseCode.REVOKED);
		const after = await users(nodes[1], secret);
		assert.deepEqual([after.status, after.body.code], [401, "UNAUTHENTICATED"]);
	});

	it("the command line revokes too, and lists keys without their secrets", async () => {
		const key = await made("--permission", "users.read", "--channel", "orders:", "--rate", "5/7", "--expires", "30d");
		const [, id = ""] = /^fgk_([0-9a-f]{16})_/.exec(key) ?? [];
		const client = await WireClient.open(nodes[0].url);
		await client.ask(authRoutes.connect, { accessToken: key });
		assert.equal(await command("key", "revoke", id), `revoked ${id}`);
		assert.equal((await client.closed).code, CloseCode.REVOKED);
		const text = await command("key", "list", "--json");
		assert.ok(!text.includes(key.slice(-43)));
		const listed = text
			.split("\n")
			.map((line) => JSON.parse(line))
			.find((entry) => entry.id === id);
		assert.deepEqual([listed.perSecond, listed.burst, typeof listed.revokedAt], [5, 7, "string"]);
		assert.match(await command("key", "list"), new RegExp(`^${id} +revoked`, "m"));
	});

	it("a key of the configuration is a bearer token, in the header or beside the body of a call", async () => {
		for (const key of [BUSINESS, LIKE_OURS]) assert.equal((await users(nodes[1], key)).status, 200);
		const call = { token: BUSINESS, body: { limit: 1 } };
		assert.equal((await post(`${nodes[1].httpUrl}/auth/listUsers`, call)).status, 200);
		assert.equal((await users(nodes[1], `${BUSINESS}x`)).status, 401);
	});

	it("a key has its own rate, and its requests cost its address nothing", async () => {
		const slow = await made("--permission", "users.read", "--channel", "*", "--rate", "1/10");
		const first = await users(nodes[0], slow);
		assert.equal(first.headers.get("ratelimit-policy"), '"key";q=10;w=10');
		const statuses = [first.status];
		for (let index = 0; index < 2; index++) statuses.push((await users(nodes[0], slow)).status);
		assert.deepEqual(statuses, [200, 200, 429], "a list of users costs 5");
		const fast = await made("--permission", "users.read", "--channel", "*", "--rate", "100000/100000");
		// An address has 4000 tokens and a request takes 10 of them; rates.user has 100.
		for (let round = 0; round < 25; round++) {
			const answers = await Promise.all(Array.from({ length: 20 }, () => users(nodes[0], fast)));
			assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
		}
	});

	it("making a key takes no Idempotency-Key, whose reply would be kept", async () => {
		const body = { name: "kept", permissions: ["users.read"], channels: ["*"] };
		const answer = await post(`${nodes[0].httpUrl}/api/v1/keys`, body, admin, { "idempotency-key": "k" });
		assert.deepEqual([answer.status, answer.body.code], [400, "BAD_REQUEST"]);
	});
});
