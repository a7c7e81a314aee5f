// What the Redis of a box can do to its reader: wrong types, huge hashes, wake-ups, and every kind of outage.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Random } from "../../../../bench/prove/random.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { BoxState } from "../../../../services/edge/boxes/box.ts";
import { KeyState } from "../../../../services/edge/boxes/box-points.ts";
import { BoxLink } from "../../../../services/edge/redis/box-link.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { RedisBoxPoints } from "../../../../services/edge/redis/points-redis.ts";
import { freeze } from "../../../support/freeze.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { freePort } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, type BoxFixtureOptions, brief, comsrv, openBoxFixture, readOne } from "./box-fixture.ts";

async function withFixture(options: BoxFixtureOptions, test: (fixture: BoxFixture) => Promise<void>): Promise<void> {
	const fixture = await openBoxFixture(options);
	try {
		await test(fixture);
	} finally {
		await fixture.close();
	}
}

const unavailable = { code: ErrorCode.UNAVAILABLE };

/** A server on a busy machine may take long for what is large. */
const SLOW_REPLY = { commandTimeoutMs: 30_000 };

describe("hashes that are none, or too large", { timeout: 60_000 }, () => {
	it("fails the key that is of another type, and that alone", () =>
		withFixture({}, async ({ field, points }) => {
			await field.set("comsrv:1:T", '{"1":25.5}');
			await field.rpush("comsrv:2:T", "1");
			await field.hset("comsrv:3:T", "1", "25.5");
			const readings = await points.read([1, 2, 3].map((each) => ({ key: comsrv(each), points: undefined })));
			assert.deepEqual(
				readings.map(({ state, reason }) => [state, reason]),
				[
					[KeyState.FAILED, "WRONGTYPE: not a hash"],
					[KeyState.FAILED, "WRONGTYPE: not a hash"],
					[KeyState.PRESENT, ""],
				],
			);
			await field.del("comsrv:1:T");
			await field.hset("comsrv:1:T", "1", "1");
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.PRESENT);
		}));

	it("fails only the hash whose times are of another type", () =>
		withFixture({ dialect: "v2" }, async ({ field, points }) => {
			await field.hset("comsrv:1:T", "1", "25.5");
			await field.set("comsrv:1:T:ts", "x");
			const reading = await readOne(points, comsrv(1));
			assert.deepEqual([reading.state, reading.points[0]?.value, reading.points[0]?.sourceMs], ["present", 25.5, 0]);
		}));

	it("reads what is there whatever came, went or changed its kind since the read before, in whatever order it is kept", () =>
		withFixture({}, async ({ field, points, link, logger }) => {
			const random = new Random(7);
			const values = ["1.5", "-2", "true", "ON", "9007199254740993", "", "nan"];
			const write = () => field.hset("comsrv:1:T", random.below(300), values[random.below(values.length)] as string);
			// Redis keeps a hash of few fields in the order of their coming, one of many in none.
			for (const size of [20, 200]) {
				await field.del("comsrv:1:T");
				while ((await field.hlen("comsrv:1:T")) < size) await write();
				for (let round = 0; round < 60; round++) {
					if (round % 4 === 0) await field.hdel("comsrv:1:T", String(random.below(300)));
					if (round % 10 !== 0) await write();
					const known = await readOne(points, comsrv(1));
					const unbiased = new RedisBoxPoints(link, boxDialect("v1"), {}, logger);
					assert.deepEqual(known, await readOne(unbiased, comsrv(1)), `${size} fields, round ${round}`);
					unbiased.close();
				}
			}
		}));

	it("sees keys come, vanish, and come back", () =>
		withFixture({}, async ({ field, points }) => {
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.MISSING);
			await field.hset("comsrv:1:T", "1", "1");
			const there = await readOne(points, comsrv(1));
			assert.equal(there.state, KeyState.PRESENT);
			await field.del("comsrv:1:T");
			const gone = await readOne(points, comsrv(1));
			assert.equal(gone.state, KeyState.MISSING);
			assert.equal(await readOne(points, comsrv(1)), gone);
			await field.hset("comsrv:1:T", "1", "1");
			assert.deepEqual(await readOne(points, comsrv(1)), there);
		}));

	it("reads of a huge hash what is wanted, and says so to who wants all", () =>
		withFixture({ dialect: "v2", points: { maxPointsPerKey: 1000 }, link: SLOW_REPLY }, async ({ field, points }) => {
			const fields = Array.from({ length: 100_000 }, (_, index) => [`${index + 1}`, `${index}.500000`] as const);
			await field.hset("comsrv:1:T", new Map(fields));
			await field.hset("comsrv:1:T", "_timestamp", "1754530782");
			await field.hset("comsrv:1:T:ts", "70000", "1754530783000");
			const all = await readOne(points, comsrv(1));
			assert.equal(all.state, KeyState.FAILED);
			assert.match(all.reason, /more than 1000 points/);
			const request = { key: comsrv(1), points: new Set([70_000, 5, 200_000]) };
			const [some] = await points.read([request]);
			assert.deepEqual(brief(some as never), { 5: [4.5, "GOOD", 0], 70000: [69_999.5, "GOOD", 0] });
			assert.deepEqual(
				some?.points.map((point) => point.sourceMs),
				[1_754_530_782_000, 1_754_530_783_000],
			);
			assert.equal((await points.read([request]))[0], some);
			await field.hset("comsrv:1:T", "5", "1");
			const [changed] = await points.read([request]);
			assert.equal(changed?.points[0]?.value, 1);
			const tooMany = new Set(Array.from({ length: 1001 }, (_, index) => index + 1));
			assert.equal((await points.read([{ key: comsrv(1), points: tooMany }]))[0]?.state, KeyState.FAILED);
			await field.del("comsrv:1:T");
			assert.equal((await points.read([request]))[0]?.state, KeyState.MISSING);
			await field.hset("comsrv:1:T", "5", "2");
			assert.equal((await points.read([request]))[0]?.points.length, 1);
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.PRESENT);
		}));

	it("counts no more points than the limit, and the time beside them", () =>
		withFixture({ points: { maxPointsPerKey: 3 } }, async ({ field, points }) => {
			await field.hset("comsrv:1:T", { 1: "1", 2: "2", 3: "3", _timestamp: "1" });
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.PRESENT);
			await field.hset("comsrv:1:T", { 4: "4" });
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.FAILED);
		}));

	it("fails a hash of more bytes than the limit", () =>
		withFixture({ points: { maxBytesPerKey: 1000 } }, async ({ field, points }) => {
			await field.hset("comsrv:1:T", { 1: "1", 2: "x".repeat(2000) });
			const reading = await readOne(points, comsrv(1));
			assert.deepEqual([reading.state, reading.reason], [KeyState.FAILED, "more than 1000 bytes"]);
		}));

	it("reads hashes that are much together, one of them alone beyond its bytes, beside what is none", () =>
		withFixture({ points: { maxBytesPerKey: 200_000 } }, async ({ field, points }) => {
			const text = "x".repeat(200);
			for (const [channel, fields] of [
				[1, 600],
				[2, 600],
				[3, 600],
				[4, 1200],
			] as const) {
				await field.hset(
					`comsrv:${channel}:T`,
					Object.fromEntries(Array.from({ length: fields }, (_, id) => [id, text])),
				);
			}
			await field.set("comsrv:5:T", "no hash");
			const readings = await points.read([1, 2, 3, 4, 5, 6].map((each) => ({ key: comsrv(each), points: undefined })));
			assert.deepEqual(
				readings.map(({ reason, points: { length } }) => [reason, length]),
				[
					["", 600],
					["", 600],
					["", 600],
					["more than 200000 bytes", 0],
					["WRONGTYPE: not a hash", 0],
					["no such key", 0],
				],
			);
			assert.ok(readings[2]?.points.every(({ value }) => value === text));
		}));

	it("reads more keys than fit one batch, in order, with what it keeps bounded", () =>
		withFixture({ points: { maxKeysPerBatch: 7, maxBatchesInFlight: 2, maxKeptBytes: 10_000 } }, async (fixture) => {
			const channels = Array.from({ length: 100 }, (_, index) => index + 1);
			for (const channel of channels) await fixture.field.hset(`comsrv:${channel}:T`, "1", String(channel));
			const requests = channels.map((channel) => ({ key: comsrv(channel), points: undefined }));
			for (let round = 0; round < 3; round++) {
				const readings = await fixture.points.read(requests);
				assert.deepEqual(
					readings.map((reading) => reading.points[0]?.value),
					channels,
				);
			}
		}));

	for (const [maxKeptBytes, isKept] of [
		[1_000_000, true],
		[100_000, false],
	] as const) {
		it(`keeps what is read of huge hashes by name ${isKept ? "if there is room" : "no longer than there is room"}`, () =>
			withFixture({ points: { maxPointsPerKey: 10, maxKeptBytes } }, async (fixture) => {
				const channels = Array.from({ length: 20 }, (_, index) => index + 1);
				const fields = Object.fromEntries(Array.from({ length: 40 }, (_, id) => [id, "x".repeat(200)]));
				for (const channel of channels) await fixture.field.hset(`comsrv:${channel}:T`, fields);
				const points = new Set(Array.from({ length: 9 }, (_, id) => id));
				const requests = channels.map((channel) => ({ key: comsrv(channel), points }));
				const [first] = await fixture.points.read(requests);
				const [second] = await fixture.points.read(requests);
				assert.deepEqual(first?.points, second?.points);
				assert.equal(second?.points.length, 9);
				// About 5 kB a hash.
				assert.equal(first === second, isKept);
			}));
	}
});

