// A channel that `edge.telemetry.channels` leaves out is closed to every way in: each route of the edge block, in each encoding, is
// asked for what belongs to it, on a box of either dialect. A route that has no request here yet fails the test.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Redis } from "ioredis";
import type { AnyRouteContract } from "../../protocol/contract.ts";
import * as schema from "../../protocol/gen/schema.ts";
import { DataType } from "../../protocol/gen/schema.ts";
import { EdgePolicy } from "../../services/edge/edge-policy.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";
import { RawPeer, UNLIMITED } from "./raw-peer.ts";

const OPEN = 1001;
const CLOSED = 9001;
/** What stands in everything that belongs to the closed channel, and in what belongs to the open one. */
const CLOSED_VALUE = 424242.125;
const OPEN_VALUE = 111111.125;
const CLOSED_MARK = "CLOSED-MARK";
const OPEN_MARK = "OPEN-MARK";
const CLOSED_POINT = { channel: CLOSED, dataType: DataType.CONTROL, pointId: 7 };

/** For each route what may bring something of the closed channel to light. */
const REQUESTS: Readonly<Record<string, readonly object[]>> = {
	"edgeTelemetry.subscribe": [
		{ channels: [CLOSED] },
		{ channels: [OPEN, CLOSED], intervalMs: 100 },
		{ channels: [CLOSED], pointIds: [7], dataTypes: [DataType.CONTROL] },
	],
	"edgeTelemetry.resync": [{}],
	"edgeTelemetry.listSubscriptions": [{}],
	"edgeTelemetry.readNow": [{ channels: [CLOSED] }, { channels: [OPEN, CLOSED], pointIds: [1, 7] }],
	"edgeTelemetry.listChannels": [{}],
	"edgeTelemetry.unsubscribe": [{ channels: [CLOSED] }],
	"edgeControl.writePoint": [{ target: CLOSED_POINT, value: 1 }],
	"edgeControl.selectPoint": [{ target: CLOSED_POINT, value: 1 }],
	"edgeControl.operatePoint": [{ selectId: "none", value: 1 }],
	"edgeControl.cancelSelect": [{ selectId: "none" }],
	"edgeControl.commandStatus": [{ commandId: "none" }],
	"edgeAlarm.alarmList": [{}, { source: `comsrv:${CLOSED}:T:7` }],
	"edgeAlarm.alarmAck": [{ alarmId: "a-closed", comment: "seen" }],
	"edgeAlarm.alarmClear": [{ alarmId: "a-closed" }],
	"edgeAlarm.alarmCount": [{}],
	"edgeAlarm.alarmSubscribe": [{}],
	"edgeModel.modelList": [{}],
	"edgeModel.modelGet": [{ modelId: "mixed" }, { modelId: "closed" }, { modelId: String(CLOSED) }],
	"edgeModel.modelValues": [
		...[{ modelId: "mixed" }, { modelId: "closed" }],
		...[{ modelId: String(CLOSED) }, { modelId: String(OPEN) }],
	],
	"edgeModel.ruleList": [{}, { onlyActive: true }],
	"edgeModel.ruleGet": [{ ruleId: "r-closed" }, { ruleId: "r-open" }],
	"edgeModel.ruleState": [{ ruleId: "r-closed" }, { ruleId: "r-closed", follow: true }, { follow: true }],
};
/** With the second source of dialect v2 beside. */
const INSTANCES: Readonly<Record<string, readonly object[]>> = {
	"edgeTelemetry.subscribe": [{ source: "inst", channels: [CLOSED, OPEN] }],
	"edgeTelemetry.readNow": [{ source: "inst", channels: [CLOSED, OPEN] }],
	"edgeTelemetry.listChannels": [{ source: "inst" }],
};

const contracts: readonly AnyRouteContract[] = Object.entries(schema)
	.filter(([name]) => /^edge\w*Routes$/.test(name))
	.flatMap(([, routes]) => Object.values(routes as Readonly<Record<string, AnyRouteContract>>));

const CLOSED_BYTES = Buffer.alloc(8);
CLOSED_BYTES.writeDoubleLE(CLOSED_VALUE);
const OPEN_BYTES = Buffer.alloc(8);
OPEN_BYTES.writeDoubleLE(OPEN_VALUE);

function shows(frame: Buffer, mark: string, value: number, bytes: Buffer): boolean {
	return frame.includes(mark) || frame.includes(String(value)) || frame.includes(bytes);
}
const showsClosed = (frame: Buffer) => shows(frame, CLOSED_MARK, CLOSED_VALUE, CLOSED_BYTES);
const showsOpen = (frame: Buffer) => shows(frame, OPEN_MARK, OPEN_VALUE, OPEN_BYTES);

