// The IM dialect: its messages as requests, replies and pushes as its messages. The texts are compared with golden ones, which clients in
// the field depend on: `npx node test/server/dialects/im-json-golden.ts` writes them again, and the difference must be deliberate.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../../core/connection.ts";
import type { AnyRouteContract, PushContract } from "../../../protocol/contract.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import {
	authRoutes,
	chatRoutes,
	DeliveryStage,
	ErrorCode,
	MessageKind,
	pushes,
	routeContracts,
} from "../../../protocol/gen/schema.ts";
import { type JsonRequest, JsonTranscoder } from "../../../protocol/json.ts";
import { ImJsonDialect } from "../../../server/dialects/im-json.ts";
import { contentOfIm, imContent } from "../../../services/chat/im-content.ts";
import golden from "./im-json-golden.json" with { type: "json" };
import { NOW_MS, samples, written } from "./im-json-golden.ts";

const transcoder = new JsonTranscoder();
const SEND = {
	type: "send-message",
	message_id: "msg123",
	data: { conversation_id: "conv123", message_type: 1, content: "Hello World!", client_msg_id: "client123" },
	timestamp: NOW_MS,
};

class ImClient {
	readonly dialect: ImJsonDialect;
	readonly connection: Connection;
	private readonly writer = new EnvelopeWriter();

	constructor(options: { readonly encoding?: string; readonly hasRooms?: boolean; readonly isAlone?: boolean } = {}) {
		const { encoding = "im-json", hasRooms = true, isAlone = false } = options;
		this.dialect = new ImJsonDialect({ now: () => NOW_MS, hasRooms, isAlone });
		this.connection = { encoding, identity: { userId: "user123" } } as unknown as Connection;
	}

	/** What a message becomes, with the body as the route decodes it. */
	say(message: unknown): { readonly request: JsonRequest; readonly contract: AnyRouteContract; readonly body: object } {
		const read = this.dialect.read(this.connection, message);
		if (read === undefined || typeof read === "string") assert.fail(`no request: ${read}`);
		const [request] = read;
		assert.ok(request);
		const contract = routeContracts.get(request.protocol);
		assert.ok(contract);
		const bytes = transcoder.bodyFromJson(contract.request, request.body);
		return { request, contract, body: JSON.parse(JSON.stringify(contract.request.decode(bytes))) };
	}

	refused(message: unknown): { readonly type: string; readonly message_id: string; readonly data: { field?: string } } {
		const read = this.dialect.read(this.connection, message);
		assert.equal(typeof read, "string");
		return JSON.parse(read as string);
	}

	reply(contract: AnyRouteContract, seq: number, message: object) {
		const frame = this.writer.reply(contract.number, seq, contract.reply, message as never, "");
		const text = this.dialect.write(this.connection, frame, contract.reply);
		return text === undefined ? undefined : JSON.parse(text);
	}

	error(contract: AnyRouteContract, seq: number, code: ErrorCode, detail: object) {
		const text = this.dialect.write(
			this.connection,
			this.writer.error(contract.number, seq, code, detail as never, ""),
			undefined,
		);
		return text === undefined ? undefined : JSON.parse(text);
	}

	push<Message, Properties>(push: PushContract<Message, Properties>, message: Properties, channel = "user:user456") {
		const frame = this.writer.push(push.number, push.message, message, { channel, offset: 7, epoch: "e" });
		const text = this.dialect.write(undefined, frame, push.message);
		return text === undefined ? undefined : JSON.parse(text);
	}
}

