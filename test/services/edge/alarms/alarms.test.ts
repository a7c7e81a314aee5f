// Alarms: what is published live, which node publishes it, and what lists and counts contain.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../../common/identity.ts";
import type { Publisher } from "../../../../messaging/publisher.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { unavailable } from "../../../../protocol/error.ts";
import { Alarm_Change, AlarmLevel, AlarmStatus } from "../../../../protocol/gen/schema.ts";
import { MemoryAlarmLedger } from "../../../../services/edge/alarms/alarm-ledger-memory.ts";
import { type AlarmOperation, Alarms } from "../../../../services/edge/alarms/alarms.ts";
import { BoxLease } from "../../../../services/edge/boxes/box-lease.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { type HandClock, handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { alarmRecord, fakeBox } from "./fake-box.ts";

interface Publication {
	readonly channel: string;
	readonly message: {
		readonly change?: Alarm_Change;
		readonly alarm?: { readonly alarmId?: string; readonly status?: AlarmStatus };
		readonly suppressed?: number;
		readonly totals?: { readonly active?: number; readonly high?: number };
	};
}

/** What all nodes share. */
function fixture() {
	const clock = handClock();
	const ledger = new MemoryAlarmLedger();
	const published: Publication[] = [];
	const holders = new Map<string, { holder: string; untilMs: number }>();
	const leases = {
		take: async (name: string, holder: string, ttlMs: number) => {
			const held = holders.get(name);
			if (held !== undefined && held.holder !== holder && held.untilMs > clock.monotonic()) return held.holder;
			holders.set(name, { holder, untilMs: clock.monotonic() + ttlMs });
			return holder;
		},
		holder: async (name: string) => holders.get(name)?.holder,
		release: async (name: string) => holders.delete(name),
	};
	return { clock, ledger, published, leases, ...fakeBox("plant") };
}

type Fixture = ReturnType<typeof fixture>;

function node(fixture: Fixture, holder: string) {
	const { clock, ledger, leases, box, published } = fixture;
	const state = { isBrokerDown: false, isAuditDown: false, operations: [] as AlarmOperation[] };
	const publisher = {
		publish: async (channel: string, _push: unknown, message: Publication["message"]) => {
			if (state.isBrokerDown) throw unavailable("broker", 1000);
			published.push({ channel, message });
			return { offset: published.length, epoch: "e" };
		},
	} as unknown as Publisher;
	const lease = new BoxLease("plant", holder, { leases, clock, logger: quietLogger() });
	const boxes = new Boxes([box]);
	const alarms = new Alarms({
		policy: new EdgePolicy(),
		...{ boxes, ledger, publisher, clock, logger: quietLogger() },
		leases: new Map([["plant", lease]]),
		audit: async (operation) => {
			if (state.isAuditDown) throw unavailable("the audit trail", 1000);
			state.operations.push(operation);
		},
	});
	return { state, lease, alarms };
}

