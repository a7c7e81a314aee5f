// What was published of alarms, in this process only: after a restart the channel begins a new epoch, and clients list.
import type { AlarmLedger } from "./alarm-ledger.ts";

export class MemoryAlarmLedger implements AlarmLedger {
	private readonly boxes = new Map<string, Map<string, string>>();

	async load(box: string): Promise<ReadonlyMap<string, string> | undefined> {
		const marks = this.boxes.get(box);
		return marks === undefined ? undefined : new Map(marks);
	}

	async save(box: string, marks: ReadonlyMap<string, string | undefined>): Promise<void> {
		const entries = this.boxes.get(box) ?? new Map<string, string>();
		this.boxes.set(box, entries);
		for (const [id, mark] of marks) {
			if (mark === undefined) entries.delete(id);
			else entries.set(id, mark);
		}
	}
}
