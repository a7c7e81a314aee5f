// Hand-written batches against the generated codec, and the ticker against time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
	ChannelUpdate,
	DataBatch,
	DataBatch_Kind,
	DataType,
	Envelope,
	pushes,
	Quality,
} from "../../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointReading } from "../../../../services/edge/boxes/box-points.ts";
import { BatchWriter } from "../../../../services/edge/telemetry/batch-writer.ts";
import { phaseMs, revisedIntervalMs } from "../../../../services/edge/telemetry/intervals.ts";
import { Ticker } from "../../../../services/edge/telemetry/ticker.ts";
import { type EncodedUpdate, UpdateEncoder } from "../../../../services/edge/telemetry/update-encoder.ts";
import { handClock } from "../../../support/hand-clock.ts";

const anyPoint: fc.Arbitrary<PointReading> = fc.record({
	pointId: fc.nat({ max: 0xffffffff }),
	value: fc.option(fc.oneof(fc.double(), fc.string({ unit: "grapheme", maxLength: 300 }), fc.boolean()), {
		nil: undefined,
	}),
	quality: fc.constantFrom(Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.UNAVAILABLE),
	flags: fc.constantFrom(0, 1, 16, 128, 241),
	sourceMs: fc.oneof(fc.constantFrom(0, 1_700_000_000_000), fc.nat(), fc.maxSafeNat()),
});
const anyHead = fc.record({
	subId: fc.string({ minLength: 1 }),
	seq: fc.maxSafeNat(),
	kind: fc.constantFrom(DataBatch_Kind.FULL, DataBatch_Kind.DELTA, DataBatch_Kind.KEEPALIVE),
	serverMs: fc.maxSafeNat(),
	dropped: fc.nat(),
	more: fc.boolean(),
});

describe("batches", () => {
	it("are readable by the generated codec", () => {
		const writer = new BatchWriter();
		const readings = fc.array(fc.tuple(fc.nat(), fc.array(anyPoint), fc.nat(), fc.boolean()), { maxLength: 4 });
		fc.assert(
			fc.property(anyHead, readings, (head, parts) => {
				const worst = Quality.UNCERTAIN;
				const updates = parts.map(([channel, points, writtenMs, isPresent]) => {
					const key = { family: "comsrv", channel, type: DataType.SIGNAL };
					const state = isPresent ? KeyState.PRESENT : KeyState.FAILED;
					const reading = { key, state, reason: "WRONGTYPE", points, writtenMs, newestMs: 0 };
					return writer.updates.encode("comsrv", reading, points, worst);
				});
				const envelope = Envelope.decode(writer.frame(head, updates));
				assert.equal(envelope.protocol, pushes.dataBatch.number);
				const batch = DataBatch.decode(envelope.body ?? new Uint8Array());
				const { subId, seq, kind, serverTsMs, dropped, more } = batch;
				assert.deepEqual({ subId, seq, kind, serverMs: serverTsMs, dropped, more }, { ...head });
				assert.equal(batch.updates?.length, parts.length);
				for (const [index, [channel, points, writtenMs, isPresent]] of parts.entries()) {
					const update = batch.updates?.[index];
					assert.deepEqual([update?.source, update?.channelId, update?.dataType], ["comsrv", channel, DataType.SIGNAL]);
					assert.deepEqual([update?.quality, update?.reason], isPresent ? [0, ""] : [Quality.BAD, "WRONGTYPE"]);
					const read = update?.points?.map((point) => ({
						pointId: point.pointId,
						value: point.num ?? point.str ?? point.bool ?? undefined,
						quality: point.quality,
						flags: point.flags,
						sourceMs: point.sourceTsMs,
					}));
					const expected = points.map((point) => ({
						...point,
						quality: point.quality === Quality.GOOD ? worst : point.quality,
						sourceMs: point.sourceMs || writtenMs,
					}));
					assert.deepEqual(read, expected);
				}
			}),
		);
	});

	it("are the same from columns as from objects", () => {
		const column = fc.tuple(
			fc.nat({ max: 0xffffffff }),
			fc.double(),
			fc.constantFrom(0, 1_700_000_000_000, 1_700_000_000_001),
		);
		const columns = fc.array(column, { maxLength: 2000 });
		const encoder = new UpdateEncoder();
		fc.assert(
			fc.property(
				columns,
				fc.nat(),
				fc.constantFrom(Quality.GOOD, Quality.UNCERTAIN),
				fc.boolean(),
				(rows, writtenMs, worst, hasTimes) => {
					const ids = rows.map(([id]) => id);
					const values = rows.map(([, value]) => value);
					const times = hasTimes ? rows.map(([, , time]) => time) : undefined;
					const points = rows.map(([pointId, value, sourceMs]) => {
						return { pointId, value, quality: Quality.GOOD, flags: 0, sourceMs: hasTimes ? sourceMs : writtenMs };
					});
					const whole = { ...reading(points), writtenMs };
					const middle = rows.length >> 1;
					for (const [from, to] of [
						[0, rows.length],
						[0, middle],
						[middle, rows.length],
					] as const) {
						const encoded = encoder.encodeNumbers("comsrv", whole, { ids, values, times }, from, to, worst);
						const expected = encoder.encode("comsrv", whole, points.slice(from, to), worst);
						assert.deepEqual(encoded, expected);
					}
				},
			),
			{ numRuns: 50 },
		);
	});

	it("are correct where a text is longer than the space reserved for everything before it", () => {
		const encoder = new UpdateEncoder();
		for (const length of [127, 128, 4000, 16_383, 16_384, 70_000]) {
			const point = { pointId: 7, value: "ä".repeat(length), quality: Quality.GOOD, flags: 0, sourceMs: 1 };
			const { bytes } = encoder.encode("rülesrv", reading([point]), [point], Quality.GOOD);
			const { source, points } = ChannelUpdate.decode(bytes);
			assert.deepEqual([source, points?.length, points?.[0]?.str], ["rülesrv", 1, point.value]);
		}
	});

	it("are written over what is not needed any more, if they are as long", () => {
		const encoder = new UpdateEncoder();
		const encode = (value: number | string, old?: EncodedUpdate) => {
			const point = { pointId: 7, value, quality: Quality.GOOD, flags: 0, sourceMs: 1 };
			return encoder.encode("comsrv", reading([point]), [point], Quality.GOOD, old);
		};
		const first = encode(1.5);
		const second = encode(-2.25, first);
		assert.equal(second.bytes, first.bytes);
		assert.equal(ChannelUpdate.decode(second.bytes).points?.[0]?.num, -2.25);
		const third = encode("a longer one", second);
		assert.notEqual(third.bytes, second.bytes);
		assert.equal(ChannelUpdate.decode(second.bytes).points?.[0]?.num, -2.25);
		assert.equal(ChannelUpdate.decode(third.bytes).points?.[0]?.str, "a longer one");
	});
});