/** Lets what was begun come to its end: nothing here waits for anything outside. */
async function settled(): Promise<void> {
	for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function started(fixture: Fixture, holder: string) {
	const made = node(fixture, holder);
	await made.lease.run();
	await made.alarms.start();
	await settled();
	return made;
}

function violatedBy(refused: object): string | undefined {
	return (refused as { violations: { field: string }[] }).violations[0]?.field;
}

const ada: Identity = {
	...{ sessionId: "s", userId: "u1", username: "ada", deviceId: "", roles: ["engineer"] },
	permissions: new Set(["edge.read", "alarm.ack"]),
	expiresAtMs: 0,
};

function changes(fixture: Fixture) {
	return fixture.published.flatMap(({ message }) =>
		message.change === undefined ? [] : [[message.alarm?.alarmId, message.change]],
	);
}

async function pass(clock: HandClock, ms: number, parts: { readonly lease: BoxLease }): Promise<void> {
	clock.advance(ms);
	await parts.lease.run();
	await settled();
}

describe("alarms", () => {
	it("are published when they are raised, acknowledged, resolved and removed, with the totals", async () => {
		const here = fixture();
		here.alarms.put(alarmRecord("old"), false);
		const { alarms } = await started(here, "n1");
		assert.deepEqual(changes(here), [], "what was there before is listed, not published");
		here.alarms.put(alarmRecord("a"));
		await settled();
		assert.equal(here.published[0]?.channel, "alarms:plant");
		assert.equal(here.published[1]?.message.totals?.active, 2);
		here.alarms.put(alarmRecord("a", { status: AlarmStatus.ACKNOWLEDGED }));
		await settled();
		here.alarms.put(alarmRecord("a", { status: AlarmStatus.ACKNOWLEDGED, title: "hotter" }));
		await settled();
		here.alarms.put(alarmRecord("a", { status: AlarmStatus.RESOLVED }));
		await settled();
		here.alarms.records.delete("a");
		here.alarms.put(alarmRecord("old"), "without id");
		await settled();
		assert.deepEqual(changes(here), [
			["a", Alarm_Change.RAISED],
			["a", Alarm_Change.ACKNOWLEDGED],
			["a", Alarm_Change.UPDATED],
			["a", Alarm_Change.RESOLVED],
			["a", Alarm_Change.REMOVED],
		]);
		await alarms.close();
	});

	it("are published by one node, and by another when that node is gone, each once", async () => {
		const here = fixture();
		const first = await started(here, "n1");
		const second = await started(here, "n2");
		assert.equal(first.lease.isHeld, true);
		assert.equal(second.lease.isHeld, false);
		here.alarms.put(alarmRecord("z", { raisedAtMs: 1 }), false);
		here.alarms.put(alarmRecord("a", { raisedAtMs: 2 }), false);
		await first.alarms.close();
		await settled();
		// The first node stopped without publishing anything. Its lease ends, and the second node finds the changes.
		await pass(here.clock, 11_000, second);
		assert.equal(second.lease.isHeld, true);
		here.alarms.put(alarmRecord("b"), "without id");
		await settled();
		assert.deepEqual(changes(here), [
			["z", Alarm_Change.RAISED],
			["a", Alarm_Change.RAISED],
			["b", Alarm_Change.RAISED],
		]);
		await second.alarms.close();
	});

	it("that were raised while no node held the lease are published oldest first", async () => {
		const here = fixture();
		const first = await started(here, "n1");
		const second = await started(here, "n2");
		here.clock.advance(11_000);
		for (const [index, id] of ["z", "a", "m"].entries()) {
			here.alarms.put(alarmRecord(id, { raisedAtMs: index + 1 }), "without id");
		}
		await settled();
		assert.deepEqual(changes(here), [], "the lease has ended");
		await second.lease.run();
		await settled();
		assert.deepEqual(
			changes(here).map(([id]) => id),
			["z", "a", "m"],
		);
		await first.alarms.close();
		await second.alarms.close();
	});

	it("that are found together are published oldest first, whatever the order of the index", async () => {
		const here = fixture();
		const { alarms } = await started(here, "n1");
		here.alarms.put(alarmRecord("new", { raisedAtMs: 3, updatedAtMs: 3 }), false);
		here.alarms.put(alarmRecord("b", { raisedAtMs: 2, updatedAtMs: 2 }), false);
		here.alarms.put(alarmRecord("a", { raisedAtMs: 2, updatedAtMs: 2 }), false);
		here.alarms.put(alarmRecord("old", { raisedAtMs: 1, updatedAtMs: 1 }), "without id");
		await settled();
		assert.deepEqual(
			changes(here).map(([id]) => id),
			["old", "a", "b", "new"],
		);
		await alarms.close();
	});

	it("wait for an unavailable broker, and lose nothing but the states in between", async () => {
		const here = fixture();
		const { state, alarms } = await started(here, "n1");
		state.isBrokerDown = true;
		here.alarms.put(alarmRecord("a"));
		here.alarms.put(alarmRecord("b"));
		await settled();
		here.alarms.put(alarmRecord("b", { status: AlarmStatus.RESOLVED }));
		await settled();
		assert.deepEqual(changes(here), []);
		state.isBrokerDown = false;
		here.alarms.put(alarmRecord("c"));
		await settled();
		assert.deepEqual(changes(here).sort(), [
			["a", Alarm_Change.RAISED],
			["b", Alarm_Change.RESOLVED],
			["c", Alarm_Change.RAISED],
		]);
		await alarms.close();
	});

	it("that flap are published a few times, then once with the number of suppressed changes", async () => {
		const here = fixture();
		const made = await started(here, "n1");
		for (let i = 0; i < 20; i++) {
			here.alarms.put(alarmRecord("a", { status: i % 2 === 0 ? AlarmStatus.ACTIVE : AlarmStatus.RESOLVED }));
			await settled();
		}
		assert.equal(changes(here).length, 6);
		await pass(here.clock, 61_000, made);
		here.alarms.put(alarmRecord("other"));
		await settled();
		const last = here.published.filter(({ message }) => message.alarm?.alarmId === "a").at(-1);
		assert.equal(last?.message.alarm?.status, AlarmStatus.RESOLVED);
		assert.equal(last?.message.suppressed, 14);
		assert.equal(changes(here).length, 6 + 1 + 1);
		await made.alarms.close();
	});

	it("are listed newest first by status, level and source, page by page", async () => {
		const here = fixture();
		for (let i = 0; i < 25; i++) {
			const level = i % 2 === 0 ? AlarmLevel.LOW : AlarmLevel.CRITICAL;
			here.alarms.put(alarmRecord(`a${String(i).padStart(2, "0")}`, { raisedAtMs: 1000 + (i >> 1), level }), false);
		}
		const { alarms } = await started(here, "n1");
		const query = { box: "", status: 0, level: 0, source: "", cursor: "", limit: 10 } as const;
		const seen: string[] = [];
		for (let cursor = ""; ; ) {
			const page = await alarms.list({ ...query, cursor });
			seen.push(...page.alarms.map(({ id }) => id));
			cursor = page.nextCursor;
			if (cursor === "") break;
		}
		assert.equal(seen.length, 25);
		assert.deepEqual(seen, [...here.alarms.records.keys()].sort().reverse());
		const critical = await alarms.list({ ...query, level: AlarmLevel.CRITICAL, limit: 50 });
		assert.equal(critical.alarms.length, 12);
		assert.deepEqual((await alarms.list({ ...query, source: "nobody" })).alarms, []);
		const { nextCursor } = await alarms.list(query);
		const foreign = await rejectionOf(alarms.list({ ...query, level: AlarmLevel.LOW, cursor: nextCursor }));
		assert.equal(violatedBy(foreign), "cursor");
		assert.equal((await alarms.count("plant")).totals.critical, 12);
		assert.equal(violatedBy(await rejectionOf(alarms.count("nowhere"))), "box");
		await alarms.close();
	});

	it("are acknowledged and cleared in the name of the user, on record or not at all", async () => {
		const here = fixture();
		here.alarms.put(alarmRecord("a"), false);
		const { alarms, state } = await started(here, "n1");
		state.isAuditDown = true;
		await rejectionOf(alarms.acknowledge(ada, "192.0.2.1", "", "a", "on my way"));
		assert.equal(here.alarms.records.get("a")?.status, AlarmStatus.ACTIVE);
		state.isAuditDown = false;
		const acknowledged = await alarms.acknowledge(ada, "192.0.2.1", "", "a", "on my way");
		assert.equal(acknowledged.acknowledgedBy, "ada");
		assert.equal((await alarms.count("")).totals.acknowledged, 1);
		await alarms.clear(ada, "192.0.2.1", "plant", "a", "fixed");
		await settled();
		assert.deepEqual(
			state.operations.map(({ operation, alarmId, comment, outcome }) => [operation, alarmId, comment, outcome]),
			[
				["alarm.ack", "a", "on my way", "requested"],
				["alarm.ack", "a", "on my way", "done"],
				["alarm.clear", "a", "fixed", "requested"],
				["alarm.clear", "a", "fixed", "done"],
			],
		);
		assert.deepEqual(changes(here).at(-1), ["a", Alarm_Change.RESOLVED]);
		await rejectionOf(alarms.acknowledge(ada, "192.0.2.1", "", "nothing", ""));
		assert.deepEqual(
			state.operations.slice(-2).map(({ outcome, detail }) => [outcome, detail]),
			[
				["requested", ""],
				["refused", "alarm_id is not an alarm"],
			],
		);
		await alarms.close();
	});

	it("accept subscriptions of users that may read, for existing boxes", async () => {
		const { authorizer } = (await started(fixture(), "n1")).alarms;
		assert.equal(await authorizer.canSubscribe(ada, "alarms:plant"), true);
		assert.equal(await authorizer.canSubscribe(ada, "alarms:elsewhere"), false);
		assert.equal(await authorizer.canSubscribe({ ...ada, permissions: new Set() }, "alarms:plant"), false);
	});

	it("of a box that has not answered yet are waited for, and then unavailable", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const here = fixture();
		here.alarms.isUnreachable = true;
		const { alarms } = await started(here, "n1");
		const refused = assert.rejects(alarms.count(""), { code: ErrorCode.UNAVAILABLE, retryAfterMs: 2000 });
		t.mock.timers.tick(2000);
		await refused;
		const waiting = alarms.count("");
		here.alarms.isUnreachable = false;
		here.alarms.put(alarmRecord("a"), "without id");
		assert.equal((await waiting).totals.active, 1);
		await alarms.close();
	});

	it("of an unreachable box carry their age", async () => {
		const here = fixture();
		const { alarms } = await started(here, "n1");
		const { asOfMs } = await alarms.count("");
		assert.ok(asOfMs > 0);
		here.alarms.isUnreachable = true;
		here.clock.advance(60_000);
		assert.equal((await alarms.count("")).asOfMs, asOfMs);
		await alarms.close();
	});
});
