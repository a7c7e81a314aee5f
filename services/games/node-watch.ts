// Detects dead processes that held members' connections. A process counts as dead when it has shown no lease for the
// timeout. Its absence from one list proves nothing, as a store that lost its data lists no process at first.

export class NodeWatch {
	private readonly self: string;
	private readonly timeoutMs: number;
	/** When each process was last known to be alive. */
	private readonly seenAtMs = new Map<string, number>();

	constructor(self: string, timeoutMs: number) {
		this.self = self;
		this.timeoutMs = timeoutMs;
	}

	/** According to a room, a member's connection is on that process. */
	record(node: string, nowMs: number): void {
		if (node !== this.self && !this.seenAtMs.has(node)) this.seenAtMs.set(node, nowMs);
	}

	/** @returns the processes found dead since the last call. */
	takeDead(live: ReadonlySet<string>, nowMs: number): ReadonlySet<string> {
		const dead = new Set<string>();
		for (const node of live) if (node !== this.self) this.seenAtMs.set(node, nowMs);
		for (const [node, seenAtMs] of this.seenAtMs) {
			if (nowMs - seenAtMs < this.timeoutMs) continue;
			this.seenAtMs.delete(node);
			dead.add(node);
		}
		return dead;
	}
}
