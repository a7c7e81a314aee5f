// Alarms, models and rules of a box through running gateways: published once and in order though nodes are killed, and
// read beside invalid records.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
	Alarm_Change,
	AlarmLevel,
	AlarmStatus,
	type Client,
	DataType,
	pushes,
	Quality,
} from "../../../../client/index.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { GatewayProcess } from "../../../support/gateway.ts";
import { until } from "../../../support/until.ts";
import { fieldsWriter, jsonWriter } from "../redis/alarms-writers.ts";
import { Site } from "./site.ts";

const { RAISED, ACKNOWLEDGED, RESOLVED } = Alarm_Change;
const FAST = { FRAMEGATE_EDGE_LEASE_MS: "1000", FRAMEGATE_EDGE_ALARMS_POLL_MS: "500" };
const SOURCE = "comsrv:1001:T:1";

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
	const list: Item[] = [];
	for await (const item of items) list.push(item);
	return list;
}

/** The alarms that a client receives, in order. */
function receivedAlarms(client: Client): {
	readonly received: [id: string, change: number][];
	readonly recovered: boolean[];
} {
	const received: [string, number][] = [];
	const recovered: boolean[] = [];
	client.edge.on(pushes.alarm, ({ alarm, change }) => received.push([alarm?.alarmId ?? "", change ?? 0]));
	client.onRecovery((recovery) => {
		if (recovery.channel.startsWith("alarms:")) recovered.push(recovery.recovered);
	});
	return { received, recovered };
}

describe("alarms over two nodes", { timeout: 60_000 }, () => {
	let site: Site;
	before(async () => {
		site = await Site.open();
	});
	after(() => site.close());

	it("are published once and in order, though the publishing node is killed, then the client's own", async () => {
		const data = await site.serveTogether(FAST, FAST);
		const [here, there] = site.gateways as [GatewayProcess, GatewayProcess];
		const client = await site.operator("watcher", there);
		const { received, recovered } = receivedAlarms(client);
		await client.edge.subscribeAlarms();
		const field = site.writer();
		const expected: [string, number][] = [];
		const raise = async (...ids: string[]) => {
			for (const id of ids) {
				await fieldsWriter.raise(field, id);
				expected.push([id, RAISED]);
			}
		};
		/** What was published and recorded would not be published again by a successor. */
		const areRecorded = async (...ids: string[]) => {
			const key = (await site.say(data["REDIS_URL"] ?? "", "KEYS *alarms-told:local")).split("\n")[0] ?? "";
			const fields = (await site.say(data["REDIS_URL"] ?? "", `HKEYS ${key}`)).split("\n");
			return ids.every((id) => fields.includes(id));
		};
		await raise("a1", "a2", "a3");
		await until(() => areRecorded("a1", "a2", "a3"));
		await until(() => received.length === 3);

		await here.kill9();
		await raise("b1", "b2", "b3");
		await until(() => areRecorded("b1", "b2", "b3"));
		await until(() => received.length === 6);

		await there.kill9();
		await raise("c1", "c2", "c3");
		const env = { ...data, ...FAST };
		const directory = { dataDirectory: data["FRAMEGATE_DATA_DIR"] ?? "" };
		await site.serve(env, directory);
		await until(() => areRecorded("c1", "c2", "c3"));
		assert.equal(received.length, 6, "the client has no node yet");
		await site.serve(env, { ...directory, port: there.port });
		// What a recovery brings is there before it is said to be one.
		await until(() => received.length === 9 && recovered.length > 0);
		assert.deepEqual(recovered, [true]);
		await raise("d1");
		await until(() => received.length === 10);
		assert.deepEqual(received, expected);
	});
});

