// Channels, rooms and chat of the client against a scripted gateway.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Client, createClient, ErrorCode, GatewayError, type Recovery } from "../../client/index.ts";
import { chatRoutes, gameRoutes, MessageKind, pushes, RoomAction, RoomEvent_Kind } from "../../protocol/gen/schema.ts";
import { FakeGateway } from "./fake-gateway.ts";

let gateway: FakeGateway;
let client: Client;
const faults: unknown[] = [];

beforeEach(async () => {
	gateway = await FakeGateway.start();
	gateway.servesSessions();
	faults.length = 0;
	client = createClient({
		url: gateway.url,
		backoff: { minMs: 2, maxMs: 5 },
		onError: (error) => faults.push(error),
	});
	await client.login({ username: "ann", password: "x" });
});

afterEach(async () => {
	client.close();
	await gateway.stop();
	assert.deepEqual(faults, []);
});

const nextRecovery = (listen: (listener: (recovery: Recovery) => void) => () => void): Promise<Recovery> =>
	new Promise((resolve) => {
		const off = listen((recovery) => {
			off();
			resolve(recovery);
		});
	});

function servesRoom(): void {
	gateway.on(gameRoutes.joinRoom, (request) => ({
		room: { id: request.roomId },
		channel: `room:${request.roomId}`,
		offset: 10,
		epoch: "e1",
	}));
}

test("subscribes to a joined room again after a reconnect, and a channel shows its state", async () => {
	servesRoom();
	const channel = client.channel("room:7");
	assert.deepEqual([channel.state, channel.position], ["idle", undefined]);
	await client.rooms.join({ roomId: "7" });
	assert.deepEqual([channel.state, channel.position], ["live", { offset: 10, epoch: "e1" }]);
	const recoveries = [
		nextRecovery((listener) => client.rooms.onRecovery("7", listener)),
		nextRecovery((listener) => channel.onRecovery(listener)),
		nextRecovery((listener) => client.onRecovery(listener)),
	];
	const presented = { channel: "room:7", offset: 10, epoch: "e1" };
	gateway.recoversChannels({ "room:7": { ...presented, recovered: true } });
	gateway.socket.terminate();
	for (const recovery of recoveries) assert.deepEqual(await recovery, { ...presented, recovered: true });
	assert.deepEqual(gateway.presented(), [presented]);
	assert.equal(channel.state, "live");
});

test("does not subscribe again to a room that was left", async () => {
	servesRoom();
	gateway.on(gameRoutes.leaveRoom, () => ({}));
	await client.rooms.join({ roomId: "7" });
	await client.rooms.leave({ roomId: "7" });
	assert.equal(client.channel("room:7").state, "idle");
});

test("ChannelReset moves the position and notifies listeners", async () => {
	servesRoom();
	await client.rooms.join({ roomId: "7" });
	const recovery = nextRecovery((listener) => client.rooms.onRecovery("7", listener));
	gateway.push(pushes.channelReset, { channel: "room:7", offset: 3, epoch: "e2" });
	assert.deepEqual(await recovery, { channel: "room:7", recovered: false, offset: 3, epoch: "e2" });
	assert.deepEqual(client.channel("room:7").position, { offset: 3, epoch: "e2" });
});

test("delivers events once to the listeners of their room, channel and kind", async () => {
	servesRoom();
	await client.rooms.join({ roomId: "7" });
	const received: string[] = [];
	client.rooms.on("7", pushes.roomEvent, (event) => received.push(`event ${event.kind}`));
	client.rooms.on("7", pushes.gameEvent, (event) => received.push(`action ${event.actionNumber}`));
	const off = client.rooms.on("8", pushes.gameEvent, () => received.push("another room"));
	client.channel("room:7").on(pushes.gameEvent, (_event, info) => received.push(`channel ${info.offset}`));
	const at = (offset: number) => ({ channel: "room:7", offset, epoch: "e1" });
	gateway.push(pushes.roomEvent, { roomId: "7", kind: RoomEvent_Kind.STARTED }, at(11));
	gateway.push(pushes.gameEvent, { roomId: "7", actionNumber: 1 }, at(12));
	gateway.push(pushes.gameEvent, { roomId: "7", actionNumber: 1 }, at(12));
	const last = new Promise((resolve) => client.rooms.on("9", pushes.gameEvent, resolve));
	gateway.push(pushes.gameEvent, { roomId: "9" }, { channel: "room:9", offset: 1, epoch: "e" });
	await last;
	assert.deepEqual(received, [`event ${RoomEvent_Kind.STARTED}`, "action 1", "channel 12"]);
	off();
	assert.throws(() => client.rooms.on("7", pushes.notification as never, () => {}), /not an event of rooms/);
});

test("an action carries an id of its own and is repeated with it after a retryable error", async () => {
	gateway.on(gameRoutes.gameAction, () => {
		if (gateway.named("game.gameAction").length === 1)
			throw new GatewayError(ErrorCode.UNAVAILABLE, "the room is moving");
		return { actionNumber: 4 };
	});
	const reply = await client.rooms.action({ roomId: "7", action: RoomAction.READY });
	assert.equal(reply.actionNumber, 4);
	const [first, second] = gateway.named("game.gameAction").map((arrival) => arrival.body["clientActionId"]);
	assert.match(String(first), /^[0-9a-f]{32}$/);
	assert.equal(first, second);
});

