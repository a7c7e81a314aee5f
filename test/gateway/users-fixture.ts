// Two gateway processes on one Redis and one database, for tests of what users and administrators do with accounts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Envelope } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { createRoleAccounts } from "../security/role-accounts.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { answerOf, bearer, type HttpAnswer, post } from "../support/http-client.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<unknown>;
}

async function sqliteFile(): Promise<Backend> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-users-"));
	return {
		url: `sqlite:${join(directory, "users.db")}`,
		stop: async () => rmSync(directory, { recursive: true, force: true }),
	};
}

export const backends: Readonly<Record<string, () => Promise<Backend>>> = {
	SQLite: sqliteFile,
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

export interface TwoNodes {
	readonly databaseUrl: string;
	readonly redisUrl: string;
	readonly nodes: readonly [GatewayProcess, GatewayProcess];
	stop(): Promise<void>;
}

/** With the accounts `admin`, `admin2` of that role, and `manager`, who may read and write users. */
export async function startTwoNodes(start: () => Promise<Backend>): Promise<TwoNodes> {
	const backend = await start();
	const redis = await startRedis();
	const roles = { user: [], admin: ["*"], manager: ["users.read", "users.write"] };
	const env = {
		...UNLIMITED,
		DATABASE_URL: backend.url,
		REDIS_URL: redis.url,
		FRAMEGATE_AUTH_ROLES: JSON.stringify(roles),
		JWT_SECRET: "0123456789abcdef0123456789abcdef",
		FRAMEGATE_AUTH_ATTEMPTS_LOGIN_PER_ACCOUNT_POINTS: "1000",
		FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "1000",
		FRAMEGATE_AUTH_MAX_SESSIONS_PER_USER: "20",
	};
	await createRoleAccounts(env, ["admin", "manager"]);
	const nodes = [await startGateway({ env }), await startGateway({ env })] as const;
	return {
		databaseUrl: backend.url,
		redisUrl: redis.url,
		nodes,
		stop: async () => {
			for (const node of nodes) await node.kill9();
			await redis.stop();
			await backend.stop();
		},
	};
}

/** One call of REST. */
export async function rest(
	node: GatewayProcess,
	method: "GET" | "PUT" | "POST" | "DELETE",
	path: string,
	token: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
	return answerOf(
		await fetch(`${node.httpUrl}/api/v1${path}`, {
			method,
			headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...bearer(token), ...headers },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		}),
	);
}

export interface Member {
	readonly id: string;
	readonly token: string;
}

/** Registers an account unless it exists, and logs in. */
export async function member(node: GatewayProcess, username: string, device = ""): Promise<Member> {
	await post(`${node.httpUrl}/api/v1/auth/register`, { username, password: PASSWORD });
	return await loggedIn(node, username, PASSWORD, device);
}

export async function loggedIn(node: GatewayProcess, username: string, password: string, device = ""): Promise<Member> {
	const credentials = { username, password, device_id: device, device_name: device };
	const { status, body } = await post(`${node.httpUrl}/api/v1/auth/login`, credentials);
	if (status !== 200) throw new Error(`login of ${username}: ${status} ${JSON.stringify(body)}`);
	return { id: body.user.id as string, token: body.tokens.access_token as string };
}

/** A connection of a user, logged in. */
export async function connected(node: GatewayProcess, username: string, device: string): Promise<WireClient> {
	const client = await WireClient.open(node.url);
	await client.login(username, device);
	return client;
}

/** The next push of a number; those of other numbers before it are passed over. */
export async function pushOf(client: WireClient, number: number): Promise<Envelope> {
	for (;;) {
		const push = await client.push();
		if (push.protocol === number) return push;
	}
}
