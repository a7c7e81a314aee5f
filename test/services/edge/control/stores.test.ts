// Commands and the audit trail in SQL, and what several processes make of them: SQLite in a file, real PostgreSQL and MariaDB.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { GatewayError } from "../../../../protocol/error.ts";
import { CommandStage, DataType } from "../../../../protocol/gen/schema.ts";
import { SendOutcome } from "../../../../services/edge/boxes/box-commands.ts";
import type { AuditEntry } from "../../../../services/edge/control/audit-trail.ts";
import { SqlCommandStore } from "../../../../services/edge/control/store/command-store-sql.ts";
import { openDatabase } from "../../../../stores/sql/database.ts";
import { passDatabaseTime } from "../../../support/database-time.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { startMariadb } from "../../../support/mariadb-server.ts";
import { startPostgres } from "../../../support/postgres-server.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { until } from "../../../support/until.ts";
import { type ControlFixture, controlFixture, gate, nameOf, newId, operator, target } from "./fixture.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => {
		const directory = mkdtempSync(path.join(tmpdir(), "framegate-control-"));
		const stop = async () => rmSync(directory, { recursive: true, force: true });
		return { url: `sqlite:${path.join(directory, "test.db")}`, stop };
	},
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const HOUR_MS = 3_600_000;
const { ADJUSTMENT } = DataType;
const ada = operator("ada");

