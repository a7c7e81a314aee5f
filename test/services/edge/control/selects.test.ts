// Select-before-operate: same connection, same value, in time, and nobody else meanwhile.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { edgeControlModule } from "../../../../handlers/edge-control.ts";
import type { LeaseStore } from "../../../../messaging/lease.ts";
import type { LiveSubscriber } from "../../../../messaging/live-audience.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { GatewayError } from "../../../../protocol/error.ts";
import { DataType, edgeControlRoutes } from "../../../../protocol/gen/schema.ts";
import type { Operator } from "../../../../services/edge/control/audit.ts";
import type { Controls } from "../../../../services/edge/control/controls.ts";
import { until } from "../../../support/until.ts";
import { type ControlFixture, controlFixture, elsewhere, gate, nameOf, newId, operator, target } from "./fixture.ts";

const { PRECONDITION_FAILED, VALIDATION_FAILED, CONFLICT, RATE_LIMITED } = ErrorCode;
const { ADJUSTMENT } = DataType;

let fixture: ControlFixture;
let controls: Controls;
/** Another process. */
let other: Controls;
const ada = operator("ada");
const bob = operator("bob");
beforeEach(async () => {
	fixture = await controlFixture();
	controls = fixture.node();
	other = fixture.node();
});
afterEach(() => fixture.close());

const select = (who: Operator = ada, value = 1, node = controls) =>
	node.select(who, { target: target(1), value, reason: "test" });

function leave(who: Operator, node = controls): void {
	node.listener.onClosed(who.peer as unknown as LiveSubscriber);
}

async function isNotSelected(call: Promise<unknown>): Promise<void> {
	await assert.rejects(call, (error: GatewayError) => {
		assert.deepEqual([error.code, error.violations[0]?.field], [PRECONDITION_FAILED, "select_id"], error.message);
		return true;
	});
	assert.deepEqual(fixture.held.sent, []);
}

/** The point is nobody's: another process may have it. */
async function isFree(): Promise<void> {
	await until(async () => (await other.select(bob, { target: target(1), value: 0 })) !== undefined);
}

