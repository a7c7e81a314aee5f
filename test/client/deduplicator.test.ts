// A push that comes twice is delivered once, whatever its offset is the second time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deduplicator } from "../../client/channels/deduplicator.ts";
import { Subscriptions } from "../../client/channels/subscriptions.ts";
import type { PushContract } from "../../protocol/contract.ts";
import { type Envelope, pushes } from "../../protocol/gen/schema.ts";

const { messagePosted, chatRoomEvent, roomEvent, gameEvent } = pushes;

/** A client's subscriptions, with what their listeners received. */
function listening() {
	const received: string[] = [];
	const subscriptions = new Subscriptions((error) => assert.fail(String(error)));
	subscriptions.add(messagePosted, ({ message }) => {
		received.push(`${message?.conversationId}${message?.sequence ?? 0}${message?.isRecalled ? " recalled" : ""}`);
	});
	const event = (kind: string) => (event: { roomId?: string; eventNumber?: number }) =>
		void received.push(`${kind} ${event.roomId}${event.eventNumber ?? 0}`);
	subscriptions.add(roomEvent, event("room"));
	subscriptions.add(gameEvent, event("game"));
	subscriptions.add(chatRoomEvent, ({ roomId }) => received.push(`chat ${roomId}`));
	let offset = 0;
	const push = <Properties>(contract: PushContract<unknown, Properties>, message: Properties, channel = "x"): void => {
		const body = contract.message.encode(message).finish();
		// Each under an offset of its own: no duplicate by its position.
		subscriptions.deliver({ protocol: contract.number, channel, offset: ++offset, epoch: "e", body } as Envelope);
	};
	return { received, push, subscriptions };
}

test("delivers a message once in its conversation, and its recall in any case", () => {
	const { received, push } = listening();
	const post = (conversationId: string, sequence: number, isRecalled = false) =>
		push(messagePosted, { message: { conversationId, sequence, isRecalled } });
	for (const sequence of [1, 2, 3, 2, 3, 4]) post("a", sequence);
	post("b", 1);
	post("a", 2, true);
	post("a", 2);
	post("a", 5);
	assert.deepEqual(received, ["a1", "a2", "a3", "a4", "b1", "a2 recalled", "a5"]);
});

test("delivers the events of a room once, both kinds numbered together", () => {
	const { received, push } = listening();
	push(roomEvent, { roomId: "r", eventNumber: 1 });
	push(gameEvent, { roomId: "r", eventNumber: 2 });
	push(roomEvent, { roomId: "r", eventNumber: 1 });
	push(gameEvent, { roomId: "r", eventNumber: 2 });
	push(roomEvent, { roomId: "r", eventNumber: 3 });
	push(gameEvent, { roomId: "s", eventNumber: 1 });
	assert.deepEqual(received, ["room r1", "game r2", "room r3", "game s1"]);
});

test("delivers the events of a chat room once for each channel that brings them", () => {
	const { received, push } = listening();
	push(chatRoomEvent, { roomId: "c", eventNumber: 2 });
	push(chatRoomEvent, { roomId: "c", eventNumber: 2 });
	push(chatRoomEvent, { roomId: "c", eventNumber: 1 }, "user:me");
	push(chatRoomEvent, { roomId: "c", eventNumber: 4 });
	assert.deepEqual(received, ["chat c", "chat c", "chat c"]);
});

test("delivers pushes without a number as often as they are sent", () => {
	const { received, push } = listening();
	push(messagePosted, {});
	push(messagePosted, { message: { conversationId: "a" } });
	push(messagePosted, { message: { conversationId: "a" } });
	push(gameEvent, { roomId: "r" });
	push(gameEvent, { roomId: "r" });
	push(chatRoomEvent, { roomId: "c" });
	push(chatRoomEvent, { roomId: "c" });
	assert.deepEqual(received, ["undefined0", "a0", "a0", "game r0", "game r0", "chat c", "chat c"]);
});

test("delivers to another user who signs in what the user before received already", () => {
	const { received, push, subscriptions } = listening();
	push(gameEvent, { roomId: "r", eventNumber: 7 });
	subscriptions.forgetReceived();
	push(gameEvent, { roomId: "r", eventNumber: 7 });
	assert.deepEqual(received, ["game r7", "game r7"]);
});

test("remembers the last ten thousand conversations and rooms that received a push", () => {
	const deduplicator = new Deduplicator();
	const isDuplicate = (roomId: string) => deduplicator.isDuplicate(gameEvent.number, { roomId, eventNumber: 1 }, "");
	for (let i = 0; i <= 10_000; i++) assert.equal(isDuplicate(String(i)), false);
	assert.equal(isDuplicate("1"), true);
	assert.equal(isDuplicate("0"), false, "forgotten, and delivered again");
	assert.equal(isDuplicate("10000"), true);
});
