// Commands through a real Redis: what exactly lies in its lists, and what is known when it, or the way to it, fails.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { Redis } from "ioredis";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { type CommandTarget, SendOutcome } from "../../../../services/edge/boxes/box-commands.ts";
import { BoxChannels } from "../../../../services/edge/redis/box-channels.ts";
import { BoxLink } from "../../../../services/edge/redis/box-link.ts";
import { RedisBoxCommands, type RedisBoxCommandsOptions } from "../../../../services/edge/redis/commands-redis.ts";
import { boxDialect, type DialectName } from "../../../../services/edge/redis/dialect.ts";
import { freeze } from "../../../support/freeze.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, openBoxFixture } from "./box-fixture.ts";
import { commandTo } from "./commands-contract.ts";
import { type LossyProxy, Mishap, startProxy } from "./commands-proxy.ts";

const control: CommandTarget = { family: "comsrv", channel: 1001, type: DataType.CONTROL, pointId: 100 };
const LIST = "comsrv:trigger:1001:C";
const LIST_V2 = "comsrv:1001:C:TODO";

function commandsOf(link: BoxLink, dialect: DialectName = "v1", options: Partial<RedisBoxCommandsOptions> = {}) {
	return new RedisBoxCommands(link, boxDialect(dialect), new BoxChannels(link), options);
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode> {
	return ((await rejectionOf(call)) as { code: ErrorCode }).code;
}

describe("commands in a real Redis", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	before(async () => {
		fixture = await openBoxFixture();
	});
	after(() => fixture.close());
	beforeEach(() => fixture.field.flushall());

	it("v1: the value as a number, in hash and list, for a limited time", async () => {
		const commands = commandsOf(fixture.link);
		const first = commandTo(control, 1, 1_754_530_782_999);
		await commands.send(first);
		await commands.send({ ...commandTo(control, -0, 1_754_530_783_000), commandId: "b", operator: 'ä"\n' });
		await commands.send({ ...commandTo({ ...control, type: DataType.ADJUSTMENT, pointId: 0 }, 0.1), commandId: "c" });
		assert.deepEqual(await fixture.field.lrange(LIST, 0, -1), [
			`{"point_id":100,"value":1,"source":"eva","command_id":"${first.commandId}","timestamp":1754530782}`,
			`{"point_id":100,"value":0,"source":"ä\\"\\n","command_id":"b","timestamp":1754530783}`,
		]);
		assert.match((await fixture.field.lindex("comsrv:trigger:1001:A", 0)) ?? "", /^\{"point_id":0,"value":0\.1,/);
		assert.deepEqual(await fixture.field.hgetall("comsrv:1001:C"), { 100: "0" });
		assert.deepEqual(await fixture.field.hgetall("comsrv:1001:A"), { 0: "0.1" });
		const left = await fixture.field.pttl(LIST);
		assert.ok(left > 0 && left <= 30_000, String(left));
		await commandsOf(fixture.link, "v1", { expireMs: 0 }).send(commandTo({ ...control, channel: 7 }, 1));
		assert.equal(await fixture.field.pttl("comsrv:trigger:7:C"), -1);
	});

	it("v2: times of a point always rise, whatever the clocks do", async () => {
		const commands = commandsOf(fixture.link, "v2", { hasFeedback: false });
		for (const [value, atMs] of [
			[1, 1_754_530_782_000],
			[0, 1_754_530_782_000],
			[0.25, 1_754_530_700_000],
			[1, 1_754_530_790_000],
		] as const) {
			await commands.send(commandTo(control, value, atMs));
		}
		// Another point has its own time; a time that is none does not count.
		await fixture.field.hset("comsrv:1001:C:ts", "102", "yesterday");
		await commands.send(commandTo({ ...control, pointId: 101 }, 1, 1_754_530_000_000));
		await commands.send(commandTo({ ...control, pointId: 102 }, 1, 1_754_530_000_000));
		assert.deepEqual(await fixture.field.lrange(LIST_V2, 0, -1), [
			`{"point_id":100,"value":1,"timestamp":1754530782000}`,
			`{"point_id":100,"value":0,"timestamp":1754530782001}`,
			`{"point_id":100,"value":0.25,"timestamp":1754530782002}`,
			`{"point_id":100,"value":1,"timestamp":1754530790000}`,
			`{"point_id":101,"value":1,"timestamp":1754530000000}`,
			`{"point_id":102,"value":1,"timestamp":1754530000000}`,
		]);
		assert.equal(await fixture.field.hget("comsrv:1001:C:ts", "100"), "1754530790000");
	});

	it("two gateways that command one point never use the same time", async () => {
		const [one, other] = [commandsOf(fixture.link, "v2"), commandsOf(fixture.link, "v2")];
		const senders = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other));
		await Promise.all(senders.map((commands) => commands.send(commandTo(control, 1, 5000))));
		const times = (await fixture.field.lrange(LIST_V2, 0, -1)).map((entry) => JSON.parse(entry).timestamp);
		assert.deepEqual(
			times,
			Array.from({ length: 50 }, (_, index) => 5000 + index),
		);
	});

	it("refuses, and writes nothing, while nobody takes commands", async () => {
		const commands = commandsOf(fixture.link, "v1", { maxWaitingCommands: 2 });
		await commands.send(commandTo(control, 1));
		await commands.send(commandTo(control, 1));
		assert.equal(await codeOf(commands.send(commandTo(control, 0))), ErrorCode.PRECONDITION_FAILED);
		assert.equal(await fixture.field.llen(LIST), 2);
		assert.equal(await fixture.field.hget("comsrv:1001:C", "100"), "1");
		await fixture.field.lpop(LIST);
		assert.equal(await commands.send(commandTo(control, 0)), SendOutcome.SENT);
	});

	it("refuses, and writes nothing, where something else is under a name", async () => {
		for (const key of [LIST_V2, "comsrv:1001:C", "comsrv:1001:C:ts"]) {
			await fixture.field.flushall();
			await fixture.field.set(key, "{}");
			const commands = commandsOf(fixture.link, "v2");
			assert.equal(await codeOf(commands.send(commandTo(control, 1))), ErrorCode.PRECONDITION_FAILED, key);
			assert.deepEqual(await fixture.field.keys("*"), [key]);
		}
	});

	it("rejects ids that would become part of key names, and numbers that are none", async () => {
		const commands = commandsOf(fixture.link);
		for (const commandId of ["", "*", "a b", "a\nb", "x".repeat(65), "ä"]) {
			const rejection = await rejectionOf(commands.send({ ...commandTo(control, 1), commandId }));
			assert.equal((rejection as { violations: { field: string }[] }).violations[0]?.field, "command_id");
		}
		for (const pointId of [-1, 1.5, 2 ** 32, Number.NaN]) {
			const rejection = await rejectionOf(commands.send(commandTo({ ...control, pointId }, 1)));
			assert.equal((rejection as { violations: { field: string }[] }).violations[0]?.field, "target.point_id");
		}
		assert.equal(await codeOf(commands.send(commandTo({ ...control, channel: -1 }, 1))), ErrorCode.VALIDATION_FAILED);
		assert.equal(await fixture.field.dbsize(), 0);
	});

	it("reads command feedback in all its forms", async () => {
		const commands = commandsOf(fixture.link, "v1", { hasFeedback: true });
		const received: unknown[] = [];
		commands.onFeedback(({ commandId, stage, actualValue, error, atMs }) =>
			received.push([commandId, stage, actualValue, error, atMs]),
		);
		await until(async () => Number(await fixture.field.pubsub("NUMPAT")) === 1);
		await fixture.field.hset("comsrv:cmd:h", { status: "Success", actual_value: "0", timestamp: "1754530782" });
		await fixture.field.set("comsrv:cmd:wrong", "1");
		await fixture.field.hset("comsrv:cmd:odd", { status: "wondering" });
		for (const message of [
			"{",
			"*",
			"x".repeat(100_000),
			"wrong",
			"odd",
			"h",
			`{"command_id":"j","status":"failed","error":"no reply","timestamp":1754530782123}`,
		]) {
			await fixture.field.publish("comsrv:ack:1001", message);
		}
		await until(() => received.length === 2);
		assert.deepEqual(received.sort(), [
			["h", "executed", 0, "", 1_754_530_782_000],
			["j", "failed", undefined, "no reply", 1_754_530_782_123],
		]);
		assert.equal(await commands.feedback("wrong"), undefined);
		assert.equal(await commands.feedback("odd"), undefined);
	});
});

