// What was published of alarms, so that the next publishing node knows which alarms have changed since.
// Implementations: stores/memory, stores/redis; one contract suite.

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface AlarmLedger {
	/**
	 * The mark last published of each alarm of a box, by alarm id.
	 *
	 * @returns undefined when nothing was ever written: all present alarms count as known.
	 */
	load(box: string): Promise<ReadonlyMap<string, string> | undefined>;
	/** Records what was published; undefined removes the alarm. An empty map marks the ledger as begun. */
	save(box: string, marks: ReadonlyMap<string, string | undefined>): Promise<void>;
}
