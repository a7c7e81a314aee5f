// What a user fetches is bounded in bytes, on any surface: a full page costs the database, the gateway and the network many times
// what an empty one does, for the same cost of its route.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { chatRoutes, MessageKind } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";

let gateway: GatewayProcess;
before(async () => {
	gateway = await startGateway({
		env: { FRAMEGATE_RATES_USER_REPLY_BYTES_PER_SECOND: "1000", FRAMEGATE_RATES_USER_REPLY_BYTES_BURST: "100000" },
	});
});
after(() => gateway.kill9());

interface Answer {
	readonly isLimited: boolean;
	readonly retryAfterMs: number;
}

interface Caller {
	history(roomId: string): Promise<Answer>;
	send(roomId: string, clientMsgId: string): Promise<boolean>;
}

const content = { kind: MessageKind.TEXT, text: "x".repeat(10_000) };

function overWebSocket(client: WireClient): Caller {
	return {
		history: async (roomId) => {
			const { code, error } = await client.ask(chatRoutes.getHistory, { roomId, limit: 100 });
			return { isLimited: code === ErrorCode.RATE_LIMITED, retryAfterMs: error?.retryAfterMs ?? 0 };
		},
		send: async (roomId, clientMsgId) => {
			const { code } = await client.ask(chatRoutes.sendMessage, { roomId, clientMsgId, content });
			return (code ?? ErrorCode.OK) === ErrorCode.OK;
		},
	};
}

function overHttp(token: string): Caller {
	const call = (method: string, body: object) =>
		fetch(`${gateway.url.replace(/^ws/, "http").replace(/\/ws$/, "")}/framegate.v1.ChatService/${method}`, {
			method: "POST",
			headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
			body: JSON.stringify(body),
		});
	return {
		history: async (roomId) => {
			const reply = await call("GetHistory", { roomId, limit: 100 });
			await reply.arrayBuffer();
			return { isLimited: reply.status === 429, retryAfterMs: Number(reply.headers.get("retry-after") ?? 0) * 1000 };
		},
		send: async (roomId, clientMsgId) =>
			(await call("SendMessage", { roomId, clientMsgId, content: { kind: "MESSAGE_KIND_TEXT", text: content.text } }))
				.ok,
	};
}

const surfaces: Record<string, (client: WireClient, token: string) => Caller> = {
	WebSocket: (client) => overWebSocket(client),
	HTTP: (_client, token) => overHttp(token),
};

describe("bytes of replies", () => {
	let users = 0;
	for (const [surface, caller] of Object.entries(surfaces)) {
		test(`${surface}: pages are refused beyond the bytes of a user, with a time to wait, and small replies are not`, async () => {
			const name = `reader${users++}`;
			const { client, login } = await WireClient.member(gateway.url, name);
			const again = await WireClient.open(gateway.url);
			await again.login(name, "second");
			const { history, send } = caller(client, login.tokens?.accessToken ?? "");
			const created = await client.ask(chatRoutes.createChatRoom, { name: "pages", isPublic: true });
			const roomId = chatRoutes.createChatRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
			for (let n = 0; n < 4; n++) assert.ok(await send(roomId, `${n}`));

			// 40,000 bytes each: the third one is the last that begins within 100,000.
			const answers: Answer[] = [];
			for (let n = 0; n < 4; n++) answers.push(await history(roomId));
			assert.deepEqual(
				answers.map(({ isLimited }) => isLimited),
				[false, false, false, true],
			);
			assert.ok((answers[3]?.retryAfterMs ?? 0) > 10_000, String(answers[3]?.retryAfterMs));
			// Another connection of the same user has no bytes of its own; others and what is small go on.
			assert.ok((await overWebSocket(again).history(roomId)).isLimited);
			assert.ok(await send(roomId, "4"));
			const { client: other } = await WireClient.member(gateway.url, `other${users}`);
			await other.ask(chatRoutes.joinChatRoom, { roomId });
			assert.ok(!(await overWebSocket(other).history(roomId)).isLimited);
			await Promise.all([client.close(), again.close(), other.close()]);
		});
	}
});
