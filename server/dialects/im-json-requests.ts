// Messages of the IM dialect as requests. What they hold is checked by the routes; here only what has to be understood to find them.
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { authRoutes, chatRoutes } from "../../protocol/gen/schema.ts";
import { contentOfIm } from "../../services/chat/im-content.ts";

/** A message of the client, as its answer needs it. */
export interface ImMessage {
	readonly type: string;
	/** "" when the client gave none; the answer has the same. */
	readonly messageId: string;
	/** Of a `send-message`. */
	readonly clientMsgId: string;
	/** "" where the message names a user. */
	readonly conversationId: string;
	readonly targetUserId: string;
}

export interface ImRequest {
	readonly contract: AnyRouteContract;
	/** Proto3 JSON. */
	readonly body: object;
	readonly message: ImMessage;
}

/** What is wrong with a message, and in which of its fields. */
export interface ImProblem {
	readonly field: string;
	readonly text: string;
}

/** Types that no other dialect has. */
export const IM_TYPES: ReadonlySet<string> = new Set([
	...["auth", "heartbeat", "ping", "read", "recall-message", "send-message", "sync"],
]);

const MAX_MESSAGE_TYPE = 0xffff_ffff;
const MAX_POSITIONS = 1000;
/** Fields that are ids. */
const IDS = ["conversation_id", "target_user_id", "client_msg_id", "message_id", "reply_to_id"] as const;
/** What is said of an id that came as another number than it was written as: it would be that of something else. */
export const INEXACT = "expected a text: a number so large is not exact in JSON";
type Fields = Readonly<Record<string, unknown>>;
type Body = Omit<ImRequest, "message">;

export function readImMessage(type: string, messageId: string, data: unknown): ImRequest | ImProblem {
	const fields: Fields = typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Fields) : {};
	const inexact = IDS.find((name) => isInexact(fields[name]));
	if (inexact !== undefined) return { field: `data.${inexact}`, text: INEXACT };
	const conversationId = textOf(fields["conversation_id"]);
	const targetUserId = textOf(fields["target_user_id"]);
	const clientMsgId = type === "send-message" ? textOf(fields["client_msg_id"]) || messageId : "";
	const message = { type, messageId, clientMsgId, conversationId, targetUserId };
	const read = readBody(message, fields);
	return "field" in read ? read : { ...read, message };
}

function readBody(message: ImMessage, data: Fields): Body | ImProblem {
	switch (message.type) {
		case "ping":
		case "heartbeat":
			return { contract: authRoutes.heartbeat, body: {} };
		case "send-message":
			return sendBody(message, data);
		case "read": {
			const sequence = numberOf(data["seq_id"], Number.MAX_SAFE_INTEGER);
			if (sequence === undefined) return { field: "data.seq_id", text: "expected a whole number" };
			return { contract: chatRoutes.markRead, body: { conversationId: message.conversationId, sequence } };
		}
		case "recall-message":
			return { contract: chatRoutes.recallMessage, body: { messageId: textOf(data["message_id"]) } };
		case "sync":
			return syncBody(message, data);
		case "auth":
			return authBody(data);
		default:
			return { field: "type", text: `"${message.type.slice(0, 40)}" is none of ${[...IM_TYPES].join(", ")}` };
	}
}

function sendBody({ conversationId, targetUserId, clientMsgId }: ImMessage, data: Fields): Body | ImProblem {
	const { message_type: type = 1, content, reply_to_id: replyTo } = data;
	const messageType = numberOf(type, MAX_MESSAGE_TYPE);
	if (messageType === undefined || messageType === 0) {
		return { field: "data.message_type", text: "expected a whole number from 1 on" };
	}
	if (typeof content !== "string") return { field: "data.content", text: "expected a text" };
	if (clientMsgId === "") return { field: "data.client_msg_id", text: "expected a text" };
	const inner = contentOfIm({ messageType, content });
	const custom = inner.custom instanceof Uint8Array ? { custom: Buffer.from(inner.custom).toString("base64") } : {};
	const body = { clientMsgId, content: { ...inner, ...custom }, replyToId: textOf(replyTo) };
	if (conversationId !== "") return { contract: chatRoutes.sendMessage, body: { ...body, roomId: conversationId } };
	if (targetUserId === "") return NO_CONVERSATION;
	return { contract: chatRoutes.sendPrivateMessage, body: { ...body, userId: targetUserId } };
}

const NO_CONVERSATION: ImProblem = { field: "data.conversation_id", text: "expected the id of a conversation" };

function syncBody({ conversationId, targetUserId }: ImMessage, data: Fields): Body | ImProblem {
	const fromSequence = numberOf(data["after_seq_id"] ?? 0, Number.MAX_SAFE_INTEGER);
	if (fromSequence === undefined) return { field: "data.after_seq_id", text: "expected a whole number" };
	const limit = numberOf(data["limit"] ?? 0, MAX_MESSAGE_TYPE);
	if (limit === undefined) return { field: "data.limit", text: "expected a whole number" };
	const query = { direction: "HISTORY_DIRECTION_FORWARD", fromSequence, limit };
	if (conversationId !== "") return { contract: chatRoutes.getHistory, body: { ...query, roomId: conversationId } };
	if (targetUserId === "") return NO_CONVERSATION;
	return { contract: chatRoutes.getPrivateHistory, body: { ...query, userId: targetUserId } };
}

function authBody({ token, positions = [] }: Fields): Body | ImProblem {
	if (typeof token !== "string") return { field: "data.token", text: "expected an access token" };
	if (!Array.isArray(positions) || positions.length > MAX_POSITIONS) {
		return { field: "data.positions", text: `expected a list of at most ${MAX_POSITIONS} positions` };
	}
	return { contract: authRoutes.connect, body: { accessToken: token, positions } };
}

/** Whether an id is a number that JSON may have rounded (RFC 8259 section 6). */
export function isInexact(id: unknown): boolean {
	return typeof id === "number" && !Number.isSafeInteger(id);
}

/** Ids come as texts; some clients write them as numbers. */
function textOf(value: unknown): string {
	if (typeof value === "string") return value;
	return typeof value === "number" ? String(value) : "";
}

function numberOf(value: unknown, max: number): number | undefined {
	const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
	return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 && number <= max
		? number
		: undefined;
}
