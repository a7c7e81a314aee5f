// What every box promises of alarms: the same tests for Redis with both writers' formats and for the simulator.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { AlarmLevel, AlarmStatus } from "../../../../protocol/gen/schema.ts";
import type { AlarmMark, BoxAlarm, BoxAlarms } from "../../../../services/edge/boxes/box-alarms.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";

export interface AlarmsFixture {
	readonly alarms: BoxAlarms;
	/** Resolves when changes are listened for. */
	listening?(): Promise<void>;
	/** Lets the box raise an alarm. */
	raise(): Promise<void>;
	readonly nowMs: () => number;
	close(): Promise<void>;
}

export function alarmsContract(open: () => Promise<AlarmsFixture>): void {
	const withBox = (name: string, test: (fixture: AlarmsFixture) => Promise<void>): void => {
		void it(name, { timeout: 30_000 }, async () => {
			const fixture = await open();
			try {
				await test(fixture);
			} finally {
				await fixture.close();
			}
		});
	};

	async function active(alarms: BoxAlarms): Promise<BoxAlarm> {
		const all = await alarms.get(await alarms.ids(1000));
		const found = all.find((alarm) => alarm?.status === AlarmStatus.ACTIVE);
		assert.ok(found !== undefined);
		return found;
	}

	const markAt = (nowMs: number, by = "eva", comment = "on my way"): AlarmMark => ({ by, comment, atMs: nowMs });

	async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
		const rejection = (await rejectionOf(call)) as { code: ErrorCode; violations: { field: string }[] };
		assert.equal(rejection.code, code);
		assert.equal(rejection.violations[0]?.field, "alarm_id");
	}

	withBox("lists alarms, each once, and reads them in the order asked", async ({ alarms, nowMs }) => {
		const ids = await alarms.ids(1000);
		assert.ok(ids.length >= 2);
		assert.equal(new Set(ids).size, ids.length);
		const [first = "", second = ""] = ids;
		const found = await alarms.get([second, "no-such-alarm", first]);
		assert.deepEqual(
			found.map((alarm) => alarm?.id),
			[second, undefined, first],
		);
		for (const alarm of await alarms.get(ids)) {
			assert.ok(alarm !== undefined);
			assert.notEqual(alarm.title, "");
			assert.notEqual(alarm.source, "");
			assert.notEqual(alarm.level, AlarmLevel.UNSPECIFIED);
			assert.notEqual(alarm.status, AlarmStatus.UNSPECIFIED);
			assert.ok(alarm.raisedAtMs > 1e12 && alarm.raisedAtMs <= nowMs() + 1000, String(alarm.raisedAtMs));
		}
		assert.equal((await alarms.ids(1)).length, 1);
		assert.deepEqual(await alarms.ids(0), []);
		assert.deepEqual(await alarms.get([]), []);
	});

	withBox("is acknowledged once, then resolved, then left alone", async ({ alarms, nowMs }) => {
		const { id, title, source, level, raisedAtMs } = await active(alarms);
		const atMs = Math.floor(nowMs() / 1000) * 1000;
		const acknowledged = await alarms.acknowledge(id, markAt(atMs));
		assert.deepEqual(acknowledged, {
			...acknowledged,
			...{ id, title, source, level, raisedAtMs },
			...{ status: AlarmStatus.ACKNOWLEDGED, acknowledgedBy: "eva", acknowledgedAtMs: atMs, comment: "on my way" },
		});
		assert.deepEqual(await alarms.get([id]), [acknowledged]);
		assert.deepEqual(await alarms.acknowledge(id, markAt(atMs + 5000, "tom", "")), acknowledged);
		const resolved = await alarms.resolve(id, markAt(atMs + 1000, "tom", "done"));
		assert.deepEqual(resolved, {
			...acknowledged,
			updatedAtMs: resolved.updatedAtMs,
			...{ status: AlarmStatus.RESOLVED, resolvedBy: "tom", resolvedAtMs: atMs + 1000, comment: "done" },
		});
		assert.ok(resolved.updatedAtMs >= acknowledged.updatedAtMs);
		assert.deepEqual(await alarms.get([id]), [resolved]);
		assert.deepEqual(await alarms.resolve(id, markAt(atMs + 9000)), resolved);
		await refused(alarms.acknowledge(id, markAt(atMs + 9000)), ErrorCode.PRECONDITION_FAILED);
		assert.ok((await alarms.ids(1000)).includes(id));
	});

	withBox("is resolved without having been acknowledged", async ({ alarms, nowMs }) => {
		const { id } = await active(alarms);
		const resolved = await alarms.resolve(id, markAt(nowMs()));
		assert.equal(resolved.status, AlarmStatus.RESOLVED);
		assert.equal(resolved.acknowledgedBy, "");
		assert.equal(resolved.acknowledgedAtMs, 0);
	});

	withBox("rejects ids of unknown alarms", async ({ alarms, nowMs }) => {
		const none = ["no-such-alarm", "", "*", "index", "status:Active", "a b", "a\nb", "{x}", "x".repeat(4000), "\u0000"];
		assert.deepEqual(
			await alarms.get(none),
			none.map(() => undefined),
		);
		for (const id of none) {
			await refused(alarms.acknowledge(id, markAt(nowMs())), ErrorCode.NOT_FOUND);
			await refused(alarms.resolve(id, markAt(nowMs())), ErrorCode.NOT_FOUND);
		}
	});

	withBox("reports that an alarm was raised", async ({ alarms, listening, raise }) => {
		const changed: (string | undefined)[] = [];
		alarms.onChange((id) => changed.push(id));
		await listening?.();
		const before = new Set(await alarms.ids(1000));
		await raise();
		await until(async () => {
			const added = (await alarms.ids(1000)).filter((id) => !before.has(id));
			return added.length > 0 && changed.some((id) => id !== undefined && added.includes(id));
		});
	});
}
