// The older JSON dialect: its messages as requests, replies and pushes as its messages.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import type { Connection } from "../../../core/connection.ts";
import type { AnyRouteContract, PushContract } from "../../../protocol/contract.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import {
	Alarm_Change,
	AlarmLevel,
	AlarmStatus,
	authRoutes,
	CommandStage,
	DataBatch_Kind,
	DataType,
	ErrorCode,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeTelemetryRoutes,
	pushes,
	Quality,
} from "../../../protocol/gen/schema.ts";
import { type JsonRequest, JsonTranscoder } from "../../../protocol/json.ts";
import { EdgeJsonDialect } from "../../../server/dialects/edge-json.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const AT = "2026-01-02T03:04:05.000Z";
const transcoder = new JsonTranscoder();

class FrontEnd {
	readonly dialect = new EdgeJsonDialect(() => NOW_MS);
	readonly connection: Connection;
	private readonly writer = new EnvelopeWriter();

	constructor(identity?: Identity) {
		this.connection = { identity } as unknown as Connection;
	}

	/** What a message becomes, with the bodies as the routes decode them. */
	say(
		message: unknown,
	): readonly { readonly request: JsonRequest; readonly contract: AnyRouteContract; body: object }[] {
		const read = this.dialect.read(this.connection, message);
		if (read === undefined || typeof read === "string") assert.fail(`no request: ${read}`);
		return read.map((request) => {
			const contract = contracts.get(request.protocol);
			assert.ok(contract, String(request.protocol));
			const bytes = transcoder.bodyFromJson(contract.request, request.body);
			return { request, contract, body: withoutEmpty(plain(contract.request.decode(bytes))) };
		});
	}

	refused(message: unknown) {
		const read = this.dialect.read(this.connection, message);
		assert.equal(typeof read, "string");
		return JSON.parse(read as string);
	}

	reply(contract: AnyRouteContract, seq: number, message: object): object | undefined {
		return this.written(this.writer.reply(contract.number, seq, contract.reply, message as never, ""), contract);
	}

	error(contract: AnyRouteContract, seq: number, code: ErrorCode, message: string, retryAfterMs = 0) {
		const frame = this.writer.error(contract.number, seq, code, { message, retryAfterMs }, "");
		const text = this.dialect.write(this.connection, frame, undefined);
		return text === undefined ? undefined : JSON.parse(text);
	}

	push<Message, Properties>(
		push: PushContract<Message, Properties>,
		message: Properties,
		isTopic = false,
		channel = "",
	) {
		const position = channel === "" ? undefined : { channel, offset: 1, epoch: "e" };
		const frame = this.writer.push(push.number, push.message, message, position);
		const text = this.dialect.write(isTopic ? undefined : this.connection, frame, push.message);
		return text === undefined ? undefined : JSON.parse(text);
	}

	private written(frame: Uint8Array, contract: AnyRouteContract) {
		const text = this.dialect.write(this.connection, frame, contract.reply);
		return text === undefined ? undefined : JSON.parse(text);
	}
}

const contracts = new Map<number, AnyRouteContract>(
	[authRoutes, edgeTelemetryRoutes, edgeControlRoutes, edgeAlarmRoutes]
		.flatMap((routes) => Object.values(routes) as AnyRouteContract[])
		.map((contract) => [contract.number, contract]),
);

