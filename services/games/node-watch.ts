// Notices when processes that hold members' connections die. One counts as dead when it has shown no lease for a while; that it
// is not listed says little, as a store that lost its data lists nobody at first.

export class NodeWatch {
	private readonly self: string;
	private readonly flushTimeoutMs: number;
	/** When each was last known to live. */
	private readonly seenAtMs = new Map<string, number>();

	constructor(self: string, flushTimeoutMs: number) {
		this.self = self;
		this.flushTimeoutMs = flushTimeoutMs;
	}

	/** A member's connection is there, by what a room says. */
	note(node: string, nowMs: number): void {
		if (node !== this.self && !this.seenAtMs.has(node)) this.seenAtMs.set(node, nowMs);
	}

	/** @returns those that have turned out to be dead since the last time. */
	look(live: ReadonlySet<string>, nowMs: number): ReadonlySet<string> {
		const dead = new Set<string>();
		for (const node of live) if (node !== this.self) this.seenAtMs.set(node, nowMs);
		for (const [node, seenAtMs] of this.seenAtMs) {
			if (nowMs - seenAtMs < this.flushTimeoutMs) continue;
			this.seenAtMs.delete(node);
			dead.add(node);
		}
		return dead;
	}
}