describe("wake-ups of a box", { timeout: 60_000 }, () => {
	it("come from keyspace notifications where they are enabled", () =>
		withFixture({ redis: { args: ["--notify-keyspace-events", "Kgh"] } }, async ({ field, points }) => {
			const changed: string[] = [];
			points.onChange((text) => changed.push(text));
			points.watch([comsrv(1), comsrv(2)]);
			await until(async () => {
				await field.hset("comsrv:1:T", "1", "1");
				await field.hset("comsrv:3:T", "1", "1");
				return changed.includes("comsrv:1:1");
			});
			points.watch([comsrv(2)]);
			changed.length = 0;
			await until(async () => {
				await field.hset("comsrv:1:T", "1", "1");
				await field.del("comsrv:2:T");
				await field.hset("comsrv:2:T", "1", "1");
				return changed.includes("comsrv:2:1");
			});
			// One batch may have been in flight as the watch changed.
			changed.length = 0;
			await until(async () => {
				await field.hset("comsrv:1:T", "1", "1");
				await field.hset("comsrv:2:T", "1", "1");
				return changed.length > 2;
			});
			assert.deepEqual([...new Set(changed)], ["comsrv:2:1"]);
		}));

	it("are never enabled by the gateway", () =>
		withFixture({}, async ({ field, points }) => {
			points.watch([comsrv(1)]);
			await until(async () => ((await field.pubsub("NUMSUB", "comsrv:1:T")) as unknown[])[1] === 1);
			assert.deepEqual(await field.config("GET", "notify-keyspace-events"), ["notify-keyspace-events", ""]);
		}));

	it("come again after an outage of the box", () =>
		withFixture({}, async (fixture) => {
			const changed: string[] = [];
			fixture.points.onChange((text) => changed.push(text));
			fixture.points.watch([comsrv(1)]);
			await until(async () => (await fixture.field.publish("comsrv:1:T", "1:1")) > 0);
			await until(() => changed.length > 0);
			await fixture.server.stop();
			await until(() => !fixture.link.isUp);
			fixture.points.watch([comsrv(1), comsrv(2)]);
			const again = await startRedis({ port: fixture.server.port });
			try {
				changed.length = 0;
				await until(async () => {
					await fixture.field.publish("comsrv:2:T", "1:1");
					return changed.includes("comsrv:2:1");
				});
			} finally {
				await again.stop();
			}
		}));
});