describe("commands while their Redis fails", { timeout: 60_000 }, () => {
	it("certainly not handed over: it is full, a replica, or loading", async () => {
		const fixture = await openBoxFixture();
		const proxy = await startProxy(fixture.server.port);
		const link = new BoxLink({ name: "", url: proxy.url }, quietLogger());
		try {
			await until(() => link.isUp);
			const commands = commandsOf(link);
			await fixture.field.config("SET", "maxmemory", "1");
			assert.equal(await codeOf(commands.send(commandTo(control, 1))), ErrorCode.UNAVAILABLE);
			await fixture.field.config("SET", "maxmemory", "0");
			proxy.mishap = "-LOADING Redis is loading the dataset in memory";
			assert.equal(await codeOf(commands.send(commandTo(control, 1))), ErrorCode.UNAVAILABLE);
			await until(() => link.isUp);
			await fixture.field.replicaof("127.0.0.1", 1);
			await until(() => link.isUp);
			assert.equal(await codeOf(commands.send(commandTo(control, 1))), ErrorCode.UNAVAILABLE);
			await fixture.field.replicaof("NO", "ONE");
			assert.equal(await fixture.field.dbsize(), 0);
		} finally {
			await link.close();
			await proxy.close();
			await fixture.close();
		}
	});

	it("is refused at once while it is down, and nothing comes later", async () => {
		const fixture = await openBoxFixture();
		const { port } = fixture.server;
		const commands = commandsOf(fixture.link);
		try {
			await fixture.server.stop();
			await until(() => !fixture.link.isUp);
			assert.equal(await codeOf(commands.send(commandTo(control, 1))), ErrorCode.UNAVAILABLE);
			const again = await startRedis({ port });
			try {
				await until(() => fixture.link.isUp);
				assert.equal(await fixture.field.llen(LIST), 0);
				assert.equal(await commands.send(commandTo(control, 0)), SendOutcome.SENT);
				assert.equal(await fixture.field.llen(LIST), 1);
			} finally {
				await again.stop();
			}
		} finally {
			await fixture.close();
		}
	});

	it("one that stands still was given nothing, and finds nothing when it goes on", async () => {
		const fixture = await openBoxFixture({ link: { commandTimeoutMs: 300, heartbeatMs: 60_000 } });
		try {
			const thaw = await freeze(fixture.server.pid);
			const refused = await codeOf(commandsOf(fixture.link).send(commandTo(control, 1))).finally(thaw);
			assert.equal(refused, ErrorCode.UNAVAILABLE);
			await until(() => fixture.link.isUp);
			assert.equal(await fixture.field.llen(LIST), 0);
		} finally {
			await fixture.close();
		}
	});
});

