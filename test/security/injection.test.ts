// Texts that mean something to SQL or Redis, in every text field of every route, on each database with a real Redis: they
// are data. Nothing fails inside, nothing of others is read, changed or removed, and what is kept comes back as it was.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { Redis } from "ioredis";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import * as schema from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";
import { type Given, requestWith, textPlaces } from "./request-samples.ts";
import { createRoleAccounts } from "./role-accounts.ts";

const { chatRoutes, edgeAlarmRoutes, CreateChatRoomResponse, GetHistoryResponse, MessageKind } = schema;

/** Without spaces, so that those patterns that allow all printable ASCII let them through. */
const TEXTS = [
	"'OR'1'='1",
	"';DROP/**/TABLE/**/users;--",
	'"OR""="',
	"x'/**/UNION/**/SELECT/**/password_hash/**/FROM/**/users--",
	"\\';DELETE/**/FROM/**/chat_messages;#",
	"%",
	"_%\\_",
	"$1",
	"?",
	"*",
	"framegate:*",
	"[a-z]?{x}",
	"}{",
	"{a}:{b}",
	"\r\nFLUSHALL\r\n",
	"$(redis.call('flushall'))",
	"__proto__",
	"../../etc/passwd",
];

/** Codes that a client can be the cause of; whatever else comes is ours. */
const OURS = /^(INTERNAL|UNAVAILABLE|TIMEOUT|UPSTREAM_FAILED)$/;

const contracts: readonly AnyRouteContract[] = Object.entries(schema)
	.filter(([name]) => name.endsWith("Routes"))
	.flatMap(([, routes]) => Object.values(routes as Readonly<Record<string, AnyRouteContract>>));

const ATTEMPTS = ["LOGIN_PER_ACCOUNT", "LOGIN_PER_IP", "REGISTER_PER_IP", "FORGOT_PER_ACCOUNT", "FORGOT_PER_IP"].concat(
	["RESET_CODE", "RESET_CODE_PER_IP"],
);
const NEVER_LIMITED = {
	...UNLIMITED,
	...Object.fromEntries(ATTEMPTS.map((name) => [`FRAMEGATE_AUTH_ATTEMPTS_${name}_POINTS`, "1000000"])),
	FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "64",
	FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
	FRAMEGATE_CHAT_MEMBERSHIP_RATE_PER_SECOND: "0",
	FRAMEGATE_CHAT_MAX_OWNED_ROOMS: "1000",
	FRAMEGATE_GAMES_MAX_ROOMS_PER_USER: "1000",
	FRAMEGATE_NOTIFIER_KIND: "webhook",
	FRAMEGATE_NOTIFIER_WEBHOOK_URL: "http://127.0.0.1:9",
};

const DATABASES: readonly { name: string; start: () => Promise<RealServer | undefined> }[] = [
	{ name: "SQLite", start: async () => undefined },
	{ name: "PostgreSQL", start: () => startPostgres() },
	{ name: "MariaDB", start: () => startMariadb() },
];

