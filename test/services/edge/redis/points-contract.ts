// What every box promises of its points: the same tests for Redis in both dialects and for the simulator.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataType, Quality } from "../../../../protocol/gen/schema.ts";
import {
	type BoxPoints,
	type KeyReading,
	KeyState,
	type PointKey,
	pointKeyText,
} from "../../../../services/edge/boxes/box-points.ts";
import { until } from "../../../support/until.ts";

export interface PointsFixture {
	readonly points: BoxPoints;
	/** Two keys with three points or more. */
	readonly keys: readonly [PointKey, PointKey];
	/** Of the family of `keys`, in order; three or more. */
	readonly channels: readonly number[];
	/** Changes points of the first key. */
	change(): Promise<void>;
	close(): Promise<void>;
}

export function pointsContract(open: () => Promise<PointsFixture>): void {
	const withBox = (name: string, test: (fixture: PointsFixture) => Promise<void>): void => {
		void it(name, { timeout: 30_000 }, async () => {
			const fixture = await open();
			try {
				await test(fixture);
			} finally {
				await fixture.close();
			}
		});
	};
	const all = (key: PointKey) => ({ key, points: undefined });

	withBox("returns keys in the order of the request, points by their ids, each once", async ({ points, keys }) => {
		const [a, b] = keys;
		const missing: PointKey = { ...a, channel: 4_000_000 };
		const readings = await points.read([all(b), all(missing), all(a)]);
		assert.deepEqual(
			readings.map(({ key, state }) => [pointKeyText(key), state]),
			[
				[pointKeyText(b), KeyState.PRESENT],
				[pointKeyText(missing), KeyState.MISSING],
				[pointKeyText(a), KeyState.PRESENT],
			],
		);
		for (const reading of [readings[0], readings[2]]) {
			const ids = reading?.points.map((point) => point.pointId) ?? [];
			assert.ok(ids.length >= 3);
			assert.deepEqual(
				ids,
				[...new Set(ids)].sort((x, y) => x - y),
			);
			for (const point of reading?.points ?? []) {
				assert.equal(typeof point.value, "number");
				assert.equal(point.quality, Quality.GOOD);
				assert.ok(point.sourceMs > 1e12 && point.sourceMs <= Date.now() + 1000, String(point.sourceMs));
			}
		}
		assert.deepEqual(readings[1]?.points, []);
		assert.notEqual(readings[1]?.reason, "");
		assert.deepEqual(await points.read([]), []);
	});

	withBox("returns no data for an unknown type or family", async ({ points, keys }) => {
		const readings = await points.read([
			all({ ...keys[0], type: DataType.UNSPECIFIED }),
			all({ ...keys[0], family: "elsewhere" }),
			all(keys[0]),
		]);
		assert.notEqual(readings[0]?.state, KeyState.PRESENT);
		assert.notEqual(readings[1]?.state, KeyState.PRESENT);
		assert.equal(readings[2]?.state, KeyState.PRESENT);
	});

	const shown = (reading: KeyReading | undefined) => {
		const { state, points, numbers, writtenMs, newestMs } = reading as KeyReading;
		return structuredClone({ state, points, numbers, writtenMs, newestMs });
	};

	withBox("returns the same reading object until something changes", async ({ points, keys, change }) => {
		const [first] = await points.read([all(keys[0])]);
		const [second] = await points.read([all(keys[0])]);
		assert.equal(first, second);
		const before = shown(first);
		await change();
		const [third] = await points.read([all(keys[0])]);
		assert.notEqual(first, third);
		assert.notDeepEqual(first?.points, third?.points);
		assert.deepEqual(shown(first), before, "what was read before stays as it was");
	});

	withBox("returns at least the requested points", async ({ points, keys }) => {
		const [whole] = await points.read([all(keys[0])]);
		const wanted = whole?.points.at(-1)?.pointId as number;
		const [some] = await points.read([{ key: keys[0], points: new Set([wanted, 4_000_000_000]) }]);
		assert.ok(some?.points.some((point) => point.pointId === wanted));
	});

	withBox("lists channels by number, a page at a time", async ({ points, keys, channels }) => {
		const listed: number[] = [];
		let cursor = "";
		do {
			const page = await points.channels(keys[0].family, cursor, 2);
			assert.ok(page.channels.length <= 2);
			listed.push(...page.channels.map(({ channel }) => channel));
			cursor = page.nextCursor;
		} while (cursor !== "");
		assert.deepEqual(listed, channels);
		const whole = await points.channels(keys[0].family, "", 1000);
		assert.equal(whole.nextCursor, "");
		const [reading] = await points.read([all(keys[0])]);
		const channel = whole.channels.find((each) => each.channel === keys[0].channel);
		assert.equal(channel?.data.find(({ type }) => type === keys[0].type)?.points, reading?.points.length);
	});

	withBox("lists nothing of an unknown family, and refuses a cursor that is none", async ({ points, keys }) => {
		assert.deepEqual(await points.channels("elsewhere", "", 10), { channels: [], nextCursor: "" });
		await assert.rejects(points.channels(keys[0].family, "x", 10), { code: ErrorCode.VALIDATION_FAILED });
	});

	withBox("reports changes of watched keys", async ({ points, keys, change }) => {
		const changed: string[] = [];
		points.onChange((text) => changed.push(text));
		points.watch([keys[0]]);
		await until(async () => {
			await change();
			return changed.length > 0;
		});
		assert.equal(changed[0], pointKeyText(keys[0]));
	});
}
