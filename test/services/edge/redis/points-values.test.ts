// Whatever a field service may have written, and what is read of it: through a real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { KeyState } from "../../../../services/edge/boxes/box-points.ts";
import { parseText, shortDecimal, toUnixMs } from "../../../../services/edge/redis/points-values.ts";
import { type BoxFixture, brief, comsrv, openBoxFixture, readOne } from "./box-fixture.ts";

const OVERFLOW = 1;
const INVALID = 128;

describe("values that field services write", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	before(async () => {
		fixture = await openBoxFixture({ dialect: "v2", points: { qualityCheckMs: 0 } });
	});
	after(() => fixture.close());

	it("reads all kinds of values, and none disturbs another", async () => {
		const zoo: [string | Buffer, unknown][] = [
			["25.500000", [25.5, "GOOD", 0]],
			["0", [0, "GOOD", 0]],
			["-3", [-3, "GOOD", 0]],
			["1e16", [1e16, "GOOD", 0]],
			["-1.5E-3", [-0.0015, "GOOD", 0]],
			["+1", [1, "GOOD", 0]],
			[".5", [0.5, "GOOD", 0]],
			["5.", [5, "GOOD", 0]],
			[" 7\n", [7, "GOOD", 0]],
			["true", [true, "GOOD", 0]],
			["false", [false, "GOOD", 0]],
			["9007199254740991", [9_007_199_254_740_991, "GOOD", 0]],
			["9007199254740993", ["9007199254740993", "GOOD", 0]],
			["-18446744073709551615", ["-18446744073709551615", "GOOD", 0]],
			["9007199254740993.000000", [9_007_199_254_740_992, "GOOD", 0]],
			["0.1234567890123456789", [0.12345678901234568, "GOOD", 0]],
			["NaN", [undefined, "BAD", INVALID]],
			["nan", [undefined, "BAD", INVALID]],
			["inf", [undefined, "BAD", OVERFLOW]],
			["-Infinity", [undefined, "BAD", OVERFLOW]],
			["1e999", [undefined, "BAD", OVERFLOW]],
			["", [undefined, "BAD", INVALID]],
			["   ", [undefined, "BAD", INVALID]],
			["0x10", ["0x10", "BAD", INVALID]],
			["1,5", ["1,5", "BAD", INVALID]],
			["1.2.3", ["1.2.3", "BAD", INVALID]],
			["-", ["-", "BAD", INVALID]],
			["RUNNING", ["RUNNING", "BAD", INVALID]],
			["温度", ["温度", "BAD", INVALID]],
			['{"value":1}', ['{"value":1}', "BAD", INVALID]],
			[Buffer.from([0xff, 0xfe, 0x31]), [undefined, "BAD", INVALID]],
			[Buffer.from("1\0"), ["1\0", "BAD", INVALID]],
			["x".repeat(257), [undefined, "BAD", INVALID]],
			["9".repeat(70_000), [undefined, "BAD", INVALID]],
		];
		for (const [index, [text]] of zoo.entries()) await fixture.field.hset("comsrv:1:T", String(index + 1), text);
		const reading = await readOne(fixture.points, comsrv(1));
		assert.deepEqual(brief(reading), Object.fromEntries(zoo.map(([, expected], index) => [index + 1, expected])));
	});

	it("treats fields that are no point ids as metadata, and passes over them", async () => {
		const fields = { _timestamp: "1754530782", __updated: "1", name: "x", "007": "1", "-1": "1", "1.5": "1", "": "1" };
		await fixture.field.hset("comsrv:2:T", { ...fields, 4294967296: "1", 4294967295: "2", 0: "3", 12345678901: "1" });
		const reading = await readOne(fixture.points, comsrv(2));
		assert.deepEqual(brief(reading), { 0: [3, "GOOD", 0], 4294967295: [2, "GOOD", 0] });
		assert.equal(reading.writtenMs, 1_754_530_782_000);
		assert.equal(reading.points[0]?.sourceMs, 1_754_530_782_000);
	});

	it("treats a hash of metadata alone as one without points", async () => {
		await fixture.field.hset("comsrv:3:T", "_timestamp", "1754530782123");
		const reading = await readOne(fixture.points, comsrv(3));
		assert.deepEqual([reading.state, reading.points, reading.writtenMs], [KeyState.PRESENT, [], 1_754_530_782_123]);
	});

	it("prefers the time of a point to that of its hash, in whatever unit", async () => {
		await fixture.field.hset("comsrv:4:T", { 1: "1", 2: "2", 3: "3", _timestamp: "1754530782" });
		await fixture.field.hset("comsrv:4:T:ts", { 1: "1754530782500", 2: "soon" });
		const reading = await readOne(fixture.points, comsrv(4));
		assert.deepEqual(
			reading.points.map((point) => point.sourceMs),
			[1_754_530_782_500, 0, 1_754_530_782_000],
		);
	});

	it("takes a quality that is written beside, notices it when it comes, changes and goes", async () => {
		const { field, points } = fixture;
		await field.hset("comsrv:5:T", { 1: "1", 2: "2", 3: "nan", 4: "4" });
		const plain = await readOne(points, comsrv(5));
		assert.deepEqual(brief(plain)[2], [2, "GOOD", 0]);
		await field.hset("comsrv:5:T:q", { 1: "uncertain", 2: "BAD:144", 3: "good", 4: "what" });
		assert.deepEqual(brief(await readOne(points, comsrv(5))), {
			1: [1, "UNCERTAIN", 0],
			2: [2, "BAD", 144],
			3: [undefined, "BAD", INVALID],
			4: [4, "UNCERTAIN", 0],
		});
		await field.hset("comsrv:5:T:q", { 2: "0" });
		assert.deepEqual(brief(await readOne(points, comsrv(5)))[2], [2, "GOOD", 0]);
		await field.del("comsrv:5:T:q");
		assert.deepEqual(brief(await readOne(points, comsrv(5))), brief(plain));
	});

	it("reads the status that a channel reports", async () => {
		const { field, points } = fixture;
		await field.hset("inst:6:M", { 1: "1", _timestamp: "1" });
		await field.hset("inst:6:status", { online: "1", last_update: "1754530782" });
		await field.hset("inst:7:A", { 1: "1" });
		await field.set("inst:7:status", "no hash");
		assert.deepEqual((await points.channels("inst", "", 10)).channels, [
			{ channel: 6, data: [{ type: 5, points: 1 }], isOnline: true, lastUpdateMs: 1_754_530_782_000 },
			{ channel: 7, data: [{ type: 6, points: 1 }], isOnline: undefined, lastUpdateMs: 0 },
		]);
	});
});

