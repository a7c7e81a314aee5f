// What messages may be, who may send, read and recall them, and what is said otherwise.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { GatewayError } from "../../../protocol/error.ts";
import { MemberAction, type MessageContentProperties, MessageKind } from "../../../protocol/gen/schema.ts";
import { privateConversationId } from "../../../services/chat/wire.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft, range, wholeHistory } from "./fixture.ts";

let fixture: ChatFixture;
let alice: Identity;
let bob: Identity;
let eve: Identity;
let roomId: string;

before(async () => {
	fixture = await chatFixture();
	[alice, bob, eve] = [await fixture.user("alice"), await fixture.user("bob"), await fixture.user("eve")];
});
beforeEach(async () => {
	roomId = await fixture.room(alice, bob);
});
after(() => fixture.close());

const send = (sender: Identity, text: string, clientMsgId?: string) =>
	fixture.services.messages.sendToRoom(sender, roomId, draft(text, clientMsgId));

const act = (actor: Identity, action: MemberAction, target: Identity, muteMs = 0) =>
	fixture.services.rooms.act(actor, { roomId, action, userId: target.userId, muteMs });

describe("sending is refused", () => {
	const denied = { code: ErrorCode.PERMISSION_DENIED };

	test("to non-members, with the same error whether the room exists or not", async () => {
		const there = await rejectionOf(send(eve, "hi"));
		const nowhere = await rejectionOf(fixture.services.messages.sendToRoom(eve, "no-such-room", draft("hi")));
		assert.deepEqual(there, nowhere);
		assert.equal((there as { code: number }).code, ErrorCode.PERMISSION_DENIED);
	});

	test("to the invited, until they join", async () => {
		await act(alice, MemberAction.INVITE, eve);
		await assert.rejects(send(eve, "hi"), denied);
		await fixture.services.rooms.join(eve, roomId);
		assert.equal((await send(eve, "hi")).message.sequence, 1);
	});

	test("to the banned", async () => {
		await act(alice, MemberAction.BAN, bob);
		await assert.rejects(send(bob, "hi"), { ...denied, message: "banned from this room" });
	});

	test("to muted senders, with retryAfterMs, until the mute ends", async () => {
		await act(alice, MemberAction.MUTE, bob, 5000);
		await fixture.pass(1000);
		await assert.rejects(send(bob, "hi"), (error: GatewayError) => {
			assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 4000, `${error.retryAfterMs} ms`);
			return error.code === denied.code;
		});
		await fixture.pass(4000);
		assert.equal((await send(bob, "hi")).message.sequence, 1);
		await act(alice, MemberAction.MUTE, bob, 5000);
		await act(alice, MemberAction.UNMUTE, bob);
		assert.equal((await send(bob, "hi")).message.sequence, 2);
	});

	test("to a sender that the recipient has blocked, until unblocked", async () => {
		const { blocks, messages } = fixture.services;
		await blocks.change(bob.userId, [eve.userId], []);
		await assert.rejects(messages.sendToUser(eve, bob.userId, draft("hi")), denied);
		assert.deepEqual(
			(await fixture.services.history.conversations(bob, "", 0)).conversations.filter((c) => c.peerId),
			[],
		);
		await messages.sendToUser(bob, eve.userId, draft("the one who blocks may write"));
		await blocks.change(bob.userId, [], [eve.userId]);
		await messages.sendToUser(eve, bob.userId, draft("hi"));
	});

	test("to oneself and to nobody", async () => {
		const { messages } = fixture.services;
		await assert.rejects(messages.sendToUser(eve, eve.userId, draft("hi")), { code: ErrorCode.VALIDATION_FAILED });
		await assert.rejects(messages.sendToUser(eve, "nobody", draft("hi")), { code: ErrorCode.NOT_FOUND });
	});

	test("into others' private conversation by its id", async () => {
		const { messages, history } = fixture.services;
		const { message } = await messages.sendToUser(alice, bob.userId, draft("between us"));
		const id = message.conversationId;
		await assert.rejects(async () => messages.sendToRoom(eve, id, draft("x")), denied);
		await assert.rejects(history.ofRoom(eve, id, wholeHistory), denied);
		const unknown = privateConversationId(eve.userId, "nobody");
		await assert.rejects(async () => messages.sendToRoom(eve, unknown, draft("x")), denied);
		await assert.rejects(history.ofRoom(eve, unknown, wholeHistory), denied);
		const answer = await messages.sendToRoom(bob, id, draft("between us, too"));
		assert.equal(answer.message.sequence, message.sequence + 1);
		assert.equal((await history.ofRoom(alice, id, wholeHistory)).messages.at(-1)?.id, answer.message.id);
		await assert.rejects(history.markRead(eve, id, 1), denied);
		await assert.rejects(messages.recall(eve, message.id), { code: ErrorCode.NOT_FOUND });
	});
});

