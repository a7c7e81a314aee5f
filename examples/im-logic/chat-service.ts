// `framegate.v1.ChatService` for gateways that ask for chat here: the methods that the clients of an IM gateway need.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import protobuf from "protobufjs";
import type { Delivery } from "./delivery.ts";
import { type Draft, messageId, privateConversation } from "./records.ts";
import type { Conversation, Member, Store, StoredMessage } from "./store.ts";

type Fields = Record<string, unknown>;
/** @param userId - as the gateway has authenticated it. */
type Method = (request: Fields, userId: string, metadata: grpc.Metadata) => Fields | Promise<Fields>;

const TEXT = 1;
const CUSTOM = 5;
const PERSISTED = 2;
const MAX_PAGE = 200;

const PACKAGE = dirname(fileURLToPath(import.meta.resolve("protobufjs/package.json")));

class Refused extends Error {
	readonly code: grpc.status;

	constructor(code: grpc.status, message: string) {
		super(message);
		this.code = code;
	}
}

/** A gRPC server that answers them, and UNIMPLEMENTED to the others. */
export function chatServer(store: Store, delivery: Delivery, protoDirectory: string): grpc.Server {
	const service = loadService(protoDirectory);
	const methods = chatMethods(store, delivery);
	const server = new grpc.Server();
	const definitions: Record<string, grpc.MethodDefinition<Fields, Fields>> = {};
	const handlers: Record<string, grpc.handleUnaryCall<Fields, Fields>> = {};
	for (const { name, resolvedRequestType: request, resolvedResponseType: response } of service.methodsArray) {
		const method = methods[name];
		if (method === undefined || request === null || response === null) continue;
		definitions[name] = {
			...{ path: `/framegate.v1.ChatService/${name}`, requestStream: false, responseStream: false },
			requestSerialize: (value) => Buffer.from(request.encode(request.fromObject(value)).finish()),
			requestDeserialize: (bytes) => request.toObject(request.decode(bytes), { longs: Number, defaults: true }),
			responseSerialize: (value) => Buffer.from(response.encode(response.fromObject(value)).finish()),
			responseDeserialize: (bytes) => response.toObject(response.decode(bytes)),
		};
		handlers[name] = (call, callback) => {
			const [userId = ""] = call.metadata.get("x-framegate-user");
			const answer = async (): Promise<Fields> => {
				if (userId === "") throw new Refused(grpc.status.PERMISSION_DENIED, "only users have conversations");
				return await method(call.request, decodeURIComponent(String(userId)), call.metadata);
			};
			void respond(answer, callback);
		};
	}
	server.addService(definitions, handlers);
	return server;
}

async function respond(answer: () => Promise<Fields>, callback: grpc.sendUnaryData<Fields>): Promise<void> {
	let reply: Fields;
	try {
		reply = await answer();
	} catch (error) {
		const code = error instanceof Refused ? error.code : grpc.status.INTERNAL;
		callback({ code, details: (error as Error).message });
		return;
	}
	callback(null, reply);
}

function loadService(directory: string): protobuf.Service {
	const root = new protobuf.Root();
	// Google's own are in the package of protobufjs.
	root.resolvePath = (_origin, target) =>
		[directory, PACKAGE].map((base) => join(base, target)).find(existsSync) ?? target;
	root.loadSync("framegate/v1/chat.proto");
	root.resolveAll();
	return root.lookupService("framegate.v1.ChatService");
}

