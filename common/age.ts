// Which records are old enough to be deleted.

export interface Age {
	/** How long a record is kept, in milliseconds. */
	readonly keptMs: number;
	/** Unix milliseconds by the clock of the process. A store that has a clock of its own goes by the one that is behind. */
	readonly nowMs: number;
}
