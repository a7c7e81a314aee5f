// Alarms in a real Redis: what exactly is written, what harms only itself, and what happens while it fails.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { AlarmLevel, AlarmStatus } from "../../../../protocol/gen/schema.ts";
import { ALARM_FIELDS, readAlarm } from "../../../../services/edge/redis/alarms-record.ts";
import { RedisBoxAlarms } from "../../../../services/edge/redis/alarms-redis.ts";
import { BoxChannels } from "../../../../services/edge/redis/box-channels.ts";
import { BoxLink } from "../../../../services/edge/redis/box-link.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { freeze } from "../../../support/freeze.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";
import { fieldsWriter, jsonWriter } from "./alarms-writers.ts";
import { type BoxFixture, openBoxFixture } from "./box-fixture.ts";
import { Mishap, startProxy } from "./commands-proxy.ts";

const mark = { by: "eva", comment: "seen", atMs: 1_754_530_900_123 };

function alarmsOf(link: BoxLink): RedisBoxAlarms {
	return new RedisBoxAlarms(link, boxDialect("v1"), new BoxChannels(link));
}

async function sentBytes(field: Redis): Promise<number> {
	return Number(/total_net_output_bytes:(\d+)/.exec(await field.info("stats"))?.[1]);
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode> {
	return ((await rejectionOf(call)) as { code: ErrorCode }).code;
}

function read(fields: Readonly<Record<string, string>>) {
	return readAlarm(
		"a",
		ALARM_FIELDS.map((field) => fields[field] ?? null),
	)?.alarm;
}

describe("the record of an alarm", () => {
	it("knows every spelling of levels and states", () => {
		for (const [text, level] of [
			["Low", AlarmLevel.LOW],
			["Info", AlarmLevel.LOW],
			["MEDIUM", AlarmLevel.MEDIUM],
			["Warning", AlarmLevel.MEDIUM],
			["minor", AlarmLevel.MEDIUM],
			["High", AlarmLevel.HIGH],
			["Major", AlarmLevel.HIGH],
			['"Critical"', AlarmLevel.CRITICAL],
			["4", AlarmLevel.CRITICAL],
			["enormous", AlarmLevel.UNSPECIFIED],
		] as const) {
			assert.equal(read({ level: text })?.level, level, text);
		}
		for (const [text, acknowledged, status] of [
			["Active", "false", AlarmStatus.ACTIVE],
			["New", "", AlarmStatus.ACTIVE],
			["active", "true", AlarmStatus.ACKNOWLEDGED],
			["", "1", AlarmStatus.ACKNOWLEDGED],
			["acknowledged", "", AlarmStatus.ACKNOWLEDGED],
			['"Acknowledged"', "", AlarmStatus.ACKNOWLEDGED],
			["Resolved", "true", AlarmStatus.RESOLVED],
			["cleared", "", AlarmStatus.RESOLVED],
			["Escalated", "", AlarmStatus.ACTIVE],
		] as const) {
			assert.equal(read({ title: "x", status: text, acknowledged })?.status, status, text);
		}
	});

	it("knows times in seconds, milliseconds and ISO 8601", () => {
		const expected = Date.UTC(2026, 0, 2, 3, 4, 5);
		for (const text of [
			"1767323045",
			"1767323045000",
			"1767323045.0",
			"2026-01-02T03:04:05Z",
			"2026-01-02T04:04:05+01:00",
			"2026-01-02T03:04:05",
			"2026-01-02 03:04:05.000000",
		]) {
			assert.equal(read({ title: "x", timestamp: text })?.raisedAtMs, expected, text);
			assert.equal(read({ data: JSON.stringify({ title: "x", created_at: text }) })?.raisedAtMs, expected, text);
		}
		for (const text of ["", "yesterday", "-5", "NaN", "2026-99-99", "9".repeat(80)]) {
			assert.equal(read({ title: "x", timestamp: text })?.raisedAtMs, 0, text);
		}
	});

	it("is none where there is nothing to show, or JSON that is none", () => {
		assert.equal(read({}), undefined);
		assert.equal(read({ source: "x", timestamp: "1" }), undefined);
		assert.equal(read({ title: "x", data: "{" }), undefined);
		assert.equal(read({ data: "[]" }), undefined);
		assert.equal(read({ title: "x".repeat(5000) })?.title.length, 2048);
	});
});

describe("alarms in a real Redis", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	let alarms: RedisBoxAlarms;
	before(async () => {
		fixture = await openBoxFixture();
		alarms = alarmsOf(fixture.link);
	});
	after(() => fixture.close());
	beforeEach(() => fixture.field.flushall());

	async function announcements(work: () => Promise<unknown>): Promise<[string, unknown][]> {
		const listener = fixture.field.duplicate();
		const received: [string, unknown][] = [];
		listener.on("pmessage", (_pattern, channel, message) => received.push([channel, JSON.parse(message)]));
		await listener.psubscribe("*");
		await work();
		await until(() => received.length === 2);
		listener.disconnect();
		return received;
	}

	it("fields: the writer's words, units and indexes are kept, and the change is announced", async () => {
		const { field } = fixture;
		await fieldsWriter.raise(field, "a1", { status: "active" });
		await field.hset("alarmsrv:a1", { timestamp: "1754530000", extra: "stays" });
		const received = await announcements(() => alarms.acknowledge("a1", mark));
		assert.deepEqual(received, [
			["event:alarm:acknowledged", { alarm_id: "a1", user: "eva", timestamp: 1754530900 }],
			["alarmsrv:events", { type: "acknowledged", alarm_id: "a1", user: "eva", timestamp: 1754530900 }],
		]);
		const record = await field.hgetall("alarmsrv:a1");
		assert.deepEqual(record, {
			...{ id: "a1", title: "Too warm", description: "above 85", level: "Critical", source: "comsrv:1001:T:1" },
			...{ timestamp: "1754530000", extra: "stays", status: "acknowledged", acknowledged: "true" },
			...{ acknowledged_by: "eva", acknowledged_at: "1754530900", acknowledge_comment: "seen" },
		});
		assert.deepEqual(await field.smembers("alarmsrv:status:acknowledged"), ["a1"]);
		assert.equal(await field.exists("alarmsrv:status:active"), 0);
		await alarms.resolve("a1", { ...mark, comment: "" });
		assert.deepEqual(await field.hgetall("alarmsrv:a1"), {
			...record,
			...{ status: "resolved", resolved_by: "eva", resolved_at: "1754530900" },
		});
		assert.deepEqual(await field.smembers("alarmsrv:status:resolved"), ["a1"]);
		assert.equal(await field.exists("alarmsrv:status:acknowledged"), 0);
		assert.deepEqual(await field.smembers("alarmsrv:index"), ["a1"]);
	});

	it("JSON: nothing else in it changes, not a digit; resolved ones go to the end of the index", async () => {
		const { field } = fixture;
		await jsonWriter.raise(field, "b1", { priority: 90 });
		await jsonWriter.raise(field, "b2", { priority: 10 });
		const data = `{"id":"b1","title":"t","level":"Major","status":"New","serial":12345678901234567890,"limit":25.0,"tags":[],"created_at":1754530000123,"acknowledged":false}`;
		await field.hset("alarmsrv:b1", { data });
		await alarms.acknowledge("b1", mark);
		const record = await field.hgetall("alarmsrv:b1");
		assert.equal(
			record["data"],
			`{"id":"b1","title":"t","level":"Major","status":"Acknowledged","serial":12345678901234567890,"limit":25.0,"tags":[],"created_at":1754530000123,"acknowledged":true,"acknowledged_by":"eva","acknowledged_at":1754530900123,"acknowledge_comment":"seen","updated_at":1754530900123}`,
		);
		assert.equal(record["status"], "Acknowledged");
		assert.equal(record["priority"], "90");
		assert.equal(record["acknowledged_by"], undefined);
		assert.deepEqual(await alarms.ids(10), ["b1", "b2"]);
		await alarms.resolve("b1", mark);
		assert.deepEqual(await alarms.ids(10), ["b2", "b1"]);
		assert.equal(await field.zscore("alarmsrv:index", "b1"), "-1");
		assert.deepEqual(await field.smembers("alarmsrv:status:Resolved"), ["b1"]);
		assert.deepEqual(await field.smembers("alarmsrv:status:New"), ["b2"]);
	});

	it("an index sorted by time keeps its order when an alarm is resolved", async () => {
		const { field } = fixture;
		for (const [id, score] of [
			["old", 1_754_530_000],
			["new", 1_754_530_500],
		] as const) {
			await jsonWriter.raise(field, id, { priority: 3 });
			await field.zadd("alarmsrv:index", score, id);
		}
		await alarms.resolve("new", mark);
		assert.deepEqual(await alarms.ids(10), ["new", "old"]);
	});

	it("indexes may change their kind at any time", async () => {
		const { field } = fixture;
		await fieldsWriter.raise(field, "c1");
		await fieldsWriter.raise(field, "c2");
		assert.deepEqual([...(await alarms.ids(10))].sort(), ["c1", "c2"]);
		await field.multi().del("alarmsrv:index").zadd("alarmsrv:index", "1", "c1", "2", "c2").exec();
		await field.multi().del("alarmsrv:status:Active").zadd("alarmsrv:status:Active", "1", "c1", "2", "c2").exec();
		await field.zadd("alarmsrv:status:Acknowledged", 1, "other");
		assert.deepEqual(await alarms.ids(10), ["c2", "c1"]);
		await alarms.acknowledge("c1", mark);
		assert.deepEqual(await field.zrange("alarmsrv:status:Active", "0", "-1"), ["c2"]);
		assert.deepEqual(await field.zrange("alarmsrv:status:Acknowledged", "0", "-1"), ["other", "c1"]);
		await field.multi().del("alarmsrv:index").sadd("alarmsrv:index", "c1").exec();
		await field.multi().del("alarmsrv:status:Resolved").set("alarmsrv:status:Resolved", "no index").exec();
		assert.equal((await alarms.resolve("c1", mark)).status, AlarmStatus.RESOLVED);
		await field.del("alarmsrv:index");
		assert.deepEqual(await alarms.ids(10), []);
		await field.rpush("alarmsrv:index", "c1");
		assert.equal(await codeOf(alarms.ids(10)), ErrorCode.PRECONDITION_FAILED);
	});

	it("an invalid record does not affect the others", async () => {
		const { field } = fixture;
		await fieldsWriter.raise(field, "good");
		await field.set("alarmsrv:text", "x");
		await field.rpush("alarmsrv:list", "x");
		await field.hset("alarmsrv:broken", { data: "{", title: "x" });
		await field.hset("alarmsrv:other", { total: "5" });
		await field.hset("alarmsrv:bytes", { title: Buffer.from([0xff, 0xfe]), status: "Active" });
		const long = "x".repeat(100_000);
		await field.sadd(
			"alarmsrv:index",
			"text",
			"list",
			"broken",
			"other",
			"gone",
			"bytes",
			"a b",
			"*",
			"index",
			"",
			long,
		);
		const ids = await alarms.ids(100);
		assert.deepEqual([...ids].sort(), ["broken", "bytes", "gone", "good", "index", "list", "other", "text"]);
		const found = (await alarms.get(ids)).filter((alarm) => alarm !== undefined);
		assert.deepEqual(found.map(({ id }) => id).sort(), ["bytes", "good"]);
		for (const id of ["text", "list", "broken", "other", "gone", "index"]) {
			assert.equal(await codeOf(alarms.acknowledge(id, mark)), ErrorCode.NOT_FOUND, id);
		}
	});

	it("records are read by the reply, and one longer than any alarm is left where it is", async () => {
		const { field, link } = fixture;
		const ids = Array.from({ length: 40 }, (_, index) => `many-${index}`);
		const pipeline = field.pipeline();
		for (const [index, id] of ids.entries()) {
			const size = index === 7 ? 4_000_000 : 60_000;
			pipeline.hset(`alarmsrv:${id}`, { title: id, level: "High", status: "Active", description: "x".repeat(size) });
		}
		await pipeline.exec();
		const sentBefore = await sentBytes(field);
		const found = await alarmsOf(link).get(ids);
		const sent = (await sentBytes(field)) - sentBefore;
		assert.deepEqual(
			found.flatMap((alarm, index) => (alarm === undefined ? index : [])),
			[7],
		);
		assert.ok(sent < 3_000_000, `${sent} bytes were sent`);
	});

	it("nothing is written to a record that is not in the index", async () => {
		const { field } = fixture;
		await field.hset("alarmsrv:realtime", { status: "New", title: "a hash of something else" });
		assert.equal(await codeOf(alarms.acknowledge("realtime", mark)), ErrorCode.NOT_FOUND);
		assert.equal(await field.hget("alarmsrv:realtime", "status"), "New");
		assert.deepEqual(await field.keys("*"), ["alarmsrv:realtime"]);
	});

	it("of a huge index as many as asked for, the same ones each time", async () => {
		const { field } = fixture;
		const ids = Array.from({ length: 50_000 }, (_, index) => `alarm_${index}`);
		await field.sadd("alarmsrv:index", ...ids);
		const first = await alarms.ids(20_000);
		assert.equal(new Set(first).size, 20_000);
		assert.deepEqual(await alarms.ids(20_000), first);
		const found = await alarms.get(first);
		assert.equal(found.length, 20_000);
		assert.ok(found.every((alarm) => alarm === undefined));
		await field.del("alarmsrv:index");
		await field.zadd("alarmsrv:index", ...ids.flatMap((id, index) => [index, id]));
		assert.deepEqual(await alarms.ids(2), ["alarm_49999", "alarm_49998"]);
	});

	it("concurrent acknowledgements count once", async () => {
		await jsonWriter.raise(fixture.field, "d1");
		const marks = Array.from({ length: 20 }, (_, index) => ({ ...mark, by: `user${index}` }));
		const results = await Promise.all(marks.map((each) => alarms.acknowledge("d1", each)));
		assert.equal(new Set(results.map(({ acknowledgedBy }) => acknowledgedBy)).size, 1);
		assert.equal((await alarms.get(["d1"]))[0]?.acknowledgedBy, results[0]?.acknowledgedBy);
	});

	it("a concurrent change of the writer is not lost", async () => {
		const { field, server } = fixture;
		const proxy = await startProxy(server.port);
		const link = new BoxLink({ name: "", url: proxy.url }, quietLogger());
		try {
			await until(() => link.isUp);
			await jsonWriter.raise(field, "e1");
			const { scripts } = proxy;
			proxy.mishap = Mishap.HOLD;
			const call = alarmsOf(link).acknowledge("e1", mark);
			await until(() => proxy.scripts === scripts + 1);
			const data = JSON.parse((await field.hget("alarmsrv:e1", "data")) ?? "");
			await field.hset("alarmsrv:e1", {
				data: JSON.stringify({ ...data, title: "Much too warm" }),
				title: "Much too warm",
			});
			proxy.release();
			const alarm = await call;
			assert.equal(alarm.title, "Much too warm");
			const after = JSON.parse((await field.hget("alarmsrv:e1", "data")) ?? "");
			assert.deepEqual([after.title, after.status], ["Much too warm", "Acknowledged"]);
		} finally {
			await link.close();
			await proxy.close();
		}
	});

	it("receives changes in all forms", async () => {
		const changed: (string | undefined)[] = [];
		alarms.onChange((id) => changed.push(id));
		await until(() => changed.length === 1);
		await until(async () => ((await fixture.field.pubsub("CHANNELS")) as string[]).length === 4);
		for (const [channel, message] of [
			["event:alarm:created", `{"alarm_id":"f1"}`],
			["event:alarm:resolved", `{"id":"f2"}`],
			["alarmsrv:events", `{"type":"x","alarm":{"id":"f3"}}`],
			["alarmsrv:events", "f4"],
			["alarmsrv:events", "{"],
			["alarmsrv:events", `{"alarm_id":"* *"}`],
			["alarmsrv:events", `{"alarm_id":{"x":1}}`],
		] as const) {
			await fixture.field.publish(channel, message);
		}
		await until(() => changed.length === 8);
		assert.deepEqual(changed, [undefined, "f1", "f2", "f3", "f4", undefined, undefined, undefined]);
	});
});

