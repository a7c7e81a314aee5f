// What a view keeps of what it has sent: right, whatever changes, and small.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { DataType, Quality } from "../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointReading } from "../../services/edge/boxes/box-points.ts";
import { LastSent } from "../../services/edge/telemetry/last-sent.ts";
import { missingPoint, PointSelection, pointAt } from "../../services/edge/telemetry/reading-points.ts";
import { qualityOf } from "../../services/edge/telemetry/update-encoder.ts";

const KEY = { family: "comsrv", channel: 1, type: DataType.TELEMETRY };
const isOther = (before: number, now: number) => !Object.is(before, now);
const isFar = (before: number, now: number) => Math.abs(now - before) > 2;

function readingOf(points: readonly PointReading[], hasColumns: boolean): KeyReading {
	const reading = { key: KEY, state: KeyState.PRESENT, reason: "", points, writtenMs: 0, newestMs: 0 };
	const values = points.flatMap(({ value, quality, flags }) =>
		typeof value === "number" && quality === Quality.GOOD && flags === 0 ? [value] : [],
	);
	if (!hasColumns || values.length < points.length) return reading;
	return { ...reading, numbers: { ids: points.map(({ pointId }) => pointId), values, times: undefined } };
}

const anyPoint = fc.record({
	pointId: fc.nat({ max: 12 }),
	value: fc.oneof(
		fc.constantFrom(0, -0, 1, 2, 4, Number.NaN),
		fc.constantFrom("a", "b"),
		fc.boolean(),
		fc.constant(undefined),
	),
	quality: fc.constantFrom(Quality.GOOD, Quality.GOOD, Quality.BAD),
	flags: fc.constantFrom(0, 0, 128),
	sourceMs: fc.constant(0),
});
const anyNumber = anyPoint.map((point) => ({
	...point,
	value: Number(point.pointId % 5),
	quality: Quality.GOOD,
	flags: 0,
}));
const anyReading = fc
	.tuple(
		fc.oneof(
			fc.uniqueArray(anyPoint, { selector: ({ pointId }) => pointId }),
			fc.uniqueArray(anyNumber, { selector: ({ pointId }) => pointId }),
		),
		fc.boolean(),
	)
	.map(([points, hasColumns]) =>
		readingOf(
			points.toSorted((a, b) => a.pointId - b.pointId),
			hasColumns,
		),
	);

describe("what was sent last", () => {
	it("differs by exactly what an object for each point would show", () => {
		const wantedOf = fc.option(
			fc.uniqueArray(fc.nat({ max: 14 }), { minLength: 1 }).map((ids) => ids.sort((a, b) => a - b)),
			{ nil: undefined },
		);
		const anySteps = fc.array(fc.tuple(anyReading, fc.constantFrom(Quality.GOOD, Quality.UNCERTAIN), fc.boolean()));
		fc.assert(
			fc.property(anySteps, wantedOf, fc.constantFrom(isOther, isFar), (steps, wanted, hasMoved) => {
				const last = new LastSent();
				const sent = new Map<number, { value: PointReading["value"]; quality: number; flags: number }>();
				const shown = new PointSelection();
				const changed = new PointSelection();
				for (const [reading, worst, isWhole] of steps) {
					shown.show(reading, wanted);
					const points = shown.ids.slice(0, shown.length).map((id, at) => {
						const index = shown.indexes[at] as number;
						return index < 0 ? missingPoint(id) : pointAt(reading, index);
					});
					const expected = points.filter((point) => {
						const before = sent.get(point.pointId);
						const quality = qualityOf(point, worst);
						const isSame = before !== undefined && before.quality === quality && before.flags === point.flags;
						const { value } = point;
						const bothNumbers = typeof before?.value === "number" && typeof value === "number";
						const isKept =
							isSame &&
							(bothNumbers ? !hasMoved(before.value as number, value as number) : Object.is(before.value, value));
						if (isKept && !isWhole) return false;
						sent.set(point.pointId, { value, quality, flags: point.flags });
						return true;
					});
					const gone = [...sent.keys()]
						.filter((id) => !points.some(({ pointId }) => pointId === id))
						.sort((a, b) => a - b);
					for (const id of gone) sent.delete(id);
					if (isWhole) last.sent(reading, shown, worst);
					else {
						last.select(reading, shown, worst, hasMoved, changed);
						assert.deepEqual(changed.ids.slice(0, changed.length), [
							...expected.map(({ pointId }) => pointId),
							...gone,
						]);
						assert.deepEqual(
							changed.indexes.slice(expected.length, changed.length),
							gone.map(() => -1),
						);
					}
					assert.equal(last.size, points.length);
				}
			}),
			{ numRuns: 500 },
		);
	});

	it("takes less than 30 bytes a point: 2,000,000 of them fit into a field box", () => {
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const shown = new PointSelection();
		const points = Array.from({ length: 1000 }, (_, pointId) => {
			return { pointId, value: pointId + 0.5, quality: Quality.GOOD, flags: 0, sourceMs: 0 };
		});
		const reading = readingOf(points, true);
		shown.show(reading, undefined);
		collect();
		const before = process.memoryUsage().heapUsed;
		const kept = Array.from({ length: 500 }, () => {
			const last = new LastSent();
			last.sent(reading, shown, Quality.GOOD);
			return last;
		});
		collect();
		const bytes = (process.memoryUsage().heapUsed - before) / (kept.length * points.length);
		assert.ok(bytes < 30, `${bytes} bytes a point`);
	});
});