test("the sender is the logged-in user, whatever the content says", async () => {
	const { message } = await send(bob, "I am alice");
	assert.equal(message.senderId, bob.userId);
	assert.equal(message.senderName, "bob");
});

describe("content", () => {
	const refused: [string, MessageContentProperties, string][] = [
		["no kind", { text: "x" }, "content.kind"],
		["blank text", { kind: MessageKind.TEXT, text: " \n" }, "content.text"],
		["text with a url", { kind: MessageKind.TEXT, text: "x", url: "https://x.org" }, "content.url"],
		["text with bytes", { kind: MessageKind.TEXT, text: "x", custom: new Uint8Array(1) }, "content.custom"],
		["image without url", { kind: MessageKind.IMAGE, text: "x" }, "content.url"],
		["script as a link", { kind: MessageKind.LINK, url: "javascript:alert(1)" }, "content.url"],
		["no url at all", { kind: MessageKind.LINK, url: "hello" }, "content.url"],
		["wrong type", { kind: MessageKind.FILE, url: "https://x.org/a", mimeType: "text" }, "content.mime_type"],
		["custom without type", { kind: MessageKind.CUSTOM, custom: new Uint8Array(1) }, "content.custom_type"],
	];
	for (const [what, content, field] of refused) {
		test(`${what} is rejected with the field name`, async () => {
			const rejection = await rejectionOf(
				fixture.services.messages.sendToRoom(alice, roomId, { clientMsgId: "c", content, replyToId: "" }),
			);
			const { code, violations } = rejection as { code: number; violations: { field: string }[] };
			assert.equal(code, ErrorCode.VALIDATION_FAILED);
			assert.equal(violations[0]?.field, field);
		});
	}

	test("of every kind comes back as it was", async () => {
		const contents: MessageContentProperties[] = [
			{ kind: MessageKind.TEXT, text: "héllo 👋" },
			{ kind: MessageKind.IMAGE, url: "https://x.org/a.png", mimeType: "image/png", text: "caption" },
			{ kind: MessageKind.FILE, url: "https://x.org/a.pdf", fileName: "a.pdf", fileBytes: 123_456_789_012 },
			{ kind: MessageKind.LINK, url: "https://x.org" },
			{ kind: MessageKind.CUSTOM, customType: "app/dice", custom: new Uint8Array([0, 255, 7]) },
		];
		for (const [n, content] of contents.entries()) {
			await fixture.services.messages.sendToRoom(alice, roomId, { clientMsgId: `${n}`, content, replyToId: "" });
		}
		const posted = fixture.publisher
			.on(`chat:${roomId}`, "MessagePosted")
			.map((pushed) => pushed.message.message.content);
		for (const [n, content] of contents.entries()) {
			for (const [key, value] of Object.entries(content)) {
				const got = posted[n][key];
				assert.deepEqual(got instanceof Uint8Array ? [...got] : got, value instanceof Uint8Array ? [...value] : value);
			}
		}
	});

	test("larger than the limit is rejected as too large", async () => {
		const content = {
			kind: MessageKind.CUSTOM,
			customType: "x",
			text: "ÿ".repeat(10_000),
			custom: new Uint8Array(32_768),
		};
		await assert.rejects(
			fixture.services.messages.sendToRoom(alice, roomId, { clientMsgId: "c", content, replyToId: "" }),
			{ code: ErrorCode.PAYLOAD_TOO_LARGE },
		);
	});
});

