// One encoder for many messages: each is by itself, also behind one that could not be encoded.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnyMessageType } from "../../protocol/contract.ts";
import { HeartbeatRequest, LoginResponse } from "../../protocol/gen/schema.ts";
import { MessageEncoder } from "../../protocol/message-encoder.ts";

describe("an encoder of messages", () => {
	it("gives bytes that stay when the next message is encoded", () => {
		const encoder = new MessageEncoder();
		const first = encoder.encode(HeartbeatRequest, { clientTimeMs: 5 });
		const second = encoder.encode(HeartbeatRequest, { clientTimeMs: 700_000 });
		assert.equal(HeartbeatRequest.decode(first).clientTimeMs, 5);
		assert.equal(HeartbeatRequest.decode(second).clientTimeMs, 700_000);
	});

	it("begins again behind a message that broke off within another one", () => {
		const encoder = new MessageEncoder();
		const user = {
			id: "1",
			get username(): string {
				throw new Error("broken");
			},
		};
		assert.throws(() => encoder.encode(LoginResponse as AnyMessageType, { user }), /broken/);
		assert.deepEqual([...encoder.encode(HeartbeatRequest, { clientTimeMs: 5 })], [8, 5]);
	});
});