/** A plant of which every part is there twice, once for each channel. */
async function build(redis: Redis): Promise<void> {
	const now = String(Math.floor(Date.now() / 1000));
	for (const [name, channel, point, value, mark] of [
		["open", OPEN, 1, OPEN_VALUE, OPEN_MARK],
		["closed", CLOSED, 7, CLOSED_VALUE, CLOSED_MARK],
	] as const) {
		for (const type of ["T", "S", "C", "A"])
			await redis.hset(`comsrv:${channel}:${type}`, String(point), String(value));
		for (const type of ["M", "A"]) await redis.hset(`inst:${channel}:${type}`, String(point), String(value));
		await redis.set(`inst:${channel}:name`, mark);
		await redis.hset("inst:name:index", mark, String(channel));
		const alarm = {
			title: mark,
			level: "High",
			status: "Active",
			source: `comsrv:${channel}:T:${point}`,
			timestamp: now,
		};
		await redis.hset(`alarmsrv:a-${name}`, { id: `a-${name}`, description: mark, ...alarm });
		await redis.sadd("alarmsrv:index", `a-${name}`);
		const rule = { id: `r-${name}`, name: mark, enabled: true, condition: `comsrv:${channel}:T:${point} > 5` };
		await redis.set(`rulesrv:rule:r-${name}`, JSON.stringify(rule));
		await redis.hset(`rulesrv:rule:r-${name}:state`, "last", mark);
		await redis.hset(`rule:r-${name}:exec`, { timestamp: now, success: "true", execution_path: mark });
		await redis.sadd("rulesrv:rules", `r-${name}`);
		await redis.sadd("rulesrv:rules:active", `r-${name}`);
	}
	const at = (channel: number, pointId: number) => ({ channel, point_id: pointId, type: "T" });
	const models = {
		mixed: { name: OPEN_MARK, mappings: { measurement: { seen: at(OPEN, 1), hidden: at(CLOSED, 7) } } },
		closed: { name: CLOSED_MARK, mappings: { measurement: { [CLOSED_MARK]: at(CLOSED, 7) } } },
	};
	for (const [id, model] of Object.entries(models)) {
		await redis.set(`modsrv:model:${id}`, JSON.stringify({ id, ...model }));
		await redis.hset(`modsrv:model:${id}:measurement`, {
			hidden: String(CLOSED_VALUE),
			computed: String(CLOSED_VALUE),
		});
		await redis.sadd("modsrv:models", id);
	}
}