describe("an unreachable box", { timeout: 60_000 }, () => {
	it("may be unreachable at the start, and connects by itself", async () => {
		const port = await freePort();
		const link = new BoxLink({ name: "b", url: `redis://127.0.0.1:${port}` }, quietLogger());
		const seen: string[] = [];
		link.onCondition(({ state }) => seen.push(state));
		await until(() => link.condition.reason === "connection refused");
		await assert.rejects(
			link.run((client) => client.get("x")),
			unavailable,
		);
		await assert.rejects(link.probe.check());
		const server = await startRedis({ port });
		try {
			await until(() => link.isUp);
			await link.probe.check();
			assert.deepEqual(seen, [BoxState.UP]);
		} finally {
			await link.close();
			await server.stop();
		}
	});

	it("refuses what needs it at once while it is killed, and works on when it is back", () =>
		withFixture({}, async ({ field, points, link, server }) => {
			await field.hset("comsrv:1:T", "1", "1");
			assert.equal((await readOne(points, comsrv(1))).state, KeyState.PRESENT);
			server.process.kill("SIGKILL");
			await until(() => link.condition.state === BoxState.DOWN);
			await assert.rejects(readOne(points, comsrv(1)), unavailable);
			await assert.rejects(points.channels("comsrv", "", 10), unavailable);
			const again = await startRedis({ port: server.port });
			try {
				await until(() => link.isUp);
				// Its scripts are gone as well.
				assert.equal((await readOne(points, comsrv(1))).state, KeyState.MISSING);
				await field.hset("comsrv:1:T", "1", "2");
				assert.equal((await readOne(points, comsrv(1))).points[0]?.value, 2);
			} finally {
				await again.stop();
			}
		}));

	it("is detected when it is frozen, without anybody reading", () =>
		withFixture(
			{ link: { commandTimeoutMs: 150, heartbeatMs: 50, recheckMs: 50 } },
			async ({ field, points, link, server }) => {
				await field.hset("comsrv:1:T", "1", "1");
				const goOn = await freeze(server.pid);
				try {
					const reading = readOne(points, comsrv(1));
					await assert.rejects(reading, unavailable);
					await until(() => link.condition.state === BoxState.DOWN);
					assert.equal(link.condition.reason, "it does not answer");
					await assert.rejects(readOne(points, comsrv(1)), unavailable);
				} finally {
					goOn();
				}
				// On a busy machine a reply may take longer than that once more.
				await until(async () => (await readOne(points, comsrv(1))).state === KeyState.PRESENT);
			},
		));

	it("is loading, which is neither up nor down", () =>
		withFixture({ redis: { args: ["--key-load-delay", "5000", "--enable-debug-command", "yes"] } }, async (fixture) => {
			const { field, points, link } = fixture;
			for (let channel = 1; channel <= 1000; channel++) await field.hset(`comsrv:${channel}:T`, "1", "1");
			const seen: string[] = [];
			link.onCondition(({ state }) => seen.push(state));
			await field.config("SET", "loading-process-events-interval-bytes", "1024");
			const admin = field.duplicate();
			await admin.ping();
			const reloaded = field.call("DEBUG", "RELOAD");
			await until(async () => {
				await readOne(points, comsrv(1)).catch(() => undefined);
				return link.condition.state === BoxState.LOADING;
			});
			await assert.rejects(readOne(points, comsrv(1)), unavailable);
			// Who comes in the middle of it sees the same.
			const late = new BoxLink({ name: "", url: fixture.server.url }, quietLogger());
			const seenLate: string[] = [];
			late.onCondition(({ state }) => seenLate.push(state));
			await until(() => seenLate.length > 0);
			await admin.config("SET", "key-load-delay", "0");
			await reloaded;
			await until(() => link.isUp && late.isUp);
			await late.close();
			assert.deepEqual(seenLate, [BoxState.LOADING, BoxState.UP]);
			assert.equal((await readOne(points, comsrv(500))).state, KeyState.PRESENT);
			assert.deepEqual(seen, [BoxState.LOADING, BoxState.UP]);
			admin.disconnect();
		}));

	it("is down while it refuses the credentials", async () => {
		const server = await startRedis({ args: ["--requirepass", "right"] });
		const link = new BoxLink({ name: "", url: server.url.replace("//", "//:wrong@") }, quietLogger());
		try {
			await until(() => link.condition.reason === "it refuses the gateway's credentials");
			assert.equal(link.condition.state, BoxState.DOWN);
		} finally {
			await link.close();
			await server.stop();
		}
	});

	it("says in the log, once, that it will not have our commands, and leaves who asked an error", () =>
		withFixture({}, async ({ field, points, logger, link }) => {
			await field.call("ACL", "SETUSER", "default", "-@scripting");
			for (let round = 0; round < 3; round++) await assert.rejects(readOne(points, comsrv(1)), unavailable);
			assert.equal(logger.lines.filter(({ message }) => message === "the box refuses a command").length, 1);
			assert.equal(link.condition.state, BoxState.UP);
		}));

	it("is one server, not a Cluster", () => {
		const make = () => new BoxLink({ name: "", url: "redis+cluster://127.0.0.1:1" }, quietLogger());
		assert.throws(make, /not a Cluster/);
	});
});