for (const { name, start } of DATABASES) {
	describe(`texts on ${name} and Redis`, () => {
		const directory = mkdtempSync(join(tmpdir(), "framegate-injection-"));
		let gateway: GatewayProcess;
		let database: RealServer | undefined;
		let redisServer: RealServer;
		let redis: Redis;
		before(async () => {
			[database, redisServer] = await Promise.all([start(), startRedis()]);
			redis = new Redis(redisServer.url);
			await redis.mset("framegate:canary", "1", "other", "2", "other:{x}", "3");
			const env = {
				...NEVER_LIMITED,
				DATABASE_URL: database?.url ?? `sqlite:${join(directory, "a.db")}`,
				REDIS_URL: redisServer.url,
				EDGE_REDIS_URL: `${redisServer.url}/1`,
			};
			await createRoleAccounts(env, ["admin", "user", "viewer", "engineer"]);
			gateway = await startGateway({ env });
		});
		after(async () => {
			redis.disconnect();
			await gateway?.stop();
			await Promise.all([database?.stop(), redisServer.stop()]);
			rmSync(directory, { recursive: true });
		});

		it("are data wherever they stand", async () => {
			const admin = await WireClient.open(gateway.url);
			const { user, tokens } = await admin.login("admin");
			const victim = await WireClient.open(gateway.url);
			const other = await victim.login("user");
			// An administrator's requests about a user change or delete that user.
			const [changed, deleted] = [(await victim.login("viewer")).user?.id, (await victim.login("engineer")).user?.id];
			await victim.login("user");
			const roomId = await chatRoom(admin, "room");
			const privateId = await chatRoom(victim, "secret");
			await say(victim, privateId, "m", "what others must not read");
			const peer = await RawPeer.open(gateway.url, tokens?.accessToken ?? "");
			const about: Given = {
				userId: other.user?.id,
				roomId,
				conversationId: roomId,
				game: "relay",
				source: "comsrv",
				dataType: 3,
				text: "t",
			};
			// The box is read in the background.
			await until(async () => (await peer.ask(edgeAlarmRoutes.alarmCount.number, new Uint8Array(0))).code === "OK");
			let count = 0;
			for (const contract of contracts) {
				for (const path of textPlaces(contract)) {
					for (const text of TEXTS) {
						const target = contract.name === "user.deleteUser" ? deleted : changed;
						const prey = contract.name.startsWith("user.") ? { userId: target } : {};
						const given = { ...about, ...prey, clientMsgId: `id-${count}`, ...gameRoom(contract) };
						// What a command writes has no rule of its own.
						const request = { value: 1, ...requestWith(contract, path, text, given) };
						const reply = await peer.ask(contract.number, contract.request.encode(request).finish());
						assert.doesNotMatch(reply.code, OURS, `${contract.name} ${path.join(".")} ${text}: ${reply.message}`);
						assert.equal(reply.frame.includes("what others must not read"), false, contract.name);
						assert.equal(reply.frame.includes("$argon2"), false, contract.name);
						count++;
					}
				}
			}
			assert.ok(count > 1000, String(count));
			peer.close();
			await unharmed(user?.id ?? "", privateId);
		});

		it("come back as they were", async () => {
			const client = await WireClient.open(gateway.url);
			await client.login("user");
			const roomId = await chatRoom(client, "echo");
			for (const [index, text] of TEXTS.entries()) await say(client, roomId, `id-${index}`, text);
			const reply = await client.ask(chatRoutes.getHistory, { roomId, limit: 100 });
			const { messages } = GetHistoryResponse.decode(reply.body ?? new Uint8Array(0));
			const texts = messages?.map(({ content }) => content?.text);
			assert.deepEqual(texts?.sort(), [...TEXTS].sort());
			await client.close();
		});

		/** Accounts, the room of somebody else, and keys of others on the Redis are what they were. */
		async function unharmed(adminId: string, privateId: string): Promise<void> {
			const client = await WireClient.open(gateway.url);
			const { user } = await client.login("admin");
			assert.equal(user?.id, adminId);
			const foreign = await client.ask(chatRoutes.getHistory, { roomId: privateId, limit: 100 });
			assert.notEqual(foreign.code ?? 0, 0);
			await client.login("user");
			const reply = await client.ask(chatRoutes.getHistory, { roomId: privateId, limit: 100 });
			const { messages } = GetHistoryResponse.decode(reply.body ?? new Uint8Array(0));
			assert.deepEqual(
				messages?.map(({ content }) => content?.text),
				["what others must not read"],
			);
			await client.close();
			assert.deepEqual(await redis.mget("framegate:canary", "other", "other:{x}"), ["1", "2", "3"]);
			const keys = await redis.keys("*");
			assert.deepEqual(keys.filter((key) => !key.startsWith("framegate:")).sort(), ["other", "other:{x}"]);
		}
	});
}

test("nothing but literals is ever raw SQL", () => {
	const folder = join(import.meta.dirname, "../../stores/sql");
	let count = 0;
	for (const file of readdirSync(folder)) {
		for (const [call, argument = ""] of readFileSync(join(folder, file), "utf8").matchAll(/\.raw\(([^)]*)/g)) {
			assert.match(argument, /^"[^"]*"$/, `${file}: ${call}`);
			count++;
		}
	}
	assert.ok(count > 0);
});

function gameRoom({ name }: AnyRouteContract): Given {
	return name.startsWith("game.") ? { roomId: "no-such-room" } : {};
}

async function chatRoom(client: WireClient, name: string): Promise<string> {
	const reply = await client.ask(chatRoutes.createChatRoom, { name });
	return CreateChatRoomResponse.decode(reply.body ?? new Uint8Array(0)).room?.id ?? "";
}

async function say(client: WireClient, roomId: string, clientMsgId: string, text: string): Promise<void> {
	await client.ask(chatRoutes.sendMessage, { roomId, clientMsgId, content: { kind: MessageKind.TEXT, text } });
}