describe("select and operate", () => {
	test("what was selected is executed once, under the select's reason, and the point is free again", async () => {
		const { id: selectId, expiresAtMs } = await select();
		assert.equal(expiresAtMs, fixture.clock.now() + 30_000);
		assert.equal(fixture.held.sent.length, 0);
		const { id, stage } = await controls.operate(ada, { selectId, value: 1 });
		assert.equal(nameOf(stage), "ACCEPTED");
		assert.deepEqual(fixture.held.sent[0]?.target, { family: "comsrv", channel: 1001, type: 3, pointId: 1 });
		const entries = await fixture.audit.list({ sinceMs: 0, username: undefined, limit: 100 });
		assert.deepEqual(
			entries.map(({ operation, outcome, reason, ip }) => [operation, outcome, reason, ip]),
			[
				["control.select", "selected", "test", "192.0.2.7"],
				["control.operate", "requested", "test", "192.0.2.7"],
				["control.operate", "accepted", "test", ""],
			],
		);
		await assert.rejects(controls.operate(ada, { selectId, value: 1 }), { code: PRECONDITION_FAILED });
		assert.equal(fixture.held.sent.length, 1);
		assert.equal((await controls.status(ada, id)).selectId, selectId);
		await isFree();
	});

	test("a repeat with the same id is answered, though the select is over; another value under it is a conflict", async () => {
		const { id: selectId } = await select();
		const commandId = newId();
		const operate = (value: number) => controls.operate(ada, { selectId, value, commandId });
		const [first, second] = await Promise.all([operate(1), operate(1)]);
		assert.deepEqual([first.id, second.id, (await operate(1)).id], [commandId, commandId, commandId]);
		await assert.rejects(operate(0), { code: CONFLICT });
		const asWrite = controls.write(ada, { target: target(1), value: 1, commandId, reason: "test" });
		await assert.rejects(asWrite, { code: CONFLICT });
		assert.equal(fixture.held.sent.length, 1);
	});

	test("it expires, and is audited as expired", async () => {
		const { id: selectId } = await select();
		fixture.clock.advance(30_000);
		await isNotSelected(controls.operate(ada, { selectId, value: 1 }));
		await controls.tick();
		assert.equal(controls.selectedPoints, 0);
		await until(async () => (await fixture.outcomes()).includes("control.select expired"));
		await isFree();
	});

	test("another value is refused, and the select stays for the right one", async () => {
		const { id: selectId } = await select();
		for (const value of [0, Number.NaN, undefined]) {
			await assert.rejects(controls.operate(ada, { selectId, value: value as number }), { code: VALIDATION_FAILED });
		}
		assert.deepEqual(fixture.held.sent, []);
		await controls.operate(ada, { selectId, value: 1 });
		assert.equal(fixture.held.sent.length, 1);
	});

	test("another connection, of the same or another operator, on this process or another", async () => {
		const { id: selectId } = await select();
		await isNotSelected(controls.operate(elsewhere(ada), { selectId, value: 1 }));
		await isNotSelected(controls.operate(bob, { selectId, value: 1 }));
		await isNotSelected(other.operate(ada, { selectId, value: 1 }));
		// The same number of a connection on another process is another connection.
		await isNotSelected(controls.operate({ ...bob, peer: ada.peer }, { selectId, value: 1 }));
		assert.equal(await controls.cancel(elsewhere(ada), selectId), false);
		assert.equal(controls.selectedPoints, 1);
	});

	test("another operator can neither select nor write the point, on any process, but others", async () => {
		await select();
		for (const node of [controls, other]) {
			for (const who of [bob, elsewhere(ada)]) {
				await assert.rejects(select(who, 0, node), { code: CONFLICT });
				await assert.rejects(node.write(who, { target: target(1), value: 0 }), { code: CONFLICT });
			}
		}
		assert.deepEqual(fixture.held.sent, []);
		await other.write(bob, { target: target(2), value: 0 });
		await other.write(bob, { target: target(1, ADJUSTMENT), value: 0 });
		assert.equal(fixture.held.sent.length, 2);
	});

	test("one of many concurrent selects wins", async () => {
		const tries = Array.from({ length: 20 }, (_, index) =>
			select(operator(`o${index}`), 1, index % 2 ? controls : other).then(
				() => "selected",
				(error: GatewayError) => error.code,
			),
		);
		const outcomes = await Promise.all(tries);
		assert.equal(outcomes.filter((outcome) => outcome === "selected").length, 1);
		assert.equal(outcomes.filter((outcome) => outcome === CONFLICT).length, 19);
	});

	test("selecting again over the same connection replaces the first", async () => {
		const { id: first } = await select(ada, 1);
		const { id: second } = await select(ada, 0);
		await isNotSelected(controls.operate(ada, { selectId: first, value: 1 }));
		await controls.operate(ada, { selectId: second, value: 0 });
		assert.deepEqual(
			fixture.held.sent.map(({ value }) => value),
			[0],
		);
	});

	test("cancelled, it is over, once", async () => {
		const { id: selectId } = await select();
		assert.equal(await controls.cancel(ada, selectId), true);
		assert.equal(await controls.cancel(ada, selectId), false);
		await isNotSelected(controls.operate(ada, { selectId, value: 1 }));
		assert.ok((await fixture.outcomes()).includes("control.cancel cancelled"));
		await isFree();
	});

	test("the connection left: the point is free, also when it leaves while it selects", async () => {
		const { id: selectId } = await select();
		leave(ada);
		assert.equal(controls.selectedPoints, 0);
		await isNotSelected(controls.operate(ada, { selectId, value: 1 }));
		await until(async () => (await fixture.outcomes()).includes("control.select left"));
		await isFree();

		const gone = elsewhere(ada);
		const hold = gate();
		const slow: LeaseStore = {
			take: async (...lease) => {
				await hold.pass();
				return await fixture.leases.take(...lease);
			},
			release: (...lease) => fixture.leases.release(...lease),
		};
		const node = fixture.node({}, { leases: slow });
		const late = node.select(gone, { target: target(2), value: 1 });
		await hold.reached;
		leave(gone, node);
		hold.open();
		await assert.rejects(late, { code: PRECONDITION_FAILED });
		assert.equal(await fixture.leases.take("control:plant:comsrv:1001:3:2", "next", 1000), "next");
	});

	test("the permission is revoked in between: the session ends, and with it the select", async () => {
		const { id: selectId } = await select();
		// Ending the session removes the identity from the connection, which is reported to the listener.
		leave(ada);
		const again: Operator = { ...ada, identity: { ...ada.identity, permissions: new Set(["edge.read"]) } };
		await isNotSelected(controls.operate(again, { selectId, value: 1 }));
		const writing = edgeControlModule.routes.filter(({ contract }) => contract.permission === "edge.write");
		assert.deepEqual(
			writing.map(({ contract }) => contract.number),
			[4006, 4007, 4008, 4009],
			"and the routes refuse who logs in again without it",
		);
		await isFree();
	});

	test("operate fails: the select is over, and the point free", async () => {
		const { id: selectId } = await select();
		fixture.held.isUp = false;
		await assert.rejects(controls.operate(ada, { selectId, value: 1 }), { code: ErrorCode.UNAVAILABLE });
		fixture.held.isUp = true;
		await isNotSelected(controls.operate(ada, { selectId, value: 1 }));
		await isFree();
	});

	test("limits that changed after the select apply", async () => {
		const { id: selectId } = await controls.select(ada, { target: target(5, ADJUSTMENT), value: 80 });
		fixture.held.limit(ADJUSTMENT, 5, { max: 50 });
		fixture.clock.advance(20_000);
		await assert.rejects(controls.operate(ada, { selectId, value: 80 }), { code: VALIDATION_FAILED });
		assert.deepEqual(fixture.held.sent, []);
	});

	test("too many points of one user", async () => {
		const node = fixture.node({ maxSelectsPerUser: 2 });
		const go = (pointId: number) => node.select(ada, { target: target(pointId), value: 1 });
		const { id } = await go(1);
		await go(2);
		await assert.rejects(go(3), { code: RATE_LIMITED });
		await go(2);
		await node.cancel(ada, id);
		await go(3);
	});
});