describe("records of a box", { timeout: 60_000 }, () => {
	let site: Site;
	let client: Client;
	before(async () => {
		site = await Site.open();
		// The second box keeps what the other writer writes.
		await site.serve({
			...FAST,
			FRAMEGATE_EDGE_BOX_MORE: JSON.stringify([{ name: "second", url: `${site.box.url}/1`, dialect: "v1" }]),
		});
		client = await site.operator("reader");
	});
	after(() => site.close());

	for (const [box, writer, database, status, type] of [
		["local", fieldsWriter, 0, "HGET alarmsrv:a2 status", "set"],
		["second", jsonWriter, 1, "HGET alarmsrv:a2 data", "zset"],
	] as const) {
		it(`alarms with a ${type} for an index: listed, counted, acknowledged, cleared and published beside invalid records`, async () => {
			const { received } = receivedAlarms(client);
			const field = site.writer(database);
			await client.edge.subscribeAlarms({ box });
			await field.set("alarmsrv:text", "no hash");
			await field.hset("alarmsrv:torn", "data", `{"id":"torn","title":`);
			await field.hset("alarmsrv:blank", "unrelated", "1");
			const bad = ["text", "torn", "blank", "missing", "sp ace", "x".repeat(5000)];
			for (const id of bad)
				await (type === "set" ? field.sadd("alarmsrv:index", id) : field.zadd("alarmsrv:index", 1, id));
			await field.publish("event:alarm:created", "{no json");
			const levels = ["Low", "High", "Critical"];
			for (const [index, level] of levels.entries())
				await writer.raise(field, `a${index + 1}`, { level, priority: index });
			await until(() => received.length === 3);
			assert.equal(await field.type("alarmsrv:index"), type);

			const ids = async (filter: object) =>
				(await all(client.edge.alarms({ box, ...filter }))).map(({ alarmId }) => alarmId);
			assert.deepEqual((await ids({ limit: 1 })).sort(), ["a1", "a2", "a3"]);
			assert.deepEqual(await ids({ level: AlarmLevel.HIGH }), ["a2"]);
			assert.deepEqual((await ids({ source: SOURCE, limit: 2 })).sort(), ["a1", "a2", "a3"]);
			assert.deepEqual(await ids({ source: "elsewhere" }), []);

			const acked = (await client.edge.ackAlarm({ box, alarmId: "a2", comment: "on my way" })).alarm;
			assert.deepEqual(
				[acked?.status, acked?.acknowledgedBy, acked?.comment],
				[AlarmStatus.ACKNOWLEDGED, "reader", "on my way"],
			);
			assert.match((await field.call(...(status.split(" ") as [string]))) as string, /Acknowledged/i);
			const cleared = (await client.edge.clearAlarm({ box, alarmId: "a3", comment: "fan replaced" })).alarm;
			assert.deepEqual([cleared?.status, cleared?.resolvedBy], [AlarmStatus.RESOLVED, "reader"]);
			await assert.rejects(client.edge.ackAlarm({ box, alarmId: "a3" }), { code: ErrorCode.PRECONDITION_FAILED });
			for (const alarmId of bad.filter((id) => /^\w{1,10}$/.test(id))) {
				await assert.rejects(client.edge.ackAlarm({ box, alarmId }), { code: ErrorCode.NOT_FOUND });
			}
			const { totals } = await client.edge.countAlarms({ box });
			const { active, acknowledged, resolved, low, high, critical } = totals ?? {};
			assert.deepEqual([active, acknowledged, resolved, low, high, critical], [1, 1, 1, 1, 1, 0]);
			assert.deepEqual(await ids({ status: AlarmStatus.ACTIVE }), ["a1"]);
			await until(() => received.length === 5);
			assert.deepEqual(received, [
				...["a1", "a2", "a3"].map((id) => [id, RAISED]),
				["a2", ACKNOWLEDGED],
				["a3", RESOLVED],
			]);
			await client.edge.subscribeAlarms({ box, stop: true });
		});
	}

	it("models: listed, read, and their values by name, beside those that are none", async () => {
		const pump = {
			...{ id: "pump", name: "Pump", template: "pump", properties: { rated: 1000, on: true } },
			mappings: {
				measurement: {
					heat: { channel: 1001, point_id: 1, type: "T" },
					flow: { channel: 1001, point_id: 2, type: "T" },
					odd: { channel: "x", point_id: 3, type: "T" },
				},
				action: { start: { channel: 1001, point_id: 5, type: "C" } },
			},
		};
		const field = site.writer();
		await field.set("modsrv:model:pump", JSON.stringify(pump));
		await field.set("modsrv:model:fan", JSON.stringify({ id: "fan", name: "Fan", template: "fan" }));
		await field.set("modsrv:model:torn", `{"id":"torn",`);
		await field.set("modsrv:model:list", "[1,2]");
		await field.rpush("modsrv:model:wrong", "1");
		await field.sadd("modsrv:models", "pump", "fan", "torn", "list", "wrong", "missing", "sp ace");
		await field.sadd("modsrv:models:by_template:pump", "pump", "torn");
		await field.hset("comsrv:1001:T", { 1: "25.5", 2: "0" });
		const ids = async (filter: object) => (await all(client.edge.models(filter))).map(({ id }) => id);
		assert.deepEqual(await ids({ limit: 1 }), ["fan", "pump"]);
		assert.deepEqual(await ids({ template: "pump" }), ["pump"]);
		const { model } = await client.edge.model({ modelId: "pump" });
		assert.deepEqual([model?.name, model?.properties], ["Pump", { rated: "1000", on: "true" }]);
		assert.deepEqual(
			model?.actions?.map(({ name, channel, pointId, dataType }) => [name, channel, pointId, dataType]),
			[["start", 1001, 5, DataType.CONTROL]],
		);
		const { measurements = [] } = await client.edge.modelValues({ modelId: "pump" });
		const value = (name: string) => measurements?.find((each) => each.name === name)?.value;
		assert.deepEqual([value("heat")?.num, value("flow")?.num], [25.5, 0]);
		assert.equal(value("flow")?.quality ?? Quality.GOOD, Quality.GOOD);
		for (const modelId of ["torn", "list", "wrong", "missing"]) {
			await assert.rejects(client.edge.model({ modelId }), { code: ErrorCode.NOT_FOUND });
		}
	});

	it("rules: listed, read, their state, and executions live, beside those that are none", async () => {
		const field = site.writer();
		for (const [priority, id] of ["r1", "r2"].entries()) {
			await field.set(`rulesrv:rule:${id}`, JSON.stringify({ id, name: `Rule ${id}`, priority, enabled: id === "r1" }));
		}
		await field.set("rulesrv:rule:torn", "{");
		await field.sadd("rulesrv:rule:wrong", "1");
		await field.sadd("rulesrv:rules", "r1", "r2", "torn", "wrong", "missing", "sp ace");
		await field.sadd("rulesrv:rules:active", "r1", "torn");
		await field.hset("rulesrv:rule:r1:state", { last_value: "87.5" });
		const ids = async (filter: object) => (await all(client.edge.rules(filter))).map(({ id }) => id);
		assert.deepEqual(await ids({ limit: 1 }), ["r1", "r2"]);
		assert.deepEqual(await ids({ onlyActive: true }), ["r1"]);
		const { rule, definitionJson } = await client.edge.rule({ ruleId: "r1" });
		assert.deepEqual([rule?.name, rule?.isActive], ["Rule r1", true]);
		assert.equal((JSON.parse(definitionJson ?? "") as { id: string }).id, "r1");
		for (const ruleId of ["torn", "wrong", "missing"]) {
			await assert.rejects(client.edge.rule({ ruleId }), { code: ErrorCode.NOT_FOUND });
		}
		const executed: unknown[] = [];
		client.edge.on(pushes.ruleExecuted, ({ execution }) => executed.push([execution?.ruleId, execution?.succeeded]));
		const { state } = await client.edge.ruleState({ ruleId: "r1", follow: true });
		assert.equal(state?.["last_value"], "87.5");
		const events = ["{torn", `{"rule_id":"r1","success":true}`, `{"rule_id":7}`, `{"rule_id":"r2","success":false}`];
		for (const event of events) await field.publish("rulesrv:rule_executed", event);
		await until(() => executed.some((each) => (each as unknown[])[0] === "r2"));
		assert.deepEqual(
			executed.filter((each) => (each as unknown[])[0] !== "7"),
			[
				["r1", true],
				["r2", false],
			],
		);
	});
});