for (const [name, start] of Object.entries(backends)) {
	describe(`control on ${name}`, () => {
		let backend: Backend;
		let fixture: ControlFixture;
		before(async () => {
			backend = await start();
		});
		after(() => backend.stop());
		beforeEach(async () => {
			fixture = await controlFixture({ url: backend.url });
			await emptied(fixture);
		});
		afterEach(() => fixture.close());

		test("the audit trail returns what was written, whatever texts hold", async () => {
			const entry: AuditEntry = {
				...{ id: uuidv7(), atMs: fixture.clock.now(), userId: "u", username: "Zoë", ip: "2001:db8::1" },
				...{ operation: "control.write", target: "comsrv:1001:A:5", value: -0.1, commandId: "c" },
				...{ reason: "wegen Wartung — 保守 🔧", outcome: "requested", detail: "" },
			};
			await fixture.audit.record(entry);
			const odd = {
				...entry,
				id: uuidv7(),
				value: undefined,
				reason: `a\0b${"🔧".repeat(600)}`,
				username: "z".repeat(99),
			};
			await fixture.audit.record(odd);
			const [first, second] = await fixture.audit.list({ sinceMs: 0, username: undefined, limit: 10 });
			assert.deepEqual(first, entry);
			assert.deepEqual([second?.value, second?.username.length], [undefined, 64]);
			assert.equal(second?.reason, `a\uFFFDb${"🔧".repeat(509)}`);
		});

		test("the trail is listed by time and user, the latest first to be kept, and what is old removed in batches", async () => {
			const { clock, audit } = fixture;
			const node = fixture.node();
			for (let index = 0; index < 5; index++) {
				clock.advance(1000);
				await node.write(operator(index % 2 ? "ada" : "bob"), { target: target(index, ADJUSTMENT), value: index });
			}
			const list = async (sinceMs: number, username: string | undefined, limit: number) =>
				(await audit.list({ sinceMs, username, limit })).map(({ value, outcome }) => `${value} ${outcome}`);
			assert.deepEqual(await list(0, undefined, 3), ["3 accepted", "4 requested", "4 accepted"]);
			assert.deepEqual(await list(0, "ada", 10), ["1 requested", "1 accepted", "3 requested", "3 accepted"]);
			assert.equal((await list(clock.now(), undefined, 10)).length, 2);
			assert.equal(await audit.deleteOld({ keptMs: 0, nowMs: clock.now() }, 3), 3);
			assert.equal(await audit.deleteOld({ keptMs: 0, nowMs: clock.now() }, 10), 5);
			assert.equal(await audit.deleteOld({ keptMs: 0, nowMs: clock.now() }, 10), 0);
			assert.equal((await list(0, undefined, 10)).length, 2);
		});

		test("one id, one command, however many ask for it at once and on which process", async () => {
			const nodes = [fixture.node(), fixture.node(), fixture.node()];
			const each = <Result>(count: number, ask: (node: (typeof nodes)[number], index: number) => Promise<Result>) =>
				Promise.all(nodes.flatMap((node) => Array.from({ length: count }, (_, index) => ask(node, index))));
			const id = newId();
			const request = { target: target(1), value: 1, commandId: id, reason: "r" };
			const records = await each(8, (node) => node.write(ada, request));
			assert.equal(fixture.held.sent.length, 1);
			assert.deepEqual(new Set(records.map(({ stage }) => nameOf(stage))), new Set(["ACCEPTED"]));
			await until(() => fixture.log.stages(id).length > 0);
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED"]);
			const requested = (await fixture.outcomes(id)).filter((outcome) => outcome === "control.write requested");
			assert.equal(requested.length, 1);

			const strangers = await each(2, (node, index) =>
				node.write(operator(`x${index}`), request).catch((error: GatewayError) => error.code),
			);
			assert.deepEqual(new Set(strangers), new Set([ErrorCode.CONFLICT]));
			assert.equal(fixture.held.sent.length, 1);
		});

		test("stages only go forward, one final stage excludes the others, and one of many processes claims it", async () => {
			const { commands, clock } = fixture;
			const id = newId();
			await fixture.node().write(ada, { target: target(1), value: 1, commandId: id });
			const atMs = clock.now();
			const advance = (stage: CommandStage) => {
				const change = { stage, actualValue: 0.1, error: "", atMs, deadlineMs: atMs, dueInMs: 10_000 };
				const entry = { ...blankEntry(atMs), commandId: id, outcome: nameOf(stage) };
				return commands.advance(id, change, entry);
			};
			assert.equal(await advance(CommandStage.ACCEPTED), false);
			assert.equal(await advance(CommandStage.EXECUTING), true);
			assert.equal(await advance(CommandStage.EXECUTING), false);
			const { EXECUTED, FAILED, TIMEOUT, UNKNOWN } = CommandStage;
			const ends = await Promise.all([EXECUTED, FAILED, TIMEOUT, UNKNOWN, TIMEOUT].map(advance));
			assert.equal(ends.filter(Boolean).length, 1);
			assert.equal(await advance(CommandStage.EXECUTING), false);
			const record = await commands.get(id);
			assert.equal(record?.actualValue, 0.1);
			const outcomes = await fixture.outcomes(id);
			assert.equal(outcomes.length, 4, outcomes.join());
			await fixture.pass(10_000);
			const claims = await Promise.all(Array.from({ length: 8 }, () => commands.claimDue(60_000, 10)));
			assert.deepEqual(claims.flat(), [record]);
			await commands.settle(id);
			await fixture.pass(10_000_000);
			assert.deepEqual(await commands.claimDue(0, 10), []);
			assert.equal(await commands.deleteOld({ keptMs: 0, nowMs: atMs + 1 }, 10), 1);
			assert.equal(await commands.get(id), undefined);
		});

		test("a process dies: another closes its command after the deadline, once", async () => {
			const dead = fixture.node();
			const id = newId();
			await dead.write(ada, { target: target(1), value: 1, commandId: id });
			await until(() => fixture.log.stages(id).length === 1);
			const alive = [fixture.node(), fixture.node(), fixture.node()];
			const sweep = () => Promise.all(alive.map((node) => node.sweep()));
			await fixture.pass(9000);
			await sweep();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED"]);
			await fixture.pass(1000);
			await sweep();
			await sweep();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "TIMEOUT"]);
			// It was only paused: the feedback that it receives now is late.
			fixture.held.report(id, "executed");
			await until(async () => (await fixture.outcomes(id)).some((outcome) => outcome.endsWith("late executed")));
			await until(() => dead.openCommands === 0);
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "TIMEOUT"]);
			assert.equal((await fixture.commands.get(id))?.stage, CommandStage.TIMEOUT);
		});

		test("processes whose clocks are an hour off close a command when it is due, not before and not an hour later", async () => {
			const id = newId();
			await fixture.node().write(ada, { target: target(1), value: 1, commandId: id });
			await until(() => fixture.log.stages(id).length === 1);
			const rivals = [HOUR_MS, -HOUR_MS].map((offMs) => {
				const clock = handClock(Date.now() + offMs);
				return { clock, node: fixture.node({}, { clock }) };
			});
			for (const { node } of rivals) await node.sweep();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED"]);
			for (const { clock } of rivals) clock.advance(10_000);
			await passDatabaseTime(fixture.database, 10_000);
			await rivals[1]?.node.sweep();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "TIMEOUT"]);
		});

		test("a process dies, and the device has done it: the box is asked", async () => {
			const id = newId();
			await fixture.node().write(ada, { target: target(1), value: 1, commandId: id });
			await until(() => fixture.log.stages(id).length === 1);
			fixture.held.known.set(id, { commandId: id, stage: "executed", actualValue: 1, error: "", atMs: 0 });
			await fixture.pass(10_000);
			await fixture.node().sweep();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTED"]);
		});

		test("a process dies between record and hand-over: UNKNOWN, and never sent", async () => {
			const hold = gate();
			fixture.held.beforeSend = hold.pass;
			const id = newId();
			const dying = fixture.node().write(ada, { target: target(1), value: 1, commandId: id });
			await hold.reached;
			const successor = fixture.node();
			await successor.start();
			assert.deepEqual(fixture.log.stages(id), [], "it may still be at it");
			await fixture.pass(13_000);
			await successor.sweep();
			assert.deepEqual(fixture.log.stages(id), ["UNKNOWN"]);
			await successor.sweep();
			assert.equal(fixture.held.sent.length, 0);
			// It was only paused, and the box did take it: what was published does not change.
			hold.open();
			assert.equal((await dying).stage, CommandStage.UNKNOWN);
			assert.deepEqual(fixture.log.stages(id), ["UNKNOWN"]);
		});

		test("what was kept long enough is removed, commands that are not over left alone", async () => {
			const { clock, audit, commands } = fixture;
			// A poll would end the open command, whose time is over as well.
			const node = fixture.node({ auditKeptMs: 20_000, commandsKeptMs: 20_000, pollIntervalMs: 600_000 });
			const [over, open] = [newId(), newId()];
			for (const commandId of [over, open]) await node.write(ada, { target: target(1), value: 1, commandId });
			fixture.held.report(over, "executed");
			await until(() => node.openCommands === 1);
			clock.advance(20_001);
			await node.start();
			await until(async () => (await audit.list({ sinceMs: 0, username: undefined, limit: 9 })).length === 0);
			await until(async () => (await commands.get(over)) === undefined);
			assert.equal((await commands.get(open))?.stage, CommandStage.ACCEPTED);
		});

		test("a final stage that could not be published is published when the broker is back", async () => {
			const node = fixture.node();
			const id = newId();
			fixture.log.isDown = true;
			await node.write(ada, { target: target(1), value: 1, commandId: id });
			fixture.held.report(id, "executed");
			await until(() => node.openCommands === 0);
			await node.close();
			fixture.log.isDown = false;
			await fixture.pass(5000);
			await fixture.node().sweep();
			assert.deepEqual(fixture.log.stages(id), ["EXECUTED"]);
			await fixture.pass(60_000);
			await fixture.node().sweep();
			assert.deepEqual(fixture.log.stages(id), ["EXECUTED"]);
		});
	});
}

