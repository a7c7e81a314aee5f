// What several processes agree through when modules are to switch on all of them or on none. One round at a time: it is opened for the
// processes that are alive, each reports what it could serve, one decision is made, each reports what became of it. Implementations: memory
// and Redis; one contract suite.

/** What a process reports in a round. */
export type RoundStage = "prepared" | "done";

export interface RoundState {
	readonly id: string;
	/** Those that were alive when it was opened. */
	readonly members: readonly string[];
	/** Of these, those that are alive now. */
	readonly alive: ReadonlySet<string>;
	readonly decision: string | undefined;
	/** By member. */
	readonly prepared: ReadonlyMap<string, string>;
	readonly done: ReadonlyMap<string, string>;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ReloadBarrier {
	/**
	 * A process takes part for `ttlMs` from now on.
	 *
	 * @returns the id of the round that is open, if one is.
	 */
	join(member: string, ttlMs: number): Promise<string | undefined>;
	leave(member: string): Promise<void>;
	/**
	 * Opens a round for all that are alive, and for `member`.
	 *
	 * @param ttlMs - after this time it counts as closed, whatever became of it.
	 * @returns false while another one is open.
	 */
	open(id: string, member: string, content: string, ttlMs: number): Promise<boolean>;
	/** What a round is about, as its opener gave it. @returns undefined as `read`. */
	content(id: string): Promise<string | undefined>;
	/** @returns undefined when the round is over and another one was opened, or it was never. */
	read(id: string): Promise<RoundState | undefined>;
	/** @returns false as `read` returns undefined. */
	report(id: string, member: string, stage: RoundStage, content: string): Promise<boolean>;
	/** Decides, if nothing was decided yet. @returns what is decided; undefined as `read`. */
	decide(id: string, decision: string): Promise<string | undefined>;
	/** Another round may be opened. */
	close(id: string): Promise<void>;
	/** Keeps a replaced bundle for those that never had it. @param limit - of the module; the oldest goes. */
	keep(module: string, bundle: string, limit: number): Promise<void>;
	/** Replaced bundles of a module, the latest first. */
	kept(module: string): Promise<readonly string[]>;
	/** The last decision that was made, for a process that missed it. */
	last(): Promise<{ readonly id: string; readonly decision: string } | undefined>;
}