describe("the IM dialect", () => {
	it("has the frames that clients in the field know", () => {
		assert.deepEqual(
			samples.map(({ name }) => [name, JSON.parse(written(name))]),
			Object.entries(golden).map(([name, text]) => [name, JSON.parse(text)]),
		);
		for (const { name } of samples) assert.equal(written(name), (golden as Record<string, string>)[name], name);
	});

	it("sends to a conversation, and to a user whose conversation is not known yet", () => {
		const client = new ImClient();
		const sent = client.say(SEND);
		assert.equal(sent.contract, chatRoutes.sendMessage);
		assert.deepEqual(sent.body, {
			roomId: "conv123",
			clientMsgId: "client123",
			content: { kind: MessageKind.TEXT, text: "Hello World!" },
		});
		const { conversation_id: _, ...data } = SEND.data;
		const toUser = client.say({ ...SEND, data: { ...data, target_user_id: "user456" } });
		assert.equal(toUser.contract, chatRoutes.sendPrivateMessage);
		const unnamed = client.say({ ...SEND, data: { conversation_id: "conv123", content: "Hi" } });
		assert.equal((unnamed.body as { clientMsgId: string }).clientMsgId, "msg123", "the id of the frame counts");
	});

	it("acknowledges each message with its own ids, and how far it is", () => {
		const client = new ImClient();
		const first = client.say(SEND).request.seq;
		const second = client.say({ ...SEND, message_id: 124 }).request.seq;
		const sent = { messageId: "m1", sequence: 1001, sentAtMs: NOW_MS };
		const late = client.reply(chatRoutes.sendMessage, second, { ...sent, stage: DeliveryStage.PERSISTED });
		assert.deepEqual([late.message_id, late.data.state], ["124", "persisted"]);
		const ack = client.reply(chatRoutes.sendMessage, first, { ...sent, stage: DeliveryStage.DELIVERED });
		assert.deepEqual([ack.message_id, ack.data.client_msg_id, ack.data.state], ["msg123", "client123", "delivered"]);
		assert.equal(client.reply(chatRoutes.sendMessage, first, sent), undefined, "a second reply answers nothing");
	});

	it("names the field of a message that is refused as its client knows it", () => {
		const client = new ImClient();
		const fieldOf = (field: string, description = "must not be empty") => {
			const { seq } = client.say(SEND).request;
			const detail = { message: "x", violations: [{ field, description }] };
			const { type, data } = client.error(chatRoutes.sendMessage, seq, ErrorCode.VALIDATION_FAILED, detail);
			assert.deepEqual([type, data.code, data.client_msg_id], ["error", "VALIDATION_FAILED", "client123"]);
			return [data.field, data.message];
		};
		assert.deepEqual(fieldOf("room_id"), ["data.conversation_id", "conversation_id must not be empty"]);
		assert.deepEqual(fieldOf("content.text"), ["data.content", "content must not be empty"]);
		assert.deepEqual(fieldOf("content.kind"), ["data.message_type", "message_type must not be empty"]);
		assert.deepEqual(fieldOf("client_msg_id"), ["data.client_msg_id", "client_msg_id must not be empty"]);
		const wait = client.error(chatRoutes.sendMessage, client.say(SEND).request.seq, ErrorCode.RATE_LIMITED, {
			message: "too many messages",
			retryAfterMs: 1200,
		});
		assert.deepEqual([wait.data.code, wait.data.retry_after_ms, wait.data.field], ["RATE_LIMITED", 1200, undefined]);
	});

	it("answers what it cannot read with an error that names the field, whatever it is", () => {
		const client = new ImClient();
		const field = (message: unknown) => client.refused(message).data.field;
		assert.equal(field({ ...SEND, type: "fly" }), "type");
		assert.equal(field({ ...SEND, type: 7 }), "type");
		assert.equal(field({ ...SEND, data: null }), "data.content");
		assert.equal(field({ ...SEND, data: [] }), "data.content");
		assert.equal(field({ ...SEND, data: { ...SEND.data, message_type: -1 } }), "data.message_type");
		assert.equal(field({ ...SEND, data: { ...SEND.data, message_type: {} } }), "data.message_type");
		assert.equal(field({ ...SEND, data: { ...SEND.data, conversation_id: {} } }), "data.conversation_id");
		assert.equal(field({ type: "send-message", data: { conversation_id: "c", content: "x" } }), "data.client_msg_id");
		assert.equal(field({ ...SEND, type: "read", data: { seq_id: 1.5 } }), "data.seq_id");
		assert.equal(
			field({ ...SEND, type: "sync", data: { conversation_id: "c", after_seq_id: "x" } }),
			"data.after_seq_id",
		);
		assert.equal(field({ ...SEND, type: "auth", data: {} }), "data.token");
		assert.equal(field({ ...SEND, type: "auth", data: { token: "t", positions: {} } }), "data.positions");
		assert.equal(client.refused({ ...SEND, type: "fly" }).message_id, "msg123");
	});

	it("takes no id that is a number which JSON has rounded: it would be somebody else's", () => {
		const client = new ImClient();
		const id = JSON.parse("1234567890123456789");
		const send = (fields: object) => ({ ...SEND, data: { ...SEND.data, ...fields } });
		for (const name of ["conversation_id", "target_user_id", "client_msg_id", "reply_to_id"]) {
			assert.equal(client.refused(send({ [name]: id })).data.field, `data.${name}`);
		}
		assert.equal(
			client.refused({ ...SEND, type: "recall-message", data: { message_id: id } }).data.field,
			"data.message_id",
		);
		const { message_id: answered, data } = client.refused({ ...SEND, message_id: id });
		assert.deepEqual([answered, data.field], ["", "message_id"]);
		const { body } = client.say(send({ conversation_id: 9_007_199_254_740_991 }));
		assert.equal((body as { roomId?: string }).roomId, "9007199254740991");
	});

	it("maps what a client of a gateway expects beside messages to routes", () => {
		const client = new ImClient();
		const routeOf = (type: string, data: object = {}) => client.say({ type, message_id: "1", data }).contract;
		assert.equal(routeOf("ping"), authRoutes.heartbeat);
		assert.equal(routeOf("heartbeat"), authRoutes.heartbeat);
		assert.equal(routeOf("read", { conversation_id: "c", seq_id: 3 }), chatRoutes.markRead);
		assert.equal(routeOf("recall-message", { message_id: "m" }), chatRoutes.recallMessage);
		assert.equal(routeOf("sync", { conversation_id: "c", after_seq_id: 3 }), chatRoutes.getHistory);
		assert.equal(routeOf("sync", { target_user_id: "u" }), chatRoutes.getPrivateHistory);
		assert.equal(routeOf("auth", { token: "t" }), authRoutes.connect);
	});

	it("leaves frames of other dialects to them until a connection uses it", () => {
		const fresh = new ImClient({ encoding: "protobuf" });
		const isOurs = (client: ImClient, message: object) => client.dialect.read(client.connection, message) !== undefined;
		assert.ok(!isOurs(fresh, { type: "ping" }));
		assert.ok(!isOurs(fresh, { type: "subscribe", id: "1", data: {} }));
		assert.ok(isOurs(fresh, { type: "ping", message_id: "1" }));
		assert.ok(isOurs(fresh, { type: "send-message", data: {} }));
		assert.ok(!isOurs(fresh, { protocol: 1005, seq: 1, type: "ping" }));
		assert.ok(isOurs(new ImClient(), { type: "ping" }));
		assert.ok(isOurs(new ImClient({ encoding: "protobuf", isAlone: true }), { type: "subscribe" }));
	});

	it("says that a client is connected when it is subscribed to the rooms of its user, where they are ours", () => {
		const { connect } = authRoutes;
		const { listConversations: rooms } = chatRoutes;
		const connected = { user: { id: "user123" } };
		const begin = (seq: number) => {
			const client = new ImClient();
			const { request } = client.say({ type: "auth", message_id: "a1", data: { token: "t" } });
			assert.equal(client.reply(connect, seq === 0 ? 0 : request.seq, connected), undefined, "not yet");
			const [opening] = client.dialect.opening(client.connection);
			assert.equal(opening?.protocol, rooms.number);
			return { client, seq: opening.seq };
		};
		for (const [seq, id] of [
			[0, ""],
			[1, "a1"],
		] as const) {
			const { client, seq: asked } = begin(seq);
			const { type, message_id } = client.reply(rooms, asked, {});
			assert.deepEqual([type, message_id], ["connected", id]);
			assert.equal(client.reply(rooms, asked, {}), undefined, "once");
			const denied = begin(seq);
			assert.equal(
				denied.client.error(rooms, denied.seq, ErrorCode.PERMISSION_DENIED, {}).type,
				"connected",
				"no rooms",
			);
			const failed = begin(seq);
			const error = failed.client.error(rooms, failed.seq, ErrorCode.UNAVAILABLE, { retryAfterMs: 500 });
			assert.deepEqual([error.type, error.data.code], ["error", "UNAVAILABLE"], "it would miss what is said there");
		}
		const elsewhere = new ImClient({ hasRooms: false });
		assert.equal(elsewhere.reply(connect, 0, connected).type, "connected");
		assert.deepEqual(elsewhere.dialect.opening(elsewhere.connection), []);
	});

	it("writes pushes for which it has a type, and no others", () => {
		const client = new ImClient();
		const message = { id: "m", conversationId: "c", sequence: 2, content: { kind: MessageKind.TEXT, text: "x" } };
		const push = client.push(pushes.messagePosted, { message });
		assert.deepEqual([push.type, push.data.target_user_id], ["new-message", "user456"]);
		assert.deepEqual(push.position, { channel: "user:user456", offset: 7, epoch: "e" });
		assert.equal(client.push(pushes.messagePosted, { message }, "chat:c").data.target_user_id, "");
		const recalled = { id: "m", conversationId: "c", sequence: 2, isRecalled: true };
		assert.equal(client.push(pushes.messagePosted, { message: recalled }).type, "message-recalled");
		assert.equal(client.push(pushes.dataBatch, {}), undefined);
		assert.equal(client.push(pushes.sessionRevoked, {}).type, "error");
	});

	it("gives back every type and content as it came", () => {
		const cases = [
			{ messageType: 1, content: "text" },
			{ messageType: 2, content: '{"url":"https://a.example/b.png","file_name":"b.png","file_bytes":12}' },
			{ messageType: 2, content: "https://a.example/b.png" },
			{ messageType: 3, content: '{"url":"https://a.example/b","more":1}' },
			{ messageType: 4, content: '{"url":7}' },
			{ messageType: 3, content: "{" },
			{ messageType: 5, content: '{"custom_type":"x"}' },
			{ messageType: 101, content: "语音 🎤" },
			{ messageType: 4_294_967_295, content: "" },
		];
		for (const one of cases) assert.deepEqual(imContent(contentOfIm(one)), one);
		assert.equal(contentOfIm(cases[1] as never).kind, MessageKind.IMAGE, "which native clients know");
	});
});
