// Chat behind a service of the operator, as a whole: the bytes of requests and replies pass unchanged, and what the gateway answers itself.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { authRoutes, chatRoutes, ErrorCode } from "../../protocol/gen/schema.ts";
import { relayedMessage } from "../../protocol/relayed-message.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { post } from "../support/http-client.ts";
import { ImClient } from "../support/im/im-client.ts";
import { WireClient } from "../support/wire-client.ts";

const RAW = relayedMessage("raw", { fields: [], schema: {}, description: "" });
/** Field 100, of a newer version of the protocol. */
const UNKNOWN = Buffer.from([0xa2, 0x06, 0x03, 0x6e, 0x65, 0x77]);
const identity = (bytes: Buffer): Buffer => bytes;

interface Asked {
	readonly path: string;
	readonly bytes: Buffer;
	readonly metadata: grpc.Metadata;
}

/** A service that answers with bytes, by path. */
async function startService(answers: ReadonlyMap<string, Buffer>, asked: Asked[]): Promise<[grpc.Server, number]> {
	const server = new grpc.Server();
	const definition: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {};
	const handlers: Record<string, grpc.handleUnaryCall<Buffer, Buffer>> = {};
	for (const [path, answer] of answers) {
		definition[path] = {
			...{ path, requestStream: false, responseStream: false, requestSerialize: identity },
			...{ requestDeserialize: identity, responseSerialize: identity, responseDeserialize: identity },
		};
		handlers[path] = ({ request, metadata }, callback) => {
			asked.push({ path, bytes: request, metadata });
			callback(null, answer);
		};
	}
	server.addService(definition, handlers);
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
			if (error === null) resolve(bound);
			else reject(error);
		});
	});
	return [server, port];
}

describe("chat behind a service", { timeout: 120_000 }, () => {
	const asked: Asked[] = [];
	const sent = { messageId: "m1", sequence: 7, sentAtMs: 1_634_567_890_123, stage: 2 };
	const sentBytes = Buffer.concat([chatRoutes.sendMessage.reply.encode(sent).finish(), UNKNOWN]);
	let server: grpc.Server;
	let gateway: GatewayProcess;

	before(async () => {
		const answers = new Map([
			["/framegate.v1.ChatService/SendMessage", sentBytes],
			["/framegate.v1.ChatService/ListChatRooms", Buffer.from([0xff])],
		]);
		const [started, port] = await startService(answers, asked);
		server = started;
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_CHAT_IM_DIALECT: "true",
				FRAMEGATE_CHAT_BACKEND: "upstream",
				FRAMEGATE_CHAT_SERVICE: "logic",
				FRAMEGATE_UPSTREAMS_SERVICES: JSON.stringify({ logic: { addresses: [`127.0.0.1:${port}`] } }),
			},
		});
	});
	after(async () => {
		await gateway?.kill9();
		server?.forceShutdown();
	});

	it("gets the bytes that a native client sent, with who sent them, and its bytes are the reply", async () => {
		const { client, login } = await WireClient.member(gateway.url, "native");
		const request = { roomId: "conv123", clientMsgId: "c1", content: { kind: 1, text: "Hello" } };
		const bytes = Buffer.concat([chatRoutes.sendMessage.request.encode(request).finish(), UNKNOWN]);
		const reply = await client.ask({ ...chatRoutes.sendMessage, request: RAW }, { bytes });
		assert.equal(reply.code ?? 0, ErrorCode.OK, reply.error?.message ?? "");
		assert.deepEqual(Buffer.from(reply.body ?? []), sentBytes);
		const [{ bytes: received, metadata } = { bytes: Buffer.alloc(0), metadata: new grpc.Metadata() }] = asked.splice(0);
		assert.deepEqual(Buffer.from(received), bytes);
		assert.deepEqual(metadata.get("x-framegate-user"), [login.user?.id]);
		await client.close();
	});

	it("answers clients of an IM and over HTTP in their own forms", async () => {
		const { login } = await WireClient.member(gateway.url, "im-client");
		const token = login.tokens?.accessToken ?? "";
		const im = await ImClient.open(gateway.url, token);
		const ack = await im.ask("send-message", { conversation_id: "conv123", content: "Hi", client_msg_id: "c2" });
		assert.deepEqual(
			[ack.type, ack.data.state, ack.data.seq_id, ack.data.server_msg_id],
			["ack", "persisted", 7, "m1"],
		);
		await im.close();
		const content = { client_msg_id: "c3", content: { kind: "TEXT", text: "Hi" } };
		const { status, body } = await post(`${gateway.httpUrl}/api/v1/groups/conv123/messages`, content, token);
		assert.deepEqual([status, body.message_id, body.sequence], [200, "m1", 7]);
	});

	it("is not asked when a field rule is broken, nor who is online; and its faults are named", async () => {
		const { client } = await WireClient.member(gateway.url, "third");
		asked.length = 0;
		const empty = await client.ask(chatRoutes.sendMessage, { roomId: "conv123" });
		assert.equal(empty.code, ErrorCode.VALIDATION_FAILED);
		assert.equal((await client.ask(chatRoutes.presence, { userIds: [] })).code ?? 0, ErrorCode.OK);
		assert.deepEqual(asked, []);
		assert.equal((await client.ask(chatRoutes.listChatRooms, {})).code, ErrorCode.UPSTREAM_FAILED, "no such message");
		assert.equal((await client.ask(chatRoutes.getHistory, { roomId: "r" })).code, ErrorCode.UPSTREAM_FAILED);
		assert.equal((await client.ask(authRoutes.heartbeat, {})).code ?? 0, ErrorCode.OK);
		await client.close();
	});
});
