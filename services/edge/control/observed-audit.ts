// An audit trail that reports each entry that it has kept.
import type { Age } from "../../../common/age.ts";
import type { AuditEntry, AuditQuery, AuditTrail } from "./audit-trail.ts";

export class ObservedAuditTrail implements AuditTrail {
	private readonly trail: AuditTrail;
	private readonly onRecorded: (entry: AuditEntry) => void;

	/** @param onRecorded - must not throw. */
	constructor(trail: AuditTrail, onRecorded: (entry: AuditEntry) => void) {
		this.trail = trail;
		this.onRecorded = onRecorded;
	}

	async record(entry: AuditEntry): Promise<void> {
		await this.trail.record(entry);
		this.onRecorded(entry);
	}

	list(query: AuditQuery): Promise<readonly AuditEntry[]> {
		return this.trail.list(query);
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return this.trail.deleteOld(age, limit);
	}
}
