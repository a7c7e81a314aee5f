// What has been told of alarms, so that whoever tells next knows what is news. Implementations: stores/memory,
// stores/redis; one contract suite.

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface AlarmLedger {
	/**
	 * What was told last of each alarm of a box, by its id.
	 *
	 * @returns undefined when nothing was ever written: all alarms there are count as known.
	 */
	load(box: string): Promise<ReadonlyMap<string, string> | undefined>;
	/** Notes what was told; undefined forgets the alarm. Nothing to note marks the ledger as begun. */
	save(box: string, told: ReadonlyMap<string, string | undefined>): Promise<void>;
}
