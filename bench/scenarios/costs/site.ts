// What the requests of the cost scenario meet: a room with a full page of long messages and many members, conversations,
// game rooms and a full box, all made as clients make them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "../../../client/index.ts";
import { authRoutes, chatRoutes, gameRoutes, MessageKind } from "../../../protocol/gen/schema.ts";
import { createRoleAccounts } from "../../../test/security/role-accounts.ts";
import { startRedis } from "../../../test/support/redis-server.ts";
import { PASSWORD } from "../../../test/support/wire-client.ts";
import type { Context } from "../../scenario.ts";
import { accessTokens } from "../../servers/accounts.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { type BoxContent, fillBox } from "./box-content.ts";
import { BURST } from "./spend.ts";

export interface Site extends BoxContent {
	readonly server: ServerProcess;
	/** An access token of a new session of the user who may call every route: some routes end sessions. */
	newToken(): Promise<string>;
	readonly chatRoomId: string;
	readonly gameRoomId: string;
	readonly partnerId: string;
	readonly memberIds: readonly string[];
	readonly messageId: string;
	close(): Promise<void>;
}

/** A user of the role of this name. */
export const ADMIN = "admin";
const MEMBERS = 100;
const MESSAGES = 200;
const CONVERSATIONS = 60;
const GAME_ROOMS = 15;
/** As long as a text may be. */
const LONG_TEXT = "0123456789".repeat(1000);
/** As much as a room may carry. */
export const LARGE_METADATA: Readonly<Record<string, string>> = Object.fromEntries(
	Array.from({ length: 16 }, (_, index) => [`key-${index}`, "v".repeat(256)]),
);
/** Requests that a connection has tokens for, whatever they cost. */
const REQUESTS_PER_CONNECTION = 20;

/** Everything as by default, but what would end a burst of one kind of request before its tokens do. */
function settings(databaseUrl: string, boxUrl: string): Record<string, string> {
	const unlimited = [
		"CHAT_USER_RATE",
		"CHAT_MEMBERSHIP_RATE",
		"CHAT_INVITATION_RATE",
		"CHAT_READ_RATE",
		"GAMES_START_RATE",
	];
	return {
		FRAMEGATE_DATABASE_URL: databaseUrl,
		FRAMEGATE_EDGE_BOX_URL: boxUrl,
		FRAMEGATE_RATES_CONNECTION_BURST: String(BURST),
		FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0.01",
		// As by default: hashing is most of what a login costs.
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "19456",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "2",
		// Rooms are measured after a minute without a connection of their members.
		FRAMEGATE_GAMES_RECONNECT_GRACE_MS: "3600000",
		FRAMEGATE_GAMES_MAX_ROOMS_PER_USER: "10000",
		FRAMEGATE_CHAT_MAX_OWNED_ROOMS: "10000",
		FRAMEGATE_LIMITS_MAX_ERRORS_PER_MINUTE: "1000000",
		...Object.fromEntries(unlimited.map((name) => [`FRAMEGATE_${name}_PER_SECOND`, "0"])),
	};
}

/** @throws Error when something cannot be started or filled. */
export async function openSite(context: Context): Promise<Site> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-costs-"));
	const databaseUrl = `sqlite:${join(directory, "costs.db")}`;
	await createRoleAccounts({ FRAMEGATE_DATABASE_URL: databaseUrl }, [ADMIN]);
	const redis = await startRedis();
	const box = await fillBox(redis.url);
	const server = await context.start("framegate", settings(databaseUrl, redis.url));
	const url = `ws://127.0.0.1:${server.port}/ws`;
	const token = await login(url);
	const tokens = await accessTokens(server.port, MEMBERS, 1);
	const content = await fill(url, token, tokens);
	return {
		server,
		newToken: () => login(url),
		...box,
		...content,
		async close() {
			await context.stop(server);
			await redis.stop();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

async function login(url: string): Promise<string> {
	return await withClient(url, undefined, async (client) => {
		const { tokens } = await client.auth.login({ username: ADMIN, password: PASSWORD });
		return tokens?.accessToken ?? "";
	});
}

async function withClient<Result>(
	url: string,
	token: string | undefined,
	task: (client: Client) => Promise<Result>,
): Promise<Result> {
	const client = createClient({ url, requestTimeoutMs: 60_000 });
	try {
		if (token === undefined) await client.connect();
		else await client.connectWithToken(token);
		return await task(client);
	} finally {
		client.close();
	}
}

/** Calls `task` for each number, on connections that have tokens for it. */
async function inTurns<Result>(
	url: string,
	token: string,
	count: number,
	task: (client: Client, index: number) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	for (let start = 0; start < count; start += REQUESTS_PER_CONNECTION) {
		const length = Math.min(REQUESTS_PER_CONNECTION, count - start);
		const indexes = Array.from({ length }, (_, index) => start + index);
		results.push(
			...(await withClient(url, token, (client) => Promise.all(indexes.map((index) => task(client, index))))),
		);
	}
	return results;
}

async function fill(url: string, token: string, memberTokens: readonly string[]) {
	const name = "x".repeat(60);
	const room = await withClient(url, token, (client) =>
		client.request(chatRoutes.createChatRoom, { name, topic: "t".repeat(256), isPublic: true }),
	);
	const chatRoomId = room.room?.id ?? "";
	const members: string[] = [];
	for (const memberToken of memberTokens) {
		const id = await withClient(url, memberToken, async (client) => {
			const { user } = await client.request(authRoutes.getUserInfo, {});
			await client.request(chatRoutes.joinChatRoom, { roomId: chatRoomId });
			return user?.id ?? "";
		});
		members.push(id);
	}
	const content = { kind: MessageKind.TEXT, text: LONG_TEXT };
	const sent = await inTurns(url, token, MESSAGES, (client) => client.chat.send(chatRoomId, content));
	await inTurns(url, token, MESSAGES, (client) => client.chat.sendPrivate(members[0] as string, content));
	await inTurns(url, token, CONVERSATIONS, (client, index) =>
		client.chat.sendPrivate(members[1 + (index % (members.length - 1))] as string, content),
	);
	const games = await inTurns(url, token, GAME_ROOMS, (client) =>
		client.request(gameRoutes.createRoom, { name, game: "relay", metadata: LARGE_METADATA }),
	);
	return {
		chatRoomId,
		gameRoomId: games[0]?.room?.id ?? "",
		partnerId: members[0] as string,
		memberIds: members,
		messageId: sent[0]?.messageId ?? "",
	};
}