describe("control while SQL is unavailable", () => {
	test("fails closed: nothing is selected, nothing sent, nothing sent later; commands in flight end", async () => {
		let server = await startPostgres({ keepData: true });
		const { directory, port } = server;
		const fixture = await controlFixture({ url: server.url });
		const node = fixture.node();
		try {
			const request = { target: target(1), value: 1 };
			const { id } = await node.write(ada, request);
			const { id: selectId } = await node.select(ada, { target: target(2), value: 1 });
			const sent = fixture.held.sent.length;
			await server.stop();
			await assert.rejects(node.write(ada, request), { code: ErrorCode.UNAVAILABLE });
			await assert.rejects(node.write(ada, { ...request, commandId: newId() }), { code: ErrorCode.UNAVAILABLE });
			await assert.rejects(node.operate(ada, { selectId, value: 1 }), { code: ErrorCode.UNAVAILABLE });
			await assert.rejects(node.select(ada, { target: target(3), value: 1 }), { code: ErrorCode.UNAVAILABLE });
			assert.equal(node.selectedPoints, 0);
			assert.equal(await fixture.leases.take("control:plant:comsrv:1001:3:3", "next", 1000), "next");
			assert.equal(fixture.held.sent.length, sent);
			fixture.held.report(id, "executed");
			await node.tick();
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED"], "not published before it is on record");
			server = await startPostgres({ resume: { directory, port } });
			await until(async () => {
				await node.tick();
				return node.openCommands === 0;
			});
			await until(() => fixture.log.stages(id).length === 2);
			assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTED"]);
			assert.equal(fixture.held.sent.length, sent);
		} finally {
			await fixture.close();
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		}
	});

	test("handed over, and then SQL went away: the command is accepted, and its record follows", async () => {
		let server = await startPostgres({ keepData: true });
		const { directory, port } = server;
		const fixture = await controlFixture({ url: server.url });
		const node = fixture.node();
		try {
			fixture.held.beforeSend = () => server.stop();
			const { id, stage } = await node.write(ada, { target: target(1), value: 1 });
			assert.equal(nameOf(stage), "ACCEPTED");
			server = await startPostgres({ resume: { directory, port } });
			await until(async () => {
				await node.tick();
				return fixture.log.stages(id).length === 1;
			});
			assert.equal((await node.status(ada, id)).stage, CommandStage.ACCEPTED);
			assert.equal(fixture.held.outcome, SendOutcome.SENT);
		} finally {
			await fixture.close();
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		}
	});

	test("a database without the tables is unavailable", async () => {
		const database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
		await assert.rejects(new SqlCommandStore(database).get("x"), { code: ErrorCode.UNAVAILABLE });
		await database.close();
	});
});

async function emptied({ database }: ControlFixture): Promise<void> {
	await database.run(async (db) => {
		await db.deleteFrom("audit_entries").execute();
		await db.deleteFrom("control_commands").execute();
	});
}

function blankEntry(atMs: number): AuditEntry {
	const texts = { operation: "control.write", target: "", commandId: "", reason: "", outcome: "", detail: "" };
	return { id: uuidv7(), atMs, userId: "u", username: "u", ip: "", value: undefined, ...texts };
}
