// Pages of a history of long messages, on a real gateway: each ends by its bytes, none is missing between them, and a client
// that asks for many of them at once is not closed for not having read them yet.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { ErrorCode } from "../../protocol/codes.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import {
	authRoutes,
	chatRoutes,
	Envelope,
	GetHistoryResponse,
	HistoryDirection,
	MessageKind,
} from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

/** As the protocol page states them; not taken from the code, which must keep to them. */
const PAGE_BYTES = 262_144;
const MAX_SENT_BYTES = 524_288;
const MESSAGES = 40;
const CONTENT = {
	kind: MessageKind.CUSTOM,
	customType: "t",
	text: "\u0002".repeat(9000),
	custom: new Uint8Array(32_768),
};
const PIPELINED = 60;

let gateway: GatewayProcess;
let writerClient: WireClient;
let roomId: string;

before(async () => {
	gateway = await startGateway({
		env: {
			...UNLIMITED,
			FRAMEGATE_RATES_USER_BYTES_PER_SECOND: "0",
			FRAMEGATE_RATES_USER_REPLY_BYTES_PER_SECOND: "0",
			FRAMEGATE_CHAT_USER_RATE_PER_SECOND: "0",
			FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "0",
		},
	});
	({ client: writerClient } = await WireClient.member(gateway.url, "writer"));
	const created = await writerClient.ask(chatRoutes.createChatRoom, { name: "long", isPublic: true });
	roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
	for (let number = 0; number < MESSAGES; number++) {
		const sent = await writerClient.ask(chatRoutes.sendMessage, {
			roomId,
			clientMsgId: `m${number}`,
			content: CONTENT,
		});
		assert.equal(sent.code ?? 0, ErrorCode.OK, sent.error?.message ?? "");
	}
});
after(async () => {
	await writerClient?.close();
	await gateway?.stop();
});

const forward = HistoryDirection.FORWARD;

describe("a history of long messages", () => {
	test("comes in pages of 256 KiB, without a gap", async () => {
		const sequences: number[] = [];
		for (let cursor = "", pages = 0; pages === 0 || cursor !== ""; pages++) {
			const reply = await writerClient.ask(chatRoutes.getHistory, { roomId, cursor, limit: 200, direction: forward });
			assert.equal(reply.code ?? 0, ErrorCode.OK);
			assert.ok((reply.body?.length ?? 0) <= PAGE_BYTES, `${reply.body?.length} bytes`);
			const page = GetHistoryResponse.decode(reply.body ?? new Uint8Array());
			sequences.push(...(page.messages ?? []).map(({ sequence }) => Number(sequence)));
			cursor = page.nextCursor ?? "";
		}
		assert.deepEqual(
			sequences,
			Array.from({ length: MESSAGES }, (_, index) => index + 1),
		);
	});

	test("comes in pages of 256 KiB of JSON to clients that speak it", async () => {
		const socket = new WebSocket(gateway.url, ["framegate.v1.json"]);
		const ask = (protocol: number, body: object) =>
			new Promise<{
				readonly bytes: number;
				readonly body: { nextCursor?: string; messages?: { sequence: string }[] };
			}>((resolve) => {
				socket.once("message", (data: Buffer) => resolve({ ...JSON.parse(data.toString()), bytes: data.length }));
				socket.send(JSON.stringify({ protocol, seq: 1, body }));
			});
		await new Promise((resolve) => socket.once("open", resolve));
		await ask(authRoutes.login.number, { username: "writer", password: PASSWORD });
		let [cursor, messages] = ["", 0];
		do {
			const page = await ask(chatRoutes.getHistory.number, { roomId, cursor, limit: 200 });
			assert.ok(page.bytes <= PAGE_BYTES, `${page.bytes} bytes`);
			messages += page.body.messages?.length ?? 0;
			cursor = page.body.nextCursor ?? "";
		} while (cursor !== "");
		assert.equal(messages, MESSAGES);
		socket.close();
	});

	test("is announced with the largest message that comes", async () => {
		const { session } = await writerClient.login("writer");
		assert.equal(session?.maxSentMessageBytes, MAX_SENT_BYTES);
	});

	test("may be asked for by many requests at once, by a client that reads them later", async () => {
		const socket = new WebSocket(gateway.url, ["framegate.v1"]);
		const writer = new EnvelopeWriter();
		const replies: Envelope[] = [];
		let closed = "";
		socket.on("close", (code, reason) => {
			closed = `${code} ${reason.toString()}`;
		});
		await new Promise((resolve) => socket.once("open", resolve));
		const login = { username: "writer", password: PASSWORD };
		socket.send(writer.request(authRoutes.login.number, 1, authRoutes.login.request, login, ""));
		await new Promise((resolve) => socket.once("message", resolve));
		socket.on("message", (data: Buffer) => {
			assert.ok(data.length <= MAX_SENT_BYTES, `${data.length} bytes`);
			replies.push(Envelope.decode(data));
		});
		socket.pause();
		for (let seq = 2; seq < 2 + PIPELINED; seq++) {
			const request = { roomId, limit: 200 };
			socket.send(writer.request(chatRoutes.getHistory.number, seq, chatRoutes.getHistory.request, request, ""));
		}
		// It holds requests back, or else drops what it has no room for.
		await until(
			async () =>
				(await count("framegate_requests_held_total")) + (await count("framegate_messages_dropped_total")) > 0,
		);
		socket.resume();
		await until(async () => replies.length === PIPELINED || closed !== "");
		assert.equal(closed, "");
		assert.deepEqual([...new Set(replies.map(({ code }) => code ?? 0))], [ErrorCode.OK]);
		socket.close();
	});
});

async function count(metric: string): Promise<number> {
	const metrics = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
	return Number(new RegExp(`^${metric} (\\d+)$`, "m").exec(metrics)?.[1] ?? 0);
}
