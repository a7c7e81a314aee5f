// JSON that field services write: what is nested without end, or would become far more than its text, is no JSON object.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ALARM_FIELDS, readAlarm } from "../../services/edge/redis/alarms-record.ts";
import { parseObject } from "../../services/edge/redis/box-json.ts";
import { readModel } from "../../services/edge/redis/models-definition.ts";

const deep = (depth: number) => `{"name":"m","properties":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;

it("is read as deep as anybody writes it, and no deeper", () => {
	assert.equal(readModel("1", deep(60))?.properties["a"], "[".repeat(60) + "]".repeat(60));
	for (const depth of [70, 500_000]) assert.equal(readModel("1", deep(depth)), undefined, String(depth));
	const values = ALARM_FIELDS.map((field) =>
		field === "data" ? `{"title":"t","x":${"[".repeat(70)}${"]".repeat(70)}}` : null,
	);
	assert.equal(readAlarm("a", values), undefined);
});

it("is read as large as the largest model is, and no larger", () => {
	const mapping = { channel: 1, point_id: 1, type: "T", range: { min: 0, max: 1, step: 1 } };
	const members = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`m${index}`, mapping]));
	const model = { name: "m", properties: {}, mappings: { measurement: members, action: members } };
	const read = readModel("1", JSON.stringify(model));
	assert.deepEqual([read?.measurements.length, read?.actions.length], [2000, 2000]);
	assert.equal(parseObject(`{"z":[${"{},".repeat(40_000)}{}]}`), undefined);
	assert.equal(parseObject(`{"z":"${"x".repeat(1024 * 1024)}"}`), undefined);
});
