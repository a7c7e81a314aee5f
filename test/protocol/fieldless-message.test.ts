// Messages without fields of .proto files that are parsed while the process runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import protobuf from "protobufjs";
import { FrameReader } from "../../protocol/frame-coder.ts";
import { ReflectedMessages } from "../../protocol/reflected-message.ts";

const { root } = protobuf.parse(
	`syntax = "proto3"; message Empty {} message Outer { Empty inner = 1; string name = 2; }`,
);
root.resolveAll();
const messages = new ReflectedMessages();
const empty = messages.typeOf(root.lookupType("Empty"));
const outer = messages.typeOf(root.lookupType("Outer"));

/** Field 536,870,911: a group with field 1 in it. */
const GROUP = [0xfb, 0xff, 0xff, 0xff, 0x0f, 8, 1, 0xfc, 0xff, 0xff, 0xff, 0x0f];
const ZERO = [1, 0, 0, 0, 0, 0, 0, 0, 0];
const decode = (type: typeof empty, bytes: readonly number[]) => type.decode(new FrameReader(Uint8Array.from(bytes)));

test("a field number of 0 is refused, by itself and in a field", () => {
	assert.throws(() => decode(empty, ZERO), /field number 0/);
	assert.throws(() => decode(outer, [10, ZERO.length, ...ZERO]), /field number 0/);
});

test("unknown fields and groups are skipped, and what is cut off is refused", () => {
	decode(empty, []);
	decode(empty, [8, 5, ...GROUP, 0x1a, 2, 7, 7]);
	assert.equal((decode(outer, [10, GROUP.length, ...GROUP, 18, 1, 0x61]) as { name?: string }).name, "a");
	assert.throws(() => decode(empty, [0x1a, 9, 1]), RangeError);
	assert.throws(() => decode(outer, [10, 3, 0x1a, 9, 1, 18, 1, 0x61]), RangeError);
	assert.throws(() => decode(empty, GROUP.slice(0, -5)), RangeError);
});
