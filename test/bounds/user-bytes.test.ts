// What a user sends is bounded in bytes, on any route, connection and encoding: most of it is published, kept in
// the logs of channels, and stored.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import { chatRoutes, type Envelope, gameRoutes, MessageKind, notificationRoutes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";

const BURST = 100_000;
let gateway: GatewayProcess;

before(async () => {
	gateway = await startGateway({
		env: {
			FRAMEGATE_RATES_USER_BYTES_PER_SECOND: "1000",
			FRAMEGATE_RATES_USER_BYTES_BURST: String(BURST),
		},
	});
});
after(() => gateway.kill9());

const text = "x".repeat(16_000);
const content = { kind: MessageKind.TEXT, text };

/** Requests with a body of 16,000 bytes and more, whether they are granted or not. */
const large: Record<string, { contract: AnyRouteContract; request: (n: number, userId: string) => object }> = {
	"messages to a room": {
		contract: chatRoutes.sendMessage,
		request: (n) => ({ roomId: "none", clientMsgId: `${n}`, content }),
	},
	"private messages": {
		contract: chatRoutes.sendPrivateMessage,
		request: (n, userId) => ({ userId, clientMsgId: `${n}`, content }),
	},
	"actions in a game": {
		contract: gameRoutes.gameAction,
		request: () => ({ roomId: "none", payload: Buffer.from(text) }),
	},
	"rooms with metadata": {
		contract: gameRoutes.createRoom,
		request: (n) => ({
			name: `Room ${n}`,
			game: "relay",
			metadata: { a: text.slice(0, 8000), b: text.slice(0, 8000) },
		}),
	},
	"ids of notifications": {
		contract: notificationRoutes.markNotificationsRead,
		request: () => ({ ids: Array.from({ length: 200 }, () => "0".repeat(64)) }),
	},
};

let users = 0;

for (const [what, { contract, request }] of Object.entries(large)) {
	test(`${what}: refused beyond the bytes of a user, with a time to wait`, async () => {
		const { client: other, login } = await WireClient.member(gateway.url, `peer${users}`);
		const { client } = await WireClient.member(gateway.url, `sender${users++}`);
		let refused: Envelope | undefined;
		for (let n = 0; n < 20 && refused === undefined; n++) {
			const reply = await client.ask(contract, request(n, login.user?.id ?? "") as never);
			if (/too many bytes/.test(reply.error?.message ?? "")) refused = reply;
		}
		assert.equal(refused?.code, ErrorCode.RATE_LIMITED);
		assert.ok(Number(refused?.error?.retryAfterMs) > 1000);
		// What is small goes on.
		assert.equal((await client.ask(chatRoutes.listConversations, {})).code ?? 0, ErrorCode.OK);
		await Promise.all([client.close(), other.close()]);
	});
}
