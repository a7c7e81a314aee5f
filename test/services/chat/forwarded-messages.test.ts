// Sending where a logic service owns chat: what is checked here, what is handed on, and what the sender is answered.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../common/clock.ts";
import type { Hooks } from "../../../common/hooks.ts";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { DeliveryStage, MessageKind } from "../../../protocol/gen/schema.ts";
import { ForwardedMessages } from "../../../services/chat/forwarded-messages.ts";
import type { ForwardedMessage } from "../../../services/chat/message-uplink.ts";
import { chatDefaults } from "../../../services/chat/options.ts";
import { privateConversationId } from "../../../services/chat/wire.ts";

const ann = { userId: "ann-id", username: "ann" } as Identity;

class Log {
	readonly messages: ForwardedMessage[] = [];
	/** Ends what waits, in its order. */
	readonly waiting: (() => void)[] = [];
	hasRoom = true;

	forward(message: ForwardedMessage): Promise<void> {
		this.messages.push(message);
		return new Promise((resolve) => this.waiting.push(resolve));
	}

	offer(message: ForwardedMessage): boolean {
		if (this.hasRoom) this.messages.push(message);
		return this.hasRoom;
	}
}

const draft = (clientMsgId: string, text = "hi") => ({
	clientMsgId,
	content: { kind: MessageKind.TEXT, text },
	replyToId: "",
});

function forwarding(
	options: Partial<typeof chatDefaults> = {},
	hooks: Pick<Hooks, "beforeMessage"> = { beforeMessage: undefined },
) {
	const log = new Log();
	const parts = { forwarder: log, hooks, clock: systemClock, options: { ...chatDefaults, ...options } };
	return { log, messages: new ForwardedMessages(parts) };
}

describe("messages for a logic service", () => {
	it("are acknowledged as persisted when the log has them, and are given to it in their order before that", async () => {
		const { log, messages } = forwarding();
		const sent = ["a", "b", "c"].map((id) => messages.sendToRoom(ann, "conv123", draft(id)));
		assert.deepEqual(
			log.messages.map(({ clientMsgId }) => clientMsgId),
			["a", "b", "c"],
		);
		for (const end of log.waiting) end();
		const receipts = await Promise.all(sent);
		assert.ok(receipts.every(({ stage, message }) => stage === DeliveryStage.PERSISTED && message.sequence === 0));
	});

	it("are acknowledged as accepted at once where the operator says so, and refused when there is no room", async () => {
		const { log, messages } = forwarding({ forwardAck: "accepted" });
		assert.equal((await messages.sendToRoom(ann, "conv123", draft("a"))).stage, DeliveryStage.ACCEPTED);
		log.hasRoom = false;
		await assert.rejects(messages.sendToRoom(ann, "conv123", draft("b")), { code: ErrorCode.UNAVAILABLE });
		assert.equal(log.messages.length, 1);
	});

	it("have an id that a repeat has, too, and no other message; a trace; and whom they are for", async () => {
		const { log, messages } = forwarding({ forwardAck: "accepted" });
		await messages.sendToRoom(ann, "conv123", draft("a"));
		await messages.sendToRoom(ann, "conv123", { ...draft("a"), traceId: `${"0".repeat(31)}1` });
		await messages.sendToRoom(ann, "conv124", draft("a"));
		await messages.sendToUser(ann, "bob-id", draft("a"));
		const [first, repeat, other, toUser] = log.messages;
		assert.equal(first?.id, repeat?.id);
		assert.equal(new Set([first, other, toUser].map((message) => message?.id)).size, 3);
		assert.match(first?.traceId ?? "", /^[0-9a-f]{32}$/);
		assert.match(repeat?.traceId ?? "", /1$/);
		assert.deepEqual(
			[toUser?.conversationId, toUser?.toUserId, first?.toUserId],
			[privateConversationId("ann-id", "bob-id"), "bob-id", ""],
		);
	});

	it("are checked, limited and changed by hooks as others are", async () => {
		const { log, messages } = forwarding(
			{ forwardAck: "accepted", userRate: { perSecond: 1, burst: 2 } },
			{ beforeMessage: async () => ({ kind: MessageKind.TEXT, text: "changed" }) },
		);
		const codeOf = async (send: () => Promise<unknown>) => {
			try {
				await send();
				return 0;
			} catch (error) {
				return (error as { code: number }).code;
			}
		};
		assert.equal(await codeOf(async () => messages.sendToRoom(ann, "c", draft("a", " "))), ErrorCode.VALIDATION_FAILED);
		assert.equal(await codeOf(async () => messages.sendToRoom(ann, "", draft("a"))), ErrorCode.VALIDATION_FAILED);
		assert.equal(await codeOf(async () => messages.sendToUser(ann, "ann-id", draft("a"))), ErrorCode.VALIDATION_FAILED);
		await messages.sendToRoom(ann, "c", draft("a"));
		assert.match(Buffer.from(log.messages[0]?.content ?? []).toString(), /changed/);
		await messages.sendToRoom(ann, "c", draft("b"));
		assert.equal(await codeOf(async () => messages.sendToRoom(ann, "c", draft("c"))), ErrorCode.RATE_LIMITED);
		await assert.rejects(messages.recall(), { code: ErrorCode.PRECONDITION_FAILED });
	});
});
