// Controls that are refused for want of a permission are in the audit trail, and cannot fill it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PipelineCall } from "../../../../core/pipeline.ts";
import { authorize } from "../../../../middleware/authorize.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { AnyRouteContract } from "../../../../protocol/contract.ts";
import { edgeAlarmRoutes, edgeControlRoutes, edgeTelemetryRoutes } from "../../../../protocol/gen/schema.ts";
import type { AuditEntry } from "../../../../services/edge/control/audit-trail.ts";
import { CountedAuditTrail } from "../../../../services/edge/control/counted-audit.ts";
import { RefusedAudit } from "../../../../services/edge/control/rejected-audit.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { operator } from "./fixture.ts";

const { writePoint, selectPoint, operatePoint, cancelSelect } = edgeControlRoutes;
const { alarmAck, alarmClear } = edgeAlarmRoutes;

function stage() {
	const clock = handClock();
	const entries: AuditEntry[] = [];
	const state = { isAway: false };
	const trail = new CountedAuditTrail({
		record: async (entry) => {
			if (state.isAway) throw new Error("no database");
			entries.push(entry);
		},
		list: async () => entries,
		deleteOld: async () => 0,
	});
	const refusedAudit = new RefusedAudit({ audit: trail, clock, logger: quietLogger(), nodeId: "n1" });
	const middleware = authorize(refusedAudit);
	const ask = (contract: AnyRouteContract, username: string, permissions: readonly string[] = ["edge.read"]) => {
		const { identity, peer } = operator(username, permissions);
		const call = { identity: () => identity, peer, tokenExpired: false } as unknown as PipelineCall;
		return middleware(contract, () => ({}))(call);
	};
	const refuse = (contract: AnyRouteContract, username: string) =>
		assert.throws(() => ask(contract, username), { code: ErrorCode.PERMISSION_DENIED });
	return { clock, entries, state, trail, refusedAudit, ask, refuse };
}

describe("a control that is refused because a permission is missing", () => {
	it("is in the trail at once: who, what, when, where, why", async () => {
		const { entries, refuse, refusedAudit, clock, ask } = stage();
		for (const contract of [writePoint, selectPoint, operatePoint, cancelSelect, alarmAck, alarmClear])
			refuse(contract, "eve");
		assert.deepEqual(ask(edgeTelemetryRoutes.subscribe, "eve"), {});
		assert.throws(() => ask(edgeTelemetryRoutes.subscribe, "eve", []));
		assert.deepEqual(ask(writePoint, "ada", ["edge.write"]), {});
		await refusedAudit.close();
		assert.deepEqual(
			entries.map(({ operation }) => operation),
			["control.write", "control.select", "control.operate", "control.cancel", "alarm.ack", "alarm.clear"],
		);
		const { identity, peer } = operator("eve");
		const { id: _, ...first } = entries[0] as AuditEntry;
		assert.deepEqual(first, {
			...{ atMs: clock.now(), userId: identity.userId, username: "eve", ip: peer.ip },
			...{ operation: "control.write", target: "", value: undefined, commandId: "", reason: "", outcome: "refused" },
			detail: `needs the permission edge.write; 1 refused, the last at this time, session ${identity.sessionId}, node n1`,
		});
		assert.match(entries[4]?.detail ?? "", /^needs the permission alarm\.ack; 1 refused/);
	});

	it("does not fill the trail, however often: two entries a minute, and the count", async () => {
		const { entries, refuse, refusedAudit, clock } = stage();
		for (let i = 0; i < 5000; i++) refuse(writePoint, "eve");
		refuse(writePoint, "bob");
		assert.deepEqual(
			entries.map(({ username }) => username),
			["eve", "bob"],
		);
		clock.advance(60_000);
		refusedAudit.sweep();
		assert.equal(entries.length, 3);
		assert.match(entries[2]?.detail ?? "", /; 4999 refused/);
		assert.equal(entries[2]?.atMs, clock.now() - 60_000);
		refuse(writePoint, "eve");
		refuse(writePoint, "eve");
		await refusedAudit.close();
		assert.deepEqual(
			entries.slice(3).map(({ detail }) => / (\d+) refused/.exec(detail)?.[1]),
			["1", "1"],
		);
	});

	it("of very many users is counted together beyond a bound", async () => {
		const { entries, refuse, refusedAudit, clock } = stage();
		for (let i = 0; i < 1500; i++) refuse(writePoint, `u${i}`);
		assert.equal(entries.length, 1000);
		clock.advance(60_000);
		refusedAudit.sweep();
		assert.equal(entries.length, 1001);
		const { username, detail } = entries[1000] as AuditEntry;
		assert.deepEqual(
			[username, detail],
			["", "no permission; further users; 500 refused, the last at this time, node n1"],
		);
		await refusedAudit.close();
	});

	it("still refuses while the trail is unavailable, and counts the lost entries", async () => {
		const { trail, entries, refuse, refusedAudit, state } = stage();
		state.isAway = true;
		refuse(writePoint, "eve");
		refuse(writePoint, "eve");
		await refusedAudit.close();
		assert.deepEqual([trail.failures, entries.length], [2, 0]);
	});
});