describe("recall", () => {
	test("by the sender in time; content is gone, the place stays, a repeat is harmless", async () => {
		const { messages, history } = fixture.services;
		const { message } = await send(bob, "oops", "r1");
		await messages.recall(bob, message.id);
		await messages.recall(bob, message.id);
		const [stored] = (await history.ofRoom(alice, roomId, wholeHistory)).messages;
		assert.equal(stored?.content.length, 0);
		assert.equal(stored?.recalledAtMs, fixture.clock.now());
		const last = fixture.publisher.on(`chat:${roomId}`, "MessagePosted").at(-1)?.message.message;
		assert.equal(last.isRecalled, true);
		assert.equal(last.content, undefined);
		assert.equal((await send(bob, "oops", "r1")).message.id, message.id, "a retry is still the same message");
		assert.equal((await send(bob, "next")).message.sequence, 2);
	});

	test("of a message that is not published yet leaves nothing of it to publish", async () => {
		const { publisher, services } = fixture;
		const { pause } = publisher;
		let go: () => void = () => {};
		const held = new Promise<void>((resolve) => {
			go = resolve;
		});
		let waiting = 0;
		publisher.pause = () => {
			waiting++;
			return held;
		};
		const first = send(bob, "first");
		const second = send(bob, "second", "hasty");
		const committed = async () => (await services.history.ofRoom(bob, roomId, wholeHistory)).messages.at(1);
		await until(async () => (await committed()) !== undefined);
		const recall = services.messages.recall(bob, (await committed())?.id ?? "");
		// The first message, and the recall.
		await until(() => waiting === 2);
		go();
		await Promise.all([first, second, recall]);
		publisher.pause = pause;
		const published = publisher.on(`chat:${roomId}`, "MessagePosted").map((pushed) => pushed.message.message);
		assert.ok(published.some(({ sequence }) => sequence === 2));
		assert.ok(
			published.every(({ sequence, isRecalled, content }) => sequence === 1 || (isRecalled && content === undefined)),
		);
	});

	test("not by the sender when it is too late, and by an admin at any time", async () => {
		const { messages } = fixture.services;
		const { message } = await send(bob, "old");
		fixture.clock.advance(120_001);
		await assert.rejects(messages.recall(bob, message.id), { code: ErrorCode.PRECONDITION_FAILED });
		await messages.recall(alice, message.id);
	});

	test("not by other members, and not known to strangers", async () => {
		const { messages } = fixture.services;
		const { message } = await send(alice, "mine");
		await assert.rejects(messages.recall(bob, message.id), { code: ErrorCode.PERMISSION_DENIED });
		await assert.rejects(messages.recall(eve, message.id), { code: ErrorCode.NOT_FOUND });
		await assert.rejects(messages.recall(bob, "nothing"), { code: ErrorCode.NOT_FOUND });
	});
});

describe("history", () => {
	const read = (forward: boolean, cursor = "", fromSequence = 0) =>
		fixture.services.history.ofRoom(bob, roomId, { forward, cursor, fromSequence, limit: 3 });

	test("comes in pages both ways, without gaps or repeats", async () => {
		for (const n of range(1, 8)) await send(alice, `m${n}`);
		for (const forward of [true, false]) {
			const seen: number[] = [];
			let cursor = "";
			do {
				const page = await read(forward, cursor);
				seen.push(...page.messages.map((message) => message.sequence));
				cursor = page.nextCursor;
			} while (cursor !== "");
			assert.deepEqual(seen, forward ? range(1, 8) : range(1, 8).reverse());
		}
		// A cursor is a place: from there one can go either way.
		const newest = await read(false);
		const onwards = await read(true, newest.nextCursor);
		assert.deepEqual(
			onwards.messages.map((message) => message.sequence),
			[6, 7, 8],
		);
		const since = await read(true, "", 6);
		assert.deepEqual(
			since.messages.map((message) => message.sequence),
			[7, 8],
		);
		assert.equal(since.nextCursor, "");
		assert.deepEqual(
			(await read(false, "", 3)).messages.map((message) => message.sequence),
			[2, 1],
		);
	});

	test("is for members only", async () => {
		await assert.rejects(fixture.services.history.ofRoom(eve, roomId, wholeHistory), {
			code: ErrorCode.PERMISSION_DENIED,
		});
		await act(alice, MemberAction.BAN, bob);
		await assert.rejects(read(true), { code: ErrorCode.PERMISSION_DENIED, message: "banned from this room" });
	});

	test("refuses a cursor of another conversation, and what is no cursor", async () => {
		for (const n of range(1, 5)) await send(alice, `m${n}`);
		const { nextCursor } = await read(true);
		assert.notEqual(nextCursor, "");
		const other = await fixture.room(alice, bob);
		const { history } = fixture.services;
		for (const cursor of [nextCursor, "x", Buffer.from(`1\nhistory:${other}\n-1`).toString("base64url")]) {
			await assert.rejects(history.ofRoom(bob, other, { ...wholeHistory, cursor }), {
				code: ErrorCode.VALIDATION_FAILED,
			});
		}
		await assert.rejects(history.ofUser(bob, alice.userId, { ...wholeHistory, cursor: nextCursor }), {
			code: ErrorCode.VALIDATION_FAILED,
		});
	});
});

