// One trace of a chat message through two nodes, Kafka both ways and a logic service.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { runChatFlow } from "../support/tracing/chat-flow.ts";
import { drawnStructure, structureOf } from "../support/tracing/trace-picture.ts";
import { named, nodeOf, pathOf } from "../support/tracing/tracing-env.ts";

const PICTURE = new URL("../../docs/tracing-chat-message.svg", import.meta.url);

it("a chat message through Kafka and a logic service is one trace, down to its push on the other node", {
	timeout: 280_000,
}, async () => {
	const { spans, replyTraceId, receivedTraceId } = await runChatFlow();
	assert.equal(receivedTraceId, replyTraceId);
	const push = named(spans, "deliver user");
	assert.ok(push);
	assert.deepEqual(pathOf(spans, push), [
		"chat.sendMessage",
		"handler chat.sendMessage",
		"send upstream",
		"handle message",
		"process downstream-gw-2",
		"publish user",
		"deliver user",
	]);
	assert.equal(push.attributes["framegate.subscribers"], 1);
	assert.equal(named(spans, "publish user")?.attributes["framegate.nodes"], 1);
	assert.equal(nodeOf(push), "gw-2");
	const nodes = spans.map((span) => nodeOf(span));
	for (const node of ["gw-1", "gw-2", "logic-1"]) assert.ok(nodes.includes(node), node);
	for (const span of spans) assert.equal(pathOf(spans, span)[0], "chat.sendMessage");
	// Otherwise: npx node test/support/tracing/draw-chat-flow.ts
	assert.deepEqual(drawnStructure(readFileSync(PICTURE, "utf8")), structureOf(spans));
});