function reading(points: readonly PointReading[]): KeyReading {
	const key = { family: "comsrv", channel: 1, type: DataType.TELEMETRY };
	return { key, state: KeyState.PRESENT, reason: "", points, writtenMs: 0, newestMs: 0 };
}

describe("the ticker", () => {
	it("keeps its phase, however late it is called, and leaves out what was missed", () => {
		const clock = handClock();
		const ticker = new Ticker(clock, (error) => assert.fail(String(error)));
		const due: number[] = [];
		const tick = ticker.every(100, 30, (dueMs) => due.push(dueMs));
		for (const ms of [25, 10, 60, 37, 1, 450, 50, 100]) {
			clock.advance(ms);
			ticker.run();
		}
		// At 35, 133, 583, 633 (nothing), 733.
		assert.deepEqual(due, [30, 130, 230, 630, 730]);
		tick.stop();
		clock.advance(1000);
		ticker.run();
		assert.equal(due.length, 5);
		let calls = 0;
		ticker.after(10, () => calls++);
		for (let i = 0; i < 5; i++) {
			clock.advance(10);
			ticker.run();
		}
		assert.equal(calls, 1);
		ticker.close();
	});

	it("has short intervals come together, and long ones in different seconds", () => {
		for (let wantedMs = 100; wantedMs < 2000; wantedMs += 50) assert.equal(phaseMs(revisedIntervalMs(wantedMs)), 0);
		const phases = Array.from({ length: 50 }, (_, index) => phaseMs(10_000 + index * 1000));
		for (const [index, phase] of phases.entries()) {
			assert.equal(phase % 1000, 0);
			assert.ok(phase >= 0 && phase < 10_000 + index * 1000);
		}
		assert.ok(new Set(phases).size > 25, "spread over the seconds");
	});

	it("runs by itself", { timeout: 5000 }, async () => {
		const ticker = new Ticker({ now: () => Date.now(), monotonic: () => performance.now() }, (error) =>
			assert.fail(String(error)),
		);
		let calls = 0;
		await new Promise<void>((resolve) => ticker.every(5, 0, () => ++calls === 3 && resolve()));
		ticker.close();
		assert.equal(calls, 3);
	});
});