/** Lists that nothing was said of. */
function withoutEmpty(body: Record<string, unknown>): object {
	return Object.fromEntries(Object.entries(body).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

function plain(value: unknown) {
	return JSON.parse(JSON.stringify(value));
}

describe("the older JSON dialect", () => {
	it("subscribes: the channels leave what they were in, once that is granted", () => {
		const front = new FrontEnd();
		const said = front.say({
			type: "subscribe",
			id: "sub_001",
			timestamp: "2024-01-01T00:00:00Z",
			data: { channels: [1001, 1002], data_types: ["T", "S"], interval: 10_000 },
		});
		assert.deepEqual(
			said.map(({ contract, body }) => [contract.name, body]),
			[
				[
					"edgeTelemetry.subscribe",
					{
						...{ channels: [1001, 1002], dataTypes: [DataType.TELEMETRY, DataType.SIGNAL] },
						...{ intervalMs: 10_000, mode: 1, exclusive: true },
					},
				],
			],
		);
		const [begun] = said;
		assert.ok(begun);
		const failed = [{ channel: 1002, reason: "not open" }];
		assert.deepEqual(front.reply(begun.contract, begun.request.seq, { subId: "v1", subscribed: [1001], failed }), {
			type: "subscribe_ack",
			id: "sub_001_ack",
			timestamp: AT,
			data: { request_id: "sub_001", subscribed: [1001], failed, total: 1 },
		});
	});

	it("subscribes with settings of each channel, and with texts for numbers", () => {
		const said = new FrontEnd().say({
			type: "subscribe",
			data: {
				source: "inst",
				channels: [
					{ channel_id: 1, data_types: ["T"], interval: 500 },
					{ channel_id: "2", data_types: ["t"], interval: "500" },
					{ channel_id: 3, data_types: ["M"] },
				],
			},
		});
		const subscribed = said.map(({ body }) => body);
		assert.deepEqual(subscribed, [
			{ source: "inst", channels: [1, 2], dataTypes: [DataType.TELEMETRY], intervalMs: 500, mode: 1, exclusive: true },
			{ source: "inst", channels: [3], dataTypes: [DataType.MEASUREMENT], intervalMs: 1000, mode: 1, exclusive: true },
		]);
	});

	it("controls, with 0 as a value, and receives each stage of the command", () => {
		const front = new FrontEnd();
		const [said] = front.say({
			type: "control",
			id: "ctrl_001",
			data: { channel_id: 2001, point_id: 5, data_type: "C", value: 0, operator: "someone else", reason: "test" },
		});
		assert.ok(said);
		const { commandId, ...rest } = said.body as { commandId: string };
		assert.match(commandId, /^json:ctrl_001:[A-Za-z0-9_-]{16}$/);
		assert.deepEqual(rest, {
			target: { channel: 2001, dataType: DataType.CONTROL, pointId: 5 },
			value: 0,
			reason: "test",
		});
		assert.equal(front.push(pushes.controlAck, { commandId, stage: CommandStage.ACCEPTED }), undefined);
		const accepted = front.reply(said.contract, said.request.seq, { commandId, stage: CommandStage.ACCEPTED });
		assert.deepEqual(accepted, {
			type: "control_ack",
			id: "ctrl_001_ack",
			timestamp: AT,
			data: { request_id: "ctrl_001", command_id: commandId, status: "accepted", execution_time: AT, result: {} },
		});
		const done = { commandId, stage: CommandStage.EXECUTED, isFinal: true, actualValue: 0 };
		const { data } = front.push(pushes.controlAck, done);
		assert.deepEqual(
			[data.request_id, data.status, data.result],
			["ctrl_001", "executed", { success: true, actual_value: 0 }],
		);
		assert.equal(front.push(pushes.controlAck, { ...done, commandId: "c2" }).data.request_id, undefined);
		const [again] = front.say({ type: "control", id: 7, data: { channel_id: 1, point_id: 2, value: "1.5" } });
		assert.deepEqual(
			{ ...again?.body, commandId: "" },
			{
				commandId: "",
				...{ target: { channel: 1, dataType: DataType.ADJUSTMENT, pointId: 2 } },
				value: 1.5,
			},
		);
		const refused = front.error(
			edgeControlRoutes.writePoint,
			again?.request.seq ?? 0,
			ErrorCode.PERMISSION_DENIED,
			"no",
		);
		assert.deepEqual([refused.type, refused.id], ["error", "7_error"]);
		assert.deepEqual(refused.data, { code: "WS_PERMISSION_DENIED", message: "no", related_message_id: "7" });
	});

	it("says once that a command with an id of the front end's own was accepted, and which message each ack answers", () => {
		const front = new FrontEnd({ userId: "u" } as Identity);
		const stage = (name: CommandStage, user = "u") =>
			front.push(pushes.controlAck, { commandId: "mine", stage: name }, true, `user:${user}`);
		const give = (id: string) => {
			const data = { channel_id: 1, point_id: 2, value: 1, command_id: "mine" };
			const said = front.say({ type: "control", id, data }).at(-1);
			assert.ok(said);
			return said;
		};
		const vain = give("m0");
		front.error(vain.contract, vain.request.seq, ErrorCode.CONFLICT, "no");
		assert.equal(stage(CommandStage.ACCEPTED).data.request_id, undefined);
		const first = give("m1");
		assert.equal(stage(CommandStage.ACCEPTED), undefined);
		const accepted = { commandId: "mine", stage: CommandStage.ACCEPTED };
		const reply = plain(front.reply(first.contract, first.request.seq, accepted));
		assert.deepEqual([reply.id, reply.data.command_id, reply.data.status], ["m1_ack", "mine", "accepted"]);
		const executing = stage(CommandStage.EXECUTING);
		assert.deepEqual([executing.id, executing.data.request_id], ["m1_ack", "m1"]);
		// Another user's, and what is given again and refused, change nothing.
		assert.equal(stage(CommandStage.ACCEPTED, "other").data.request_id, undefined);
		const refused = give("m2");
		front.error(refused.contract, refused.request.seq, ErrorCode.CONFLICT, "no");
		assert.equal(stage(CommandStage.EXECUTED).data.request_id, "m1");
		const again = give("m3");
		front.reply(again.contract, again.request.seq, accepted);
		assert.equal(stage(CommandStage.EXECUTED).data.request_id, "m3");
	});

	it("pings and unsubscribes", () => {
		const front = new FrontEnd();
		const [ping] = front.say({ type: "ping", id: "p", timestamp: "2026-01-02T03:04:04.950Z" });
		assert.deepEqual(front.reply(authRoutes.heartbeat, ping?.request.seq ?? 0, {}), {
			type: "pong",
			id: "p_pong",
			timestamp: AT,
			data: { server_time: AT, latency: 50 },
		});
		const [some] = front.say({ type: "unsubscribe", id: "u", data: { channels: [1, { channel_id: 2 }] } });
		assert.deepEqual(some?.body, { channels: [1, 2] });
		assert.deepEqual(front.reply(edgeTelemetryRoutes.unsubscribe, some?.request.seq ?? 0, { ended: 1 }), {
			type: "unsubscribe_ack",
			id: "u_ack",
			timestamp: AT,
			data: { request_id: "u", unsubscribed: [1, 2] },
		});
		assert.deepEqual(front.say({ type: "unsubscribe" })[0]?.body, {});
	});

	it("says what is wrong with a message, and which", () => {
		const front = new FrontEnd();
		const wrong: [unknown, RegExp][] = [
			[{ type: "subscribe", id: "s", data: { channels: [] } }, /data\.channels/],
			[{ type: "subscribe", id: "s", data: { channels: ["x"] } }, /data\.channels\[0\]/],
			[{ type: "subscribe", id: "s", data: { channels: [1], data_types: ["Q"] } }, /data\.data_types/],
			[{ type: "subscribe", id: "s", data: { channels: [1], interval: "soon" } }, /data\.interval/],
			[{ type: "subscribe", id: "s", data: { channels: [1], interval: -5 } }, /data\.interval/],
			[{ type: "subscribe", id: "s", data: { channels: [1.5] } }, /data\.channels\[0\]/],
			[{ type: "unsubscribe", id: "s", data: { channels: "all" } }, /data\.channels/],
			[{ type: "control", id: "s", data: { point_id: 1, value: 1 } }, /data\.channel_id/],
			[{ type: "control", id: "s", data: { channel_id: 1, value: 1 } }, /data\.point_id/],
			[{ type: "control", id: "s", data: { channel_id: 1, point_id: 1 } }, /data\.value/],
			[
				{ type: "control", id: "s", data: { channel_id: 1, point_id: 1, value: 1, command_type: "x" } },
				/data\.data_type/,
			],
			[{ type: "dance", id: "s" }, /dance/],
			[{ type: 5, id: "s" }, /^type: expected a text/],
			[{ type: null, id: "s" }, /^type: expected a text/],
			[{ type: "control", id: "s", data: [] }, /data\.channel_id/],
		];
		for (const [message, pattern] of wrong) {
			const { type, data } = front.refused(message);
			assert.deepEqual([type, data.code, data.related_message_id], ["error", "WS_INVALID_MESSAGE", "s"]);
			assert.match(data.message, pattern);
		}
		for (const foreign of [{ protocol: 1005 }, [], "x", 1, null, { protocol: 1005, type: 5 }]) {
			assert.equal(front.dialect.read(front.connection, foreign), undefined);
		}
	});

	it("sends rejections as errors that name the message", () => {
		const front = new FrontEnd();
		const [first, second] = front.say({
			type: "subscribe",
			id: "s",
			data: { channels: [1, { channel_id: 2, interval: 500 }] },
		});
		const { subscribe } = edgeTelemetryRoutes;
		assert.equal(front.error(subscribe, first?.request.seq ?? 0, ErrorCode.RATE_LIMITED, "slow down", 1500), undefined);
		const refused = front.error(subscribe, second?.request.seq ?? 0, ErrorCode.RATE_LIMITED, "slow down", 1500);
		assert.deepEqual(refused.data, {
			...{ code: "WS_RATE_LIMIT", message: "slow down", related_message_id: "s", retry_after: 1.5 },
		});
		assert.equal(front.error(authRoutes.connect, 0, ErrorCode.TOKEN_EXPIRED, "expired").data.code, "WS_AUTH_FAILED");
	});

	it("subscribes to alarms by itself once the client is known, and sends them with their totals", () => {
		const identity = { userId: "u" } as Identity;
		const front = new FrontEnd(identity);
		const [alarms, ping] = front.say({ type: "ping" });
		assert.equal(alarms?.contract, edgeAlarmRoutes.alarmSubscribe);
		assert.equal(ping?.contract, authRoutes.heartbeat);
		const totals = { active: 2, acknowledged: 1, high: 3 };
		const reply = front.reply(edgeAlarmRoutes.alarmSubscribe, alarms?.request.seq ?? 0, { totals });
		assert.deepEqual([plain(reply).type, plain(reply).data.current_alarms], ["alarm_num", 3]);
		assert.equal(front.say({ type: "ping" }).length, 1);
		const alarm = {
			alarmId: "a",
			title: "hot",
			level: AlarmLevel.HIGH,
			status: AlarmStatus.ACTIVE,
			raisedAtMs: NOW_MS,
		};
		const sent = front.push(pushes.alarm, { box: "b", alarm, change: Alarm_Change.RAISED }, true);
		assert.equal(sent.type, "alarm");
		const { event_type, alarm_id, severity, message, triggered_at } = sent.data;
		assert.deepEqual([event_type, alarm_id, severity, message, triggered_at], ["triggered", "a", "high", "hot", AT]);
		assert.equal(front.push(pushes.alarmCount, { totals }, true).data.current_alarms, 3);
	});

	it("sends values: all of a subscription as data_batch, one changed channel as data_update", () => {
		const front = new FrontEnd();
		const points = [
			{ pointId: 1, num: 25.5, sourceTsMs: NOW_MS },
			{ pointId: 2, num: 0 },
			{ pointId: 3, quality: Quality.BAD },
			{ pointId: 4, str: "9007199254740993", quality: Quality.UNCERTAIN },
			{ pointId: 5, bool: false },
		];
		const update = { source: "comsrv", channelId: 1001, dataType: DataType.TELEMETRY, points };
		const batch = { subId: "v1", seq: 7, kind: DataBatch_Kind.FULL, updates: [update] };
		const expected = {
			source: "comsrv",
			channel_id: 1001,
			data_type: "T",
			values: { 1: 25.5, 2: 0, 3: null, 4: "9007199254740993", 5: false },
			ts: { 1: NOW_MS },
			quality: { 3: "bad", 4: "uncertain" },
		};
		assert.deepEqual(front.push(pushes.dataBatch, batch, true), {
			type: "data_batch",
			id: "v1_7",
			timestamp: AT,
			data: { updates: [expected], total_points: 5 },
		});
		const delta = { ...batch, kind: DataBatch_Kind.DELTA, updates: [update] };
		assert.deepEqual(front.push(pushes.dataBatch, delta, true).data, expected);
		assert.equal(
			front.push(pushes.dataBatch, { ...batch, kind: DataBatch_Kind.KEEPALIVE, updates: [] }, true),
			undefined,
		);
	});

	it("lists channels without data, and the reason, in every batch", () => {
		const front = new FrontEnd();
		const channel = { source: "comsrv", channelId: 1002, dataType: DataType.SIGNAL };
		const missing = { ...channel, quality: Quality.UNAVAILABLE, reason: "no such key" };
		const wrong = { ...channel, channelId: 1003, quality: Quality.BAD, reason: "WRONGTYPE: not a hash" };
		const update = { source: "comsrv", channel_id: 1002, data_type: "S", values: {} };
		const unavailable = { ...update, channel_quality: "unavailable", reason: "no such key" };
		const bad = { ...update, channel_id: 1003, channel_quality: "bad", reason: "WRONGTYPE: not a hash" };
		const batch = { subId: "v1", seq: 8, kind: DataBatch_Kind.FULL, updates: [missing, wrong] };
		assert.deepEqual(front.push(pushes.dataBatch, batch, true), {
			type: "data_batch",
			id: "v1_8",
			timestamp: AT,
			data: { updates: [unavailable, bad], total_points: 0 },
		});
		const delta = { ...batch, kind: DataBatch_Kind.DELTA, updates: [missing] };
		assert.deepEqual(front.push(pushes.dataBatch, delta, true).data, unavailable);
		// A key that has no points is no fault.
		const empty = front.push(pushes.dataBatch, { ...batch, updates: [channel] }, true);
		assert.deepEqual(empty.data, { updates: [update], total_points: 0 });
	});

	it("takes a reply to another frame of the same number for no answer of its own", () => {
		const front = new FrontEnd();
		const [asked] = front.say({ type: "subscribe", id: "s", data: { channels: [1] } });
		assert.ok(asked);
		const { seq } = asked.request;
		const user = { userId: "\u007f".repeat(40) };
		assert.equal(front.reply(authRoutes.getUserInfo, seq, { user }), undefined);
		assert.equal(front.error(authRoutes.login, seq, ErrorCode.UNAUTHENTICATED, "no"), undefined);
		const reply = front.reply(edgeTelemetryRoutes.subscribe, seq, { subscribed: [1] }) as { type: string } | undefined;
		assert.equal(reply?.type, "subscribe_ack");
	});

	it("has nothing to say of what its front ends do not know", () => {
		const front = new FrontEnd();
		assert.equal(front.push(pushes.reconnect, { delayMs: 5 }), undefined);
		assert.equal(front.push(pushes.messagePosted, {}, true), undefined);
		assert.equal(front.reply(authRoutes.connect, 0, {}), undefined);
		assert.equal(front.reply(authRoutes.heartbeat, 12_345, {}), undefined);
	});
});
