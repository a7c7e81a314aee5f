// Rules of a box: by the contract from Redis in both dialects and simulated, and what only a real Redis can show.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { BoxExecution } from "../../../../services/edge/boxes/box-models.ts";
import { BoxChannels } from "../../../../services/edge/redis/box-channels.ts";
import { boxDialect, type DialectName } from "../../../../services/edge/redis/dialect.ts";
import { readExecutedEvent } from "../../../../services/edge/redis/rules-records.ts";
import { RedisBoxRules } from "../../../../services/edge/redis/rules-redis.ts";
import { type LastExecution, RulesWatch } from "../../../../services/edge/redis/rules-watch.ts";
import { SimulatorBoxRules } from "../../../../services/edge/simulator/rules-simulator.ts";
import { freeze } from "../../../support/freeze.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, openBoxFixture } from "./box-fixture.ts";
import { rulesContract } from "./rules-contract.ts";

const EXECUTED = "rulesrv:rule_executed";

async function writeV1(field: Redis): Promise<void> {
	const pipeline = field.multi();
	for (const [index, id] of ["rule_001", "rule_002", "rule_003"].entries()) {
		const isActive = index < 2;
		pipeline.set(`rulesrv:rule:${id}`, JSON.stringify({ id, name: `Rule ${id}`, enabled: isActive, priority: index }));
		pipeline.sadd("rulesrv:rules", id);
		if (isActive) pipeline.sadd("rulesrv:rules:active", id);
		pipeline.hset(`rulesrv:rule:${id}:meta`, { execution_count: "10", last_executed: "1754530782" });
		pipeline.hset(`rulesrv:rule:${id}:state`, { last_value: "87.5", condition_met: "true" });
	}
	await pipeline.exec();
}

/** Field by field, as the rule service of that dialect writes. */
async function execute(field: Redis, id: string, timestamp: number, error = ""): Promise<void> {
	const key = `rule:${id}:exec`;
	await field.hset(key, "timestamp", String(timestamp));
	await field.hset(key, "success", String(error === ""));
	await field.hset(key, "execution_path", `["start","switch"]`);
	await field.hset(key, "rule_name", `Rule ${id}`);
	await field.hset(key, "error", error);
}

function rulesOf(fixture: BoxFixture, name: DialectName): RedisBoxRules {
	const options = { pollMs: 5, discoverMs: 5 };
	return new RedisBoxRules(fixture.link, boxDialect(name), new BoxChannels(fixture.link), options);
}

/** Resolves when somebody subscribes. */
function listening(fixture: BoxFixture): () => Promise<void> {
	return () => until(async () => ((await fixture.field.pubsub("CHANNELS")) as string[]).includes(EXECUTED));
}

/** Resolves when the rules have been looked at so many times more. */
async function looks(fixture: BoxFixture, count: number): Promise<void> {
	const scans = async () => Number(/cmdstat_scan:calls=(\d+)/.exec(await fixture.field.info("commandstats"))?.[1] ?? 0);
	const before = await scans();
	await until(async () => (await scans()) >= before + count);
}

describe("rules in Redis, dialect v1", () => {
	rulesContract(async () => {
		const fixture = await openBoxFixture();
		await writeV1(fixture.field);
		return {
			rules: rulesOf(fixture, "v1"),
			listening: listening(fixture),
			run: async () => {
				const event = {
					rule_id: "rule_001",
					executed: true,
					timestamp: "1754530782",
					action_results: [{ success: true }],
				};
				await fixture.field.publish(EXECUTED, JSON.stringify(event));
			},
			close: () => fixture.close(),
		};
	});
});

describe("rules in Redis, dialect v2", () => {
	rulesContract(async () => {
		const fixture = await openBoxFixture({ dialect: "v2" });
		await execute(fixture.field, "7", 1_754_530_782);
		await execute(fixture.field, "12", 1_754_530_783, "the device did not answer");
		const rules = rulesOf(fixture, "v2");
		return {
			rules,
			listening: async () => {
				await listening(fixture)();
				await looks(fixture, 3);
			},
			run: () => execute(fixture.field, "7", 1_754_530_790),
			close: async () => {
				rules.close();
				await fixture.close();
			},
		};
	});
});

