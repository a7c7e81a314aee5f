// Replies of routes as messages of the IM dialect.
import { replyCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	ConnectResponse,
	chatRoutes,
	DeliveryStage,
	type Envelope,
	GetHistoryResponse,
	MarkReadResponse,
	SendMessageResponse,
	SendPrivateMessageResponse,
} from "../../protocol/gen/schema.ts";
import { downstreamOf, writeFrame } from "./im-json-frames.ts";
import type { ImMessage, ImRequest } from "./im-json-requests.ts";

const NO_BYTES = new Uint8Array(0);

const STATES: Readonly<Record<DeliveryStage, string>> = {
	[DeliveryStage.UNSPECIFIED]: "accepted",
	[DeliveryStage.ACCEPTED]: "accepted",
	[DeliveryStage.PERSISTED]: "persisted",
	[DeliveryStage.DELIVERED]: "delivered",
};

/** The answer to a message of the client. */
export function writeImReply(envelope: Envelope, { contract, message }: ImRequest, nowMs: number): string {
	if (envelope.error) return writeImError(envelope, message, nowMs);
	const body = envelope.body ?? NO_BYTES;
	const { messageId, conversationId } = message;
	switch (contract.number) {
		case chatRoutes.sendMessage.number:
			return ack(message, { ...SendMessageResponse.decode(body), conversationId }, nowMs);
		case chatRoutes.sendPrivateMessage.number:
			return ack(message, SendPrivateMessageResponse.decode(body), nowMs);
		case chatRoutes.markRead.number: {
			const { unread } = MarkReadResponse.decode(body);
			return writeFrame("read-ack", messageId, { conversation_id: conversationId, unread: Number(unread ?? 0) }, nowMs);
		}
		case chatRoutes.recallMessage.number:
			return writeFrame("recall-ack", messageId, {}, nowMs);
		// Both replies have the same fields.
		case chatRoutes.getHistory.number:
		case chatRoutes.getPrivateHistory.number: {
			const { messages, nextCursor } = GetHistoryResponse.decode(body);
			const found = (messages ?? []).map((one) => downstreamOf(one, "", ""));
			return writeFrame("sync", messageId, { messages: found, has_more: (nextCursor ?? "") !== "" }, nowMs);
		}
		case authRoutes.connect.number:
			return writeConnected(envelope, messageId, nowMs);
		default:
			return writeFrame("pong", messageId, {}, nowMs);
	}
}

/** The reply to a token: who the user is, and from which positions pushes are delivered. */
export function writeConnected({ body }: Envelope, messageId: string, nowMs: number): string {
	const { user, session, recoveries } = ConnectResponse.decode(body ?? NO_BYTES);
	const positions = (recoveries ?? []).map(({ channel, recovered, offset, epoch }) => ({
		...{ channel, offset: Number(offset ?? 0), epoch: epoch ?? "", recovered: recovered ?? false },
	}));
	const data = { user_id: user?.id ?? "", gateway_id: session?.nodeId ?? "", positions };
	return writeFrame("connected", messageId, data, nowMs);
}

interface Sent {
	readonly messageId?: string | null;
	readonly conversationId?: string | null;
	readonly sequence?: number | null;
	readonly stage?: DeliveryStage | null;
	readonly sentAtMs?: number | null;
}

function ack({ messageId, clientMsgId }: ImMessage, sent: Sent, nowMs: number): string {
	const data = {
		client_msg_id: clientMsgId,
		server_msg_id: sent.messageId ?? "",
		conversation_id: sent.conversationId ?? "",
		seq_id: Number(sent.sequence ?? 0),
		state: STATES[sent.stage ?? DeliveryStage.UNSPECIFIED],
		timestamp: Math.floor(Number(sent.sentAtMs ?? 0) / 1000),
	};
	return writeFrame("ack", messageId, data, nowMs);
}

/** Fields of requests by the names that the dialect has for them. */
const FIELDS: readonly (readonly [prefix: string, name: string])[] = [
	["room_id", "conversation_id"],
	["user_id", "target_user_id"],
	["content.kind", "message_type"],
	["content", "content"],
	["sequence", "seq_id"],
	["from_sequence", "after_seq_id"],
	["access_token", "token"],
];

/** @param message - undefined for what answers no message, such as the token of the address. */
export function writeImError({ code, error }: Envelope, message: ImMessage | undefined, nowMs: number): string {
	const [violation] = error?.violations ?? [];
	const field = violation?.field ?? "";
	const [, name = field] = FIELDS.find(([prefix]) => field === prefix || field.startsWith(`${prefix}.`)) ?? [];
	const problem = {
		code: replyCode(code ?? 0).name,
		text: violation?.description && name !== "" ? `${name} ${violation.description}` : (error?.message ?? ""),
		field: name === "" ? "" : `data.${name}`,
		retryAfterMs: Number(error?.retryAfterMs ?? 0),
	};
	return writeProblem(problem, message, nowMs);
}

interface Problem {
	readonly code: string;
	readonly text: string;
	/** "" when it is no field's. */
	readonly field: string;
	readonly retryAfterMs: number;
}

export function writeProblem(
	{ code, text, field, retryAfterMs }: Problem,
	message: Pick<ImMessage, "messageId" | "clientMsgId"> | undefined,
	nowMs: number,
): string {
	const data = {
		code,
		message: text,
		...(field !== "" && { field }),
		...(message !== undefined && message.clientMsgId !== "" && { client_msg_id: message.clientMsgId }),
		...(retryAfterMs > 0 && { retry_after_ms: retryAfterMs }),
	};
	return writeFrame("error", message?.messageId ?? "", data, nowMs);
}