describe("numbers in place", () => {
	it("are the doubles that JavaScript reads", () => {
		let random = 1;
		const next = () => {
			random = (random * 48_271) % 2_147_483_647;
			return random / 2_147_483_647;
		};
		for (let round = 0; round < 20_000; round++) {
			const digits = String(Math.floor(next() * 10 ** (1 + Math.floor(next() * 15))));
			const at = Math.floor(next() * (digits.length + 1));
			const text = `${next() < 0.5 ? "-" : ""}${digits.slice(0, at)}.${digits.slice(at)}`;
			const bytes = Buffer.from(text);
			const short = shortDecimal(bytes, 0, bytes.length);
			assert.ok(short === undefined || Object.is(short, Number(text)), `${text} was read as ${short}`);
			if (digits.length <= 15) assert.notEqual(short, undefined, text);
		}
	});

	it("ignore what they cannot parse", () => {
		for (const text of ["", "-", ".", "-.", "1e5", "1 ", "+1", "1..2", "0x1", "1234567890123456"]) {
			const bytes = Buffer.from(text);
			assert.equal(shortDecimal(bytes, 0, bytes.length), undefined, text);
		}
		assert.equal(parseText(Buffer.from("12"), 0, 2).value, 12);
	});
});

describe("times", () => {
	it("are milliseconds whatever unit they were written in", () => {
		assert.equal(toUnixMs(1_754_530_782), 1_754_530_782_000);
		assert.equal(toUnixMs(1_754_530_782.5), 1_754_530_782_500);
		assert.equal(toUnixMs(1_754_530_782_123), 1_754_530_782_123);
		assert.equal(toUnixMs(1_754_530_782_123_456), 1_754_530_782_123);
		assert.equal(toUnixMs(1_754_530_782_123 * 1e6), 1_754_530_782_123);
		for (const none of [0, -5, 1e19, 1e30, Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(toUnixMs(none), 0);
	});
});
