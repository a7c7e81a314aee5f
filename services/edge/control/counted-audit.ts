// An audit trail that counts the entries it could not add. Some are about operations that have happened already and
// cannot be refused any more; an operator has to be notified of those.
import type { Age } from "../../../common/age.ts";
import type { AuditEntry, AuditQuery, AuditTrail } from "./audit-trail.ts";

export class CountedAuditTrail implements AuditTrail {
	/** Since the start. */
	failures = 0;
	private readonly trail: AuditTrail;

	constructor(trail: AuditTrail) {
		this.trail = trail;
	}

	async record(entry: AuditEntry): Promise<void> {
		try {
			await this.trail.record(entry);
		} catch (error) {
			this.failures++;
			throw error;
		}
	}

	list(query: AuditQuery): Promise<readonly AuditEntry[]> {
		return this.trail.list(query);
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return this.trail.deleteOld(age, limit);
	}
}