function chatMethods(store: Store, delivery: Delivery): Readonly<Record<string, Method>> {
	const membership = (conversationId: string, userId: string): Member => {
		const member = store.member(conversationId, userId);
		if (member === undefined) throw new Refused(grpc.status.PERMISSION_DENIED, "not a member of this conversation");
		return member;
	};
	const room = (id: string): Conversation => {
		const found = store.conversation(id);
		if (found?.kind !== "room") throw new Refused(grpc.status.NOT_FOUND, "no such room");
		return found;
	};
	const send = async (
		request: Fields,
		userId: string,
		metadata: grpc.Metadata,
		conversationId: string,
		targetUserId = "",
	) => {
		const clientMsgId = request["clientMsgId"] as string;
		const [gatewayId = ""] = metadata.get("x-framegate-gateway");
		const [trace = ""] = metadata.get("traceparent");
		const draft: Draft = {
			...{ conversationId, targetUserId, clientMsgId, senderId: userId, senderName: "", gatewayId: String(gatewayId) },
			...recordContent(request["content"] as Fields),
			...{
				id: messageId(userId, conversationId, clientMsgId),
				traceId: String(trace).split("-")[1] ?? "",
				sentAtMs: Date.now(),
				traceparent: String(trace),
			},
		};
		const [accepted] = await delivery.send([draft]);
		if (accepted === undefined) throw new Refused(grpc.status.PERMISSION_DENIED, "not a member of this conversation");
		const { id, seq, sent_at_ms: sentAtMs } = accepted.message;
		return { messageId: id, conversationId, sequence: seq, sentAtMs, stage: PERSISTED };
	};
	const history = (conversationId: string, { direction, cursor, limit, fromSequence }: Fields) => {
		const forward = direction === 1;
		const start = Number(cursor || fromSequence || 0);
		const behind = forward || start > 0 ? start : Number.MAX_SAFE_INTEGER;
		const size = Math.min(Number(limit) || 50, MAX_PAGE);
		const found = store.history(conversationId, forward, behind, size + 1);
		const shown = found.slice(0, size);
		return { messages: shown.map(wireMessage), nextCursor: found.length > size ? String(shown.at(-1)?.seq ?? "") : "" };
	};
	const wireRoom = ({ id, name, topic, owner_id: ownerId, is_public: isPublic, ...rest }: Conversation): Fields => ({
		...{ id, name, topic, ownerId, isPublic: isPublic === 1, memberCount: store.members(id).length },
		...{ createdAtMs: rest.created_at_ms, lastSequence: rest.last_seq },
	});
	return {
		SendMessage: (request, userId, metadata) => send(request, userId, metadata, request["roomId"] as string),
		SendPrivateMessage: (request, userId, metadata) => {
			const peer = request["userId"] as string;
			return send(request, userId, metadata, privateConversation(userId, peer), peer);
		},
		GetHistory: (request, userId) => {
			membership(request["roomId"] as string, userId);
			return history(request["roomId"] as string, request);
		},
		GetPrivateHistory: (request, userId) => history(privateConversation(userId, request["userId"] as string), request),
		CreateChatRoom: ({ name, topic, isPublic, memberIds, clientRoomId }, owner) => {
			const id = clientRoomId ? `r-${messageId(owner, "room", clientRoomId as string)}` : randomUUID();
			const members = [owner, ...(memberIds as string[])];
			const made = { name: name as string, topic: topic as string, isPublic: isPublic as boolean };
			store.create({ id, kind: "room", owner, members, ...made });
			return { room: wireRoom(room(id)) };
		},
		JoinChatRoom: ({ roomId }, userId) => {
			const found = room(roomId as string);
			if (found.is_public === 1) store.join(found.id, userId);
			return { room: wireRoom(found), member: wireMember(membership(found.id, userId)) };
		},
		LeaveChatRoom: ({ roomId, action }, userId) => {
			if (action !== 0) throw new Refused(grpc.status.UNIMPLEMENTED, "members leave by themselves here");
			store.leave(roomId as string, userId);
			return {};
		},
		ListChatRooms: ({ onlyMine, limit }, userId) => {
			const size = Number(limit) || MAX_PAGE;
			const found = onlyMine === true ? store.conversationsOf(userId, size) : store.publicRooms(size);
			return { rooms: found.filter(({ kind }) => kind === "room").map(wireRoom) };
		},
		ListChatMembers: ({ roomId }, userId) => {
			membership(roomId as string, userId);
			return { members: store.members(roomId as string).map(wireMember) };
		},
		MarkRead: ({ conversationId, sequence }, userId) => {
			membership(conversationId as string, userId);
			const read = store.markRead(conversationId as string, userId, Number(sequence));
			return { unread: (store.conversation(conversationId as string)?.last_seq ?? 0) - read };
		},
		ListConversations: ({ limit }, userId) => ({
			conversations: store.conversationsOf(userId, Math.min(Number(limit) || 50, MAX_PAGE)).map((one) => {
				const { read_seq: readSequence } = membership(one.id, userId);
				const [last] = store.history(one.id, false, Number.MAX_SAFE_INTEGER, 1);
				const peerId = store.members(one.id).find(({ user_id: id }) => id !== userId)?.user_id ?? "";
				return {
					...{ id: one.id, readSequence, unread: one.last_seq - readSequence },
					...(one.kind === "room" ? { room: wireRoom(one) } : { peerId }),
					...(last === undefined ? {} : { lastMessage: wireMessage(last) }),
				};
			}),
		}),
	};
}

/** What Kafka has as a type and a text. */
function recordContent({ kind, text, customType, custom, url }: Fields): Pick<Draft, "messageType" | "content"> {
	const [, type] = /^im\.(\d+)$/.exec(String(customType)) ?? [];
	if (type !== undefined) return { messageType: Number(type), content: Buffer.from(custom as Uint8Array).toString() };
	return { messageType: Number(kind), content: kind === TEXT ? String(text) : JSON.stringify({ url }) };
}

function wireMessage(message: StoredMessage): Fields {
	const { message_type: type, content: text } = message;
	const custom = { kind: CUSTOM, customType: `im.${type}`, custom: Buffer.from(text) };
	return {
		...{ id: message.id, conversationId: message.conversation_id, sequence: message.seq, senderId: message.sender_id },
		...{ senderName: message.sender_name, sentAtMs: message.sent_at_ms, clientMsgId: message.client_msg_id },
		content: type === TEXT ? { kind: TEXT, text } : custom,
	};
}

function wireMember({ user_id: userId, role, joined_at_ms: joinedAtMs }: Member): Fields {
	return { userId, role, joinedAtMs, state: 1 };
}
