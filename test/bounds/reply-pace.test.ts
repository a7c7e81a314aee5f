// What holds large replies back from a client that does not read, and what is done with a message that is too large to be sent.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChannelPublisher } from "../../core/channels/channel-publisher.ts";
import { ReplyPace } from "../../core/reply-pace.ts";
import type { LiveSubscriber } from "../../messaging/live-audience.ts";
import { holdReplies } from "../../middleware/hold-replies.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes, pushes } from "../../protocol/gen/schema.ts";
import { MAX_SENT_BYTES, PAGE_BYTES } from "../../protocol/message-bounds.ts";
import { GatewayFixture } from "../core/gateway-fixture.ts";

describe("large replies to one client", () => {
	const make = () => {
		const counters = { held: 0 };
		const state = { buffered: 0 };
		const subscriber = { bufferedBytes: () => state.buffered } as unknown as LiveSubscriber;
		return { counters, state, subscriber, pace: new ReplyPace(2 * PAGE_BYTES, counters) };
	};

	test("begin while there is room for them, and one where nothing waits", () => {
		const { state, subscriber, pace } = make();
		assert.equal(pace.hasRoom(subscriber), true);
		pace.begun(subscriber);
		assert.equal(pace.hasRoom(subscriber), true);
		pace.begun(subscriber);
		assert.equal(pace.hasRoom(subscriber), false);
		pace.ended(subscriber);
		pace.ended(subscriber);
		state.buffered = 2 * PAGE_BYTES;
		assert.equal(pace.hasRoom(subscriber), false);
		const small = new ReplyPace(1000, { held: 0 });
		state.buffered = 0;
		assert.equal(small.hasRoom(subscriber), true);
	});

	test("go on in order when it has read, one after the other", async () => {
		const { state, subscriber, pace, counters } = make();
		state.buffered = 3 * PAGE_BYTES;
		const begun: number[] = [];
		const waiting = [1, 2, 3].map((number) => pace.room(subscriber).then((isThere) => isThere && begun.push(number)));
		assert.equal(pace.hasRoom(subscriber), false);
		pace.onDrained(subscriber);
		await Promise.resolve();
		assert.deepEqual(begun, []);
		state.buffered = PAGE_BYTES;
		pace.onDrained(subscriber);
		await waiting[0];
		assert.deepEqual(begun, [1]);
		pace.begun(subscriber);
		pace.onDrained(subscriber);
		await Promise.resolve();
		assert.deepEqual(begun, [1], "what runs takes room");
		state.buffered = 0;
		pace.ended(subscriber);
		await waiting[1];
		pace.ended(subscriber);
		await waiting[2];
		assert.deepEqual(begun, [1, 2, 3]);
		assert.equal(counters.held, 3);
	});

	test("do not begin for a client that goes in the turn in which it has read", async () => {
		const { state, subscriber, pace } = make();
		const peer = Object.assign(subscriber, { isReachable: true });
		const ran: object[] = [];
		const route = { hasLargeReply: true } as Parameters<ReturnType<typeof holdReplies>>[0];
		const step = holdReplies(pace)(route, (call) => {
			ran.push(call);
			return {};
		});
		state.buffered = 3 * PAGE_BYTES;
		const held = step({ peer, settled: false } as unknown as Parameters<typeof step>[0]);
		state.buffered = 0;
		pace.onDrained(subscriber);
		peer.isReachable = false;
		pace.onClosed(subscriber);
		await assert.rejects(async () => held, { code: ErrorCode.UNAUTHENTICATED });
		assert.deepEqual(ran, []);
	});

	test("are given up when it leaves, and are refused beyond a number", async () => {
		const { state, subscriber, pace } = make();
		state.buffered = 3 * PAGE_BYTES;
		const waiting = Array.from({ length: 64 }, () => pace.room(subscriber));
		assert.throws(() => pace.room(subscriber), { code: ErrorCode.RATE_LIMITED });
		pace.onClosed(subscriber);
		assert.deepEqual([...new Set(await Promise.all(waiting))], [false]);
		state.buffered = 0;
		assert.equal(pace.hasRoom(subscriber), true);
	});
});

describe("a message that is larger than what the gateway sends", () => {
	test("is refused as INTERNAL where it is a reply, in either encoding, and logged with its route", () => {
		// Both are too large, the second as JSON only.
		for (const [nickname, isJson] of [
			["n".repeat(MAX_SENT_BYTES), false],
			["\u0001".repeat(MAX_SENT_BYTES / 4), true],
		] as const) {
			const fixture = new GatewayFixture({ handlers: { "auth.getUserInfo": () => ({ user: { nickname } }) } });
			const member = fixture.member("one");
			const { number } = authRoutes.getUserInfo;
			if (isJson) member.socket.sendToServer(JSON.stringify({ protocol: number, seq: 1 }));
			const code = isJson ? member.texts()[0]?.["code"] : member.ask(authRoutes.getUserInfo).code;
			assert.equal(code, isJson ? "ERROR_CODE_INTERNAL" : ErrorCode.INTERNAL);
			assert.ok(fixture.log.some(({ fields }) => (fields as { route?: string }).route === "auth.getUserInfo"));
			assert.equal(member.closeCode, undefined);
		}
	});

	test("is not published, and counted, where it is a push", () => {
		const fixture = new GatewayFixture();
		fixture.pushes.publish("topic", new Uint8Array(MAX_SENT_BYTES + 1));
		assert.equal(fixture.counters.oversized, 1);
	});

	test("does not come into a channel, not even if only its JSON is too large", async () => {
		const published: number[] = [];
		const broker = { publish: async (_channel: string, frame: Uint8Array) => published.push(frame.length) };
		const publisher = new ChannelPublisher(broker as never, {} as never, {} as never);
		const text = (length: number) => ({ id: "1", text: "\u0001".repeat(length) });
		await publisher.publish("user:u", pushes.notification, text(16_000));
		const publish = async (length: number) => publisher.publish("user:u", pushes.notification, text(length));
		await assert.rejects(publish(100_000), { code: ErrorCode.PAYLOAD_TOO_LARGE });
		await assert.rejects(publish(MAX_SENT_BYTES), { code: ErrorCode.PAYLOAD_TOO_LARGE });
		assert.equal(published.length, 1);
	});
});
