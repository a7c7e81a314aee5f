// A connection that uses a dialect with a `type` in every message stays with it: a message without one is not taken for another dialect's,
// in which its pushes would then come.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../../core/connection.ts";
import type { TextDialect } from "../../../core/text-dialect.ts";
import { EdgeJsonDialect } from "../../../server/dialects/edge-json.ts";
import { ImJsonDialect } from "../../../server/dialects/im-json.ts";

const now = () => 0;
const dialects: readonly TextDialect[] = [
	new EdgeJsonDialect(now),
	new ImJsonDialect({ now, hasRooms: true, isAlone: false }),
];
const connectionOf = (encoding: string) => ({ encoding, identity: { userId: "u" } }) as unknown as Connection;

describe("a message without a type", () => {
	for (const dialect of dialects) {
		it(`is one of ${dialect.encoding} where that is used, and of another dialect elsewhere`, () => {
			const untyped = { id: "s", message_id: "s", data: { channels: [1] } };
			const answer = dialect.read(connectionOf(dialect.encoding), untyped);
			assert.ok(typeof answer === "string", "it is answered at once");
			assert.match(answer, /"type":"error".*type: /);
			assert.match(answer, /"(?:related_message_id|message_id)":"s"/);
			assert.equal(dialect.read(connectionOf("json"), untyped), undefined);
			const envelope = { protocol: 1005, seq: 1 };
			assert.equal(dialect.read(connectionOf(dialect.encoding), envelope), undefined, "an envelope says so");
		});
	}
});
