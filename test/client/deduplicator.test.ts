// What a client hears twice is heard once, whatever offset it comes under the second time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deduplicator } from "../../client/channels/deduplicator.ts";
import { Subscriptions } from "../../client/channels/subscriptions.ts";
import type { PushContract } from "../../protocol/contract.ts";
import { type Envelope, pushes } from "../../protocol/gen/schema.ts";

const { messagePosted, chatRoomEvent, roomEvent, gameEvent } = pushes;

/** A client's subscriptions, with what their listeners heard. */
function listening() {
	const heard: string[] = [];
	const subscriptions = new Subscriptions((error) => assert.fail(String(error)));
	subscriptions.add(messagePosted, ({ message }) => {
		heard.push(`${message?.conversationId}${message?.sequence ?? 0}${message?.isRecalled ? " recalled" : ""}`);
	});
	const event = (kind: string) => (event: { roomId?: string; eventNumber?: number }) =>
		void heard.push(`${kind} ${event.roomId}${event.eventNumber ?? 0}`);
	subscriptions.add(roomEvent, event("room"));
	subscriptions.add(gameEvent, event("game"));
	subscriptions.add(chatRoomEvent, ({ roomId }) => heard.push(`chat ${roomId}`));
	let offset = 0;
	const push = <Properties>(contract: PushContract<unknown, Properties>, message: Properties, channel = "x"): void => {
		const body = contract.message.encode(message).finish();
		// Each under an offset of its own: no repeat as far as the channel goes.
		subscriptions.deliver({ protocol: contract.number, channel, offset: ++offset, epoch: "e", body } as Envelope);
	};
	return { heard, push, subscriptions };
}

test("a message comes once in its conversation, its recall in any case", () => {
	const { heard, push } = listening();
	const post = (conversationId: string, sequence: number, isRecalled = false) =>
		push(messagePosted, { message: { conversationId, sequence, isRecalled } });
	for (const sequence of [1, 2, 3, 2, 3, 4]) post("a", sequence);
	post("b", 1);
	post("a", 2, true);
	post("a", 2);
	post("a", 5);
	assert.deepEqual(heard, ["a1", "a2", "a3", "a4", "b1", "a2 recalled", "a5"]);
});

test("the events of a room come once, both kinds by one count", () => {
	const { heard, push } = listening();
	push(roomEvent, { roomId: "r", eventNumber: 1 });
	push(gameEvent, { roomId: "r", eventNumber: 2 });
	push(roomEvent, { roomId: "r", eventNumber: 1 });
	push(gameEvent, { roomId: "r", eventNumber: 2 });
	push(roomEvent, { roomId: "r", eventNumber: 3 });
	push(gameEvent, { roomId: "s", eventNumber: 1 });
	assert.deepEqual(heard, ["room r1", "game r2", "room r3", "game s1"]);
});

test("the events of a chat room come once by each channel that brings them", () => {
	const { heard, push } = listening();
	push(chatRoomEvent, { roomId: "c", eventNumber: 2 });
	push(chatRoomEvent, { roomId: "c", eventNumber: 2 });
	push(chatRoomEvent, { roomId: "c", eventNumber: 1 }, "user:me");
	push(chatRoomEvent, { roomId: "c", eventNumber: 4 });
	assert.deepEqual(heard, ["chat c", "chat c", "chat c"]);
});

test("what carries no number, and other pushes, come as often as they are sent", () => {
	const { heard, push } = listening();
	push(messagePosted, {});
	push(messagePosted, { message: { conversationId: "a" } });
	push(messagePosted, { message: { conversationId: "a" } });
	push(gameEvent, { roomId: "r" });
	push(gameEvent, { roomId: "r" });
	push(chatRoomEvent, { roomId: "c" });
	push(chatRoomEvent, { roomId: "c" });
	assert.deepEqual(heard, ["undefined0", "a0", "a0", "game r0", "game r0", "chat c", "chat c"]);
});

test("somebody else who signs in has heard nothing yet", () => {
	const { heard, push, subscriptions } = listening();
	push(gameEvent, { roomId: "r", eventNumber: 7 });
	subscriptions.forgetReceived();
	push(gameEvent, { roomId: "r", eventNumber: 7 });
	assert.deepEqual(heard, ["game r7", "game r7"]);
});

test("ten thousand conversations and rooms are remembered, those that were heard of last", () => {
	const repeats = new Deduplicator();
	const isRepeat = (roomId: string) => repeats.isDuplicate(gameEvent.number, { roomId, eventNumber: 1 }, "");
	for (let i = 0; i <= 10_000; i++) assert.equal(isRepeat(String(i)), false);
	assert.equal(isRepeat("1"), true);
	assert.equal(isRepeat("0"), false, "forgotten, and heard again");
	assert.equal(isRepeat("10000"), true);
});