describe("rules of the simulator", () => {
	rulesContract(async () => {
		const clock = handClock();
		const rules = new SimulatorBoxRules(clock, 5);
		return { rules, run: async () => clock.advance(15_000), close: async () => rules.close() };
	});
});

describe("an execution is reported", () => {
	it("in all its forms", () => {
		for (const [event, succeeded, detail] of [
			[{ executed: true }, true, ""],
			[{ executed: false }, false, ""],
			[{ success: "false", error: "no route" }, false, "no route"],
			[{ action_results: [{ success: true }, { success: false }] }, false, `[{"success":true},{"success":false}]`],
			[{ action_results: [null, 5, "x"] }, true, `[null,5,"x"]`],
		] as const) {
			const message = JSON.stringify({ rule_id: "r", timestamp: 1_754_530_782, ...event });
			assert.deepEqual(readExecutedEvent(message, 1), { ruleId: "r", atMs: 1_754_530_782_000, succeeded, detail });
		}
		assert.equal(readExecutedEvent(`{"rule_id":7}`, 5)?.atMs, 5);
		for (const message of ["", "{", "[]", "{}", `{"rule_id":"* "}`, `{"rule_id":{"x":1}}`]) {
			assert.equal(readExecutedEvent(message, 1), undefined, message);
		}
	});

	it("once, when it is complete, and not what was there before", { timeout: 10_000 }, async () => {
		const execution = (atMs: number): BoxExecution => ({ ruleId: "r", atMs, succeeded: true, detail: "" });
		const at = (atMs: number, content = `${atMs}`): LastExecution => ({ execution: execution(atMs), content });
		const story: (LastExecution | undefined | Error)[] = [
			...[at(1), at(1)],
			// Half of it, then all of it; then the box is unreachable, and the execution is still there afterwards.
			...[at(2, "half"), at(2), new Error("unreachable"), at(2), at(2)],
			// Too short to be seen twice.
			...[at(3), at(4), at(4)],
			...[undefined, at(5), at(5), at(5)],
		];
		const executed: number[] = [];
		let step = 0;
		const source = {
			ids: async () => ["r"],
			last: async () => {
				const found = story[Math.min(step++, story.length - 1)];
				if (found instanceof Error) throw found;
				return [found];
			},
		};
		const watch = new RulesWatch(source, { pollMs: 0, maxRules: 10 }, ({ atMs }) => executed.push(atMs));
		await until(() => step >= story.length + 3);
		watch.close();
		assert.deepEqual(executed, [2, 4, 5]);
	});
});

