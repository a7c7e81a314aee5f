// Guests on a real gateway: what they have is theirs when they have joined an account.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	type Envelope,
	identityRoutes,
	type JoinAccountResponse,
	type LoginGuestResponse,
	MessageKind,
	pushes,
} from "../../protocol/gen/schema.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { get, post } from "../support/http-client.ts";
import { AUDIENCE, OidcProvider, providerKey } from "../support/oidc/provider.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { loginGuest, joinAccount } = identityRoutes;
const secret = () => randomBytes(24).toString("base64url");

function decoded<Reply>(reply: { decode(bytes: Uint8Array): Reply }, { code, error, body }: Envelope): Reply {
	assert.equal(code ?? 0, ErrorCode.OK, error?.message ?? "");
	return reply.decode(body ?? new Uint8Array());
}

async function enter(client: WireClient, deviceSecret: string): Promise<LoginGuestResponse> {
	return decoded(loginGuest.reply, await client.ask(loginGuest, { deviceSecret }));
}

describe("guests", () => {
	let gateway: GatewayProcess;
	let provider: OidcProvider;
	before(async () => {
		provider = await OidcProvider.start([await providerKey("k1")]);
		const issuer = { name: "company", issuer: provider.issuer, audience: [AUDIENCE] };
		gateway = await startGateway({
			env: {
				...UNLIMITED,
				FRAMEGATE_AUTH_GUESTS_ENABLED: "true",
				FRAMEGATE_AUTH_ATTEMPTS_GUEST_PER_IP_POINTS: "9",
				FRAMEGATE_AUTH_ISSUERS: JSON.stringify([issuer]),
			},
		});
	});
	after(async () => {
		await gateway.kill9();
		await provider.stop();
	});

	it("join without an Idempotency-Key: the reply has tokens, and would be kept", async () => {
		const url = (path: string) => `${gateway.httpUrl}/api/v1/auth/${path}`;
		const { body } = await post(url("guest"), { device_secret: secret() });
		const token = body.tokens.access_token as string;
		const account = { new_account: { username: "kept-tokens", password: PASSWORD } };
		const refused = await post(url("join"), account, token, { "idempotency-key": "k" });
		assert.deepEqual([refused.status, refused.body.code], [400, "BAD_REQUEST"]);
		assert.equal((await post(url("join"), account, token)).status, 200);
	});

	it("keep room, messages, session and connection when they join an account", async () => {
		const client = await WireClient.open(gateway.url);
		const own = secret();
		const { user, session, created } = await enter(client, own);
		assert.equal(created, true);
		assert.deepEqual(user?.roles, ["guest"]);
		const made = decoded(
			chatRoutes.createChatRoom.reply,
			await client.ask(chatRoutes.createChatRoom, { name: "guests' room", isPublic: true }),
		);
		const roomId = made.room?.id ?? "";
		const message = { roomId, clientMsgId: "m1", content: { kind: MessageKind.TEXT, text: "as a guest" } };
		decoded(chatRoutes.sendMessage.reply, await client.ask(chatRoutes.sendMessage, message));
		const newAccount = { username: "ada", password: PASSWORD, email: "ada@example.org" };
		const joined: JoinAccountResponse = decoded(joinAccount.reply, await client.ask(joinAccount, { newAccount }));
		assert.equal(joined.user?.id, user?.id);
		assert.deepEqual(joined.user?.roles, ["user"]);
		// The same connection, subscribed as before.
		const later = { ...message, clientMsgId: "m2", content: { kind: MessageKind.TEXT, text: "as ada" } };
		decoded(chatRoutes.sendMessage.reply, await client.ask(chatRoutes.sendMessage, later));
		const posted = client.pushes.filter(({ protocol }) => protocol === pushes.messagePosted.number);
		assert.ok(posted.length > 0, "messages of the room still come");
		// By name, elsewhere: the same room with the same messages.
		const elsewhere = await WireClient.open(gateway.url);
		const login = await elsewhere.login("ada");
		assert.equal(login.user?.id, user?.id);
		const history = decoded(chatRoutes.getHistory.reply, await elsewhere.ask(chatRoutes.getHistory, { roomId }));
		assert.deepEqual(
			history.messages?.map(({ clientMsgId }) => clientMsgId),
			["m2", "m1"],
		);
		assert.deepEqual(new Set(history.messages?.map(({ senderId }) => senderId)), new Set([user?.id]));
		const info = decoded(
			authRoutes.connect.reply,
			await client.ask(authRoutes.connect, { accessToken: joined.tokens?.accessToken ?? "" }),
		);
		assert.equal(info.session?.sessionId, session?.sessionId);
		const again = await client.ask(loginGuest, { deviceSecret: own });
		assert.equal(again.code, ErrorCode.PRECONDITION_FAILED);
		await Promise.all([client.close(), elsewhere.close()]);
	});

	it("join the account of an issuer, which has no user here yet", async () => {
		const client = await WireClient.open(gateway.url);
		const { user } = await enter(client, secret());
		const token = await provider.token({ sub: "u-1" });
		decoded(joinAccount.reply, await client.ask(joinAccount, { token }));
		const me = await get(`${gateway.httpUrl}/api/v1/me`, token);
		assert.deepEqual([me.status, me.body.user.id], [200, user?.id]);
		const { body } = await get(`${gateway.httpUrl}/api/v1/me/identities`, token);
		const kinds = (body.identities as { kind: string; subject: string }[]).map(({ kind }) => kind).toSorted();
		assert.deepEqual(kinds, ["ISSUER", "JOINED_DEVICE"]);
		const other = await WireClient.open(gateway.url);
		await enter(other, secret());
		assert.equal((await other.ask(joinAccount, { token })).code, ErrorCode.ALREADY_EXISTS);
		const stranger = await WireClient.open(gateway.url);
		const { tokens } = await enter(stranger, secret());
		const foreign = `${gateway.httpUrl}/api/v1/users/${user?.id}/identities`;
		assert.equal((await get(foreign, tokens?.accessToken ?? "")).status, 403);
		for (const one of [client, other, stranger]) await one.close();
	});

	it("log in over HTTP, too", async () => {
		const url = `${gateway.httpUrl}/api/v1/auth/guest`;
		const { status, body } = await post(url, { device_secret: secret(), nickname: "Grace" });
		assert.deepEqual([status, body.created, body.user.nickname], [200, true, "Grace"]);
		assert.equal((await get(`${gateway.httpUrl}/api/v1/me`, body.tokens.access_token)).body.user.id, body.user.id);
		const short = await post(url, { device_secret: "too short" });
		assert.equal(short.status, 422);
	});

	it("new guests of one address are bounded, and those that are there log in", async () => {
		const client = await WireClient.open(gateway.url);
		const own = secret();
		await enter(client, own);
		let refused: Envelope | undefined;
		for (let n = 0; n < 8 && refused === undefined; n++) {
			const reply = await client.ask(loginGuest, { deviceSecret: secret() });
			if (reply.code === ErrorCode.RATE_LIMITED) refused = reply;
		}
		assert.ok(Number(refused?.error?.retryAfterMs) > 0);
		const { created } = await enter(client, own);
		assert.equal(created, false);
		await client.close();
	});
});
