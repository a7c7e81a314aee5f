// What text frames know of the messages is what the .proto files say, whatever fields are called.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import reflection from "../../protocol/gen/reflection.json" with { type: "json" };
import { AlarmAckRequest, DataType, SubscribeRequest } from "../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../protocol/json.ts";

const PACKAGE = "framegate.v1";
/** What the .proto files say of themselves is in no message. */
const OPTIONS = /^\.framegate\.v1\.(FieldRules|Route)\./;
const transcoder = new JsonTranscoder();

function fieldsOf(root: protobuf.Root): string[] {
	const names: string[] = [];
	const look = (node: protobuf.NamespaceBase): void => {
		if (node instanceof protobuf.Type) names.push(...node.fieldsArray.map((field) => `${node.fullName}.${field.name}`));
		if (node instanceof protobuf.Service) return;
		for (const inner of node.nestedArray) if (inner instanceof protobuf.Namespace) look(inner);
	};
	look(root.lookup(PACKAGE) as protobuf.Namespace);
	return names.filter((name) => !OPTIONS.test(name)).sort();
}

test("every field of every message is there", () => {
	const directory = fileURLToPath(new URL("../../protocol/proto/", import.meta.url));
	const root = new protobuf.Root();
	const library = fileURLToPath(new URL(".", import.meta.resolve("protobufjs/package.json")));
	root.resolvePath = (_origin, target) => {
		if (target.startsWith("/")) return target;
		return target.startsWith("google/protobuf/") ? library + target : directory + target;
	};
	root.loadSync(globSync("**/*.proto", { cwd: directory }).map((file) => directory + file));
	const known = new Set(fieldsOf(protobuf.Root.fromJSON(reflection)));
	const wanted = fieldsOf(root);
	assert.ok(wanted.length > 400, `${wanted.length} fields`);
	assert.deepEqual(
		wanted.filter((name) => !known.has(name)),
		[],
	);
});

test("a field called comment arrives", () => {
	const bytes = transcoder.bodyFromJson(AlarmAckRequest, { alarmId: "a", comment: "seen" });
	assert.equal(AlarmAckRequest.decode(bytes).comment, "seen");
});

test("the name of a value that does not exist is refused, in both spellings of its field and within lists", () => {
	const refused = { message: /SubscribeRequest.*: no such value$/ };
	for (const body of [
		{ mode: "BOTH" },
		{ dataTypes: ["DATA_TYPE_SIGNAL", "T"] },
		{ data_types: ["NOPE"] },
		{ mode: "toString" },
	]) {
		assert.throws(() => transcoder.bodyFromJson(SubscribeRequest, body), refused, JSON.stringify(body));
	}
	const bytes = transcoder.bodyFromJson(SubscribeRequest, { data_types: ["DATA_TYPE_SIGNAL", 1], unknown: "x" });
	assert.deepEqual(SubscribeRequest.decode(bytes).dataTypes, [DataType.SIGNAL, DataType.TELEMETRY]);
});
