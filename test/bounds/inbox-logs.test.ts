// Private messages and what happens to a user have separate logs: a flood of events about an offline user does not push out
// what somebody wrote to them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "../../client/index.ts";
import {
	authRoutes,
	type ChannelPosition,
	chatRoutes,
	MemberAction,
	MessageKind,
	pushes,
} from "../../protocol/gen/schema.ts";
import { network } from "../client/network.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const KEPT = 20;
let gateway: GatewayProcess;

before(async () => {
	gateway = await startGateway({
		env: {
			FRAMEGATE_CHANNELS_HISTORY_SIZE: String(KEPT),
			FRAMEGATE_CHAT_MEMBERSHIP_RATE_PER_SECOND: "0",
			FRAMEGATE_CHAT_INVITATION_RATE_PER_SECOND: "0",
			FRAMEGATE_CHAT_INVITED_RATE_PER_SECOND: "0",
			FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
			FRAMEGATE_RATES_USER_PER_SECOND: "0",
		},
	});
});
after(() => gateway.kill9());

/** Writes to a member of an own room, then lets one event after another happen to that member. */
async function writeAndFlood(owner: WireClient, roomId: string, userId: string, text: string): Promise<void> {
	const content = { kind: MessageKind.TEXT, text };
	const sent = await owner.ask(chatRoutes.sendPrivateMessage, { userId, clientMsgId: text, content });
	assert.equal(sent.code ?? 0, 0);
	for (let n = 0; n < 2 * KEPT; n++) {
		const invited = { roomId, userId, action: n % 2 === 0 ? MemberAction.INVITE : MemberAction.KICK };
		assert.equal((await owner.ask(chatRoutes.leaveChatRoom, invited)).code ?? 0, 0);
	}
}

async function roomOf(owner: WireClient): Promise<string> {
	const made = await owner.ask(chatRoutes.createChatRoom, { name: "Flood" });
	return chatRoutes.createChatRoom.reply.decode(made.body ?? new Uint8Array()).room?.id ?? "";
}

test("a message is recovered, whatever happened since; that events were lost is said", async () => {
	const { client: away, login } = await WireClient.member(gateway.url, "away");
	const { client: owner } = await WireClient.member(gateway.url, "owner");
	const userId = login.user?.id ?? "";
	const positions = (login.positions ?? []) as ChannelPosition[];
	assert.deepEqual(
		positions.map(({ channel }) => channel),
		[`user:${userId}`, `events:${userId}`],
	);
	await away.close();
	await writeAndFlood(owner, await roomOf(owner), userId, "hello");
	const back = await WireClient.open(gateway.url);
	const reply = await back.ask(authRoutes.connect, { accessToken: login.tokens?.accessToken ?? "", positions });
	const { recoveries } = authRoutes.connect.reply.decode(reply.body ?? new Uint8Array());
	assert.deepEqual(
		recoveries?.map(({ channel, recovered }) => [channel, recovered ?? false]),
		[
			[`events:${userId}`, false],
			[`user:${userId}`, true],
		],
	);
	const [posted] = back.pushes.filter(({ protocol }) => protocol === pushes.messagePosted.number);
	assert.equal(posted?.channel, `user:${userId}`);
	await Promise.all([back.close(), owner.close()]);
});

test("the client takes up both channels after a reconnect, each with its own result", async () => {
	const wire = network();
	const { client: owner } = await WireClient.member(gateway.url, "writer");
	await WireClient.member(gateway.url, "reader").then(({ client }) => client.close());
	const reader = createClient({ url: gateway.url, WebSocket: wire.WebSocket, backoff: { minMs: 5, maxMs: 20 } });
	await reader.connect();
	await reader.login({ username: "reader", password: PASSWORD, deviceId: "phone" });
	const userId = reader.user?.id ?? "";
	const texts: string[] = [];
	const results = new Map<string, boolean>();
	let events = 0;
	reader.on(pushes.messagePosted, ({ message }) => texts.push(message?.content?.text ?? ""));
	reader.on(pushes.chatRoomEvent, () => events++);
	reader.onRecovery(({ channel, recovered }) => results.set(channel.split(":")[0] ?? "", recovered));
	const roomId = await roomOf(owner);

	wire.cut();
	const content = { kind: MessageKind.TEXT, text: "first" };
	await owner.ask(chatRoutes.sendPrivateMessage, { userId, clientMsgId: "first", content });
	await owner.ask(chatRoutes.leaveChatRoom, { roomId, userId, action: MemberAction.INVITE });
	wire.mend();
	await until(() => results.size === 2);
	assert.deepEqual(Object.fromEntries(results), { user: true, events: true });
	assert.deepEqual([texts, events], [["first"], 1]);

	results.clear();
	wire.cut();
	await owner.ask(chatRoutes.leaveChatRoom, { roomId, userId, action: MemberAction.KICK });
	await writeAndFlood(owner, roomId, userId, "second");
	wire.mend();
	await until(() => results.size === 2);
	assert.deepEqual(Object.fromEntries(results), { user: true, events: false });
	assert.deepEqual(texts, ["first", "second"]);
	reader.close();
	await owner.close();
});