describe("route × closed channel", () => {
	it("there are requests for every route of the edge block, and for no others", () => {
		assert.deepEqual(Object.keys(REQUESTS).sort(), contracts.map(({ name }) => name).sort());
	});

	for (const dialect of ["v1", "v2"] as const) {
		describe(`dialect ${dialect}`, () => {
			let box: RealServer;
			let redis: Redis;
			let gateway: GatewayProcess;
			let peers: RawPeer[];
			before(async () => {
				box = await startRedis();
				redis = new Redis(box.url);
				await build(redis);
				gateway = await startGateway({
					env: {
						...UNLIMITED,
						EDGE_REDIS_URL: box.url,
						FRAMEGATE_EDGE_BOX_DIALECT: dialect,
						FRAMEGATE_EDGE_TELEMETRY_CHANNELS: "1001-1999",
						FRAMEGATE_EDGE_ALARMS_POLL_MS: "500",
						FRAMEGATE_AUTH_DEFAULT_ROLE: "engineer",
						FRAMEGATE_LIMITS_MAX_CONNECTIONS_PER_SESSION: "10",
					},
				});
				const { client, login } = await WireClient.member(gateway.url, "ada");
				const token = login.tokens?.accessToken ?? "";
				peers = [await RawPeer.open(gateway.url, token), await RawPeer.open(gateway.url, token)];
				peers.push(await RawPeer.open(gateway.url, token));
				await client.close();
			});
			after(async () => {
				for (const peer of peers) peer.close();
				redis.disconnect();
				await gateway.kill9();
				await box.stop();
			});

			const checked = new Map<RawPeer, number>();
			/** What came since the last time, and shows something. */
			const leaks = () =>
				peers.flatMap((peer) => {
					const fresh = peer.frames.slice(checked.get(peer) ?? 0);
					checked.set(peer, peer.frames.length);
					return fresh.filter(showsClosed).map(String);
				});

			for (const contract of contracts) {
				it(`${contract.name} shows nothing of it, in protobuf and in JSON`, async () => {
					const [binary, text] = peers as [RawPeer, RawPeer];
					const requests = [
						...(REQUESTS[contract.name] ?? []),
						...(dialect === "v2" ? (INSTANCES[contract.name] ?? []) : []),
					];
					for (const request of requests) {
						await binary.ask(contract.number, contract.request.encode(request).finish());
						await text.askJson(contract.number, request);
					}
					assert.deepEqual(leaks(), []);
				});
			}

			it("the older dialect shows nothing of it", async () => {
				const older = peers[2] as RawPeer;
				await older.say({
					type: "subscribe",
					id: "s",
					data: { channels: [OPEN, CLOSED], data_types: ["T"], interval: 100 },
				});
				const control = { channel_id: CLOSED, point_id: 7, value: 1, command_type: "control" };
				assert.match(await older.say({ type: "control", id: "c", data: control }), /WS_PERMISSION_DENIED/);
				assert.deepEqual(leaks(), []);
			});

			it("live changes of it are published to no client, those of open channels are", async () => {
				const isPublished = (mark: string) => peers.every((peer) => peer.frames.some((frame) => frame.includes(mark)));
				for (const name of ["closed", "open"]) {
					const mark = name === "open" ? "OPEN-CHANGE" : `${CLOSED_MARK}-CHANGE`;
					await redis.hset(`alarmsrv:a-${name}`, "title", mark);
					await redis.publish("alarmsrv:events", JSON.stringify({ alarm_id: `a-${name}` }));
					const event = { rule_id: `r-${name}`, timestamp: Math.floor(Date.now() / 1000), detail: `${mark}-RULE` };
					await redis.publish("rulesrv:rule_executed", JSON.stringify(event));
				}
				await until(() => isPublished("OPEN-CHANGE"));
				if (dialect === "v1")
					await until(() =>
						peers.slice(0, 2).every(({ frames: all }) => all.some((frame) => frame.includes("OPEN-CHANGE-RULE"))),
					);
				assert.deepEqual(leaks(), []);
			});

			it("the same is shown of the open channel, and nothing was done to the closed one", async () => {
				for (const peer of peers) assert.ok(peer.frames.some(showsOpen));
				const [binary] = peers as [RawPeer];
				const { alarmCount } = schema.edgeAlarmRoutes;
				const { frame } = await binary.ask(alarmCount.number, new Uint8Array(0));
				const { body } = schema.Envelope.decode(frame);
				const { totals } = alarmCount.reply.decode(body ?? new Uint8Array(0));
				assert.equal((totals?.active ?? 0) + (totals?.acknowledged ?? 0) + (totals?.resolved ?? 0), 1);
				assert.equal(await redis.hget("alarmsrv:a-closed", "status"), "Active");
				for (const list of ["comsrv:trigger:9001:C", "comsrv:9001:C:TODO"]) assert.equal(await redis.llen(list), 0);
			});
		});
	}
});

describe("the policy", () => {
	const policy = new EdgePolicy(["1001-1999", "5"]);

	it("finds the channel in what alarms call their source", () => {
		const sources: [string, boolean][] = [
			...([
				["comsrv:9001:T:7", false],
				["comsrv:1001:T:7", true],
				["COMSRV/9001", false],
				["inst:9001:M", false],
				["9001", false],
				["1001", true],
				["9001:T:7", false],
				["channel 9001", false],
				["channel_id=9001", false],
				["ch-9001", false],
				["Channel #1001", true],
				["comsrv:1001 and comsrv:9001", false],
				["modsrv", true],
				["", true],
				["rule 9001x of the battery", true],
			] as [string, boolean][]),
		];
		for (const [source, isSeen] of sources) assert.equal(policy.alarm({ source }), isSeen, source);
	});

	it("finds channels in the definitions of rules, and shows none of which it is not known", () => {
		const definitions: [string, boolean][] = [
			['{"condition":"comsrv:1001:T:3 > 85"}', true],
			['{"condition":"comsrv:9001:T:3 > 85"}', false],
			['{"nodes":[{"config":{"channel_id": 9001,"point_id":3}}]}', false],
			['{"nodes":[{"config":{"channel":"9001"}}]}', false],
			['{"channels":[1001, 9001]}', false],
			['{"channels":[1001, 5]}', true],
			['{"instance_id":9001}', false],
			["", false],
		];
		for (const [definitionJson, isSeen] of definitions)
			assert.equal(policy.rule({ definitionJson }), isSeen, definitionJson);
		assert.equal(new EdgePolicy().rule({ definitionJson: "" }), true);
	});
});
