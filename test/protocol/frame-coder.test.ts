// The short way for 64-bit integers against the library's own, both directions.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import "../../protocol/runtime.ts";
import { FrameReader, FrameWriter } from "../../protocol/frame-coder.ts";

/** Every size of varint, and the edges between them. */
const edges = Array.from({ length: 54 }, (_, bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]).flat();
const anyInteger = fc.oneof(
	fc.constantFrom(...edges),
	fc.maxSafeInteger(),
	fc.maxSafeNat(),
	fc.double({ min: -(2 ** 63), max: 2 ** 63 - 1024, noNaN: true }).map(Math.trunc),
);

describe("64-bit integers", () => {
	for (const kind of ["int64", "uint64"] as const) {
		it(`${kind}: writes the library's bytes`, () => {
			fc.assert(
				fc.property(fc.array(anyInteger, { minLength: 1, maxLength: 5 }), (values) => {
					const ours = new FrameWriter();
					const theirs = new protobuf.BufferWriter();
					for (const value of values) {
						ours[kind](value);
						theirs[kind](value);
					}
					assert.deepEqual(Buffer.from(ours.finish()), Buffer.from(theirs.finish()));
				}),
				{ numRuns: 2_000 },
			);
		});

		it(`${kind}: reads what the library reads, from any bytes, and stops where it stops`, () => {
			const bytes = fc.oneof(
				fc.uint8Array({ maxLength: 14 }),
				anyInteger.map((value) => new protobuf.Writer().int64(value).finish()),
			);
			const read = (reader: protobuf.Reader) => {
				try {
					return { value: reader[kind]() as unknown, pos: reader.pos };
				} catch {
					return { error: true };
				}
			};
			fc.assert(
				fc.property(bytes, fc.nat(3), (input, start) => {
					const ours = new FrameReader(input);
					const theirs = new protobuf.BufferReader(input);
					ours.pos = Math.min(start, input.length);
					theirs.pos = ours.pos;
					assert.deepEqual(read(ours), read(theirs));
				}),
				{ numRuns: 5_000 },
			);
		});
	}

	it("what rounding has made too large is written as the largest, not as the smallest", () => {
		const read = (write: (writer: FrameWriter) => protobuf.Writer) =>
			new FrameReader(write(new FrameWriter()).finish());
		assert.ok(Number(read((writer) => writer.uint64(Number("18446744073709551615"))).uint64()) >= 2 ** 63);
		assert.ok(Number(read((writer) => writer.int64(Number("9223372036854775807"))).int64()) >= 2 ** 62);
	});

	it("a number with a fraction, or none at all, is left to the library", () => {
		for (const value of [1.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
			const bytes = new FrameWriter().int64(value).finish();
			assert.deepEqual(Buffer.from(bytes), Buffer.from(new protobuf.BufferWriter().int64(value).finish()));
		}
	});
});