describe("two operators on one point", () => {
	test("direct writes run one after the other; a select and a write exclude each other", async () => {
		const writes = Array.from({ length: 6 }, (_, index) =>
			(index % 2 ? controls : other).write(operator(`w${index}`), { target: target(1), value: index % 2 }),
		);
		await Promise.all(writes);
		assert.equal(fixture.held.sent.length, 6);

		const hold = gate();
		fixture.held.beforeSend = hold.pass;
		const write = controls.write(ada, { target: target(1), value: 1 });
		await hold.reached;
		const later = select(bob, 0, other);
		const order: string[] = [];
		const both = [write.then(() => order.push("write")), later.then(() => order.push("select"))];
		hold.open();
		await Promise.all(both);
		assert.deepEqual(order, ["write", "select"]);
	});
});

describe("handlers", () => {
	test("every route of the block answers as its messages say", async () => {
		const numbers = edgeControlModule.routes.map(({ contract }) => contract.number);
		assert.deepEqual(
			numbers,
			Object.values(edgeControlRoutes).map(({ number }) => number),
		);
		const ask = async (number: number, request: object) => {
			const route = edgeControlModule.routes.find(({ contract }) => contract.number === number);
			const call = { peer: ada.peer, identity: () => ada.identity };
			return (await route?.handler(request, call as never, { controls })) as Record<string, unknown>;
		};
		const deadlineMs = fixture.clock.now() + 5000;
		const first = { commandId: "first", stage: 1, deadlineMs };
		assert.deepEqual(await ask(4006, { target: target(1), value: 0, commandId: "first", reason: "" }), first);
		const { selectId, expiresAtMs } = await ask(4007, { target: target(1), value: 1, reason: "" });
		assert.equal(expiresAtMs, fixture.clock.now() + 30_000);
		assert.deepEqual(await ask(4008, { selectId, value: 1, commandId: "second" }), { ...first, commandId: "second" });
		assert.deepEqual(await ask(4009, { selectId }), { wasSelected: false });
		assert.deepEqual(await ask(4010, { commandId: "first" }), {
			command: { commandId: "first", stage: 1, isFinal: false, error: "", atMs: fixture.clock.now() },
			target: { source: "comsrv", channel: 1001, dataType: 3, pointId: 1 },
			...{ value: 0, username: "ada", requestedAtMs: fixture.clock.now() },
		});
	});
});
