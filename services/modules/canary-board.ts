// Which canaries there are on all processes, what their calls were like, and what they ended as. Implementations: memory and Redis; one
// contract suite.

/** What a canary ended as: `promoted`, `withdrawn`. The first word stands. */
export type CanaryEnd = "promoted" | "withdrawn";

export interface CanaryEntry {
	readonly id: string;
	/** As it was begun with. */
	readonly content: string;
}

export interface CanaryState {
	/** Since it began, in milliseconds, by one clock for all. */
	readonly elapsedMs: number;
	readonly ended: CanaryEnd | undefined;
	/** Figures by process, of those that have gone too. */
	readonly figures: ReadonlyMap<string, string>;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface CanaryBoard {
	/** Each process that has begun it says so: the first one counts. */
	begin(id: string, module: string, content: string): Promise<void>;
	/**
	 * Says what a process counted, in place of what it said before.
	 *
	 * @returns undefined when the canary is not known.
	 */
	report(id: string, member: string, figures: string): Promise<CanaryState | undefined>;
	/** Ends it. @param digest - of its code, which no process is to load again if it is withdrawn. @returns what it ended as: the first word. */
	end(id: string, module: string, as: CanaryEnd, digest: string): Promise<CanaryEnd>;
	/** Those that go on. */
	all(): Promise<readonly CanaryEntry[]>;
	/** By module: digest of the code that was gone back from last. */
	passed(): Promise<ReadonlyMap<string, string>>;
	/** Code of a module was gone back from; "" forgets it. */
	pass(module: string, digest: string): Promise<void>;
}
