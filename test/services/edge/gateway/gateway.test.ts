// A box and its operators, whole: a real Redis that redis-cli writes, a running gateway, and clients of all three
// encodings.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import {
	type Client,
	CommandStage,
	createClient,
	DataBatch_Kind,
	DataType,
	pushes,
	Quality,
	SourceState,
	SubscriptionMode,
} from "../../../../client/index.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { edgeTelemetryRoutes } from "../../../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../../../support/gateway.ts";
import { findProgram } from "../../../support/programs.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { tied } from "../../../support/tied-process.ts";
import { until } from "../../../support/until.ts";

const PASSWORD = "correct horse battery";
const run = promisify(execFile);
const redisCli = findProgram("redis-cli");
const { TELEMETRY, CONTROL, ADJUSTMENT } = DataType;

describe("a field box", () => {
	let box: RealServer;
	let gateway: GatewayProcess;
	const clients: Client[] = [];
	const sockets: WebSocket[] = [];

	/** What a field service does, by a program that shares nothing with the gateway. */
	const cli = async (...args: string[]): Promise<string> => {
		const { port } = new URL(box.url);
		return (await run(redisCli, ["-p", port, ...args])).stdout.trim();
	};

	async function operator(name: string): Promise<Client> {
		const client = createClient({ url: gateway.url });
		clients.push(client);
		await client.connect();
		await client.auth.register({ username: name, password: PASSWORD });
		await client.login({ username: name, password: PASSWORD });
		return client;
	}

	/** A text client, and everything that it received. */
	async function texts(path: string, headers: Record<string, string> = {}, protocols: string[] = []) {
		const socket = new WebSocket(`${gateway.url}${path}`, protocols, { headers });
		sockets.push(socket);
		// biome-ignore lint/suspicious/noExplicitAny: messages of two dialects, of every kind.
		const received: any[] = [];
		socket.on("message", (data, isBinary) =>
			received.push(isBinary ? { isBinary } : JSON.parse(String(data as Buffer))),
		);
		await once(socket, "open");
		return { received, say: (message: object) => socket.send(JSON.stringify(message)) };
	}

	before(async () => {
		box = await startRedis();
		await cli("HSET", "comsrv:1001:T", "1", "25.500000", "2", "0", "_timestamp", String(Date.now()));
		await cli("HSET", "comsrv:1001:S", "1", "1");
		await cli("SET", "comsrv:1002:T", "no hash");
		gateway = await startGateway({
			env: {
				EDGE_REDIS_URL: box.url,
				FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
				FRAMEGATE_AUTH_ATTEMPTS_REGISTER_PER_IP_POINTS: "1000",
				FRAMEGATE_EDGE_ALARMS_POLL_MS: "500",
			},
		});
	});
	after(async () => {
		for (const client of clients) client.close();
		for (const socket of sockets) socket.terminate();
		await gateway.kill9();
		await box.stop();
	});

	it("is watched through protobuf: at once, by interval, by change beyond a deadband, and no more after that", async () => {
		const client = await operator("proto");
		const request = { channels: [1001, 1002], dataTypes: [TELEMETRY], intervalMs: 100 };
		const subscription = await client.edge.subscribe(request);
		const value = (point: number) => subscription.value(1001, TELEMETRY, point);
		await until(() => value(1)?.num === 25.5);
		assert.equal(value(2)?.num, 0);
		const kinds = new Set<number>();
		const failed: string[] = [];
		subscription.onBatch(({ kind, updates }) => {
			kinds.add(kind ?? 0);
			for (const { channelId, reason } of updates ?? []) if (channelId === 1002) failed.push(reason ?? "");
		});
		await cli("HSET", "comsrv:1001:T", "1", "26");
		await until(() => value(1)?.num === 26);
		assert.deepEqual([...kinds], [DataBatch_Kind.FULL]);
		assert.match(failed[0] ?? "", /WRONGTYPE|hash/i);

		const changes = await client.edge.subscribe({
			...{ ...request, channels: [1001], mode: SubscriptionMode.ON_CHANGE, deadband: { absolute: 5 } },
		});
		const received: number[] = [];
		changes.onBatch(({ kind, updates }) => {
			if (kind === DataBatch_Kind.DELTA)
				received.push(...(updates?.[0]?.points ?? []).map(({ num }) => num ?? Number.NaN));
		});
		await until(() => changes.value(1001, TELEMETRY, 1) !== undefined);
		for (const next of ["27", "30", "33"]) {
			await cli("HSET", "comsrv:1001:T", "1", next);
			await until(() => value(1)?.num === Number(next));
		}
		await until(() => received.length > 0);
		assert.deepEqual(received, [33]);

		await subscription.close();
		await changes.close();
		assert.deepEqual((await client.edge.subscriptions()).subscriptions, []);
	});

	it("is watched through JSON", async () => {
		await operator("jsonuser");
		const { received, say } = await texts("", {}, ["framegate.v1.json"]);
		say({ protocol: 1001, seq: 1, body: { username: "jsonuser", password: PASSWORD } });
		say({ protocol: edgeTelemetryRoutes.subscribe.number, seq: 2, body: { channels: [1001], intervalMs: 100 } });
		await until(() => received.some(({ protocol }) => protocol === 4501));
		const reply = received.findIndex(({ seq }) => seq === 2);
		const first = received.findIndex(({ protocol }) => protocol === 4501);
		assert.ok(reply >= 0 && reply < first, "the reply comes first");
		assert.equal(received[first].body.kind, "KIND_FULL");
		assert.equal(received[first].body.subId, received[reply].body.subId);
		say({ protocol: edgeTelemetryRoutes.unsubscribe.number, seq: 3, body: {} });
		await until(() => received.some(({ seq }) => seq === 3));
		assert.equal(received.find(({ seq }) => seq === 3).body.ended, 1);
	});

	it("is watched and commanded by a front end of the older dialect, which changes nothing for it", async () => {
		const client = await operator("older");
		client.close();
		const { received, say } = await texts(`?token=${client.tokens?.accessToken}`, { origin: "http://hmi.example" });
		const of = (type: string) => received.filter((message) => message.type === type);
		say({ type: "ping", id: "p1" });
		await until(() => of("pong").length === 1 && of("alarm_num").length === 1);
		say({
			...{ type: "subscribe", id: "sub_001", timestamp: new Date().toISOString() },
			data: { channels: [1001], data_types: ["T", "S"], interval: 100 },
		});
		await until(() => of("data_batch").length >= 2);
		assert.deepEqual(of("subscribe_ack")[0].data.subscribed, [1001]);
		const [signals] = of("data_batch")[0].data.updates.filter(
			(update: { data_type: string }) => update.data_type === "S",
		);
		assert.deepEqual(signals.values, { 1: 1 });
		say({ type: "subscribe", id: "bad", data: { channels: [1001], source: "nowhere" } });
		await until(() => of("error").length === 1);
		const before = of("data_batch").length;
		await until(() => of("data_batch").length > before);

		const now = Date.now();
		await cli(
			"HSET",
			"alarmsrv:a1",
			"id",
			"a1",
			"title",
			"Hot",
			"level",
			"High",
			"status",
			"Active",
			"timestamp",
			String(now),
		);
		await cli("SADD", "alarmsrv:index", "a1");
		await cli("PUBLISH", "event:alarm:created", "a1");
		await until(() => of("alarm").length === 1);
		assert.deepEqual([of("alarm")[0].data.event_type, of("alarm")[0].data.alarm_id], ["triggered", "a1"]);

		say({ type: "control", id: "c1", data: { channel_id: 1001, point_id: 5, data_type: "C", value: 0 } });
		await until(() => of("control_ack").length >= 1);
		assert.deepEqual([of("control_ack")[0].data.status, of("control_ack")[0].data.request_id], ["accepted", "c1"]);
		assert.equal(JSON.parse(await cli("LPOP", "comsrv:trigger:1001:C")).value, 0);
		const point = { channel_id: 1001, point_id: 8, data_type: "C" };
		say({ type: "control", id: "c2", data: { ...point, value: 1, command_id: "own-1" } });
		const own = () => of("control_ack").filter(({ data }) => data.command_id === "own-1");
		await until(() => own().length > 0);
		await cli("HSET", "comsrv:cmd:own-1", "status", "executed");
		await cli("PUBLISH", "comsrv:ack:1001", "own-1");
		await until(() => own().some(({ data }) => data.status === "executed"));
		assert.deepEqual(
			own().map(({ id, data }) => [id, data.request_id, data.status]),
			["accepted", "executed"].map((status) => ["c2_ack", "c2", status]),
		);
		await cli("LPOP", "comsrv:trigger:1001:C");
		say({ type: "control", id: "c3", data: { ...point, data_type: "T", value: 1 } });
		await until(() => of("error").length === 2);
		const { code, related_message_id } = of("error")[1].data;
		assert.deepEqual([code, related_message_id], ["WS_INVALID_MESSAGE", "c3"]);
		say({ type: "unsubscribe", id: "u1", data: { channels: [1001] } });
		await until(() => of("unsubscribe_ack").length === 1);
		assert.ok(received.every(({ isBinary }) => !isBinary));
	});

	it("reports missing keys, keys of the wrong type and vanished keys to front ends of the older dialect, batch by batch", async () => {
		const client = await operator("vanishing");
		client.close();
		const { received, say } = await texts(`?token=${client.tokens?.accessToken}`, { origin: "http://hmi.example" });
		const batches = () => received.filter(({ type }) => type === "data_batch");
		/** What the newest batch says of a channel. */
		const newest = (channel: number) => {
			const updates: { channel_id: number; values: object; channel_quality?: string; reason?: string }[] =
				batches().at(-1)?.data.updates ?? [];
			const { values, channel_quality, reason } = updates.find(({ channel_id }) => channel_id === channel) ?? {};
			return [values, channel_quality, reason];
		};
		const none = [{}, "unavailable", "no such key"];
		await cli("HSET", "comsrv:1010:T", "1", "5");
		say({ type: "subscribe", id: "s", data: { channels: [1002, 1010, 1011], data_types: ["T"], interval: 100 } });
		await until(() => batches().length > 0);
		assert.deepEqual(newest(1002), [{}, "bad", "WRONGTYPE: not a hash"]);
		assert.deepEqual(newest(1010), [{ 1: 5 }, undefined, undefined]);
		assert.deepEqual(newest(1011), none);
		say({ type: "unsubscribe", id: "u", data: { channels: [1002, 1011] } });
		await until(() => received.some(({ type }) => type === "unsubscribe_ack"));
		await cli("DEL", "comsrv:1010:T");
		await until(() => newest(1010)[1] === "unavailable");
		assert.deepEqual(newest(1010), none);
		const silentFrom = batches().length;
		await until(() => batches().length >= silentFrom + 2);
		const ids = batches()
			.slice(-3)
			.map(({ id }) => Number(id.slice(id.lastIndexOf("_") + 1)));
		assert.deepEqual(
			ids,
			[0, 1, 2].map((after) => (ids[0] ?? 0) + after),
		);
		assert.deepEqual(newest(1010), none);
		await cli("HSET", "comsrv:1010:T", "1", "6");
		await until(() => newest(1010)[1] === undefined);
		assert.deepEqual(newest(1010)[0], { 1: 6 });
	});

	it("executes 0, 1 and fractions, and says so itself: accepted is not executed", async () => {
		const client = await operator("commander");
		const targets = [
			{ target: { channel: 1001, dataType: CONTROL, pointId: 6 }, list: "comsrv:trigger:1001:C", value: 0 },
			{ target: { channel: 1001, dataType: CONTROL, pointId: 6 }, list: "comsrv:trigger:1001:C", value: 1 },
			{ target: { channel: 1001, dataType: ADJUSTMENT, pointId: 7 }, list: "comsrv:trigger:1001:A", value: 0.1 },
		];
		for (const { target, list, value } of targets) {
			const device = spawn(...tied(redisCli, ["-p", new URL(box.url).port, "BLPOP", list, "20"]));
			let taken = "";
			device.stdout.on("data", (chunk: Buffer) => {
				taken += chunk.toString();
			});
			const done = once(device, "close");
			const command = await client.edge.write(target, value);
			assert.equal(command.stage, CommandStage.ACCEPTED);
			await done;
			const entry = JSON.parse(taken.trim().split("\n").at(-1) ?? "");
			assert.deepEqual([entry.point_id, entry.value, entry.command_id], [target.pointId, value, command.id]);
			await cli("HSET", `comsrv:cmd:${command.id}`, "status", "executed", "actual_value", String(value));
			await cli("PUBLISH", "comsrv:ack:1001", command.id);
			const ended = await command.ended;
			assert.deepEqual([ended.stage, ended.actualValue], [CommandStage.EXECUTED, value]);
		}
	});

	it("belongs to one operator while selected, and to anybody once that one has gone", async () => {
		const [first, second] = [await operator("first"), await operator("second")];
		const target = { channel: 1001, dataType: CONTROL, pointId: 8 };
		const { selectId = "" } = await first.edge.select(target, 1);
		await assert.rejects(second.edge.select(target, 1), { code: ErrorCode.CONFLICT });
		await assert.rejects(second.edge.write(target, 1), { code: ErrorCode.CONFLICT });
		await assert.rejects(second.edge.operate(selectId, 1), { code: ErrorCode.PRECONDITION_FAILED });
		await assert.rejects(first.edge.operate(selectId, 0), { code: ErrorCode.VALIDATION_FAILED });
		first.close();
		await until(async () => {
			const taken = await second.edge.select(target, 1);
			return (await second.edge.cancel(taken.selectId ?? "")) === true;
		});
		assert.equal(await cli("LLEN", "comsrv:trigger:1001:C"), "0", "nothing was sent");
	});

	it("that becomes unreachable leaves its last values, takes no command then or later, and comes back by itself", async () => {
		const client = await operator("patient");
		const subscription = await client.edge.subscribe({ channels: [1001], dataTypes: [TELEMETRY], intervalMs: 100 });
		await until(() => subscription.value(1001, TELEMETRY, 1)?.num === 33);
		const states: number[] = [];
		client.edge.on(pushes.sourceStatus, ({ state }) => states.push(state ?? 0));
		const { port } = new URL(box.url);
		await box.stop();
		await until(() => subscription.value(1001, TELEMETRY, 1)?.quality === Quality.UNCERTAIN);
		assert.equal(subscription.value(1001, TELEMETRY, 1)?.num, 33);
		await until(() => states.includes(SourceState.DOWN));
		const target = { channel: 1001, dataType: CONTROL, pointId: 9 };
		await assert.rejects(client.edge.write(target, 1), { code: ErrorCode.UNAVAILABLE });
		await until(async () => (await fetch(`${gateway.httpUrl}/ready`)).status === 503);
		assert.equal((await fetch(`${gateway.httpUrl}/health`)).status, 200);

		box = await startRedis({ port: Number(port) });
		await cli("HSET", "comsrv:1001:T", "1", "40");
		await until(() => {
			const point = subscription.value(1001, TELEMETRY, 1);
			return point?.num === 40 && (point.quality ?? 0) === Quality.GOOD;
		});
		await until(async () => (await fetch(`${gateway.httpUrl}/ready`)).ok);
		assert.equal(await cli("EXISTS", "comsrv:trigger:1001:C"), "0", "what was refused is not sent later");
		await until(() => states.at(-1) === SourceState.UP);
		assert.equal(states.at(0), SourceState.DOWN);
	});

	it("is read as often for many clients as for one", async () => {
		const count = async () => Number(/evalsha:calls=(\d+)/.exec(await cli("INFO", "commandstats"))?.[1] ?? 0);
		const [single, ...others] = await Promise.all(Array.from({ length: 10 }, (_, index) => operator(`many${index}`)));
		assert.ok(single);
		const request = { channels: [1001], dataTypes: [TELEMETRY], intervalMs: 100 };
		/** Reads while one subscription receives so many batches. */
		const readsOf = async (batches: number): Promise<number> => {
			let received = 0;
			const off = subscription.onBatch(() => received++);
			const before = await count();
			await until(() => received >= batches);
			const reads = (await count()) - before;
			off();
			return reads;
		};
		const subscription = await single.edge.subscribe(request);
		const alone = await readsOf(20);
		const all = await Promise.all(others.map((client) => client.edge.subscribe(request)));
		await until(() => all.every((one) => one.value(1001, TELEMETRY, 1) !== undefined));
		const together = await readsOf(20);
		// One read a batch either way; nine more clients would be ten times as many if they counted.
		assert.ok(together < alone * 2, `${alone} reads for one client, ${together} for ten`);
	});
});
