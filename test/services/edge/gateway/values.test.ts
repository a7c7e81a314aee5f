// What a field service may have written, as clients of a running gateway receive it: a bad value affects only itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { EdgeSubscription } from "../../../../client/edge/edge-subscription.ts";
import { type Client, DataBatch_Kind, DataType, Quality, SubscriptionMode } from "../../../../client/index.ts";
import { until } from "../../../support/until.ts";
import { Site } from "./site.ts";

const { TELEMETRY } = DataType;
const { GOOD, UNCERTAIN, BAD, UNAVAILABLE } = Quality;
const HUGE = 100_000;
const STALE_MS = 1500;

describe("what a field service writes", { timeout: 60_000 }, () => {
	let site: Site;
	let client: Client;
	before(async () => {
		site = await Site.open();
		await site.serve({ FRAMEGATE_EDGE_TELEMETRY_STALE_MS: String(STALE_MS) });
		client = await site.operator("reader");
	});
	after(() => site.close());

	const watch = (channels: number[], more: object = {}) =>
		client.edge.subscribe({ channels, dataTypes: [TELEMETRY], intervalMs: 100, ...more });
	/** A point in short: value, quality, flags. */
	const brief = (subscription: EdgeSubscription, channel: number, pointId: number) => {
		const { num, str, bool, quality, flags } = subscription.value(channel, TELEMETRY, pointId) ?? {};
		return [num ?? str ?? bool ?? undefined, quality ?? GOOD, flags ?? 0];
	};
	const quality = (subscription: EdgeSubscription, channel: number, pointId = 1) =>
		subscription.value(channel, TELEMETRY, pointId)?.quality;

	it("all kinds of values: numbers as such, what is none as BAD, what a double does not hold as a text", async () => {
		const zoo: [text: string, expected: unknown[]][] = [
			["NaN", [undefined, BAD, 128]],
			["inf", [undefined, BAD, 1]],
			["-inf", [undefined, BAD, 1]],
			["1e16", [1e16, GOOD, 0]],
			["", [undefined, BAD, 128]],
			["0x10", ["0x10", BAD, 128]],
			["1,5", ["1,5", BAD, 128]],
			["\\xff\\xfe1", [undefined, BAD, 128]],
			["9007199254740993", ["9007199254740993", GOOD, 0]],
			["0", [0, GOOD, 0]],
			["25.500000", [25.5, GOOD, 0]],
		];
		await site.field(...zoo.map(([text], index) => `HSET comsrv:1:T ${index + 1} "${text}"`));
		const subscription = await watch([1]);
		await until(() => quality(subscription, 1) !== undefined);
		assert.deepEqual(
			zoo.map((_, index) => brief(subscription, 1, index + 1)),
			zoo.map(([, expected]) => expected),
		);
		await subscription.close();
	});

	it("a text, a list, or JSON where a hash belongs: its channel fails with a reason, and comes when it is mended", async () => {
		await site.field(
			"HSET comsrv:10:T 1 5",
			"SET comsrv:11:T x",
			`SET comsrv:12:T '{"1":25.5}'`,
			"RPUSH comsrv:13:T 1",
		);
		const subscription = await watch([10, 11, 12, 13]);
		const received = new Map<number, unknown[]>();
		subscription.onBatch(({ updates }) => {
			for (const { channelId = 0, quality: of, reason } of updates ?? []) received.set(channelId ?? 0, [of, reason]);
		});
		await until(() => received.size === 4);
		assert.deepEqual(received.get(10), [GOOD, ""]);
		for (const channel of [11, 12, 13]) assert.deepEqual(received.get(channel), [BAD, "WRONGTYPE: not a hash"]);
		assert.equal(brief(subscription, 10, 1)[0], 5);
		await site.field("DEL comsrv:12:T", "HSET comsrv:12:T 1 25.5");
		await until(() => brief(subscription, 12, 1)[0] === 25.5);
		await subscription.close();
	});

	it("keys and points that vanish are unavailable, and are back with their values", async () => {
		await site.field("HSET comsrv:20:T 1 1 2 2", "HSET comsrv:21:T 1 1");
		const full = await watch([20, 21]);
		const changes = await watch([20, 21], { mode: SubscriptionMode.ON_CHANGE, pointIds: [1, 2] });
		for (const each of [full, changes]) await until(() => quality(each, 20, 2) === GOOD && quality(each, 21) === GOOD);
		await site.field("HDEL comsrv:20:T 2", "DEL comsrv:21:T");
		await until(() => quality(changes, 20, 2) === UNAVAILABLE);
		await until(() => full.value(20, TELEMETRY, 2) === undefined && quality(full, 21) === UNAVAILABLE);
		assert.equal(full.value(21, TELEMETRY, 1)?.num ?? undefined, undefined);
		assert.equal(quality(changes, 20), GOOD);
		await site.field("HSET comsrv:20:T 2 3", "HSET comsrv:21:T 1 4");
		for (const each of [full, changes]) {
			await until(() => brief(each, 20, 2)[0] === 3 && brief(each, 21, 1)[0] === 4 && quality(each, 21) === GOOD);
		}
		await full.close();
		await changes.close();
	});

	it("times in seconds or milliseconds, from clocks that jump, are delivered as they are, with good quality", async () => {
		const now = Date.now();
		const time = async () => {
			await until(() => quality(subscription, 30) === GOOD);
			return Number(subscription.value(30, TELEMETRY, 1)?.sourceTsMs);
		};
		await site.field(`HSET comsrv:30:T 1 1 _timestamp ${Math.floor(now / 1000)}`);
		const subscription = await watch([30]);
		assert.equal(await time(), Math.floor(now / 1000) * 1000);
		// The same moment by another writer, a day ahead, a day behind, and never set.
		for (const written of [now, now + 86_400_000, now - 86_400_000, 5000]) {
			const expected = written === 5000 ? 5_000_000 : written;
			await site.field(`HSET comsrv:30:T 1 1 _timestamp ${written}`);
			await until(async () => (await time()) === expected);
		}
		// Nothing moves any more, whatever the clock says.
		await until(() => quality(subscription, 30) === UNCERTAIN);
		await site.field(`HSET comsrv:30:T 1 1 _timestamp ${now - 3600_000}`);
		await until(() => quality(subscription, 30) === GOOD);
		await subscription.close();
	});

	it("a hash of 100,000 fields: whole is refused, points that are named come, and memory stays where it was", async () => {
		const fill = `for i = 1, ${HUGE} do redis.call('HSET', 'comsrv:40:T', i, i + 0.5) end`;
		await site.field(`EVAL "${fill}" 0`, "HSET comsrv:41:T 1 1");
		const before = rssBytes(site.gateway.pid);
		const whole = await watch([40, 41]);
		let reason = "";
		whole.onBatch(({ updates }) => {
			for (const update of updates ?? []) if (update.channelId === 40) reason = update.reason ?? "";
		});
		await until(() => quality(whole, 41) === GOOD && reason !== "");
		assert.match(reason, /more than 10000 points/);
		const pointIds = [1, 70_000, HUGE, HUGE + 1];
		const named = await watch([40], { pointIds, mode: SubscriptionMode.ON_CHANGE });
		await until(() => brief(named, 40, HUGE)[0] === HUGE + 0.5);
		assert.deepEqual(
			pointIds.map((id) => brief(named, 40, id).slice(0, 2)),
			[
				[1.5, GOOD],
				[70_000.5, GOOD],
				[HUGE + 0.5, GOOD],
				[undefined, UNAVAILABLE],
			],
		);
		await site.field("HSET comsrv:40:T 70000 7");
		await until(() => brief(named, 40, 70_000)[0] === 7);
		// As many as may be asked for at once: several messages, of one batch.
		const many = await watch([40], { pointIds: Array.from({ length: 10_000 }, (_, index) => index + 1) });
		let batches = 0;
		let points = 0;
		many.onBatch(({ kind, updates, more }) => {
			if (kind !== DataBatch_Kind.FULL) return;
			points += (updates ?? []).reduce((sum, update) => sum + (update.points?.length ?? 0), 0);
			if (!more) batches++;
		});
		await until(() => batches >= 10);
		assert.equal(points % 10_000, 0);
		const grownMiB = (rssBytes(site.gateway.pid) - before) / 2 ** 20;
		assert.ok(grownMiB < 100, `grew by ${grownMiB} MiB`);
		for (const each of [whole, named, many]) await each.close();
	});
});

function rssBytes(pid: number): number {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
