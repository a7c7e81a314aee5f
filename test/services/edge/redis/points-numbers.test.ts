// Hashes as columns against the same hashes as objects: the result is the same.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { PointHash } from "../../../../services/edge/redis/points-hash.ts";
import { parseHash } from "../../../../services/edge/redis/points-parse.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const KEY = { family: "comsrv", channel: 1001, type: DataType.TELEMETRY };
const NUMBERS: Fields = [
	["_timestamp", "1754530782"],
	["1", "25.5"],
	["2", "-3"],
	["30", "0"],
];

const text = fc.oneof(
	fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e9, max: 1e9 }).map((value) => value.toFixed(6)),
	fc.integer().map(String),
	fc.constantFrom("NaN", "1e5", "true", "9007199254740993", "RUNNING", "", "1.23456789012345678"),
);
const number = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => (value / 8).toFixed(3));
const name = fc.oneof(
	{ weight: 8, arbitrary: fc.nat({ max: 40 }).map(String) },
	{ weight: 1, arbitrary: fc.constantFrom("_timestamp", "_timestamq", "name", "007", "4294967295", "4294967296") },
);
const time = fc.constantFrom("1754530782", "1754530782123", "0", "never");

/** Mostly a hash of numbers in order. */
const fields = fc.oneof(
	fc.tuple(fc.array(name, { maxLength: 40 }), fc.array(number, { minLength: 40, maxLength: 40 })).map(inOrder),
	fc.uniqueArray(fc.tuple(name, text), { maxLength: 40, selector: ([field]) => field }),
);
const times = fc.option(fc.uniqueArray(fc.tuple(name, time), { selector: ([field]) => field }), { nil: undefined });

function inOrder([names, values]: [string[], string[]]): Fields {
	const sorted = [...new Set(names)].sort((a, b) => Number(a) - Number(b));
	return sorted.map((field, index) => [field, field.startsWith("_") ? "1754530782" : (values[index] as string)]);
}

/** As the read script packs it: an array of strings in MessagePack. */
function pack(all: Fields): Buffer {
	const head = Buffer.from([0xdc, 0, 0]);
	head.writeUInt16BE(all.length * 2, 1);
	const strings = all.flat().map((each) => {
		const bytes = Buffer.from(each);
		return Buffer.concat([Buffer.from([0xd9, bytes.length]), bytes]);
	});
	return Buffer.concat([head, ...strings]);
}

function raw(points: Fields, beside?: Fields) {
	return { points: pack(points), times: beside && pack(beside), qualities: undefined };
}

const newHash = () => new PointHash(KEY, "comsrv:1001:T", undefined, undefined);

describe("a hash of numbers", () => {
	it("is read as the same points, whatever was read before", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fields, times), { minLength: 1, maxLength: 4 }), (hashes) => {
				const hash = newHash();
				const readings = hashes.map(([points, beside]) => hash.accept(raw(points, beside)));
				for (const [index, [points, beside]] of hashes.entries()) {
					const reading = readings[index];
					const expected = parseHash(KEY, raw(points, beside));
					assert.deepEqual(reading?.points, expected.points);
					assert.deepEqual([reading?.writtenMs, reading?.newestMs], [expected.writtenMs, expected.newestMs]);
					const { ids, values } = reading?.numbers ?? {};
					if (ids === undefined) continue;
					assert.deepEqual(
						ids.map((id, at) => [id, values?.[at]]),
						expected.points.map(({ pointId, value }) => [pointId, value]),
					);
				}
			}),
			{ numRuns: 500 },
		);
	});

	it("has columns, and its ids once as long as they are the same", () => {
		const hash = newHash();
		const first = hash.accept(raw(NUMBERS));
		assert.deepEqual(first.numbers, { ids: [1, 2, 30], values: [25.5, -3, 0], times: undefined });
		const second = hash.accept(raw([...NUMBERS.slice(0, 3), ["30", "1"]]));
		assert.deepEqual(second.numbers?.values, [25.5, -3, 1]);
		assert.equal(second.numbers?.ids, first.numbers?.ids);
		const fewer = hash.accept(raw(NUMBERS.slice(0, 3)));
		assert.deepEqual(fewer.numbers?.ids, [1, 2]);
		const more = hash.accept(raw([...NUMBERS, ["31", "7"]]));
		assert.deepEqual(more.numbers?.ids, [1, 2, 30, 31]);
		assert.deepEqual(first.numbers, { ids: [1, 2, 30], values: [25.5, -3, 0], times: undefined });
	});

	it("has them again once all values are numbers again", () => {
		const hash = newHash();
		assert.equal(hash.accept(raw([...NUMBERS, ["31", "RUNNING"]])).numbers, undefined);
		let changes = 0;
		while (hash.accept(raw([...NUMBERS, ["31", String(changes)]])).numbers === undefined) {
			changes++;
			assert.ok(changes < 100, "still objects after a hundred changes");
		}
		assert.ok(changes > 0, "what is not numbers only is not tried each time");
	});
});
