// MQTT as an output, with a real broker: acknowledged messages, retained values, a link that is down, permissions.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { connectAsync, type MqttClient } from "mqtt";
import { systemClock } from "../../../common/clock.ts";
import { gatewayEvent } from "../../../messaging/event-sink.ts";
import { MemoryLeaseStore } from "../../../messaging/lease-store-memory.ts";
import {
	Alarm,
	Alarm_Change,
	AlarmLevel,
	AlarmStatus,
	ChannelUpdate,
	DataType,
	Quality,
} from "../../../protocol/gen/schema.ts";
import { JsonTranscoder } from "../../../protocol/json.ts";
import { type Outputs, openOutputs } from "../../../server/compose/outputs.ts";
import { loadConfig } from "../../../server/config/load.ts";
import { outputMetrics } from "../../../services/outputs/metrics.ts";
import type { TelemetrySample } from "../../../services/outputs/mqtt-telemetry.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMosquitto } from "../../support/mosquitto-server.ts";
import { type QuietLogger, quietLogger } from "../../support/quiet-logger.ts";
import { freePort, type RealServer } from "../../support/real-server.ts";
import { until } from "../../support/until.ts";

interface Message {
	readonly topic: string;
	readonly payload: Buffer;
	readonly retained: boolean;
}

function alarm(id: string, title = "Übertemperatur") {
	const record = { alarmId: id, level: AlarmLevel.HIGH, status: AlarmStatus.ACTIVE, title };
	const message = { box: "local", alarm: record, change: Alarm_Change.RAISED };
	return gatewayEvent({ kind: "alarm.raised", id, key: "local", atMs: Date.now() }, Alarm, message);
}

function update(num: number): TelemetrySample {
	const points = [{ pointId: 1, num, quality: Quality.GOOD }];
	const message = { source: "comsrv", channelId: 1001, dataType: DataType.TELEMETRY, points };
	return { path: "local/comsrv/1001/telemetry", body: ChannelUpdate.encode(message).finish() };
}

