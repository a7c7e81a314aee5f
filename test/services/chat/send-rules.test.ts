// Which messages a member may send, without a store.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NewMessage } from "../../../services/chat/chat-message-store.ts";
import { rejectionOf, type SendFacts } from "../../../services/chat/send-rules.ts";

const message = { replyToId: "" } as NewMessage;
const reply = { replyToId: "m1" } as NewMessage;
const member = { state: "member", mutedUntilMs: 0 };
const usual: SendFacts = { member, isBlocked: false, hasReplyTarget: false, nowMs: 1000 };

const cases: readonly (readonly [string, NewMessage, Partial<SendFacts>, unknown])[] = [
	["a member may send", message, {}, undefined],
	["somebody else may not", message, { member: undefined }, { kind: "not-member" }],
	["an invited user may not yet", message, { member: { ...member, state: "invited" } }, { kind: "not-member" }],
	["a user who left may not", message, { member: { ...member, state: "left" } }, { kind: "not-member" }],
	["a banned user may not", message, { member: { ...member, state: "banned" } }, { kind: "banned" }],
	["a muted member waits", message, { member: { ...member, mutedUntilMs: 1001 } }, { kind: "muted", remainingMs: 1 }],
	["a mute that is over does not count", message, { member: { ...member, mutedUntilMs: 1000 } }, undefined],
	["a blocked user may not", message, { isBlocked: true }, { kind: "blocked" }],
	["a reply needs its target", reply, {}, { kind: "no-reply-target" }],
	["a reply with its target may be sent", reply, { hasReplyTarget: true }, undefined],
	[
		"a mute counts before a block",
		reply,
		{ member: { ...member, mutedUntilMs: 1500 }, isBlocked: true },
		{ kind: "muted", remainingMs: 500 },
	],
];

for (const [title, source, facts, expected] of cases) {
	test(title, () => assert.deepEqual(rejectionOf(source, { ...usual, ...facts }), expected));
}
