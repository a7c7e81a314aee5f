// The rules of a form are those of the gateway: both are asked about the same values.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageTypes } from "../../../protocol/gen/schema.ts";
import { compileValidator } from "../../../protocol/validation.ts";
import type { JsonObject } from "../../../web/protocol/catalog.ts";
import { encodeMessage } from "../../../web/protocol/encode.ts";
import { violationsOf } from "../../../web/protocol/rules.ts";

const cases: readonly (readonly [string, JsonObject])[] = [
	["LoginRequest", {}],
	["LoginRequest", { username: "a", password: "b" }],
	["RegisterRequest", { username: "ab", password: "short", email: "no address" }],
	["RegisterRequest", { username: "-bad", password: "long enough" }],
	["RegisterRequest", { username: "𝒜".repeat(40), password: "long enough" }],
	["ForgotPasswordRequest", {}],
	["ForgotPasswordRequest", { requestCode: {} }],
	["SubscribeRequest", {}],
	["SubscribeRequest", { channels: [1], deadband: { percent: 101, absolute: -1 }, keepaliveMs: 3_600_001 }],
	["SubscribeRequest", { channels: [1], dataTypes: Array(7).fill("DATA_TYPE_SIGNAL") }],
	["SendMessageRequest", { roomId: "r", clientMsgId: "m", content: {} }],
	["SendMessageRequest", { roomId: "ä", clientMsgId: "m", content: { kind: "MESSAGE_KIND_TEXT" } }],
];

describe("the rules of forms", () => {
	for (const [message, value] of cases) {
		it(`find in ${message} ${JSON.stringify(value).slice(0, 60)} what the gateway finds`, () => {
			const type = messageTypes.get(`framegate.v1.${message}`);
			assert.ok(type !== undefined);
			const found = compileValidator(type)?.(type.decode(encodeMessage(message, value)) as object) ?? [];
			const fields = (paths: readonly string[]) => [...new Set(paths.map((path) => path.split(".").at(-1)))].sort();
			const ours = violationsOf(message, value).map(({ path, rule, limit }) =>
				rule === "oneof" ? "step" : path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) || limit,
			);
			assert.deepEqual(fields(ours), fields(found.map(({ field }) => field)));
		});
	}

	it("find values that are no numbers or no bytes, which JSON could not carry", () => {
		assert.deepEqual(
			violationsOf("SubscribeRequest", { channels: ["x", 1.5, "7"], intervalMs: -1 }).map(
				({ path, rule }) => `${path} ${rule}`,
			),
			["channels[0] number", "channels[1] number", "intervalMs min"],
		);
		const content = { kind: "MESSAGE_KIND_CUSTOM", custom: "?" };
		const [violation] = violationsOf("SendMessageRequest", { roomId: "r", clientMsgId: "m", content });
		assert.equal(violation?.rule, "bytes");
	});
});