describe("MQTT as an output", () => {
	let directory: string;
	let database: Database;
	let logger: QuietLogger;
	const json = new JsonTranscoder();
	const opened: { stop(): Promise<unknown> }[] = [];

	beforeEach(async () => {
		directory = mkdtempSync(join(tmpdir(), "framegate-mqtt-"));
		database = openDatabase({ url: `sqlite:${join(directory, "events.db")}` }, quietLogger());
		await database.migrate();
		logger = quietLogger();
	});
	afterEach(async () => {
		for (const one of opened.splice(0).reverse()) await one.stop();
		await database.close();
		rmSync(directory, { recursive: true });
	});

	async function broker(options: Parameters<typeof startMosquitto>[0] = {}): Promise<RealServer> {
		const server = await startMosquitto(options);
		opened.push(server);
		return server;
	}

	async function subscriber(
		url: string,
	): Promise<{ client: MqttClient; messages: Message[]; on(topic: string): Message[] }> {
		const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
		const messages: Message[] = [];
		client.on("message", (topic, payload, { retain }) => messages.push({ topic, payload, retained: retain }));
		await client.subscribeAsync("#", { qos: 1 });
		opened.push({ stop: async () => client.end(true) });
		return { client, messages, on: (topic) => messages.filter((message) => message.topic === topic) };
	}

	/** An output whose telemetry is what the test puts into `changed`. */
	function output(
		url: string,
		mqtt: object = {},
	): { outputs: Outputs; changed: TelemetrySample[]; forgotten: () => number } {
		const overrides = {
			outputs: {
				pollIntervalMs: 20,
				firstRetryMs: 50,
				mqtt: { url, telemetryIntervalMs: 100, telemetry: [{ channels: [1001] }], ...mqtt },
			},
		};
		const config = loadConfig({ env: { FRAMEGATE_PROFILE: "test" }, cwd: directory, overrides });
		const leases = new MemoryLeaseStore(systemClock.monotonic);
		const outputs = openOutputs(
			{ stores: { database, leases }, json: () => json, clock: systemClock, logger },
			config.outputs,
		);
		const changed: TelemetrySample[] = [];
		let forgotten = 0;
		outputs.readTelemetry(() => ({ changed: async () => changed.splice(0), forget: () => void forgotten++ }));
		outputs.start();
		opened.push({ stop: () => outputs.close() });
		return { outputs, changed, forgotten: () => forgotten };
	}

	const numbersOf = (messages: readonly Message[]) =>
		messages.map(({ payload }) => JSON.parse(payload.toString()).points[0].num as number);

	it("publishes alarms as their JSON, and telemetry retained, without a detour by the disk", async () => {
		const server = await broker();
		const listener = await subscriber(server.url);
		const { outputs, changed } = output(server.url);
		await until(() => listener.on("framegate/status").length > 0);
		assert.equal(listener.on("framegate/status")[0]?.payload.toString(), "online");
		await outputs.events?.keep(alarm("a1"));
		await until(() => listener.on("framegate/alarms/local").length === 1);
		const message = listener.on("framegate/alarms/local")[0] as Message;
		const { box, alarm: record, change } = JSON.parse(message.payload.toString());
		assert.deepEqual([box, record.alarmId, record.title, change], ["local", "a1", "Übertemperatur", "CHANGE_RAISED"]);
		await until(async () => (await count()) === 0);
		changed.push(update(1));
		await until(() => listener.on("framegate/telemetry/local/comsrv/1001/telemetry").length === 1);
		changed.push(update(2));
		await until(() => listener.on("framegate/telemetry/local/comsrv/1001/telemetry").length === 2);
		const late = await subscriber(server.url);
		await until(() => late.messages.length === 2);
		const [value] = late.on("framegate/telemetry/local/comsrv/1001/telemetry");
		assert.deepEqual(numbersOf(value ? [value] : []), [2]);
		assert.equal(value?.retained, true);
		assert.deepEqual(late.on("framegate/alarms/local"), [], "an alarm is an event and not retained");
		// Counted when the broker has acknowledged it, which may be after a subscriber has it.
		await until(() => outputs.figures()[0]?.counters.delivered === 3);
		const [figures] = outputs.figures();
		assert.deepEqual([figures?.name, figures?.dropped], ["mqtt", 0]);
	});

	it("writes Protocol Buffers where that is configured", async () => {
		const server = await broker();
		const listener = await subscriber(server.url);
		const { outputs, changed } = output(server.url, { format: "protobuf", topicPrefix: "plant/7", version: "3.1.1" });
		await outputs.events?.keep(alarm("a1"));
		changed.push(update(2.5));
		await until(() => listener.on("plant/7/alarms/local").length === 1);
		await until(() => listener.on("plant/7/telemetry/local/comsrv/1001/telemetry").length === 1);
		assert.equal(Alarm.decode(listener.on("plant/7/alarms/local")[0]?.payload ?? Buffer.alloc(0)).alarm?.alarmId, "a1");
		const [value] = listener.on("plant/7/telemetry/local/comsrv/1001/telemetry");
		assert.equal(ChannelUpdate.decode(value?.payload ?? Buffer.alloc(0)).points?.[0]?.num, 2.5);
	});

	it("keeps everything on disk while the broker is unreachable, over a restart, and delivers it in order", async () => {
		const port = await freePort();
		const url = `mqtt://127.0.0.1:${port}`;
		const first = output(url);
		for (let n = 1; n <= 5; n++) {
			await first.outputs.events?.keep(alarm(`a${n}`));
			first.changed.push(update(n));
			await until(() => first.changed.length === 0);
		}
		await until(async () => (await count()) === 10);
		await first.outputs.close();
		const server = await broker({ port });
		const listener = await subscriber(server.url);
		const second = output(url);
		await until(async () => (await count()) === 0);
		await until(() => listener.on("framegate/telemetry/local/comsrv/1001/telemetry").length >= 5);
		const values = numbersOf(listener.on("framegate/telemetry/local/comsrv/1001/telemetry"));
		assert.deepEqual(values, [1, 2, 3, 4, 5]);
		const alarms = listener
			.on("framegate/alarms/local")
			.map(({ payload }) => JSON.parse(payload.toString()).alarm.alarmId);
		assert.deepEqual(alarms, ["a1", "a2", "a3", "a4", "a5"]);
		assert.ok(second.forgotten() > 0, "with a new connection everything counts as changed");
	});

	it("says offline when it ends, and the broker says it when the connection breaks", async () => {
		const server = await broker();
		const listener = await subscriber(server.url);
		const { outputs } = output(server.url);
		await until(() => listener.on("framegate/status").length === 1);
		await outputs.close();
		await until(() => listener.on("framegate/status").length === 2);
		const said = listener.on("framegate/status").map(({ payload }) => payload.toString());
		assert.deepEqual(said, ["online", "offline"]);
	});

	it("comes back by itself when the broker was restarted, and loses nothing of what happens meanwhile", async () => {
		const port = await freePort();
		const server = await startMosquitto({ port });
		const { outputs } = output(server.url);
		await until(() => outputs.figures()[0]?.isUp === true && outputs.figures()[0]?.isHeld === true);
		await outputs.events?.keep(alarm("a1"));
		await until(async () => (await count()) === 0);
		await server.stop();
		await outputs.events?.keep(alarm("a2"));
		await until(() => outputs.figures()[0]?.isUp === false);
		await broker({ port });
		// Acknowledged by the new broker, perhaps before anybody could subscribe there.
		await until(() => outputs.figures()[0]?.counters.delivered === 2);
		await until(async () => (await count()) === 0);
		const lines = logger.lines.filter(({ message }) => message.includes("MQTT broker"));
		assert.deepEqual(
			lines.map(({ level }) => level),
			["warn", "info"],
			"one line for an outage, one for its end",
		);
	});

	it("has dead letters of what the broker does not permit, and drops values", async () => {
		const server = await broker({ acl: ["topic readwrite framegate/status", "topic read #"] });
		const { outputs, changed } = output(server.url);
		await outputs.events?.keep(alarm("a1"));
		await until(() => outputs.figures()[0]?.counters.buried === 1);
		const dead = await database.run((db) =>
			db.selectFrom("output_events").select(["event_id", "error"]).where("died_at_ms", ">", 0).execute(),
		);
		assert.deepEqual(dead, [{ event_id: "a1", error: "the broker answers with reason code 135" }]);
		changed.push(update(1));
		await until(() => outputs.figures()[0]?.counters.buried === 2);
		await until(async () => (await count()) === 1);
	});

	it("does not publish what is larger than it sends: counted as that, and logged once for each kind", async () => {
		const server = await broker();
		const listener = await subscriber(server.url);
		const { outputs, changed } = output(server.url, { maxPayloadBytes: 1024 });
		const points = Array.from({ length: 400 }, (_, pointId) => ({ pointId, num: pointId, quality: Quality.GOOD }));
		const large = { source: "comsrv", channelId: 1002, dataType: DataType.TELEMETRY, points };
		for (let n = 0; n < 2; n++) {
			await outputs.events?.keep(alarm("a1", "x".repeat(2000)));
			changed.push({ path: "local/comsrv/1002/telemetry", body: ChannelUpdate.encode(large).finish() }, update(n));
			await until(() => listener.on("framegate/telemetry/local/comsrv/1001/telemetry").length === n + 1);
		}
		await outputs.events?.keep(alarm("a2"));
		await until(() => listener.on("framegate/alarms/local").length === 1);
		const metric = outputMetrics({ outputs: outputs.figures, now: Date.now }).find(
			({ name }) => name === "framegate_output_events_total",
		);
		assert.ok(metric?.kind === "counter");
		const samples = [...(await metric.read())];
		const of = (outcome: string) => samples.find(([labels]) => labels["outcome"] === outcome)?.[1];
		assert.deepEqual([of("oversized"), of("dropped")], [4, 0]);
		assert.deepEqual(
			logger.lines.filter(({ level }) => level === "error").map(({ message, fields }) => [message, fields]),
			["alarm.raised", "telemetry"].map((kind) => [
				"events of an output are dropped: they are larger than it sends",
				{ output: "mqtt", kind },
			]),
		);
	});

	it("keeps no more on disk than it may: the oldest values go, alarms stay", async () => {
		const { outputs, changed } = output(`mqtt://127.0.0.1:${await freePort()}`, { maxPendingBytes: 65_536 });
		await outputs.events?.keep(alarm("a1"));
		const points = Array.from({ length: 400 }, (_, pointId) => ({ pointId, num: pointId, quality: Quality.GOOD }));
		const message = { source: "comsrv", channelId: 1001, dataType: DataType.TELEMETRY, points };
		for (let n = 0; n < 10; n++) {
			changed.push({ path: `local/comsrv/${n}/telemetry`, body: ChannelUpdate.encode(message).finish() });
			await until(() => changed.length === 0);
		}
		await until(() => (outputs.figures()[0]?.dropped ?? 0) > 0);
		const rows = await database.run((db) => db.selectFrom("output_events").select(["kind", "bytes"]).execute());
		assert.ok(rows.reduce((sum, { bytes }) => sum + bytes, 0) <= 65_536);
		assert.equal(rows.filter(({ kind }) => kind === "alarm.raised").length, 1);
	});

	async function count(): Promise<number> {
		const rows = await database.run((db) => db.selectFrom("output_events").select("number").execute());
		return rows.length;
	}
});
