// Deltas in Fossil's format: against the library of that name, on changes of every kind, and within their bounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyDelta as applyTheirs, createDelta as createTheirs } from "fossil-delta";
import { applyDelta, DeltaEncoder, DeltaError } from "../../protocol/fossil-delta.ts";

const encoder = new DeltaEncoder();
const bytes = (text: string) => new TextEncoder().encode(text);
const MAX_BYTES = 1_000_000;

/** A source and a target made of its parts, of what is repeated, and of what is new. */
const changes = fc
	.tuple(fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(2000), { maxLength: 12 }))
	.map(([seed, cuts]) => {
		const source = new Uint8Array(seed.length * 3);
		for (let part = 0; part < 3; part++) source.set(seed, part * seed.length);
		const target: number[] = [];
		for (const [index, cut] of cuts.entries()) {
			if (index % 4 === 3) target.push(cut & 0xff, cut >> 3);
			else target.push(...source.subarray(cut % (source.length + 1), (cut % (source.length + 1)) + ((cut * 7) % 300)));
		}
		return { source, target: Uint8Array.from(target) };
	});

test("a delta makes the target again, by our decoder and by the library's", () => {
	fc.assert(
		fc.property(changes, ({ source, target }) => {
			const delta = encoder.encode(source, target);
			if (delta === undefined) return;
			assert.ok(delta.length < target.length);
			assert.deepEqual(applyDelta(source, delta, MAX_BYTES), target);
			assert.deepEqual(Uint8Array.from(applyTheirs(source, delta)), target);
		}),
		{ numRuns: 2000 },
	);
});

test("our decoder takes the library's deltas", () => {
	fc.assert(
		fc.property(changes, ({ source, target }) => {
			assert.deepEqual(applyDelta(source, Uint8Array.from(createTheirs(source, target)), MAX_BYTES), target);
		}),
	);
});

test("equal documents take a few bytes, and a document with scattered changes a small part", () => {
	const items = Array.from({ length: 800 }, (_, id) => ({ id, name: `item ${id}`, price: id * 17, inStock: true }));
	const source = bytes(JSON.stringify(items));
	assert.ok((encoder.encode(source, source.slice()) as Uint8Array).length < 20);
	const changed = items.map((item) => (item.id % 100 === 0 ? { ...item, price: item.price + 1 } : item));
	const target = bytes(JSON.stringify(changed));
	const delta = encoder.encode(source, target) as Uint8Array;
	assert.ok(delta.length < target.length / 50, `${delta.length} of ${target.length} bytes`);
	assert.deepEqual(applyDelta(source, delta, MAX_BYTES), target);
	// Moved parts are found as well.
	const moved = bytes(JSON.stringify([...items.slice(400), ...items.slice(0, 400)]));
	const move = encoder.encode(source, moved) as Uint8Array;
	assert.ok(move.length < 100, `${move.length} bytes`);
	assert.deepEqual(applyDelta(source, move, MAX_BYTES), moved);
});

test("gives up where a delta is no smaller", () => {
	for (const [source, target] of [
		["", ""],
		["", "a text that is new, all of it"],
		["0123456789", "x"],
		["all of this is gone, since then", "what is here has never been there before"],
	] as const) {
		assert.equal(encoder.encode(bytes(source), bytes(target)), undefined, target);
	}
});

/** Blocks that all have candidates, none of which leads anywhere. */
test("data made to be slow is given up within the bound of compared bytes", () => {
	const block = (last: number) => Uint8Array.from({ length: 4096 }, (_, at) => (at % 512 === 511 ? last : 65));
	const [source, target] = [new Uint8Array(65_536), new Uint8Array(65_536)];
	for (let at = 0; at < 16; at++) {
		source.set(block(at), at * 4096);
		target.set(block(100 + at), at * 4096);
	}
	let reads = 0;
	const counted = new Proxy(source, {
		get: (object, name) => {
			reads++;
			const value: unknown = Reflect.get(object, name, object);
			return typeof value === "function" ? value.bind(object) : value;
		},
	});
	const delta = encoder.encode(counted, target);
	if (delta !== undefined) assert.deepEqual(applyDelta(source, delta, MAX_BYTES), target);
	assert.ok(reads < 20 * (source.length + target.length), `${reads} reads`);
});

test("what is no delta of this source is rejected", () => {
	const source = bytes("a source that is long enough to be copied from, in all of its length");
	const target = bytes("a source that is long enough to be copied from, but not in all of its length");
	const delta = Buffer.from(encoder.encode(source, target) as Uint8Array);
	assert.throws(
		() => applyDelta(bytes("another source altogether, of about the same length as the first"), delta, MAX_BYTES),
		DeltaError,
	);
	assert.throws(() => applyDelta(source, delta, 10), /longer than 10 bytes/);
	for (let length = 0; length < delta.length; length++) {
		assert.throws(() => applyDelta(source, delta.subarray(0, length), MAX_BYTES), DeltaError, `${length} bytes`);
	}
	fc.assert(
		fc.property(fc.nat(delta.length - 1), fc.nat(255), (at, value) => {
			const spoiled = Buffer.from(delta);
			spoiled[at] = value;
			try {
				assert.ok(applyDelta(source, spoiled, MAX_BYTES).length <= MAX_BYTES);
			} catch (error) {
				if (!(error instanceof DeltaError)) throw error;
			}
		}),
	);
});
