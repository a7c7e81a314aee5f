// The handlers of block 3xxx and of stored notifications, called as the pipeline calls them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import type { Call, Peer } from "../../../core/call.ts";
import { chatModule } from "../../../handlers/chat.ts";
import { notificationModule } from "../../../handlers/notification.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { RouteContract } from "../../../protocol/contract.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import {
	chatRoutes,
	DeliveryStage,
	HistoryDirection,
	MessageKind,
	notificationRoutes,
} from "../../../protocol/gen/schema.ts";
import { type ChatFixture, chatFixture } from "./fixture.ts";

let fixture: ChatFixture;

before(async () => {
	fixture = await chatFixture();
});
after(() => fixture.close());

function client(identity: Identity, rejection?: { readonly from: number; readonly error: Error }) {
	const subscribed = new Set<string>();
	const peer = {
		...{ id: 1, ip: "192.0.2.1", userAgent: "", encoding: "protobuf", identity, isOpen: true, takesPushes: true },
		subscribeChannel: async (channel: string) => {
			if (rejection !== undefined && subscribed.size >= rejection.from) throw rejection.error;
			subscribed.add(channel);
			return { offset: 7, epoch: "e", isRecovered: true };
		},
		unsubscribeChannel: (channel: string) => void subscribed.delete(channel),
	} as unknown as Peer;
	const call = async <Request, RequestProperties, Reply, ReplyProperties>(
		contract: RouteContract<Request, RequestProperties, Reply, ReplyProperties>,
		request: RequestProperties,
	): Promise<Reply> => {
		const routes = [...chatModule.routes, ...notificationModule.routes];
		const route = routes.find((candidate) => candidate.contract === contract);
		assert.ok(route);
		const context = { peer, contract, seq: 1, traceId: "", receivedAtMs: 0, identity: () => identity } as Call;
		// Encoded and decoded, as on the wire.
		const decoded = contract.request.decode(contract.request.encode(request).finish());
		const reply = (await route.handler(decoded, context, fixture.services as never)) as ReplyProperties;
		return contract.reply.decode(contract.reply.encode(reply).finish());
	};
	return { call, subscribed, userId: identity.userId };
}

test("every route has its handler", () => {
	for (const [module, routes] of [
		[chatModule, chatRoutes],
		[notificationModule, notificationRoutes],
	] as const) {
		assert.deepEqual(
			module.routes.map((route) => route.contract.number).sort(),
			Object.values(routes).map((route) => route.number),
		);
	}
});

test("two users talk in a room and in private", async () => {
	const alice = client(await fixture.user("alice"));
	const bob = client(await fixture.user("bob"));
	const { room } = await alice.call(chatRoutes.createChatRoom, { name: " Tea ", memberIds: [bob.userId] });
	const roomId = room?.id as string;
	assert.equal(room?.name, "Tea");
	const invitations = await bob.call(notificationRoutes.listNotifications, {});
	assert.deepEqual(
		[invitations.unread, invitations.notifications?.[0]?.notification?.data],
		[1, { roomId, inviterId: alice.userId }],
	);
	assert.equal((await bob.call(notificationRoutes.markNotificationsRead, { all: true })).marked, 1);

	const joined = await bob.call(chatRoutes.joinChatRoom, { roomId });
	assert.deepEqual([joined.channel, joined.offset, joined.epoch], [`chat:${roomId}`, 7, "e"]);
	assert.deepEqual([...bob.subscribed], [`chat:${roomId}`]);
	const content = { kind: MessageKind.TEXT, text: "hello" };
	const sent = await bob.call(chatRoutes.sendMessage, { roomId, clientMsgId: "1", content });
	assert.deepEqual([sent.sequence, sent.stage], [1, DeliveryStage.DELIVERED]);
	const history = await alice.call(chatRoutes.getHistory, { roomId, direction: HistoryDirection.FORWARD });
	assert.equal(history.messages?.[0]?.content?.text, "hello");
	assert.equal(history.messages?.[0]?.senderName, "bob");

	const whisper = await alice.call(chatRoutes.sendPrivateMessage, { userId: bob.userId, clientMsgId: "1", content });
	const conversationId = whisper.conversationId ?? "";
	assert.equal((await bob.call(chatRoutes.markRead, { conversationId, sequence: 1 })).unread ?? 0, 0);
	const { messages } = await bob.call(chatRoutes.getPrivateHistory, { userId: alice.userId });
	assert.equal(messages?.[0]?.id, whisper.messageId);
	await alice.call(chatRoutes.recallMessage, { messageId: whisper.messageId ?? "" });

	const again = client({ ...(await fixture.user("unused")), userId: bob.userId });
	const { conversations } = await again.call(chatRoutes.listConversations, {});
	assert.equal(conversations?.length, 2);
	assert.deepEqual([...again.subscribed], [`chat:${roomId}`], "private ones come to the inbox");
	assert.equal((await bob.call(chatRoutes.listChatRooms, { onlyMine: true })).rooms?.[0]?.memberCount, 2);
	assert.equal((await bob.call(chatRoutes.listChatMembers, { roomId })).members?.length, 2);
	await bob.call(chatRoutes.leaveChatRoom, { roomId });
	assert.deepEqual([...bob.subscribed], []);
});

