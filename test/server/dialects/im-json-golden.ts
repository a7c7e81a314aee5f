// The text frames of the IM dialect, one of each kind, as they are kept in im-json-golden.json. Run as a program, it writes that file.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Connection } from "../../../core/connection.ts";
import type { AnyMessageType, AnyRouteContract } from "../../../protocol/contract.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import {
	authRoutes,
	ChatRoomEvent_Kind,
	chatRoutes,
	DeliveryStage,
	ErrorCode,
	MessageKind,
	pushes,
} from "../../../protocol/gen/schema.ts";
import { ImJsonDialect } from "../../../server/dialects/im-json.ts";

/** That of the records in the documents of older gateways. */
export const NOW_MS = 1_634_567_890_123;
const writer = new EnvelopeWriter();
const TRACE = "0123456789abcdef0123456789abcdef";

interface Sample {
	readonly name: string;
	/** What the client has sent, if it is an answer. */
	readonly message?: object;
	/** The frame of the gateway, for the request number that the message has got; undefined: the dialect answers by itself. */
	readonly frame?: (seq: number) => readonly [Uint8Array, AnyMessageType | undefined];
}

const send = (data: object) => ({ type: "send-message", message_id: "msg123", data, timestamp: NOW_MS });
const SENT = { conversation_id: "conv123", message_type: 1, content: "Hello World!", client_msg_id: "client123" };
const reply = (contract: AnyRouteContract, message: object) => (seq: number) =>
	[writer.reply(contract.number, seq, contract.reply, message as never, "").slice(), contract.reply] as const;
const error = (contract: AnyRouteContract, code: ErrorCode, detail: object) => (seq: number) =>
	[writer.error(contract.number, seq, code, detail, "").slice(), undefined] as const;
const push =
	(contract: { readonly number: number; readonly message: AnyMessageType }, message: object, channel: string) => () =>
		[
			writer.push(contract.number, contract.message, message, { channel, offset: 42, epoch: "e1" }).slice(),
			contract.message,
		] as const;

const message = {
	id: "msg123",
	conversationId: "conv123",
	sequence: 1001,
	senderId: "user123",
	senderName: "ann",
	content: { kind: MessageKind.TEXT, text: "Hello World!" },
	sentAtMs: NOW_MS,
	clientMsgId: "client123",
};
const record = {
	traceId: TRACE,
	targetUserId: "user456",
	messageId: "msg123",
	conversationId: "conv123",
	senderId: "user123",
	messageType: 1,
	content: "Hello World!",
	seqId: 1001,
	timestamp: 1_634_567_890,
	headers: { priority: "high" },
};
const receipt = { messageId: "018f", sequence: 1001, sentAtMs: NOW_MS };
const connected = {
	session: { nodeId: "gateway-001" },
	user: { id: "user123" },
	recoveries: [{ channel: "user:user123", recovered: true, offset: 41, epoch: "e1" }],
};