test("sends a message again under one id after a retryable error or a lost connection only", async () => {
	const sent = () => gateway.named("chat.sendMessage");
	gateway.on(chatRoutes.sendMessage, (_request, socket) => {
		if (sent().length === 1) throw new GatewayError(ErrorCode.RATE_LIMITED, "slowly", { retryAfterMs: 3 });
		if (sent().length === 2) {
			socket.terminate();
			return undefined;
		}
		return { messageId: "m1", sequence: 9 };
	});
	const reply = await client.chat.send("r1", "hello", { replyToId: "m0" });
	assert.equal(reply.sequence, 9);
	assert.equal(new Set(sent().map((arrival) => arrival.body["clientMsgId"])).size, 1);
	assert.equal(sent().length, 3);
	const body = sent()[0]?.body as { content: { kind: number; text: string }; replyToId: string };
	assert.deepEqual([body.content.kind, body.content.text, body.replyToId], [MessageKind.TEXT, "hello", "m0"]);

	gateway.on(chatRoutes.sendMessage, () => {
		throw new GatewayError(ErrorCode.PERMISSION_DENIED, "muted");
	});
	await assert.rejects(client.chat.send("r1", "x", { clientMsgId: "mine" }), { code: ErrorCode.PERMISSION_DENIED });
	assert.deepEqual(
		sent()
			.slice(3)
			.map((arrival) => arrival.body["clientMsgId"]),
		["mine"],
	);
});

test("stops repeating at the deadline, the signal, and the end of the client", async () => {
	gateway.on(chatRoutes.sendPrivateMessage, () => {
		throw new GatewayError(ErrorCode.UNAVAILABLE, "down", { retryAfterMs: 60_000 });
	});
	const code = ErrorCode.UNAVAILABLE;
	await assert.rejects(client.chat.sendPrivate("u2", "x", { timeoutMs: 20 }), { code });
	assert.equal(gateway.named("chat.sendPrivateMessage").length, 1);
	const aborter = new AbortController();
	const aborted = client.chat.sendPrivate("u2", "x", { timeoutMs: 100_000, signal: aborter.signal });
	await gateway.until(() => gateway.named("chat.sendPrivateMessage").length === 2);
	aborter.abort(new Error("never mind"));
	await assert.rejects(aborted, /never mind/);
	gateway.on(chatRoutes.sendPrivateMessage, () => undefined);
	const closed = assert.rejects(client.chat.sendPrivate("u2", "x"), { code });
	await gateway.until(() => gateway.named("chat.sendPrivateMessage").length === 3);
	client.close();
	await closed;
});

test("fetches history page by page, in both directions, as it is read", async () => {
	const pages = [{ messages: [{ id: "3" }, { id: "2" }], nextCursor: "c1" }, { messages: [{ id: "1" }] }];
	gateway.on(chatRoutes.getHistory, (request) => (request.cursor ? pages[1] : pages[0]));
	const read: (string | undefined)[] = [];
	for await (const message of client.chat.history("r1", { fromSequence: 4, pageSize: 2 })) {
		read.push(message.id);
		if (message.id === "3") assert.equal(gateway.named("chat.getHistory").length, 1);
	}
	assert.deepEqual(read, ["3", "2", "1"]);
	const asked = gateway
		.named("chat.getHistory")
		.map(({ body }) => [body["cursor"], body["limit"], body["fromSequence"]]);
	assert.deepEqual(asked, [
		["", 2, 4],
		["c1", 2, 0],
	]);
	await client.chat.history("r1", { direction: "forward" }).next();
	assert.equal(gateway.named("chat.getHistory")[2]?.body["direction"], 1);
	gateway.on(chatRoutes.listConversations, () => ({ nextCursor: "same" }));
	await assert.rejects(client.chat.conversations().next(), /same cursor twice/);
});

test("delivers messages, room events, read marks and presence to the right listeners", async () => {
	const received: string[] = [];
	client.chat.on("c1", pushes.messagePosted, ({ message }) => received.push(`message ${message?.id}`));
	client.chat.on("c1", pushes.chatRoomEvent, (event) => received.push(`event ${event.byUserId}`));
	client.chat.on("c1", pushes.readReceipt, (receipt) => received.push(`read ${receipt.sequence}`));
	client.chat.onPresence("u2", ({ user }) => received.push(`online ${user?.isOnline}`));
	for (const id of ["c2", "c1"]) {
		gateway.push(pushes.messagePosted, { message: { id: "m", conversationId: id } });
		gateway.push(pushes.chatRoomEvent, { roomId: id, byUserId: "u3" });
		gateway.push(pushes.readReceipt, { conversationId: id, sequence: 5 });
	}
	gateway.push(pushes.presenceChanged, { user: { userId: "u3", isOnline: true } });
	const last = new Promise<void>((resolve) => client.chat.onPresence("u2", () => resolve()));
	gateway.push(pushes.presenceChanged, { user: { userId: "u2", isOnline: true } });
	await last;
	assert.deepEqual(received, ["message m", "event u3", "read 5", "online true"]);
});