test("subscribes to presence, but not of users that block the subscriber", async () => {
	const [carol, dave] = [client(await fixture.user("carol")), client(await fixture.user("dave"))];
	const { presence } = fixture.services;
	await presence.tick();
	presence.onOnline(dave.userId);
	await presence.settled();
	const seen = await carol.call(chatRoutes.presence, { userIds: [dave.userId] });
	assert.equal(seen.users?.[0]?.isOnline, true);
	assert.deepEqual([...carol.subscribed], [`presence:${dave.userId}`]);
	await dave.call(chatRoutes.presence, { blockUserIds: [carol.userId] });
	const other = client({ ...(await fixture.user("unused2")), userId: carol.userId });
	const hidden = await other.call(chatRoutes.presence, { userIds: [dave.userId] });
	assert.deepEqual([hidden.users?.[0]?.isOnline ?? false, hidden.users?.[0]?.lastSeenMs ?? 0], [false, 0]);
	assert.deepEqual([...other.subscribed], []);
});

test("names the channels that could not be subscribed, and still answers", async () => {
	const [eve, fay] = [await fixture.user("eve"), await fixture.user("fay")];
	const roomIds = [await fixture.room(eve), await fixture.room(eve)];
	const full = new GatewayError(ErrorCode.RATE_LIMITED, "more than 1 channels on one connection");
	const crowded = client(eve, { from: 1, error: full });
	const list = await crowded.call(chatRoutes.listConversations, {});
	assert.deepEqual(new Set(list.conversations?.map(({ id }) => id)), new Set(roomIds));
	const [position] = list.positions ?? [];
	assert.deepEqual([...crowded.subscribed], [position?.channel]);
	const channels = roomIds.map((id) => `chat:${id}`);
	assert.deepEqual(
		list.notFollowed,
		channels.filter((channel) => channel !== position?.channel),
	);

	const cutOff = client(eve, { from: 0, error: unavailable("Redis", 1000) });
	const seen = await cutOff.call(chatRoutes.presence, { userIds: [fay.userId] });
	assert.deepEqual([seen.users?.map(({ userId }) => userId), seen.positions ?? []], [[fay.userId], []]);
	assert.deepEqual(seen.notFollowed, [`presence:${fay.userId}`]);
	const created = await cutOff.call(chatRoutes.createChatRoom, { name: "Made all the same" });
	assert.deepEqual([created.room?.name, created.channel ?? ""], ["Made all the same", ""]);
	const joins = cutOff.call(chatRoutes.joinChatRoom, { roomId: created.room?.id ?? "" });
	await assert.rejects(joins, { code: ErrorCode.UNAVAILABLE }, "joining again is harmless, and tries again");

	const removed = client(eve, { from: 1, error: new GatewayError(ErrorCode.PERMISSION_DENIED, "not any more") });
	const left = await removed.call(chatRoutes.listConversations, {});
	assert.deepEqual([left.positions?.length, left.notFollowed ?? []], [1, []], "nothing that could be tried again");

	const broken = client(eve, { from: 0, error: new Error("a bug") });
	await assert.rejects(broken.call(chatRoutes.listConversations, {}), /a bug/);
});
