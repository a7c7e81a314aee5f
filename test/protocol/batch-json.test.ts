// Text of batches, written by hand, against the reflection and against the objects of the generated codec.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BatchJsonWriter } from "../../protocol/batch-json.ts";
import { EnvelopeReader, EnvelopeWriter } from "../../protocol/envelope.ts";
import { DataBatch, type DataBatchProperties, pushes } from "../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../protocol/json.ts";
import { EdgeJsonBatchWriter } from "../../server/dialects/edge-json-batch.ts";

const anyText = fc.oneof(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constantFrom('"\\\n\u2028', "\u0000", ""));
const anyValue = fc.oneof(
	fc.double().map((num) => ({ num })),
	fc.constantFrom(0, -0, 0.1, 1e21, 1e-7, 5e-324, -25.5).map((num) => ({ num })),
	anyText.map((str) => ({ str })),
	fc.boolean().map((bool) => ({ bool })),
	fc.constant({}),
);
const anyPoint = fc
	.tuple(
		fc.record({
			pointId: fc.nat({ max: 0xffffffff }),
			// 9 is a quality of a later version.
			quality: fc.constantFrom(0, 1, 2, 3, 9),
			flags: fc.constantFrom(0, 1, 128, 300),
			sourceTsMs: fc.oneof(fc.constantFrom(0, 1_700_000_000_000), fc.maxSafeNat()),
		}),
		anyValue,
	)
	.map(([fields, value]) => ({ ...fields, ...value }));
// Some numbers are of no name yet.
const anyBatch = fc.record({
	subId: anyText,
	seq: fc.maxSafeNat(),
	kind: fc.constantFrom(0, 1, 2, 3, 7),
	serverTsMs: fc.maxSafeNat(),
	dropped: fc.nat(),
	more: fc.boolean(),
	updates: fc.array(
		fc.record({
			source: anyText,
			channelId: fc.nat({ max: 0xffffffff }),
			dataType: fc.constantFrom(0, 1, 2, 6, 11),
			points: fc.array(anyPoint, { maxLength: 6 }),
			quality: fc.constantFrom(0, 0, 2, 3),
			reason: anyText,
		}),
		{ maxLength: 4 },
	),
}) as fc.Arbitrary<DataBatchProperties>;

const transcoder = new JsonTranscoder();
const writer = new EnvelopeWriter();
const reader = new EnvelopeReader();

function frameOf(batch: DataBatchProperties): Uint8Array {
	const frame = new Uint8Array(writer.push(pushes.dataBatch.number, pushes.dataBatch.message, batch));
	assert.ok(reader.read(frame));
	return frame;
}

describe("a batch as JSON", () => {
	it("is, byte for byte, what the reflection makes of it", () => {
		const json = new BatchJsonWriter();
		fc.assert(
			fc.property(anyBatch, (batch) => {
				const frame = frameOf(batch);
				const body = transcoder.bodyToJson(DataBatch, frame.subarray(reader.bodyStart, reader.bodyEnd));
				const expected = JSON.stringify({ protocol: pushes.dataBatch.number, body });
				assert.equal(json.write(frame, reader.bodyStart, reader.bodyEnd), expected);
			}),
			{ numRuns: 500 },
		);
	});

	it("is left to the reflection where it holds what is not known here, and where it is not just a batch", () => {
		const json = new BatchJsonWriter();
		const batch = { subId: "a", updates: [{ source: "comsrv", points: [{ pointId: 1, num: 2 }] }] };
		const body = DataBatch.encode(batch).finish();
		// Field 15, a varint.
		const later = Uint8Array.of(...body, 120, 1);
		assert.equal(json.write(later, 0, later.length), undefined);
		assert.notEqual(json.write(body, 0, body.length), undefined);
		const positioned = writer.push(pushes.dataBatch.number, pushes.dataBatch.message, batch, {
			...{ channel: "c", offset: 3, epoch: "e" },
		});
		const parsed = JSON.parse(transcoder.frameToJson(positioned, DataBatch)) as Record<string, unknown>;
		assert.deepEqual([parsed["channel"], parsed["offset"], parsed["epoch"]], ["c", "3", "e"]);
	});
});

const QUALITIES = ["good", "uncertain", "bad", "unavailable"];
const LETTERS = ["", "T", "S", "C", "A", "M", "A"];

/** What older front ends get, made from the objects of the generated codec. */
function olderMessage(body: Uint8Array): unknown {
	const batch = DataBatch.decode(body);
	const updates = (batch.updates ?? []).map((update) => {
		const values: Record<string, unknown> = {};
		const ts: Record<string, number> = {};
		const quality: Record<string, string | undefined> = {};
		for (const { pointId, num, str, bool, quality: own, sourceTsMs } of update.points ?? []) {
			const value = num ?? str ?? bool ?? null;
			values[String(pointId)] = typeof value === "number" && !Number.isFinite(value) ? null : value;
			if (sourceTsMs) ts[String(pointId)] = Number(sourceTsMs);
			if (own) quality[String(pointId)] = QUALITIES[own];
		}
		return {
			...{ source: update.source, channel_id: update.channelId, data_type: LETTERS[update.dataType ?? 0], values },
			...(Object.keys(ts).length > 0 ? { ts } : {}),
			...(Object.keys(quality).length > 0 ? { quality } : {}),
			...(update.quality ? { channel_quality: QUALITIES[update.quality], reason: update.reason } : {}),
		};
	});
	if (updates.length === 0) return undefined;
	const isUpdate = batch.kind === 2 && updates.length === 1;
	const total = updates.reduce((sum, { values }) => sum + Object.keys(values).length, 0);
	return {
		...{ type: isUpdate ? "data_update" : "data_batch", id: `${batch.subId}_${batch.seq}` },
		timestamp: new Date(1000).toISOString(),
		data: isUpdate ? updates[0] : { updates, total_points: total },
	};
}

describe("a batch of the older dialect", () => {
	it("says what the objects of the generated codec say", () => {
		const edge = new EdgeJsonBatchWriter();
		fc.assert(
			fc.property(anyBatch, (given) => {
				const updates = (given.updates ?? []).map((update) => ({
					...update,
					dataType: Math.min(6, update.dataType ?? 0),
					// Each point once, as batches have it, and with qualities that there are.
					points: [...new Map((update.points ?? []).map((point) => [point.pointId, point])).values()].map((point) => ({
						...point,
						quality: (point.quality ?? 0) % 4,
					})),
				}));
				const frame = frameOf({ ...given, updates });
				const text = edge.write(frame, reader.bodyStart, reader.bodyEnd, 1000);
				const expected = olderMessage(frame.subarray(reader.bodyStart, reader.bodyEnd));
				// -0 is 0 in JSON.
				assert.deepEqual(text && JSON.parse(text), expected && JSON.parse(JSON.stringify(expected)));
			}),
			{ numRuns: 500 },
		);
	});
});
