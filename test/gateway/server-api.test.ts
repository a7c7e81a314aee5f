// The server API on two nodes: what backends publish arrives once and in order, whatever is sent again and whichever node dies.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	MessageKind,
	Notification,
	pushes,
	ServerMessage,
	serverRoutes,
} from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, type HttpAnswer, post } from "../support/http-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { WireClient } from "../support/wire-client.ts";

const ALL = "the-key-of-a-backend-that-may-all-1";
const OTHER = "the-key-of-another-backend-that-may-all-2";
const NARROW = "the-key-of-a-backend-for-one-user-3";
const NO_ROOMS = "the-key-of-a-backend-for-users-only-4";

/** What a member gets in the inbox from backends. */
class Inbox {
	readonly texts: string[] = [];
	readonly client: WireClient;

	constructor(client: WireClient) {
		this.client = client;
	}

	/** The next texts, until there are so many in all. */
	async untilGot(count: number): Promise<readonly string[]> {
		while (this.texts.length < count) {
			const push = await this.client.push();
			if (push.protocol !== pushes.serverMessage.number) continue;
			const { data } = ServerMessage.decode(push.body ?? new Uint8Array());
			this.texts.push(Buffer.from(data ?? []).toString());
		}
		return this.texts;
	}
}

describe("the server API on two nodes", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-server-api-"));
	let redis: RealServer;
	let env: Record<string, string>;
	let nodes: GatewayProcess[];
	let ann: { client: WireClient; id: string };
	before(async () => {
		redis = await startRedis();
		const secrets = { all: ALL, other: OTHER };
		const keys = Object.entries(secrets).map(([name, secret]) => ({
			name,
			secret,
			permissions: ["*"],
			channels: ["*"],
		}));
		ann = { client: undefined as never, id: "" };
		env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "accounts.db")}`,
			JWT_SECRET: "a secret for two nodes of a test, long enough",
			FRAMEGATE_KEYS_FIXED: JSON.stringify([
				...keys,
				{ name: "narrow", secret: NARROW, permissions: ["*"], channels: ["user:nobody", "chat:"] },
				{ name: "no rooms", secret: NO_ROOMS, permissions: ["*"], channels: ["user:"] },
			]),
		};
		nodes = [await startGateway({ env }), await startGateway({ env })];
		ann = await member("ann");
	});
	after(async () => {
		await ann.client.close();
		await Promise.all(nodes.map((node) => node.kill9()));
		await redis.stop();
		rmSync(directory, { recursive: true });
	});

	async function member(name: string): Promise<{ client: WireClient; id: string }> {
		const { client, login } = await WireClient.member((nodes[0] as GatewayProcess).url, name);
		return { client, id: login.user?.id ?? "" };
	}

	const call = (path: string, body: object, key = ALL, node = 0, headers = {}): Promise<HttpAnswer> =>
		post(`${nodes[node]?.httpUrl}/api/v1/server/${path}`, body, key, headers);

	it("publishes in an inbox once under a key, on whichever node it is sent again, and says that it was a repeat", async () => {
		const inbox = new Inbox(ann.client);
		const body = { channel: `user:${ann.id}`, text: "one", idempotency_key: "k1" };
		const first = await call("publish", body);
		assert.deepEqual([first.status, first.body.repeated_call], [200, false]);
		const again = await call("publish", body, ALL, 1);
		assert.deepEqual(again.body, { ...first.body, repeated_call: true });
		// The same by its own route, and with the key in the header.
		const { idempotency_key: key, ...rest } = body;
		assert.equal((await call("publish", rest, ALL, 1, { "idempotency-key": key })).body.repeated_call, true);
		const other = await call("unicast", { user_id: ann.id, text: "two", idempotency_key: "k1" });
		assert.deepEqual([other.status, other.body.violations[0].field], [422, "idempotency_key"]);
		assert.equal((await call("unicast", { user_id: ann.id, text: "two", idempotency_key: "k1" }, OTHER)).status, 200);
		assert.deepEqual(await inbox.untilGot(2), ["one", "two"]);
	});

	it("a backend that retries over nodes that die publishes each message once and in order", async () => {
		const bob = await member("bob");
		const inbox = new Inbox(bob.client);
		const COUNT = 300;
		const got = inbox.untilGot(COUNT);
		const doomed = await startGateway({ env });
		nodes.push(doomed);
		let attempts = 0;
		const send = async (index: number) => {
			const body = { user_id: bob.id, text: String(index), idempotency_key: `m${index}` };
			for (let attempt = 0; ; attempt++) {
				attempts++;
				// The node that is about to die first; each message is sent a second time by way of another.
				const node = attempt === 0 && doomed.process.exitCode === null ? 2 : attempt % 2;
				const answer = await call("unicast", body, ALL, node).catch(() => undefined);
				if (answer?.status === 200) return;
				assert.ok(answer === undefined || answer.status >= 429, JSON.stringify(answer?.body));
			}
		};
		for (let index = 0; index < COUNT; index++) {
			if (index === 100) setImmediate(() => void doomed.kill9());
			await send(index);
			if (index % 7 === 0) await send(index);
		}
		assert.ok(attempts > COUNT);
		assert.deepEqual(
			await got,
			Array.from({ length: COUNT }, (_, index) => String(index)),
		);
		await bob.client.close();
	});

	it("broadcasts to those named, or to all who are online, each inbox once", async () => {
		const [cat, dan] = [await member("cat"), await member("dan")];
		const named = { user_ids: [cat.id, dan.id], text: "both", idempotency_key: "b1" };
		assert.deepEqual((await call("broadcast", named)).body, { reached: 2, failed: 0 });
		await call("broadcast", named, ALL, 1);
		const all = await call("broadcast", { text: "all", idempotency_key: "b2" }, ALL, 1);
		assert.ok(all.body.reached >= 3);
		for (const { client } of [cat, dan]) assert.deepEqual(await new Inbox(client).untilGot(2), ["both", "all"]);
		await cat.client.close();
		await dan.client.close();
	});

	it("notifies once under a key", async () => {
		const eve = await member("eve");
		const body = {
			user_ids: [eve.id],
			type: "system.notice",
			variables: { title: "Bill", text: "It is paid." },
			idempotency_key: "n1",
		};
		const first = await call("notify", body);
		assert.deepEqual([first.status, first.body.stored], [200, 1]);
		assert.deepEqual((await call("notify", body, ALL, 1)).body, first.body, "the first result is given again");
		const changed = await call("notify", { ...body, variables: { title: "Bill", text: "It is due." } });
		assert.equal(changed.status, 422);
		let push = await eve.client.push();
		while (push.protocol !== pushes.notification.number) push = await eve.client.push();
		assert.equal(Notification.decode(push.body ?? new Uint8Array()).text, "It is paid.");
		const neither = await call("notify", { ...body, user_ids: [] });
		assert.deepEqual([neither.status, neither.body.violations[0].field], [422, "user_ids"]);
		await eve.client.close();
	});

	it("finds users, says who is online and what was said, shows a room, and disconnects", async () => {
		const fay = await member("fay");
		const created = await fay.client.ask(chatRoutes.createChatRoom, { name: "kitchen", isPublic: true });
		const room = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		const content = { kind: MessageKind.TEXT, text: "hello" };
		const sent = await fay.client.ask(chatRoutes.sendMessage, { roomId: room, clientMsgId: "c1", content });
		assert.equal(sent.code ?? 0, ErrorCode.OK);
		const base = `${nodes[1]?.httpUrl}/api/v1/server`;
		const shown = await get(`${base}/rooms/${room}`, NARROW);
		assert.deepEqual([shown.body.room.name, shown.body.members[0].username], ["kitchen", "fay"]);
		assert.equal((await get(`${base}/rooms/none`, NARROW)).status, 404);
		const said = await get(`${base}/conversations/${room}/messages`, NARROW);
		assert.equal(said.body.messages[0].content.text, "hello");
		const users = await call("users", { usernames: ["FAY", "nobody"], user_ids: [fay.id] });
		assert.deepEqual(
			users.body.users.map(({ username }: { username: string }) => username),
			["fay"],
		);
		const online = await call("presence", { user_ids: [fay.id, "nobody"] });
		assert.deepEqual(
			online.body.users.map(({ is_online }: { is_online: boolean }) => is_online),
			[true, false],
		);
		assert.deepEqual((await call("disconnect", { user_id: fay.id }, ALL, 1)).body, { sessions_ended: 1 });
		assert.equal((await fay.client.closed).code, CloseCode.REVOKED);
	});

	it("a batch has a result for each operation, and keeps the order of a channel also where one fails", async () => {
		const gus = await member("gus");
		const unicast = (text: string, more = {}) => ({ unicast: { user_id: gus.id, text, ...more } });
		await call("unicast", { user_id: gus.id, text: "x", idempotency_key: "taken" });
		const operations = [
			unicast("1"),
			unicast("2"),
			{ publish: { channel: "unknown:channel", text: "?" } },
			unicast("other", { idempotency_key: "taken" }),
			unicast("3"),
			{ disconnect: { user_id: "nobody" } },
		];
		const answer = await call("batch", { operations }, ALL, 0, { "idempotency-key": "batch-1" });
		const codes = answer.body.results.map(({ code }: { code?: string }) => code ?? "OK");
		assert.deepEqual(codes, ["OK", "OK", "NOT_FOUND", "VALIDATION_FAILED", "PRECONDITION_FAILED", "OK"]);
		for (const { code, error } of answer.body.results) if (code !== "OK") assert.equal(error.code, code);
		assert.match(answer.body.results[4].error.message, /^not run: operation 3/);
		const again = await call("batch", { operations }, ALL, 1, { "idempotency-key": "batch-1" });
		assert.equal(again.body.results[0].unicast.repeated_call, true);
		await call("unicast", { user_id: gus.id, text: "end" });
		assert.deepEqual(await new Inbox(gus.client).untilGot(4), ["x", "1", "2", "end"]);
		await gus.client.close();
	});

	it("a key reaches the channels of its scope only, by whichever operation", async () => {
		const outside = async (path: string, body: object) => {
			const { status, body: problem } = await call(path, body, NARROW);
			assert.deepEqual([path, status, problem.code], [path, 403, "PERMISSION_DENIED"]);
			return problem.violations[0].field;
		};
		const user = { user_id: ann.id };
		assert.equal(await outside("publish", { channel: `user:${ann.id}`, text: "x" }), "channel");
		assert.equal(await outside("unicast", { ...user, text: "x" }), "user_id");
		assert.equal(await outside("broadcast", { text: "x" }), "user_ids");
		assert.equal(await outside("broadcast", { user_ids: ["nobody", ann.id], text: "x" }), "user_ids");
		assert.equal(await outside("notify", { user_ids: [ann.id], type: "system.notice" }), "user_ids");
		assert.equal(await outside("notify", { online: true, type: "system.notice" }), "online");
		assert.equal(await outside("disconnect", user), "user_id");
		assert.equal(await outside("subscribe", { ...user, channel: "chat:x" }), "user_id");
		assert.equal(await outside("subscribe", { user_id: "nobody", channel: "orders:x" }), "channel");
		assert.equal(await outside("unsubscribe", { ...user, channel: "chat:x" }), "user_id");
		assert.equal(await outside("presence", { user_ids: [ann.id] }), "user_ids");
		assert.equal(await outside("users", { user_ids: [ann.id] }), "user_ids");
		assert.equal(await outside("users", { usernames: ["ann"] }), "usernames");
		for (const [path, field] of [
			["conversations/theirs/messages", "conversation_id"],
			["rooms/theirs", "room_id"],
		]) {
			const { status, body } = await get(`${nodes[0]?.httpUrl}/api/v1/server/${path}`, NO_ROOMS);
			assert.deepEqual([status, body.violations[0].field], [403, field]);
		}
		const batch = await call("batch", { operations: [{ unicast: { ...user, text: "x" } }] }, NARROW);
		assert.equal(batch.body.results[0].code, "PERMISSION_DENIED");
		assert.equal((await call("unicast", { user_id: "nobody", text: "x" }, NARROW)).status, 200);
	});

	it("a user's session may call a batch, and nothing in it", async () => {
		const operations = [{ unicast: { userId: ann.id, text: "x" } }];
		const reply = await ann.client.ask(serverRoutes.runBatch, { operations });
		const { results } = serverRoutes.runBatch.reply.decode(reply.body ?? new Uint8Array());
		assert.equal(results?.[0]?.code, ErrorCode.PERMISSION_DENIED);
	});

	it("is there over WebSocket too", async () => {
		const backend = await WireClient.open((nodes[1] as GatewayProcess).url);
		assert.equal((await backend.ask(authRoutes.connect, { accessToken: ALL })).code ?? 0, ErrorCode.OK);
		const request = { userId: "nobody", data: Buffer.from("x"), idempotencyKey: "ws" };
		for (const isRepeat of [false, true]) {
			const reply = await backend.ask(serverRoutes.unicast, request);
			const { repeatedCall } = serverRoutes.unicast.reply.decode(reply.body ?? new Uint8Array());
			assert.equal(repeatedCall ?? false, isRepeat);
		}
		await backend.close();
	});
});