describe("read marks", () => {
	test("count what is unread, never go back, and are published", async () => {
		const { history } = fixture.services;
		for (const n of range(1, 4)) await send(alice, `m${n}`);
		const unread = async (who: Identity) => {
			const { conversations } = await history.conversations(who, "", 0);
			return conversations.find((entry) => entry.conversation.id === roomId)?.unread;
		};
		assert.equal(await unread(bob), 4);
		assert.equal(await unread(alice), 0, "who writes has read");
		assert.equal(await history.markRead(bob, roomId, 3), 1);
		assert.equal(await history.markRead(bob, roomId, 1), 1);
		assert.equal(await unread(bob), 1);
		assert.equal(await history.markRead(bob, roomId, 99), 0);
		const receipts = fixture.publisher.on(`chat:${roomId}`, "ReadReceipt").map((pushed) => pushed.message);
		assert.deepEqual(
			receipts.map(({ userId, sequence }) => [userId, sequence]),
			[
				[bob.userId, 3],
				[bob.userId, 4],
			],
		);
		await assert.rejects(history.markRead(eve, roomId, 1), { code: ErrorCode.PERMISSION_DENIED });
	});

	test("of a private conversation reach the other", async () => {
		const { messages, history } = fixture.services;
		const [one, other] = [await fixture.user("one"), await fixture.user("other")];
		await messages.sendToUser(one, other.userId, draft("hi"));
		await history.markRead(other, privateConversationId(one.userId, other.userId), 1);
		const [receipt] = fixture.publisher.on(`events:${one.userId}`, "ReadReceipt");
		assert.equal(receipt?.message.userId, other.userId);
	});
});

test("conversations are listed latest first, with the last message and the other's name", async () => {
	const { messages, history } = fixture.services;
	const me = await fixture.user("me");
	const rooms: string[] = [];
	for (const n of range(1, 5)) {
		fixture.clock.advance(10);
		const id = await fixture.room(me);
		await messages.sendToRoom(me, id, draft(`in ${n}`));
		rooms.unshift(id);
	}
	fixture.clock.advance(10);
	const { message } = await messages.sendToUser(bob, me.userId, draft("psst"));
	const seen: string[] = [];
	let cursor = "";
	do {
		const page = await history.conversations(me, cursor, 2);
		seen.push(...page.conversations.map((entry) => entry.conversation.id));
		cursor = page.nextCursor;
	} while (cursor !== "");
	assert.deepEqual(seen, [message.conversationId, ...rooms]);
	const [first] = (await history.conversations(me, "", 1)).conversations;
	assert.deepEqual([first?.peerId, first?.peerName, first?.unread], [bob.userId, "bob", 1]);
	assert.equal(first?.lastMessage?.id, message.id);
	const foreign = (await history.conversations(me, "", 2)).nextCursor;
	await assert.rejects(history.conversations(bob, foreign, 2), { code: ErrorCode.VALIDATION_FAILED });
});

test("one user's flood is rejected with retryAfterMs, and others go on", async () => {
	const limited = await chatFixture({ options: { userRate: { perSecond: 10, burst: 3 } } });
	const [flooder, other] = [await limited.user("flooder"), await limited.user("other")];
	const room = await limited.room(flooder, other);
	const { messages } = limited.services;
	const results = await Promise.allSettled(range(1, 10).map(() => messages.sendToRoom(flooder, room, draft("x"))));
	assert.equal(results.filter((result) => result.status === "fulfilled").length, 3);
	await assert.rejects(messages.sendToRoom(flooder, room, draft("x")), {
		code: ErrorCode.RATE_LIMITED,
		retryAfterMs: 100,
	});
	await messages.sendToRoom(other, room, draft("x"));
	limited.clock.advance(100);
	await messages.sendToRoom(flooder, room, draft("x"));
	await limited.close();
});

test("a block list is bounded and never contains its owner", async () => {
	const limited = await chatFixture({ options: { maxBlocked: 2 } });
	const me = await limited.user("me");
	const { blocks } = limited.services;
	await blocks.change(me.userId, ["a", "b"], []);
	await blocks.change(me.userId, ["a", "b"], []);
	await assert.rejects(blocks.change(me.userId, ["c"], []), { code: ErrorCode.PRECONDITION_FAILED });
	await blocks.change(me.userId, ["c"], ["a"]);
	assert.deepEqual([...(await blocks.blockersAmong([me.userId], "c"))], [me.userId]);
	assert.deepEqual([...(await blocks.blockersAmong([me.userId], "a"))], []);
	await assert.rejects(blocks.change(me.userId, [me.userId], []), { code: ErrorCode.VALIDATION_FAILED });
	assert.deepEqual(limited.publisher.membership.at(-1), `-c presence:${me.userId}`);
	await limited.close();
});
