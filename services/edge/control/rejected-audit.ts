// Controls that were refused for lack of a permission, in the audit trail. Any user who is signed in can cause such
// rejections as fast as the rate limits allow, so they are aggregated: of each user and operation the first is written
// at once, and further ones within a minute become one entry at its end, with the count.

import { AlignedInterval } from "../../../common/aligned-interval.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Identity } from "../../../common/identity.ts";
import type { Logger } from "../../../common/logger.ts";
import type { RejectionObserver } from "../../../common/rejection-observer.ts";
import type { AnyRouteContract } from "../../../protocol/contract.ts";
import { edgeAlarmRoutes, edgeControlRoutes } from "../../../protocol/gen/schema.ts";
import { auditEntry } from "./audit.ts";
import type { AuditTrail } from "./audit-trail.ts";

export interface RefusedAuditParts {
	readonly audit: Pick<AuditTrail, "record">;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly nodeId: string;
}

/** What is written of one user and operation, or of all users beyond `MAX_GATHERED`. */
interface Gathered {
	readonly who: Pick<Identity, "userId" | "username" | "sessionId">;
	readonly operation: string;
	readonly permission: string;
	readonly ip: string;
	readonly sinceMs: number;
	/** Not written yet. */
	count: number;
	lastAtMs: number;
}

/** Of one user and operation there is at most one entry at the beginning of this time, and one at its end. */
const WINDOW_MS = 60_000;
const SWEEP_MS = 5000;
/** Users and operations that are counted separately at once; those beyond are counted together. */
const MAX_GATHERED = 1000;
const OTHER_USERS = { userId: "", username: "", sessionId: "" };

const operations: ReadonlyMap<number, string> = new Map([
	[edgeControlRoutes.writePoint.number, "control.write"],
	[edgeControlRoutes.selectPoint.number, "control.select"],
	[edgeControlRoutes.operatePoint.number, "control.operate"],
	[edgeControlRoutes.cancelSelect.number, "control.cancel"],
	[edgeAlarmRoutes.alarmAck.number, "alarm.ack"],
	[edgeAlarmRoutes.alarmClear.number, "alarm.clear"],
]);

export class RefusedAudit implements RejectionObserver {
	private readonly parts: RefusedAuditParts;
	private readonly gathered = new Map<string, Gathered>();
	private readonly writing = new Set<Promise<void>>();
	private sweeps: AlignedInterval | undefined;

	constructor(parts: RefusedAuditParts) {
		this.parts = parts;
	}

	start(): void {
		this.sweeps = new AlignedInterval(() => this.sweep(), SWEEP_MS);
	}

	refused({ number, permission }: AnyRouteContract, identity: Identity, ip: string): void {
		const operation = operations.get(number);
		if (operation === undefined) return;
		const key = `${operation} ${identity.userId}`;
		const known = this.gathered.get(key);
		// All users beyond the limit share one entry, under a key that no user has.
		const rest = this.gathered.get("");
		if (known !== undefined) this.count(known);
		else if (this.gathered.size < MAX_GATHERED) this.begin(key, { who: identity, operation, permission, ip });
		else if (rest !== undefined) this.count(rest);
		else this.begin("", { who: OTHER_USERS, operation: "control", permission: "", ip: "" });
	}

	/** Writes entries that are a minute old. The timer calls this; a test with its own clock calls it directly. */
	sweep(): void {
		const nowMs = this.parts.clock.monotonic();
		for (const [key, entry] of this.gathered) {
			if (nowMs - entry.sinceMs < WINDOW_MS) continue;
			this.gathered.delete(key);
			if (entry.count > 0) this.write(entry);
		}
	}

	/** Writes what is left; before the store closes. */
	async close(): Promise<void> {
		this.sweeps?.stop();
		for (const entry of this.gathered.values()) if (entry.count > 0) this.write(entry);
		this.gathered.clear();
		await Promise.all(this.writing);
	}

	private begin(key: string, what: Pick<Gathered, "who" | "operation" | "permission" | "ip">): void {
		const { clock } = this.parts;
		const entry = { ...what, sinceMs: clock.monotonic(), count: 1, lastAtMs: clock.now() };
		this.gathered.set(key, entry);
		// Of users beyond the limit only the count is known, at the end of the window.
		if (key !== "") this.write(entry);
	}

	private count(entry: Gathered): void {
		entry.count++;
		entry.lastAtMs = this.parts.clock.now();
	}

	private write(entry: Gathered): void {
		const { count } = entry;
		entry.count = 0;
		const writing = this.record(entry, count).finally(() => this.writing.delete(writing));
		this.writing.add(writing);
	}

	/** Nothing was done, so that nothing has to be refused when this fails: the trail counts it, the log has it. */
	private async record(entry: Gathered, count: number): Promise<void> {
		const { audit, logger, nodeId } = this.parts;
		const { who, operation, permission, ip, lastAtMs } = entry;
		const why = who === OTHER_USERS ? "no permission; further users" : `needs the permission ${permission}`;
		const session = who === OTHER_USERS ? "" : `, session ${who.sessionId}`;
		const detail = `${why}; ${count} refused, the last at this time${session}, node ${nodeId}`;
		try {
			await audit.record(auditEntry(who, lastAtMs, { operation, target: "", ip, outcome: "refused", detail }));
		} catch (error) {
			const fields = { userId: who.userId, operation, count };
			logger.warn({ err: error, ...fields }, "a refused control is not in the audit trail");
		}
	}
}
