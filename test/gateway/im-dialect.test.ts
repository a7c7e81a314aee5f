// Clients of an IM gateway on a whole gateway whose chat is its own: what its documentation sends and expects, with two nodes between them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { chatRoutes, MessageKind, MessagePosted, pushes } from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { ImClient } from "../support/im/im-client.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { WireClient } from "../support/wire-client.ts";

interface Account {
	readonly id: string;
	readonly token: string;
}

describe("clients of an IM gateway", { timeout: 180_000 }, () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-im-test-"));
	let redis: RealServer;
	let nodes: GatewayProcess[] = [];
	let [ann, bob, eve]: Account[] = [];
	let room = "";

	before(async () => {
		redis = await startRedis();
		const env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			FRAMEGATE_DATABASE_URL: `sqlite:${join(directory, "framegate.db")}`,
			JWT_SECRET: "a secret for two nodes of a test, long enough",
			FRAMEGATE_CHAT_IM_DIALECT: "true",
		};
		const node = (id: string) => startGateway({ env: { ...env, GATEWAY_ID: id } });
		nodes = [await node("gateway-001"), await node("gateway-002")];
		[ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map(account));
		const created = await post(at("/api/v1/groups"), { name: "room", member_ids: [bob?.id] }, ann?.token);
		room = created.body.room.id;
		assert.equal((await post(at(`/api/v1/groups/${room}/join`), {}, bob?.token)).status, 200);
	});
	after(async () => {
		await Promise.all(nodes.map((each) => each.kill9()));
		await redis?.stop();
		rmSync(directory, { recursive: true });
	});

	const at = (path: string) => `${nodes[0]?.httpUrl}${path}`;
	const open = (user: Account | undefined, index = 0, options = {}) =>
		ImClient.open(nodes[index]?.url ?? "", user?.token ?? "", options);

	/** As the documentation of the gateway makes one. */
	async function account(username: string): Promise<Account> {
		const password = "password123";
		const registered = await post(at("/api/v1/auth/register"), { username, password, nickname: "测试用户" });
		assert.equal(registered.status, 200);
		const { body } = await post(at("/api/v1/auth/login"), { username, password });
		const renewed = await post(at("/api/v1/auth/refresh"), { refresh_token: body.tokens.refresh_token });
		return { id: registered.body.user.id, token: renewed.body.tokens.access_token };
	}

	it("exchange messages of a group over two nodes, without a word more than their documentation says", async () => {
		const [sender, receiver] = [await open(ann), await open(bob, 1, { origin: "http://front.example" })];
		const data = { conversation_id: room, message_type: 1, content: "Hello World!", client_msg_id: "client123" };
		const ack = await sender.ask("send-message", data);
		assert.equal(ack.type, "ack");
		assert.deepEqual(
			[ack.data.client_msg_id, ack.data.conversation_id, ack.data.seq_id, ack.data.state],
			["client123", room, 1, "delivered"],
		);
		const push = await receiver.next("new-message");
		const { message_id, timestamp, headers, trace_id, ...rest } = push.data;
		assert.deepEqual(rest, {
			target_user_id: "",
			conversation_id: room,
			sender_id: ann?.id,
			message_type: 1,
			content: "Hello World!",
			seq_id: 1,
		});
		assert.deepEqual([message_id, push.message_id], [ack.data.server_msg_id, message_id]);
		assert.equal(typeof trace_id, "string");
		assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60, "is in seconds");
		assert.equal(headers.client_msg_id, "client123");
		const repeated = await sender.ask("send-message", data);
		assert.deepEqual([repeated.data.server_msg_id, repeated.data.seq_id], [message_id, 1], "a repeat is the first one");
		await sender.close();
		await receiver.close();
	});

	it("write to a user, by the user first and by the conversation then; nobody else can", async () => {
		const [sender, receiver, other] = [await open(ann), await open(bob, 1), await open(eve)];
		const first = await sender.ask("send-message", { target_user_id: bob?.id, content: "Hi", client_msg_id: "p1" });
		assert.equal(first.type, "ack", JSON.stringify(first));
		const conversation = first.data.conversation_id as string;
		const push = await receiver.next("new-message");
		assert.deepEqual([push.data.target_user_id, push.data.conversation_id], [bob?.id, conversation]);
		const back = { conversation_id: conversation, content: "Hello", client_msg_id: "p2" };
		assert.equal((await receiver.ask("send-message", back)).data.seq_id, 2);
		for (const type of ["send-message", "sync"]) {
			const refused = await other.ask(type, back);
			assert.deepEqual([refused.type, refused.data.code], ["error", "PERMISSION_DENIED"]);
		}
		const { data } = await receiver.ask("sync", { conversation_id: conversation, after_seq_id: 1 });
		assert.deepEqual(
			[data.has_more, data.messages.map((one: { seq_id: number; content: string }) => [one.seq_id, one.content])],
			[false, [[2, "Hello"]]],
		);
		const sessions = await get(at("/api/v1/conversations"), bob?.token);
		assert.ok(sessions.body.conversations.some(({ id }: { id: string }) => id === conversation));
		for (const client of [sender, receiver, other]) await client.close();
	});

	it("get what they missed, in order and once, when they come back with their last position", async () => {
		const [sender, first] = [await open(ann), await open(bob, 1)];
		const say = (n: number) =>
			sender.ask("send-message", { target_user_id: bob?.id, content: `${n}`, client_msg_id: `missed-${n}` });
		await say(0);
		const { position } = await first.next("new-message");
		await first.close();
		for (const n of [1, 2, 3]) await say(n);
		const second = new ImClient(nodes[0]?.url ?? "");
		await new Promise((resolve) => second.socket.once("open", resolve));
		const connected = await second.ask("auth", { token: bob?.token, positions: [position] });
		const inbox = connected.data.positions.find(({ channel }: { channel: string }) => channel === position?.channel);
		assert.deepEqual([connected.type, inbox?.recovered], ["connected", true]);
		await say(4);
		const seen: string[] = [];
		for (let n = 0; n < 4; n++) seen.push((await second.next("new-message")).data.content);
		assert.deepEqual(seen, ["1", "2", "3", "4"]);
		await sender.close();
		await second.close();
	});

	it("mark as read, recall, and ping; and get an error for what is not there, on a connection that goes on", async () => {
		const [sender, receiver] = [await open(ann), await open(bob, 1)];
		const sent = await sender.ask("send-message", { conversation_id: room, content: "oops", client_msg_id: "oops" });
		const { seq_id: sequence } = (await receiver.next("new-message")).data;
		const read = await receiver.ask("read", { conversation_id: room, seq_id: sequence });
		assert.deepEqual([read.type, read.data.unread], ["read-ack", 0]);
		assert.deepEqual((await sender.next("read")).data, { conversation_id: room, user_id: bob?.id, seq_id: sequence });
		assert.equal((await sender.ask("recall-message", { message_id: sent.data.server_msg_id })).type, "recall-ack");
		assert.equal((await receiver.next("message-recalled")).data.content, "");
		assert.equal((await sender.ask("ping")).type, "pong");
		const unknown = await sender.ask("fly", {});
		assert.deepEqual([unknown.type, unknown.data.field], ["error", "type"]);
		const empty = await sender.ask("send-message", { conversation_id: room, content: " ", client_msg_id: "e" });
		assert.deepEqual([empty.data.code, empty.data.field], ["VALIDATION_FAILED", "data.content"]);
		const stranger = await sender.ask("send-message", { conversation_id: "conv123", content: "x", client_msg_id: "f" });
		assert.deepEqual([stranger.data.code, stranger.data.client_msg_id], ["PERMISSION_DENIED", "f"]);
		assert.equal((await sender.ask("heartbeat")).type, "pong");
		await sender.close();
		await receiver.close();
	});

	it("are refused with an error in their own dialect when their token is none", async () => {
		const client = new ImClient(`${nodes[0]?.url}?token=nonsense`);
		const { data } = await client.next("error");
		assert.equal(data.code, "UNAUTHENTICATED");
		client.socket.close();
	});

	it("share rooms with native clients, who get types of their own as custom content", async () => {
		const { client: native, login } = await WireClient.member(nodes[1]?.url ?? "", "native");
		const created = await native.ask(chatRoutes.createChatRoom, { name: "both", isPublic: true });
		const { room: both } = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array());
		assert.equal((await post(at(`/api/v1/groups/${both?.id}/join`), {}, ann?.token)).status, 200);
		const im = await open(ann);
		await im.ask("send-message", {
			conversation_id: both?.id,
			message_type: 101,
			content: "{语音}",
			client_msg_id: "v",
		});
		for (;;) {
			const { protocol, body } = await native.push();
			if (protocol !== pushes.messagePosted.number) continue;
			const { message } = MessagePosted.decode(body ?? new Uint8Array());
			assert.equal(message?.content?.customType, "im.101");
			break;
		}
		assert.deepEqual((await im.next("new-message")).data.message_type, 101, "its own devices get it, too");
		const content = { kind: MessageKind.IMAGE, url: "https://a.example/b.png" };
		await native.ask(chatRoutes.sendMessage, { roomId: both?.id ?? "", clientMsgId: "i", content });
		const { data } = await im.next("new-message");
		assert.deepEqual([data.message_type, data.content], [2, '{"url":"https://a.example/b.png"}']);
		assert.equal(data.sender_id, login.user?.id);
		await native.close();
		await im.close();
	});
});
