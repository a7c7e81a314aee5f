// Settings of chat, games and notifications reach the parts that they are about, in a real gateway.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	gameRoutes,
	MessageKind,
	type Notification,
	notificationRoutes,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { WireClient } from "../support/wire-client.ts";

let gateway: GatewayProcess;

before(async () => {
	gateway = await startGateway({
		env: {
			FRAMEGATE_CHAT_MAX_CONTENT_BYTES: "256",
			FRAMEGATE_CHAT_MAX_OWNED_ROOMS: "1",
			FRAMEGATE_CHAT_MAX_BLOCKED: "0",
			FRAMEGATE_GAMES_MAX_PLAYERS: "3",
			FRAMEGATE_NOTIFICATIONS_TEMPLATES: JSON.stringify({
				"chat.invited": { title: "Komm", text: "{room}: {inviter}" },
			}),
		},
	});
});
after(() => gateway.kill9());

test("limits of chat and games, and the texts of notifications", async () => {
	const { client: ann } = await WireClient.member(gateway.url, "ann");
	const { client: bob, login } = await WireClient.member(gateway.url, "bob");
	const bobId = login.user?.id ?? "";
	const made = await ann.ask(chatRoutes.createChatRoom, { name: "Tea", memberIds: [bobId] });
	const roomId = chatRoutes.createChatRoom.reply.decode(made.body ?? new Uint8Array()).room?.id ?? "";
	const content = { kind: MessageKind.TEXT, text: "x".repeat(300) };
	const tooLong = await ann.ask(chatRoutes.sendMessage, { roomId, clientMsgId: "1", content });
	assert.equal(tooLong.code, ErrorCode.PAYLOAD_TOO_LARGE);
	const another = await ann.ask(chatRoutes.createChatRoom, { name: "Coffee" });
	assert.equal(another.code, ErrorCode.PRECONDITION_FAILED);
	const blocked = await ann.ask(chatRoutes.presence, { blockUserIds: [bobId] });
	assert.equal(blocked.code, ErrorCode.PRECONDITION_FAILED);

	const settings = { name: "Settings", game: "relay", capacity: 4 };
	const room = await ann.ask(gameRoutes.createRoom, settings);
	assert.equal(room.code, ErrorCode.VALIDATION_FAILED);
	assert.equal((await ann.ask(gameRoutes.createRoom, { ...settings, capacity: 3 })).code ?? 0, ErrorCode.OK);

	const listed = await bob.ask(notificationRoutes.listNotifications, {});
	const { notifications = [] } = notificationRoutes.listNotifications.reply.decode(listed.body ?? new Uint8Array());
	const texts = notifications?.map(({ notification }) => textOf(notification));
	assert.deepEqual(texts, ["Komm | Tea: ann"]);
	assert.equal((await ann.ask(authRoutes.heartbeat, {})).code ?? 0, ErrorCode.OK);
});

function textOf(notification: Notification | null | undefined): string {
	return `${notification?.title} | ${notification?.text}`;
}
