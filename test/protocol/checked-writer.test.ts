// A client that passes a value of another type than the field's gets an error, before another point is switched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckedWriter } from "../../protocol/checked-writer.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { Envelope, edgeControlRoutes, WritePointRequest } from "../../protocol/gen/schema.ts";

const { number, request } = edgeControlRoutes.writePoint;
const checked = new EnvelopeWriter(new CheckedWriter());
const good = { target: { channel: 1001, dataType: 3, pointId: 4 }, value: 0.5, commandId: "c", reason: "" };

test("writes what is right as the other writer does", () => {
	const frame = checked.request(number, 1, request, good, "");
	assert.deepEqual(frame.slice(), new EnvelopeWriter().request(number, 1, request, good, "").slice());
	const { target, value } = WritePointRequest.decode(Envelope.decode(frame).body ?? new Uint8Array());
	assert.deepEqual([target?.channel, target?.pointId, value], [1001, 4, 0.5]);
});

test("refuses what is not of the field's type or range, and shows numbers only", () => {
	const wrong: [object, RegExp][] = [
		[{ target: { ...good.target, channel: -1 } }, /from 0 to 4294967295, found -1$/],
		[{ target: { ...good.target, channel: "x" } }, /found string$/],
		[{ target: { ...good.target, pointId: 1.9 } }, /found 1.9$/],
		[{ target: { ...good.target, pointId: 4_294_967_297 } }, /found 4294967297$/],
		[{ target: { ...good.target, dataType: Number.NaN } }, /found NaN$/],
		[{ value: "1" }, /expected a number, found string$/],
		[{ value: true }, /expected a number, found boolean$/],
		[{ commandId: 5 }, /expected a string, found 5$/],
	];
	for (const [change, message] of wrong) {
		const properties = { ...good, ...change } as typeof good;
		assert.throws(() => checked.request(number, 1, request, properties, ""), { name: "TypeError", message });
	}
});
