// Telemetry for systems outside the gateway: what has changed since it was read last.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChannelUpdate, DataType, Quality } from "../../../../protocol/gen/schema.ts";
import type { Box } from "../../../../services/edge/boxes/box.ts";
import { type KeyReading, KeyState, type PointKey } from "../../../../services/edge/boxes/box-points.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { TelemetrySamples } from "../../../../services/edge/telemetry/telemetry-samples.ts";
import { handClock } from "../../../support/hand-clock.ts";

const { TELEMETRY, SIGNAL } = DataType;
const STALE_MS = 10_000;

function setUp(open: readonly string[] = []) {
	const clock = handClock();
	const readings = new Map<string, KeyReading>();
	const textOf = ({ channel, type }: PointKey) => `${channel}:${type}`;
	const box = {
		name: "plant",
		sources: [{ family: "comsrv", types: [TELEMETRY, SIGNAL], writableTypes: [] }],
		points: {
			read: async (requests: Parameters<Box["points"]["read"]>[0]) =>
				requests.map(({ key }) => readings.get(textOf(key)) ?? { ...none, key }),
		},
	} as unknown as Box;
	const none = { state: KeyState.MISSING, reason: "no such key", points: [], writtenMs: 0, newestMs: 0 };
	const write = (channel: number, num: number) => {
		const key = { family: "comsrv", channel, type: TELEMETRY };
		const sourceMs = clock.now();
		const points = [1, 2].map((pointId) => ({ pointId, value: num, quality: Quality.GOOD, flags: 0, sourceMs }));
		readings.set(textOf(key), {
			key,
			state: KeyState.PRESENT,
			reason: "",
			points,
			writtenMs: sourceMs,
			newestMs: sourceMs,
		});
	};
	const services = { boxes: new Boxes([box]), policy: new EdgePolicy(open), clock };
	return { clock, write, services };
}

const selection = { source: "", channels: [1001, 1002], points: [] };

describe("samples of telemetry", () => {
	it("are those of keys that have changed, whole, under the path of their box, source, channel and type", async () => {
		const { write, services } = setUp();
		write(1001, 1);
		const samples = new TelemetrySamples(services, [selection], STALE_MS);
		const first = await samples.changed();
		assert.deepEqual(
			first.map(({ path }) => path),
			[
				"plant/comsrv/1001/telemetry",
				"plant/comsrv/1001/signal",
				"plant/comsrv/1002/telemetry",
				"plant/comsrv/1002/signal",
			],
		);
		const [value, missing] = first.map(({ body }) => ChannelUpdate.decode(body));
		assert.deepEqual(
			[value?.channelId, value?.points?.map(({ pointId, num }) => [pointId, num])],
			[
				1001,
				[
					[1, 1],
					[2, 1],
				],
			],
		);
		assert.deepEqual([missing?.quality, missing?.reason], [Quality.UNAVAILABLE, "no such key"]);
		assert.deepEqual(await samples.changed(), []);
		write(1002, 7);
		assert.deepEqual(
			(await samples.changed()).map(({ path }) => path),
			["plant/comsrv/1002/telemetry"],
		);
		samples.forget();
		assert.equal((await samples.changed()).length, 4);
	});

	it("change when values become stale, and when they are fresh again", async () => {
		const { clock, write, services } = setUp();
		write(1001, 1);
		const samples = new TelemetrySamples(services, [{ ...selection, channels: [1001], points: [2] }], STALE_MS);
		await samples.changed();
		clock.advance(STALE_MS + 1000);
		const [stale] = await samples.changed();
		assert.deepEqual(
			ChannelUpdate.decode(stale?.body ?? new Uint8Array()).points?.map(({ quality }) => quality),
			[Quality.UNCERTAIN],
		);
		assert.deepEqual(await samples.changed(), []);
		write(1001, 1);
		assert.equal((await samples.changed()).length, 1);
	});

	it("are of open channels of sources that exist; everything else is said at the start", async () => {
		const { services } = setUp(["1001"]);
		const samples = new TelemetrySamples(services, [selection], STALE_MS);
		assert.deepEqual(
			(await samples.changed()).map(({ path }) => path),
			["plant/comsrv/1001/telemetry", "plant/comsrv/1001/signal"],
		);
		assert.throws(
			() => new TelemetrySamples(services, [{ ...selection, source: "inst" }], STALE_MS),
			/"inst": source no such source/,
		);
		const many = { source: "", channels: Array.from({ length: 3000 }, (_, n) => n), points: [] };
		assert.throws(() => new TelemetrySamples(setUp().services, [many], STALE_MS), /channels must be at most/);
	});
});
