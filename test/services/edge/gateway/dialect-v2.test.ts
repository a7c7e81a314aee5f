// What a client sees of a box of dialect v2, and one that does not read: it ends up with the newest values.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { type Client, DataBatch_Kind, DataType, SubscriptionMode } from "../../../../client/index.ts";
import { DataBatch, edgeTelemetryRoutes } from "../../../../protocol/gen/schema.ts";
import { until } from "../../../support/until.ts";
import { WireClient } from "../../../support/wire-client.ts";
import { startDevice } from "../redis/commands-device.ts";
import { Site } from "./site.ts";

const { TELEMETRY } = DataType;
const { FULL } = DataBatch_Kind;
const POINTS = 10_000;
const { subscribe, listSubscriptions, listChannels, resync } = edgeTelemetryRoutes;

describe("a box of dialect v2", { timeout: 60_000 }, () => {
	let site: Site;
	let client: Client;
	before(async () => {
		site = await Site.open();
		await site.serve({ FRAMEGATE_EDGE_BOX_DIALECT: "v2", FRAMEGATE_EDGE_CONTROL_ADJUSTMENT_TIMEOUT_MS: "1000" });
		client = await site.operator("operator");
	});
	after(() => site.close());

	it("is watched, and commanded with times that never repeat", async () => {
		const now = Date.now();
		await site.field("HSET comsrv:7:T 1 25.5 2 0", `HSET comsrv:7:T:ts 1 ${now} 2 ${now}`);
		const subscription = await client.edge.subscribe({ channels: [7], dataTypes: [TELEMETRY], intervalMs: 100 });
		const value = (point: number) => subscription.value(7, TELEMETRY, point);
		await until(() => value(1)?.num === 25.5);
		assert.deepEqual([value(2)?.num, Number(value(2)?.sourceTsMs)], [0, now]);
		await site.field("HSET comsrv:7:T 1 26", `HSET comsrv:7:T:ts 1 ${now + 5}`);
		await until(() => value(1)?.num === 26 && Number(value(1)?.sourceTsMs) === now + 5);
		await subscription.close();

		// The device passes over a command that is not newer than the one before.
		const device = await startDevice({ port: site.box.port, dialect: "v2", channel: 7, points: [5] });
		site.endLater(() => device.stop());
		const values = [1, 0, 0.5, 0, 1];
		const target = { channel: 7, dataType: DataType.ADJUSTMENT, pointId: 5 };
		for (const each of values) await client.edge.write(target, each);
		await until(() => device.executions.length === values.length);
		assert.deepEqual(
			device.executions.map(({ list, value: executed }) => [list, executed]),
			values.map((each) => ["comsrv:7:A:TODO", each]),
		);
	});

	it("lists what it has, what is watched of it, and everything once more when asked", async () => {
		await site.field("HSET comsrv:8:T 1 1 2 2", "HSET comsrv:8:S 1 0", "HSET comsrv:9:T 1 3");
		const found = await client.request(listChannels, { limit: 2 });
		const rest = await client.request(listChannels, { limit: 2, cursor: found.nextCursor ?? "" });
		const channels = [...(found.channels ?? []), ...(rest.channels ?? [])];
		assert.deepEqual(
			channels.map(({ channel }) => channel),
			[7, 8, 9],
		);
		assert.deepEqual(
			channels[1]?.data?.map(({ dataType, points }) => [dataType, points]),
			[
				[TELEMETRY, 2],
				[DataType.SIGNAL, 1],
			],
		);
		const request = { channels: [8, 9], dataTypes: [TELEMETRY], intervalMs: 60_000, mode: SubscriptionMode.ON_CHANGE };
		const subscription = await client.edge.subscribe(request);
		await until(() => subscription.value(9, TELEMETRY, 1)?.num === 3);
		const { subscriptions = [] } = await client.edge.subscriptions();
		assert.equal(subscriptions?.length, 1);
		const [listed] = subscriptions ?? [];
		assert.deepEqual(
			[listed?.subId, listed?.channels, listed?.intervalMs, listed?.isLagging ?? false],
			[subscription.subId, [8, 9], 60_000, false],
		);
		const kinds: number[] = [];
		subscription.onBatch(({ kind }) => kinds.push(kind ?? 0));
		const { subIds } = await client.request(resync, {});
		assert.deepEqual([subIds, kinds], [[subscription.subId], [FULL]]);
		await assert.rejects(client.request(resync, { subId: "nobody's" }));
		await subscription.close();
	});

	it("watched by a client that stops reading: it receives the number of dropped batches, and the newest values", async () => {
		const fill = `for i = 1, ${POINTS} do redis.call('HSET', 'comsrv:50:T', i, i + 0.5) redis.call('HSET', 'comsrv:51:T', i, i) end`;
		await site.field(`EVAL "${fill}" 0`);
		const { client: slow } = await WireClient.member(site.gateway.url, "slow");
		const batches = () =>
			slow.pushes
				.filter(({ protocol }) => protocol === 4501)
				.map(({ body }) => DataBatch.decode(body ?? new Uint8Array()));
		await slow.ask(subscribe, { channels: [50, 51], dataTypes: [TELEMETRY], intervalMs: 100 });
		await until(() => batches().some(({ more }) => !more));
		const conflated = async () => {
			const metrics = await (await fetch(`${site.gateway.httpUrl}/metrics`)).text();
			return Number(/^framegate_telemetry_conflated_total(?:\{.*\})? (\d+)/m.exec(metrics)?.[1]);
		};
		slow.socket.pause();
		await until(async () => (await conflated()) > 0);
		const rss = rssBytes(site.gateway.pid);
		const already = await conflated();
		await until(async () => (await conflated()) >= already + 30);
		const grownMiB = (rssBytes(site.gateway.pid) - rss) / 2 ** 20;
		assert.ok(grownMiB < 50, `grew by ${grownMiB} MiB`);
		await site.field(`HSET comsrv:51:T ${POINTS} -7`);
		slow.pushes.length = 0;
		slow.socket.resume();
		await until(() => batches().some(({ dropped }) => (dropped ?? 0) >= 30));
		const first = batches().find(({ dropped }) => (dropped ?? 0) > 0);
		assert.equal(first?.kind, FULL);
		const newest = () =>
			batches().findLast(({ updates }) =>
				updates?.some(({ channelId, points }) => channelId === 51 && points?.at(-1)?.num === -7),
			);
		await until(() => newest() !== undefined);
		const reply = await slow.ask(listSubscriptions, {});
		const [listed] = listSubscriptions.reply.decode(reply.body ?? new Uint8Array()).subscriptions ?? [];
		assert.ok(Number(listed?.dropped) >= 30);
		await slow.close();
	});
});

function rssBytes(pid: number): number {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