describe("alarms while their Redis fails", { timeout: 60_000 }, () => {
	it("are unavailable at once, and a change of unknown id is reported afterwards", async () => {
		const fixture = await openBoxFixture({ link: { commandTimeoutMs: 300 } });
		const { port, pid } = fixture.server;
		const alarms = alarmsOf(fixture.link);
		const changed: (string | undefined)[] = [];
		alarms.onChange((id) => changed.push(id));
		try {
			await until(() => changed.length > 0);
			await fieldsWriter.raise(fixture.field, "g1");
			const thaw = await freeze(pid);
			const calls = [alarms.ids(10), alarms.get(["g1"]), alarms.acknowledge("g1", mark)];
			const codes = await Promise.all(calls.map(codeOf)).finally(thaw);
			assert.deepEqual(new Set(codes), new Set([ErrorCode.UNAVAILABLE]));
			await fixture.server.stop();
			await until(() => !fixture.link.isUp);
			assert.equal(await codeOf(alarms.ids(10)), ErrorCode.UNAVAILABLE);
			const before = changed.length;
			const again = await startRedis({ port });
			try {
				await until(() => changed.length > before && changed.at(-1) === undefined);
				// A busy machine may take longer than the short deadline for a reply: the box counts as unreachable for a while then.
				await until(async () => (await alarms.ids(10)).length === 0);
			} finally {
				await again.stop();
			}
		} finally {
			await fixture.close();
		}
	});
});
