// The pages' codec, which is made of the generated description, against the golden frames of the wire format.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isObject, type JsonObject, pushes, routes } from "../../../web/protocol/catalog.ts";
import { DecodeError, type FieldNode, jsonOfNodes } from "../../../web/protocol/decode.ts";
import { EncodeError, encodeMessage } from "../../../web/protocol/encode.ts";
import { frameNodes, readFrame, requestFrame } from "../../../web/protocol/frames.ts";
import { goldenPath } from "../../protocol/golden.ts";

const golden = Object.entries(JSON.parse(readFileSync(goldenPath, "utf8")) as Record<string, string>);
const directionOf = (title: string) => (title.endsWith(" request") ? "out" : "in");

/** Fields come one after another without a gap: every byte belongs to one. */
function assertCovered(nodes: readonly FieldNode[], start: number, end: number): void {
	let at = start;
	for (const node of nodes) {
		assert.equal(node.start, at);
		at = node.end;
		const { children } = node;
		if (children !== undefined && children.length > 0) assertCovered(children, children[0]?.start ?? 0, node.end);
	}
	assert.equal(at, end);
}

describe("the codec of the pages", () => {
	it("knows every route and every push of the golden frames", () => {
		const names = new Set(golden.map(([title]) => title.split(" ")[0]));
		for (const { name } of routes) assert.ok(names.has(name), name);
		for (const { name } of pushes) assert.ok(names.has(name.charAt(0).toLowerCase() + name.slice(1)), name);
	});

	for (const [title, hex] of golden) {
		it(`decodes each byte of ${title}, and encodes its body again`, () => {
			const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
			const nodes = frameNodes(bytes, directionOf(title));
			assertCovered(nodes, 0, bytes.length);
			const all: FieldNode[] = [...nodes];
			for (const node of all) all.push(...(node.children ?? []));
			assert.deepEqual(
				all.filter(({ field }) => field === undefined),
				[],
			);
			const body = nodes.find(({ label }) => label === "body");
			if (body?.children === undefined) return;
			const message = body.field?.of ?? "";
			const encoded = encodeMessage(message, jsonOfNodes(body.children));
			const start = body.children[0]?.start ?? body.end;
			assert.equal(Buffer.from(encoded).toString("hex"), Buffer.from(bytes.subarray(start, body.end)).toString("hex"));
		});
	}

	it("writes the same request as the gateway's own codec", () => {
		const [, hex = ""] = golden.find(([title]) => title === "auth.login request") ?? [];
		const sample = readFrame(Uint8Array.from(Buffer.from(hex, "hex")), "out");
		assert.ok(sample !== undefined && isObject(sample.body));
		const frame = requestFrame("protobuf", sample.protocol, sample.seq, sample.body as JsonObject);
		assert.ok(hex.startsWith(Buffer.from(frame as Uint8Array).toString("hex")), "the trace id is the gateway's");
	});

	it("names the field that cannot hold a value", () => {
		for (const [body, field] of [
			[{ channels: [-1] }, "channels[0]"],
			[{ deadband: { absolute: "much" } }, "deadband.absolute"],
			[{ mode: "NONE" }, "mode"],
		] as const) {
			assert.throws(
				() => encodeMessage("SubscribeRequest", body),
				(error) => error instanceof EncodeError && error.field === field,
			);
		}
	});

	it("reads nothing from bytes that are cut off", () => {
		assert.throws(() => frameNodes(Uint8Array.from([0x22, 0x05, 0x0a]), "in"), DecodeError);
		assert.equal(readFrame(Uint8Array.from([0x0a]), "in"), undefined);
		assert.equal(readFrame("no JSON", "in"), undefined);
	});
});