describe("rules in a real Redis", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	before(async () => {
		fixture = await openBoxFixture({ link: { commandTimeoutMs: 1000 } });
	});
	after(() => fixture.close());
	beforeEach(async () => {
		await fixture.field.flushall();
		await writeV1(fixture.field);
	});

	it("what is something else, or too large, harms only itself", async () => {
		const { field } = fixture;
		const rules = rulesOf(fixture, "v1");
		await field.set("rulesrv:rule:broken", "{");
		await field.hset("rulesrv:rule:hash", { x: "1" });
		await field.set("rulesrv:rule:large", `{"name":"${"x".repeat(300_000)}"}`);
		await field.sadd("rulesrv:rules", "broken", "hash", "large", "gone", "a b", "*");
		const ids = await rules.ids(false, 100);
		assert.deepEqual(ids, ["broken", "gone", "hash", "large", "rule_001", "rule_002", "rule_003"]);
		assert.deepEqual(
			(await rules.get(ids)).flatMap((rule) => rule?.id ?? []),
			["rule_001", "rule_002", "rule_003"],
		);
		assert.deepEqual(await rules.get(["rule_001:meta", "rule_001:state"]), [undefined, undefined]);
		await field.multi().del("rulesrv:rule:rule_001:meta").rpush("rulesrv:rule:rule_001:meta", "x").exec();
		assert.deepEqual(await rules.state("rule_001"), { last_value: "87.5", condition_met: "true" });
		const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, "1"]));
		await field.hset("rulesrv:rule:rule_001:state", many);
		assert.deepEqual(await rules.state("rule_001"), {});
		await field.multi().del("rulesrv:rules").set("rulesrv:rules", "x").exec();
		assert.equal(
			((await rejectionOf(rules.ids(false, 10))) as { code: ErrorCode }).code,
			ErrorCode.PRECONDITION_FAILED,
		);
	});

	it("a rule is active if the box lists it so, and by its own word where there is no list", async () => {
		const rules = rulesOf(fixture, "v1");
		const active = async () => (await rules.get(["rule_001", "rule_003"])).map((rule) => rule?.isActive);
		assert.deepEqual(await active(), [true, false]);
		await fixture.field.sadd("rulesrv:rules:active", "rule_003");
		assert.deepEqual(await active(), [true, true]);
		await fixture.field.del("rulesrv:rules:active");
		assert.deepEqual(await active(), [true, false]);
	});

	it("v2: executions as a hash or a list, and nothing of what is neither", async () => {
		const { field } = fixture;
		await execute(field, "7", 1_754_530_782, "no route");
		await field.rpush("rule:8:exec", `{"timestamp":1754530785,"success":true}`, "{", `{"timestamp":1754530784}`);
		await field.set("rule:9:exec", "x");
		await field.set("rule:a b:exec", "x");
		const rules = rulesOf(fixture, "v2");
		assert.deepEqual(await rules.executions("7", 10), [
			{ ruleId: "7", atMs: 1_754_530_782_000, succeeded: false, detail: "no route" },
		]);
		assert.deepEqual(
			(await rules.executions("8", 10)).map(({ atMs, succeeded }) => [atMs, succeeded]),
			[
				[1_754_530_785_000, true],
				[1_754_530_784_000, true],
			],
		);
		assert.deepEqual(await rules.executions("9", 10), []);
		assert.deepEqual(await rules.ids(false, 100), ["7", "8", "9", "rule_001", "rule_002", "rule_003"]);
		assert.deepEqual(await rules.ids(true, 100), ["7", "8", "9", "rule_001", "rule_002"]);
		const [seven, nine] = await rules.get(["7", "9"]);
		assert.deepEqual(seven, { id: "7", name: "Rule 7", isActive: true, priority: 0, definitionJson: "" });
		assert.equal(nine, undefined);
		assert.equal((await rules.state("7"))["error"], "no route");
	});

	it("v2: each execution is reported once, through a restart of its writer", async () => {
		const { field } = fixture;
		await execute(field, "7", 1_754_530_782);
		const rules = rulesOf(fixture, "v2");
		const executed: string[] = [];
		rules.onExecuted(({ ruleId, atMs, succeeded }) => executed.push(`${ruleId} ${atMs / 1000} ${succeeded}`));
		await looks(fixture, 3);
		await execute(field, "7", 1_754_530_800, "no route");
		await until(() => executed.length === 1);
		await execute(field, "8", 1_754_530_801);
		await until(() => executed.length === 2);
		// The same again is nothing new.
		await execute(field, "7", 1_754_530_800, "no route");
		await looks(fixture, 3);
		rules.close();
		assert.deepEqual(executed, ["7 1754530800 false", "8 1754530801 true"]);
	});

	it("are unavailable while it stands still, and come back", async () => {
		const rules = rulesOf(fixture, "v1");
		const thaw = await freeze(fixture.server.pid);
		const calls = [rules.ids(false, 1), rules.get(["rule_001"]), rules.state("rule_001")];
		const rejections = (await Promise.all(calls.map(rejectionOf)).finally(thaw)) as { code: ErrorCode }[];
		assert.deepEqual(new Set(rejections.map(({ code }) => code)), new Set([ErrorCode.UNAVAILABLE]));
		await until(() => fixture.link.isUp);
		assert.equal((await rules.ids(false, 10)).length, 3);
	});
});