export const samples: readonly Sample[] = [
	{ name: "connected", frame: () => reply(authRoutes.connect, connected)(0) },
	{
		name: "connected after auth",
		message: { type: "auth", message_id: "a1", data: { token: "t" } },
		frame: reply(authRoutes.connect, connected),
	},
	{
		name: "ack accepted",
		message: send(SENT),
		frame: reply(chatRoutes.sendMessage, { ...receipt, sequence: 0, stage: DeliveryStage.ACCEPTED }),
	},
	{
		name: "ack persisted",
		message: send(SENT),
		frame: reply(chatRoutes.sendMessage, { ...receipt, stage: DeliveryStage.PERSISTED }),
	},
	{
		name: "ack delivered to a user",
		message: send({ target_user_id: "user456", content: "Hi", client_msg_id: "client124" }),
		frame: reply(chatRoutes.sendPrivateMessage, {
			...{ ...receipt, conversationId: "p-1" },
			stage: DeliveryStage.DELIVERED,
		}),
	},
	{
		name: "error of a field",
		message: send(SENT),
		frame: error(chatRoutes.sendMessage, ErrorCode.VALIDATION_FAILED, {
			message: "content.text must not be empty",
			violations: [{ field: "content.text", description: "must not be empty" }],
		}),
	},
	{
		name: "error with a wait",
		message: send(SENT),
		frame: error(chatRoutes.sendMessage, ErrorCode.RATE_LIMITED, {
			...{ message: "too many messages of one user", retryable: true, retryAfterMs: 500 },
		}),
	},
	{
		name: "error of the token",
		frame: () => error(authRoutes.connect, ErrorCode.UNAUTHENTICATED, { message: "no" })(0),
	},
	{ name: "error of an unknown type", message: { type: "fly", message_id: "x" } },
	{ name: "pong", message: { type: "ping", message_id: "p1" }, frame: reply(authRoutes.heartbeat, {}) },
	{
		name: "read-ack",
		message: { type: "read", message_id: "r1", data: { conversation_id: "conv123", seq_id: 1001 } },
		frame: reply(chatRoutes.markRead, { unread: 2 }),
	},
	{
		name: "recall-ack",
		message: { type: "recall-message", message_id: "r2", data: { message_id: "msg123" } },
		frame: reply(chatRoutes.recallMessage, {}),
	},
	{
		name: "sync",
		message: { type: "sync", message_id: "s1", data: { conversation_id: "conv123", after_seq_id: 1000 } },
		frame: reply(chatRoutes.getHistory, { messages: [message], nextCursor: "more" }),
	},
	{ name: "new-message", frame: push(pushes.messagePosted, { message }, "user:user456") },
	{ name: "new-message of a room", frame: push(pushes.messagePosted, { message }, "chat:conv123") },
	{ name: "new-message of a logic service", frame: push(pushes.downlinkMessage, record, "user:user456") },
	{
		name: "message-recalled",
		frame: push(
			pushes.messagePosted,
			{ message: { id: "msg123", conversationId: "conv123", sequence: 1001, isRecalled: true } },
			"chat:conv123",
		),
	},
	{
		name: "read",
		frame: push(pushes.readReceipt, { conversationId: "conv123", userId: "user456", sequence: 1001 }, "events:user123"),
	},
	{
		name: "online-status",
		frame: push(pushes.presenceChanged, { user: { userId: "user456", isOnline: true } }, "presence:user456"),
	},
	{
		name: "conversation-event",
		frame: push(
			pushes.chatRoomEvent,
			{ roomId: "conv123", kind: ChatRoomEvent_Kind.JOINED, member: { userId: "user456" }, byUserId: "user123" },
			"chat:conv123",
		),
	},
];

/** @returns the text that the client gets. */
export function written(name: string): string {
	const dialect = new ImJsonDialect({ now: () => NOW_MS, hasRooms: true, isAlone: false });
	const connection = { encoding: "im-json", identity: { userId: "user123" } } as unknown as Connection;
	const sample = samples.find((one) => one.name === name);
	const read = sample?.message === undefined ? undefined : dialect.read(connection, sample.message);
	if (typeof read === "string") return read;
	const [frame, type] = sample?.frame?.(read?.[0]?.seq ?? 0) ?? [];
	const text = frame && dialect.write(connection, frame, type);
	if (text !== undefined) return text;
	// The reply to a token waits for the rooms.
	const [opening] = dialect.opening(connection);
	const [rooms = new Uint8Array(0), page] = reply(chatRoutes.listConversations, {})(opening?.seq ?? 0);
	return dialect.write(connection, rooms, page) ?? "";
}

const file = fileURLToPath(new URL("im-json-golden.json", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const texts = Object.fromEntries(samples.map(({ name }) => [name, written(name)]));
	writeFileSync(file, `${JSON.stringify(texts, undefined, "\t")}\n`);
}