describe("commands that are lost or delayed on the network", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	let proxy: LossyProxy;
	let link: BoxLink;
	let field: Redis;
	before(async () => {
		fixture = await openBoxFixture();
		proxy = await startProxy(fixture.server.port);
		link = new BoxLink({ name: "", url: proxy.url, commandTimeoutMs: 1000 }, quietLogger());
		field = new Redis(fixture.server.url);
	});
	after(async () => {
		field.disconnect();
		await link.close();
		await proxy.close();
		await fixture.close();
	});
	beforeEach(async () => {
		await field.flushall();
		await until(() => link.isUp);
		// The script is known to the server from here on.
		await commandsOf(link).send(commandTo({ ...control, channel: 1 }, 1));
	});

	it("a lost reply is UNKNOWN; the command is there, once", async () => {
		proxy.mishap = Mishap.LOSE_REPLY;
		const { scripts } = proxy;
		assert.equal(await commandsOf(link).send(commandTo(control, 1)), SendOutcome.UNKNOWN);
		await until(() => link.isUp);
		assert.equal(await field.llen(LIST), 1);
		assert.equal(proxy.scripts, scripts + 1);
	});

	it("a lost command is UNKNOWN too, and is not sent again", async () => {
		proxy.mishap = Mishap.LOSE_COMMAND;
		const { scripts } = proxy;
		assert.equal(await commandsOf(link).send(commandTo(control, 1)), SendOutcome.UNKNOWN);
		await until(() => link.isUp);
		assert.equal(await field.llen(LIST), 0);
		assert.equal(proxy.scripts, scripts + 1);
	});

	it("a command that arrives too late is not executed", async () => {
		const commands = commandsOf(link, "v1", { latestMs: 400 });
		proxy.mishap = Mishap.HOLD;
		assert.equal(await commands.send(commandTo(control, 1)), SendOutcome.UNKNOWN);
		const [seconds, microseconds] = await field.time();
		const startedMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
		await until(async () => {
			const [s, us] = await field.time();
			return Number(s) * 1000 + Number(us) / 1000 > startedMs + 500;
		});
		const before = await field.info("commandstats");
		proxy.release();
		const calls = (text: string) => Number(/cmdstat_evalsha:calls=(\d+)/.exec(text)?.[1] ?? 0);
		await until(async () => calls(await field.info("commandstats")) === calls(before) + 1);
		assert.equal(await field.llen(LIST), 0);
	});
});
